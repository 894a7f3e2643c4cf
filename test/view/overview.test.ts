import { expect, it } from "vitest";
import type { MeshVerdicts } from "#mesh";
import { presentMesh } from "#view";
import type { MeshView } from "#view";
import { AT_MS, CLASSIC_EDGES, CLASSIC_WORKLOADS, verdicts } from "./picture.ts";
import type { EdgeSpec } from "./picture.ts";

const CONTEXT = { revision: 7, mesh: { name: "scene", simulated: true, playground: null, savedAtMs: null }, sources: [] };

function present(picture: MeshVerdicts): MeshView {
  return presentMesh(picture, CONTEXT);
}

function picture(...edges: readonly EdgeSpec[]): MeshVerdicts {
  return verdicts({ workloads: CLASSIC_WORKLOADS, edges });
}

it("sums requests and connections apart, and counts every state", () => {
  const view = present(picture(
    { from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 450 }, state: "mTLS" },
    { from: "legacy/sleep", to: "foo/httpbin", counts: { plaintext: 449 }, state: "plaintext" },
    { from: "bar/sleep", to: "foo/httpbin", counts: { mtls: 12, refused: 3 }, state: "mixed, partly blocked", family: "tcp" },
    { from: "bar/sleep", to: "bar/httpbin", state: "idle" },
  ));
  expect(view.totals.requests).toEqual({ mtls: 450, plaintext: 449, tls: 0, unclear: 0, refused: 0 });
  expect(view.totals.connections).toEqual({ mtls: 12, plaintext: 0, tls: 0, unclear: 0, refused: 3 });
  expect(view.totals.edges.filter(({ edges }) => edges > 0)).toEqual([
    { state: "mixed, partly blocked", edges: 1 }, { state: "plaintext", edges: 1 }, { state: "mTLS", edges: 1 }, { state: "idle", edges: 1 },
  ]);
  expect(view.totals.edges).toHaveLength(9);
  expect([view.totals.workloads, view.totals.workloadsWithoutProxy]).toEqual([5, 1]);
  expect(view.window).toEqual({ startMs: AT_MS - 900_000, endMs: AT_MS, seconds: 900, lookBackStartMs: AT_MS - 4_500_000, followed: true, covered: [{ startMs: AT_MS - 900_000, endMs: AT_MS }], coveredSeconds: 900 });
});

it("gives each namespace what its servers received and its clients sent", () => {
  const foo = present(picture(...CLASSIC_EDGES)).namespaces.find(({ name }) => name === "foo");
  expect(foo?.incoming.requests).toEqual({ mtls: 900, plaintext: 450, tls: 0, unclear: 0, refused: 0 });
  expect(foo?.outgoing.requests).toEqual({ mtls: 900, plaintext: 0, tls: 0, unclear: 0, refused: 0 });
  expect(foo?.accepts).toEqual([{ mode: "PERMISSIVE", ports: 2 }]);
  expect([foo?.workloads, foo?.workloadsWithoutProxy]).toEqual([2, 0]);
});

it("never shows 299 to 1 as mTLS alone", () => {
  const view = present(picture({ from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 299, plaintext: 1 }, state: "mixed" }));
  expect(view.edges[0]?.counts).toEqual({ mtls: 299, plaintext: 1, tls: 0, unclear: 0, refused: 0 });
  expect(view.edges[0]?.sentence).toMatch(/^299 mTLS, 1 plaintext of 300 requests: /);
  expect(view.attention[0]).toMatchObject({ kind: "plaintext", sentence: "foo/sleep → foo/httpbin: 1 plaintext request, sender by address, one owner." });
});

it("shows a fraction that was extrapolated as less than one, never as none", () => {
  const view = present(picture({ from: "legacy/sleep", to: "foo/httpbin", counts: { plaintext: 0.3 }, state: "plaintext", rest: { extrapolated: true } }));
  expect(view.attention[0]?.sentence).toBe("legacy/sleep → foo/httpbin: <1 plaintext requests, sender by address, one owner.");
});

it("keeps one unidentified sender per server", () => {
  const view = present(picture(
    { from: null, to: "foo/httpbin", counts: { plaintext: 10 }, state: "plaintext" },
    { from: null, to: "bar/httpbin", counts: { plaintext: 5 }, state: "plaintext" },
  ));
  expect(view.nodes.filter(({ kind }) => kind === "unidentified").map(({ id, name }) => [id, name])).toEqual([
    ["unidentified:bar/httpbin", "unidentified sender to bar/httpbin"],
    ["unidentified:foo/httpbin", "unidentified sender to foo/httpbin"],
  ]);
});

it("draws a workload that only telemetry still names", () => {
  const view = present(picture({ from: "gone/job", to: "foo/httpbin", counts: { plaintext: 10 }, state: "plaintext" }));
  expect(view.nodes.find(({ id }) => id === "gone/job")).toEqual({ id: "gone/job", kind: "workload", namespace: "gone", name: "job", ownerKind: null, dataPlaneModes: [], instances: 0, accepts: [] });
});

it("claims no readiness that nobody worked out", () => {
  for (const { readiness } of present(picture(...CLASSIC_EDGES)).namespaces) expect(readiness.kind).toBe("unknown");
});

it("puts the newest plaintext first, then refusals, what would be refused, contradictions", () => {
  const view = present(picture(
    { from: "legacy/sleep", to: "foo/httpbin", counts: { plaintext: 1 }, state: "plaintext", rest: { lastPlaintextMs: AT_MS - 60_000 } },
    { from: "legacy/sleep", to: "bar/httpbin", counts: { plaintext: 9 }, state: "plaintext", rest: { lastPlaintextMs: AT_MS - 1_000 } },
    { from: "bar/sleep", to: "foo/httpbin", counts: { refused: 4 }, state: "blocked" },
    { from: "foo/sleep", to: "bar/httpbin", state: "expected blocked" },
    { from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 2 }, state: "mTLS", rest: { disagreement: { observed: "mtls", transports: ["plaintext"], isDenied: false } } },
  ));
  expect(view.attention.map(({ kind, sentence }) => [kind, sentence])).toEqual([
    ["plaintext", "legacy/sleep → bar/httpbin: 9 plaintext requests, sender by address, one owner."],
    ["plaintext", "legacy/sleep → foo/httpbin: 1 plaintext request, sender by address, one owner."],
    ["refused", "bar/sleep → foo/httpbin: 4 refused requests, sender proved by identity."],
    ["expected blocked", "foo/sleep → bar/httpbin: seen before, silent in the window, and it would be blocked now."],
    ["disagreement", "foo/sleep → foo/httpbin: observed 2 mTLS requests in the window; configuration says plaintext."],
  ]);
});

it("counts what is too much to list", () => {
  const edges = Array.from({ length: 25 }, (_, number): EdgeSpec => ({ from: `legacy/job-${number}`, to: "foo/httpbin", counts: { plaintext: 1 }, state: "plaintext" }));
  const shown = present(picture(...edges)).attention;
  expect(shown).toHaveLength(21);
  expect(shown[20]).toEqual({ kind: "plaintext", sentence: "5 more connections that carried plaintext.", atMs: null, edge: null, node: null, namespace: null, hidden: 5 });
  expect(shown.slice(0, 20).map(({ hidden }) => hidden)).toEqual(Array.from({ length: 20 }, () => 0));
});

it("is plain JSON: nothing is lost on the way to the browser", () => {
  const view = present(picture(...CLASSIC_EDGES));
  expect(JSON.parse(JSON.stringify(view))).toEqual(view);
});
