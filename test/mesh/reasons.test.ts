import { describe, expect, it } from "vitest";
import type { ConnectionVerdict, Reason } from "#mesh";
import { judgeMesh, RULES } from "#mesh";
import { sampledCorpus, type CorpusMesh } from "../support/corpus.ts";
import { flattened } from "../support/judging.ts";

// Reasons are read by people who look the object up: what a reason points at must be there, and say what the reason says.

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Keys may hold dots themselves; of a list any member will do, and one can be meant by its place or its name. */
function at(value: unknown, path: string): readonly unknown[] {
  if (path === "") return [value];
  const indexed = /^\[(\d+)\]\.?(.*)$/.exec(path);
  if (Array.isArray(value) && indexed !== null) return at(value[Number(indexed[1])], indexed[2] ?? "");
  if (Array.isArray(value)) return value.flatMap((one) => at(one, path));
  if (!isObject(value)) return [];
  return Object.keys(value)
    .filter((key) => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`))
    .flatMap((key) => at(value[key], path.slice(key.length).replace(/^\./, "")));
}

function says(values: readonly unknown[], value: string): boolean {
  return values.some((one) => (isObject(one) ? value.split(/[, ]+/).every((word) => JSON.stringify(one).includes(word)) : String(one) === value));
}

/** What a reason says of a field in which nothing is written. */
const UNWRITTEN: ReadonlySet<string | undefined> = new Set([undefined, "(absent)", "(mesh default)", "UNSET"]);
/** Endpoints without the label, or without a pod that could have it: what istiod takes them for. */
const TLS_MODE = /\.security\.istio\.io\/tlsMode$|^endpoints\.targetRef$/;
/** JOIN-11 says what istiod makes of a port's name and protocol, REG-14 which host the egress lacks. */
const DERIVED: ReadonlySet<string> = new Set(["JOIN-11", "REG-14"]);

function faultOf({ rule, field, value }: Reason, values: readonly unknown[]): string | null {
  if (values.length === 0) return UNWRITTEN.has(value) || (TLS_MODE.test(field ?? "") && (value === "disabled" || value === "istio")) ? null : "no such field";
  if (value === "(absent)") return "is written";
  return value === undefined || DERIVED.has(rule) || says(values, value) ? null : `says ${JSON.stringify(values)}`;
}

function fault(mesh: CorpusMesh, reason: Reason): string | null {
  const { object, field, rule } = reason;
  if (!Object.hasOwn(RULES, rule)) return "no such rule";
  if (field === "") return "a field without name";
  if (object === null || object.kind === "ConfigMap" || object.kind === "ControlPlane") return null;
  const raw = mesh.raw.find(({ kind, metadata }) => kind === object.kind && metadata.name === object.name && (metadata.namespace ?? "") === object.namespace);
  if (raw === undefined) return "no such object";
  return field === null ? null : faultOf(reason, at(raw, field));
}

function reasonsOf({ clientMode, serverMode, transport, authorization }: ConnectionVerdict): readonly Reason[] {
  return [clientMode, serverMode, transport, authorization].flatMap((one) => (one.kind === "known" ? one.reasons : []));
}

/** The deciding objects, and those that were overruled. */
function pointers(reason: Reason): readonly Reason[] {
  return [reason, ...(reason.overrode ?? []).map(({ object, field, value, rule }) => ({ rule, object, field, ...(value === undefined ? {} : { value }) }))];
}

describe("of a sample of what Istio's own code answered", () => {
  it.each(sampledCorpus().map((mesh) => [mesh.id, mesh] as const))("%s agrees, and reasons point at what is there", (_id, mesh) => {
    const judge = judgeMesh(mesh.configuration);
    for (const { id, question, expected } of mesh.asked) {
      const verdict = judge.connection(question);
      expect(flattened(verdict), id).toMatchObject(expected);
      const faults = reasonsOf(verdict).flatMap(pointers).map((reason) => [fault(mesh, reason), reason] as const).filter(([one]) => one !== null);
      expect(faults, id).toEqual([]);
    }
  });
});
