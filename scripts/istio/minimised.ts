import type { Json } from "./generated/draw.ts";
import type { Mesh } from "./generated/mesh.ts";
import type { Disagreement } from "./istio.ts";
import { compared } from "./istio.ts";

/** Meshes of which each lacks a part of the objects, or says less in one. */
function smaller(objects: readonly Json[], size: number): readonly (readonly Json[])[] {
  const parts = Array.from({ length: Math.ceil(objects.length / size) }, (_, at) => at * size);
  return parts.map((from) => [...objects.slice(0, from), ...objects.slice(from + size)]);
}

/** Fields without which an object is none. */
const NEEDED: ReadonlySet<string> = new Set(["host", "hosts", "port", "ports", "number", "name", "protocol", "address", "destination", "source", "operation", "key", "values", "clusterIP", "labels", "matchLabels", "app", "version"]);

function fewer(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) {
    const all = value as readonly unknown[];
    return [...(all.length > 1 ? all.map((_, at) => [...all.slice(0, at), ...all.slice(at + 1)]) : []), ...all.flatMap((one, at) => fewer(one).map((less) => [...all.slice(0, at), less, ...all.slice(at + 1)]))];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [...(NEEDED.has(key) ? [] : [Object.fromEntries(Object.entries(value).filter(([other]) => other !== key))]), ...fewer(one).map((less) => ({ ...value, [key]: less }))]);
}

/** An object with one field of its spec less; those whose shape says what a workload is stay whole. */
function simpler(objects: readonly Json[]): readonly (readonly Json[])[] {
  return objects.flatMap((object, at) => {
    if (["Pod", "Namespace", "EndpointSlice", "ConfigMap", "Service"].includes(String(object["kind"]))) return [];
    return fewer(object["spec"]).map((spec) => [...objects.slice(0, at), { ...object, spec }, ...objects.slice(at + 1)]);
  });
}

/** The first of the candidates in which the same field of the same question still disagrees in the same way. */
function still({ mesh, query, field, istio, ours }: Disagreement, candidates: readonly (readonly Json[])[]): readonly Json[] | null {
  const meshes = candidates.map((objects, at): Mesh => ({ ...mesh, id: `C${at}`, objects, queries: [{ ...query, id: `C${at}` }] }));
  const found = compared(meshes).disagreements.find((one) => one.field === field && one.istio === istio && one.ours === ours);
  return found?.mesh.objects ?? null;
}

/** A disagreement with as few objects and fields as show it. */
export function minimised(disagreement: Disagreement): Mesh {
  let objects = disagreement.mesh.objects;
  for (let size = Math.ceil(objects.length / 2); size >= 1; ) {
    const found = still(disagreement, smaller(objects, size));
    if (found === null) size = size === 1 ? 0 : Math.ceil(size / 2);
    else objects = found;
    if (found !== null && size > objects.length) size = Math.max(1, objects.length);
  }
  for (let found = still(disagreement, simpler(objects)); found !== null; found = still(disagreement, simpler(objects))) objects = found;
  return { ...disagreement.mesh, objects, queries: [{ ...disagreement.query, expected: { [disagreement.field]: disagreement.istio } }] };
}
