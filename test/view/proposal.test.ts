import { expect, it } from "vitest";
import { previewProposal, proposeStrict } from "#proposals";
import type { Outlook, ProposalPreview, ProposalScope } from "#proposals";
import { presentMesh, presentProposal, presentProposals } from "#view";
import type { ProposalView, ReadinessView } from "#view";
import { AT_MS, CLASSIC_EDGES, CLASSIC_WORKLOADS, judge, policy, verdicts } from "./picture.ts";
import type { MeshSpec } from "./picture.ts";

const FOO: ProposalScope = { kind: "namespace", namespace: "foo" };
const BAR: ProposalScope = { kind: "namespace", namespace: "bar" };
const CLASSIC: MeshSpec = { workloads: CLASSIC_WORKLOADS, edges: CLASSIC_EDGES };

function outlook(spec: MeshSpec, ...scopes: readonly ProposalScope[]): Outlook {
  const before = verdicts(spec);
  const strict = judge(spec.workloads.map((workload) => (workload.dataPlaneMode === "none" ? workload : { ...workload, accepts: workload.accepts ?? "STRICT" })));
  const all = scopes.map((scope) => proposeStrict(before, scope));
  return {
    previews: all.flatMap((proposal): readonly ProposalPreview[] => (proposal.kind === "proposal" ? [previewProposal(before, { judge: strict }, proposal)] : [])),
    others: all.filter((proposal) => proposal.kind === "no proposal"),
    leftOut: 0,
  };
}

function present(spec: MeshSpec, scope: ProposalScope, applicable = false): ProposalView {
  const [preview] = outlook(spec, scope).previews;
  if (preview === undefined) throw new Error("nothing was proposed");
  return presentProposal(verdicts(spec), preview, { sources: [], applicable });
}

it("tells the migration: what becomes blocked first, then what stays", () => {
  const view = present(CLASSIC, FOO);
  expect(view.title).toBe("STRICT for foo");
  expect(view.sentence).toBe("Of 3 connections known, 1 would become blocked.");
  expect(view.consequences.map(({ consequence, edge, affected, sentence }) => [edge.client, consequence, affected, sentence])).toEqual([
    ["legacy/sleep", "becomes blocked", 450, "legacy/sleep sends plaintext, and under STRICT foo/httpbin would accept mTLS only: 450 requests in the window."],
    ["bar/sleep", "stays mTLS", 450, "bar/sleep sends mTLS already: 450 requests in the window."],
    ["foo/sleep", "stays mTLS", 450, "foo/sleep sends mTLS already: 450 requests in the window."],
  ]);
  expect(view.totals.filter(({ edges }) => edges > 0)).toEqual([
    { consequence: "becomes blocked", edges: 1, requests: 450, connections: 0 },
    { consequence: "stays mTLS", edges: 2, requests: 900, connections: 0 },
  ]);
  expect(view.totals).toHaveLength(10);
  expect(view.touches).toEqual([{ object: { kind: "PeerAuthentication", namespace: "foo", name: "default" }, action: "create" }]);
  expect(view.manifest).toContain("mode: STRICT");
  expect(view.notCovered).toEqual(["Ports 15020, 15021, 15090 and 15008 of every pod belong to the proxy and are never captured: STRICT is not enforced there."]);
  expect([view.applicable, view.notApplicableBecause]).toEqual([false, "mtlscope only reads clusters: copy the manifest or the command and apply it yourself."]);
  expect(JSON.parse(JSON.stringify(view))).toEqual(view);
});

it("shows of 300 requests the one that would be lost", () => {
  const view = present({ workloads: CLASSIC_WORKLOADS, edges: [{ from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 299, plaintext: 1 }, state: "mixed" }] }, FOO);
  expect(view.consequences[0]?.sentence).toBe("foo/sleep sends plaintext, and under STRICT foo/httpbin would accept mTLS only: 1 of 300 requests in the window.");
  expect(view.totals[0]).toEqual({ consequence: "becomes blocked", edges: 1, requests: 1, connections: 0 });
});

it("shows plaintext that was seen before the window beside the mTLS in it", () => {
  const view = present({ workloads: CLASSIC_WORKLOADS, edges: [{ from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 1_800 }, state: "mTLS", rest: { lastPlaintextMs: 1 } }] }, FOO);
  expect(view.sentence).toBe("Of 1 connection known, 1 would become blocked.");
  expect(view.consequences[0]?.sentence).toBe("foo/sleep sends plaintext, and under STRICT foo/httpbin would accept mTLS only: seen before the window.");
});

it("remarks on ignored policies, lists exceptions, and counts a stale source as a doubt", () => {
  const policies = [policy("foo", { createdAtMs: 1 }), policy("foo", { name: "young" }), policy("foo", { name: "x", selector: { app: "httpbin" }, mode: null, portLevelMtls: { "8080": "PERMISSIVE" } })];
  const [preview] = outlook({ ...CLASSIC, policies }, FOO).previews;
  if (preview === undefined) throw new Error("nothing was proposed");
  const sources = [{ kind: "telemetry" as const, name: "Prometheus", state: "stale" as const, readAtMs: 1, message: "it does not answer" }];
  const view = presentProposal(verdicts({ ...CLASSIC, policies }), preview, { sources, applicable: true });
  expect(view.remarks).toEqual(["PeerAuthentication foo/young is ignored: Istio keeps only the oldest policy without a selector, and that is the one changed here."]);
  expect(view.notCovered[0]).toBe("Not reached: PeerAuthentication foo/x sets PERMISSIVE (spec.portLevelMtls.8080.mode), which counts for foo/httpbin.");
  expect(view.doubts[0]).toEqual({ wanted: "the newest state of Prometheus", because: "it does not answer" });
  expect([view.applicable, view.notApplicableBecause]).toEqual([true, ""]);
});

it("explains the two steps out of DISABLE", () => {
  const workloads = CLASSIC_WORKLOADS.map((spec) => (spec.id === "foo/httpbin" ? { ...spec, accepts: "PERMISSIVE" as const } : spec));
  const view = present({ ...CLASSIC, workloads, policies: [policy("foo", { mode: "DISABLE" })] }, FOO);
  expect([view.title, view.mode]).toEqual(["PERMISSIVE for foo", "PERMISSIVE"]);
  expect(view.remarks[0]).toMatch(/^The mode is DISABLE now/);
  const legacy = view.consequences.find(({ edge }) => edge.client === "legacy/sleep");
  expect([legacy?.consequence, legacy?.sentence]).toEqual(["stays plaintext", "foo/httpbin takes it now, and would under PERMISSIVE."]);
});

it("lists the readiest first, and says why others are not proposed", () => {
  const spec: MeshSpec = { ...CLASSIC, edges: CLASSIC_EDGES.filter(({ from, to }) => from !== "legacy/sleep" || to === "foo/httpbin") };
  const view = presentProposals(outlook(spec, FOO, { kind: "mesh" }, BAR, { kind: "namespace", namespace: "legacy" }));
  expect(view.proposals.map(({ id, becomesBlocked }) => [id, becomesBlocked])).toEqual([["namespace:bar", 0], ["mesh", 1], ["namespace:foo", 1]]);
  expect(view.others).toEqual([{ id: "namespace:legacy", scope: { kind: "namespace", namespace: "legacy" }, sentence: "legacy has no proxy that a PeerAuthentication could tell what to accept." }]);
});

it("lists workloads below their namespace, though they are ready before it, and says what stays mTLS", () => {
  const workload = (namespace: string, name: string): ProposalScope => ({ kind: "workload", namespace, name });
  const view = presentProposals(outlook(CLASSIC, workload("foo", "sleep"), workload("bar", "httpbin"), workload("foo", "httpbin"), FOO, BAR));
  expect(view.proposals.map(({ id, becomesBlocked, staysMtls }) => [id, becomesBlocked, staysMtls])).toEqual([
    ["namespace:bar", 1, 2], ["workload:bar/httpbin", 1, 2],
    ["namespace:foo", 1, 2], ["workload:foo/httpbin", 1, 2], ["workload:foo/sleep", 0, 0],
  ]);
});

it("puts last what nothing was seen of, and says that silence proves nothing", () => {
  const workloads = [...CLASSIC_WORKLOADS, { id: "quiet/api" }, { id: "still/api" }, { id: "still/web" }, { id: "waits/api" }];
  const edges = [...CLASSIC_EDGES.filter(({ from, to }) => from !== "legacy/sleep" || to === "foo/httpbin"), { from: "still/web", to: "still/api", state: "idle" }, { from: "legacy/sleep", to: "waits/api", state: "idle" }] as const;
  const names = ["quiet", "still", "waits"].map((name): ProposalScope => ({ kind: "namespace", namespace: name }));
  const view = presentProposals(outlook({ workloads, edges }, ...names, FOO, BAR));
  expect(view.proposals.map(({ id, edges: known, edgesSeen, sentence }) => [id, known, edgesSeen, sentence])).toEqual([
    ["namespace:bar", 2, 2, "Of 2 connections known, none would become blocked."],
    ["namespace:foo", 3, 3, "Of 3 connections known, 1 would become blocked."],
    ["namespace:quiet", 0, 0, "No connection is known that it would reach; that is no proof that there is none."],
    ["namespace:still", 1, 0, "Nothing arrived in the window on the 1 connection known; silence is no proof that nobody sends plaintext."],
    ["namespace:waits", 1, 0, "Of 1 connection known, on which nothing arrived in the window, 1 would become blocked."],
  ]);
});

function readiness(spec: MeshSpec, name: string): ReadinessView | undefined {
  const context = { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: outlook(spec, { kind: "namespace", namespace: name }) };
  return presentMesh(verdicts(spec), context).namespaces.find((line) => line.name === name)?.readiness;
}

it("is not ready while somebody would be blocked", () => {
  expect(readiness(CLASSIC, "foo")).toEqual({ kind: "not ready", sentence: "No: STRICT would block 1 connection to foo from 1 sender (legacy/sleep).", blockers: 1, uncertain: 0, proposal: "namespace:foo" });
});

it("[PRE-21] counts what is blocked in part and uncertain in part in both, as its proposal does", () => {
  const parts: MeshSpec = { ...CLASSIC, edges: [{ from: "foo/sleep", to: "foo/httpbin", counts: { plaintext: 1, unclear: 9 }, state: "plaintext" }] };
  expect(readiness(parts, "foo")).toMatchObject({ blockers: 1, uncertain: 1, sentence: "No: STRICT would block 1 connection to foo from 1 sender (foo/sleep); what it would do to 1 connection cannot be told." });
  expect(presentProposals(outlook(parts, FOO)).proposals).toMatchObject([{ becomesBlocked: 1, uncertain: 1 }]);
});

it("is ready only by what was seen", () => {
  const meshed: MeshSpec = { ...CLASSIC, edges: CLASSIC_EDGES.filter(({ from }) => from !== "legacy/sleep") };
  expect(readiness(meshed, "foo")).toEqual({ kind: "ready", sentence: "Ready by what was seen: 900 requests in 15 min, none of which STRICT would block; 1 workload without a proxy was not seen calling.", blockers: 0, uncertain: 0, proposal: "namespace:foo" });
});

it("speaks of the part of the window that is known, and is not ready where that is the smaller one", () => {
  const meshed: MeshSpec = { ...CLASSIC, edges: CLASSIC_EDGES.filter(({ from }) => from !== "legacy/sleep") };
  const known = (hours: number): NonNullable<MeshSpec["telemetry"]> => ({ windowStartMs: AT_MS - 24 * 3_600_000, windowEndMs: AT_MS, covered: [{ startMs: AT_MS - hours * 3_600_000, endMs: AT_MS }] });
  expect(readiness({ ...meshed, telemetry: known(20) }, "foo")).toMatchObject({ kind: "ready", sentence: "Ready by what was seen: 900 requests in 20 h of 1 d, none of which STRICT would block; 1 workload without a proxy was not seen calling." });
  expect(readiness({ ...meshed, telemetry: known(1) }, "foo")).toMatchObject({ kind: "unknown", sentence: "Only 1 h of 1 d is known; what came in the rest may have been plaintext." });
  expect(readiness({ ...meshed, telemetry: { ...known(1), covered: [] } }, "foo")?.sentence).toBe("Nothing of 1 d is known; what came in the rest may have been plaintext.");
  expect(readiness({ ...CLASSIC, telemetry: known(1) }, "foo")?.kind).toBe("not ready");
});

it("takes silence for no proof", () => {
  expect(readiness({ ...CLASSIC, edges: [] }, "foo")).toMatchObject({ kind: "unknown", sentence: "Nothing was seen arriving at foo in 15 min; silence is no proof that nobody sends plaintext." });
  const idle: MeshSpec = { ...CLASSIC, edges: [{ from: "foo/sleep", to: "foo/httpbin", state: "idle" }] };
  expect(readiness(idle, "foo")?.kind).toBe("unknown");
});

it("is unknown while one connection is uncertain", () => {
  const unclear: MeshSpec = { ...CLASSIC, edges: [{ from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 9, unclear: 1 }, state: "mTLS" }, { from: "legacy/sleep", to: "foo/httpbin", counts: { unclear: 1 }, state: "unclear" }] };
  expect(readiness(unclear, "foo")).toMatchObject({ kind: "unknown", uncertain: 2, sentence: "What STRICT would do to 2 connections to foo cannot be told." });
});

it("says what is STRICT already and where nothing can be", () => {
  const strict: MeshSpec = { ...CLASSIC, policies: [policy("foo", { mode: "STRICT" })], workloads: CLASSIC_WORKLOADS.map((spec) => (spec.id === "foo/httpbin" ? { ...spec, accepts: "STRICT" } : spec)) };
  expect(readiness(strict, "foo")).toMatchObject({ kind: "STRICT in part", sentence: "foo is STRICT on 1 port, except 1 port that policies of single workloads keep open; in 15 min 450 requests arrived as plaintext." });
  const silent: MeshSpec = { ...strict, edges: CLASSIC_EDGES.filter(({ from }) => from !== "legacy/sleep") };
  expect(readiness(silent, "foo")?.sentence).toBe("foo is STRICT on 1 port, except 1 port that policies of single workloads keep open.");
  expect(readiness(CLASSIC, "legacy")?.kind).toBe("nothing to protect");
});
