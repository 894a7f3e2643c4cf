import { refOf } from "../deduction.ts";
import type { ObjectRef } from "../verdict.ts";
import type { WorkloadId } from "../vocabulary.ts";
import type { Consequence, Finding, FindingSeverity } from "./finding.ts";

/** What is seen at one workload and port. The same at others is the same finding. */
export interface Sighting extends Pick<Finding, "rule" | "severity" | "object" | "fixes"> {
  readonly field?: string;
  readonly fieldOf?: Finding["fieldOf"];
  readonly value?: string;
  readonly because?: ObjectRef | null;
  readonly consequence: Consequence;
  readonly workloads?: Iterable<WorkloadId>;
  readonly host?: string;
  readonly ports?: readonly number[];
}

interface Entry {
  readonly sighting: Sighting;
  readonly workloads: Set<WorkloadId>;
  readonly hosts: Set<string>;
  readonly ports: Set<number>;
}

function keyOf({ rule, severity, object, field, consequence }: Sighting): string {
  return JSON.stringify([rule, severity, object.kind, object.namespace, object.name, field, consequence]);
}

function told({ sighting, workloads, hosts, ports }: Entry): Finding {
  const { rule, severity, object, field, fieldOf, value, because, consequence, fixes } = sighting;
  return {
    rule,
    severity,
    object: refOf(object),
    field: field ?? null,
    fieldOf: fieldOf ?? "object",
    value: value ?? null,
    because: because === undefined || because === null ? null : refOf(because),
    consequence,
    affected: [...workloads].sort(),
    hosts: [...hosts].sort(),
    ports: [...ports].sort((a, b) => a - b),
    fixes,
  };
}

const WORST_FIRST: readonly FindingSeverity[] = ["breaks traffic", "weaker than it seems", "no effect", "cannot be told"];

/** Worst first, then the widest. */
export function byWeight(a: Finding, b: Finding): number {
  const [left, right] = [keyOf({ ...a, field: a.field ?? "" , value: "" , because: null }), keyOf({ ...b, field: b.field ?? "", value: "", because: null })];
  return WORST_FIRST.indexOf(a.severity) - WORST_FIRST.indexOf(b.severity) || b.affected.length - a.affected.length || (left < right ? -1 : left > right ? 1 : 0);
}

/** Collects sightings into findings: one per object, field and consequence. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();

  add(sighting: Sighting): void {
    const key = keyOf(sighting);
    const entry = this.#entries.get(key) ?? { sighting, workloads: new Set(), hosts: new Set(), ports: new Set() };
    this.#entries.set(key, entry);
    for (const workload of sighting.workloads ?? []) entry.workloads.add(workload);
    for (const port of sighting.ports ?? []) entry.ports.add(port);
    if (sighting.host !== undefined) entry.hosts.add(sighting.host);
  }

  /** What is found for everybody is not told again for the clients of one namespace. */
  #isCovered({ sighting, workloads, hosts }: Entry): boolean {
    const { consequence } = sighting;
    if (consequence.kind !== "sends" || consequence.clients.kind !== "namespace") return false;
    const wide = this.#entries.get(keyOf({ ...sighting, consequence: { ...consequence, clients: { kind: "all" } } }));
    return wide !== undefined && [...workloads].every((one) => wide.workloads.has(one)) && [...hosts].every((one) => wide.hosts.has(one));
  }

  /** Worst first, then the widest. */
  get findings(): readonly Finding[] {
    return [...this.#entries.values()].filter((entry) => !this.#isCovered(entry)).map(told).sort(byWeight);
  }
}
