import { getHeapStatistics } from "node:v8";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { requestCounts, type SourceStatus } from "#sources";
import { EDGE_STATES, type MeshView } from "#view";
import type { Page } from "./answer.ts";
import type { TimedStage } from "./stages.ts";

const SECONDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];
const SOURCE_STATES = ["live", "starting", "stale", "absent"] as const;

function countEach<T>(into: Gauge, label: string, { all, of }: { readonly all: readonly T[]; readonly of: (one: T) => number }): void {
  for (const one of all) into.set({ [label]: String(one) }, of(one));
}

/** What an operator may want to know of the thread that reads the mesh. Labels are sources and states: their number does not grow with the mesh. */
export class PipelineMetrics {
  readonly #registry = new Registry();
  readonly #evaluation = this.#histogram("mtlscope_evaluation_seconds", "From a change to the picture of it: judging, evaluating, presenting");
  readonly #stage = this.#histogram("mtlscope_stage_seconds", "What each stage of a picture took; delta: comparing it with the one before, for who has that", "stage");
  readonly #failures = this.#counter("mtlscope_evaluation_failures_total", "Changes of which no picture could be made");
  readonly #revision = this.#gauge("mtlscope_revision", "Revision of the newest picture");
  readonly #bytes = this.#gauge("mtlscope_view_bytes", "Size of the newest whole picture as it is sent, compressed");
  readonly #edges = this.#gauge("mtlscope_edges", "Edges of the newest picture by state", "state");
  readonly #workloads = this.#gauge("mtlscope_workloads", "Workloads of the newest picture");
  readonly #sourceState = this.#gauge("mtlscope_source_state", "1 for the state that a source is in", "source", "state");
  readonly #sourceAge = this.#gauge("mtlscope_source_read_age_seconds", "Since a source was last read; absent until it was", "source");
  readonly #requests = this.#counter("mtlscope_requests_total", "Requests to the API server (lists, watches, discovery) and queries to Prometheus", "to", "result");

  readonly #heap = this.#gauge("mtlscope_heap_bytes", "Heap of the thread that reads the mesh: in use (what was not collected yet included), taken from the system, and memory outside that objects hold", "part");

  evaluated(startedMs: number, view: MeshView | null): void {
    this.#evaluation.observe((performance.now() - startedMs) / 1000);
    if (view === null) {
      this.#failures.inc();
      return;
    }
    this.#revision.set(view.revision);
    this.#workloads.set(view.totals.workloads);
    const edges = new Map(view.totals.edges.map((one) => [one.state, one.edges]));
    countEach(this.#edges, "state", { all: EDGE_STATES, of: (state) => edges.get(state) ?? 0 });
  }

  took(stage: TimedStage, ms: number): void {
    this.#stage.observe({ stage }, ms / 1000);
  }

  sent({ bytes }: Page): void {
    this.#bytes.set(bytes.byteLength);
  }

  /** Prometheus' text format. */
  async text(sources: readonly SourceStatus[]): Promise<string> {
    this.#sourceState.reset();
    this.#sourceAge.reset();
    for (const { name, state, readAtMs } of sources) {
      for (const one of SOURCE_STATES) this.#sourceState.set({ source: name, state: one }, one === state ? 1 : 0);
      if (readAtMs !== null) this.#sourceAge.set({ source: name }, Math.max(0, (Date.now() - readAtMs) / 1000));
    }
    const heap = getHeapStatistics();
    for (const [part, bytes] of [["used", heap.used_heap_size], ["total", heap.total_heap_size], ["external", heap.external_memory]] as const) this.#heap.set({ part }, bytes);
    this.#requests.reset();
    for (const [to, { answered, failed }] of Object.entries(requestCounts())) {
      this.#requests.inc({ to, result: "answered" }, answered);
      this.#requests.inc({ to, result: "failed" }, failed);
    }
    return await this.#registry.metrics();
  }

  #gauge(name: string, help: string, ...labelNames: string[]): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  #counter(name: string, help: string, ...labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram(name: string, help: string, ...labelNames: string[]): Histogram {
    return new Histogram({ name, help, buckets: [...SECONDS], labelNames, registers: [this.#registry] });
  }
}
