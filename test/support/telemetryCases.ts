// The telemetry cases of test/telemetry, and how edges are compared with what they state.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { EMPTY_CONFIGURATION, observeEdges, type Edge, type ObservedCounts, type Party, type Service, type Telemetry } from "#mesh";
import { judgeOf } from "./judge.ts";
import type { Series } from "./prometheus.ts";

export interface TelemetryCase {
  readonly id: string;
  readonly name: string;
  readonly windowSeconds: number;
  readonly lookbackSeconds?: number;
  readonly gap?: string;
  readonly objects?: readonly { readonly metadata: { readonly namespace: string; readonly name: string }; readonly spec: { readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: number; readonly protocol: string }[] } }[];
  readonly series: readonly { readonly metric: string; readonly labels: Readonly<Record<string, string>>; readonly samples: { readonly start: number; readonly step: number; readonly values: readonly number[] } }[];
  readonly expected: { readonly edges: readonly { readonly client: string; readonly server: string; readonly host: string; readonly family: string; readonly state: string; readonly bytes?: number; readonly counts: ObservedCounts }[] };
}

export const { cases } = JSON.parse(gunzipSync(readFileSync("test/telemetry/cases.json.gz")).toString()) as { readonly cases: readonly TelemetryCase[] };

const FIRST_END_MS = Date.UTC(2026, 5, 1);
/** Each case has the server to itself for six hours: further apart than any window and look-back. */
const APART_MS = 6 * 3_600_000;

export function endOf(index: number): number {
  return FIRST_END_MS + index * APART_MS;
}

export function seriesOf({ series }: TelemetryCase, endMs: number): readonly Series[] {
  return series.map(({ metric, labels, samples: { start, step, values } }) => ({
    labels: { __name__: metric, ...labels },
    samples: values.map((value, at) => ({ atMs: endMs + (start + at * step) * 1000, value })),
  }));
}

function serviceOf(object: NonNullable<TelemetryCase["objects"]>[number]): Service {
  const { namespace, name } = object.metadata;
  return {
    kind: "Service", namespace, name, labels: {}, annotations: {}, createdAtMs: null, type: "ClusterIP", selector: {}, clusterIPs: [], externalIPs: [], externalName: null,
    publishNotReadyAddresses: false, ports: object.spec.ports.map((port) => ({ ...port, appProtocol: null, nodePort: null })),
  };
}

function nameOf(party: Party): string {
  return party.kind === "workload" ? party.id : party.kind;
}

function agrees(count: number, wanted: number): boolean {
  if (wanted > 0 && count === 0) return false;
  return Math.abs(count - wanted) <= (wanted < 100 ? 1 : wanted * 0.02) && (wanted !== 0 || count === 0);
}

/** What does not agree, in words; counts are compared within the tolerance the cases state. */
export function complaints(edges: readonly Edge[], { expected }: Pick<TelemetryCase, "expected">): readonly string[] {
  const found = new Map(edges.filter((edge) => edge.server.kind === "workload").map((edge) => [`${nameOf(edge.client)} > ${nameOf(edge.server)} ${edge.host ?? "unknown"} ${edge.family}`, edge]));
  const wanted = new Map(expected.edges.map((edge) => [`${edge.client} > ${edge.server} ${edge.host} ${edge.family}`, edge]));
  const extra = [...found.keys()].filter((key) => !wanted.has(key)).map((key) => `edge too many: ${key}`);
  const wrong = [...wanted].flatMap(([key, want]) => {
    const edge = found.get(key);
    if (edge === undefined) return [`edge missing: ${key}`];
    const state = edge.state === want.state ? [] : [`${key}: state ${edge.state}, wanted ${want.state}`];
    const kinds = Object.keys(want.counts) as readonly (keyof ObservedCounts)[];
    const counts = kinds.filter((kind) => !agrees(edge.counts[kind], want.counts[kind])).map((kind) => `${key}: ${kind} ${edge.counts[kind]}, wanted ${want.counts[kind]}`);
    const bytes = want.bytes === undefined || agrees(edge.bytes, want.bytes) ? [] : [`${key}: ${edge.bytes} bytes, wanted ${want.bytes}`];
    return [...state, ...counts, ...bytes];
  });
  return [...extra, ...wrong];
}

/** The edges that a case's telemetry makes with the case's own objects. */
export function edgesOf(telemetry: Telemetry, { objects = [] }: Pick<TelemetryCase, "objects">): readonly Edge[] {
  const configuration = { ...EMPTY_CONFIGURATION, objects: { ...EMPTY_CONFIGURATION.objects, Service: objects.map(serviceOf) } };
  return observeEdges({ capturedAtMs: telemetry.windowEndMs, configuration, telemetry }, judgeOf({}));
}
