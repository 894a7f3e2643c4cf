import { expect, it } from "vitest";
import type { Gap } from "#mesh";
import { namespaceOutlook } from "#proposals";
import { presentMesh, type MeshView } from "#view";
import { CLASSIC_EDGES, CLASSIC_WORKLOADS, TELEMETRY, verdicts, type WorkloadSpec } from "./picture.ts";

// Good news says by how much it is news, and whom nobody saw.

function told(without: readonly string[], gaps: readonly Gap[] = []): MeshView {
  const bare = without.map((id): WorkloadSpec => ({ id, dataPlaneMode: "none" }));
  const workloads = [...CLASSIC_WORKLOADS.filter(({ id }) => id !== "legacy/sleep"), ...bare];
  const picture = verdicts({ workloads, edges: CLASSIC_EDGES.filter(({ from }) => from !== "legacy/sleep"), telemetry: { ...TELEMETRY, gaps } });
  return presentMesh(picture, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: namespaceOutlook(picture) });
}

function ready(view: MeshView): readonly string[] {
  return view.attention.filter(({ kind }) => kind === "ready").map(({ sentence }) => sentence);
}

const BY = "ready by what was seen: 900 requests in 15 min, none of which STRICT would block";

it("with the window, in the namespace's line and among what needs a person", () => {
  const view = told([]);
  expect(ready(view)).toEqual([`bar, 2 workloads: ${BY}.`, `foo, 2 workloads: ${BY}.`]);
  expect(view.namespaces.find(({ name }) => name === "foo")?.readiness.sentence).toBe(`R${BY.slice(1)}.`);
});

it("with who can only send plaintext and was not seen calling", () => {
  expect(ready(told(["legacy/one"]))[0]).toBe(`bar, 2 workloads: ${BY}; 1 workload without a proxy was not seen calling.`);
  expect(ready(told(["legacy/one", "legacy/two"]))[0]).toBe(`bar, 2 workloads: ${BY}; 2 workloads without a proxy were not seen calling.`);
});

it("with what telemetry could not say", () => {
  const gaps = [{ wanted: "label `reporter`", because: "dropped" }];
  expect(ready(told([], gaps))[0]).toBe(`bar, 2 workloads: ${BY}. 1 thing about traffic could not be seen: read the proposal's doubts first.`);
});
