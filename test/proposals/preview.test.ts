import { expect, it } from "vitest";
import type { EdgeState, MeshVerdicts, ObservedCounts, ServerMode } from "#mesh";
import { previewProposal, proposeStrict } from "#proposals";
import type { Consequence, Proposal, ProposalScope } from "#proposals";
import { AT_MS, CLASSIC_EDGES, CLASSIC_WORKLOADS, judge, policy, verdicts } from "../view/picture.ts";
import type { EdgeSpec, MeshSpec, WorkloadSpec } from "../view/picture.ts";

const FOO: ProposalScope = { kind: "namespace", namespace: "foo" };

function propose(before: MeshVerdicts, scope: ProposalScope): Proposal {
  const proposal = proposeStrict(before, scope);
  if (proposal.kind !== "proposal") throw new Error(proposal.because);
  return proposal;
}

/** What the servers accept with the change is written by hand, by workload. */
function preview(spec: MeshSpec, scope: ProposalScope, after: Readonly<Record<string, ServerMode | "unknown">>): readonly Consequence[] {
  const before = verdicts(spec);
  const changed = spec.workloads.map((workload): WorkloadSpec => {
    const accepts = after[workload.id];
    return accepts === undefined ? workload : { ...workload, accepts };
  });
  return previewProposal(before, { judge: judge(changed) }, propose(before, scope)).consequences;
}

function told(consequences: readonly Consequence[]): readonly (readonly [string, string, number])[] {
  return consequences.map(({ edge, consequence, affected }) => [edge.key.split(" ").slice(0, 2).join(" → "), consequence, affected]);
}

it("shows the classic migration: legacy becomes blocked in foo, the meshed stay mTLS, bar is untouched", () => {
  const consequences = preview({ workloads: CLASSIC_WORKLOADS, edges: CLASSIC_EDGES }, FOO, { "foo/httpbin": "STRICT", "foo/sleep": "STRICT" });
  expect(told(consequences)).toEqual([
    ["bar/sleep → foo/httpbin", "stays mTLS", 450],
    ["foo/sleep → foo/httpbin", "stays mTLS", 450],
    ["legacy/sleep → foo/httpbin", "becomes blocked", 450],
  ]);
});

const STRICT_FOO = { "foo/httpbin": "STRICT", "foo/sleep": "STRICT" } as const;

interface Row {
  readonly rule: `PRE-${number}`;
  readonly name: string;
  readonly from: string | null;
  readonly counts?: Partial<ObservedCounts>;
  readonly state: EdgeState;
  readonly lastPlaintextMs?: number;
  readonly after?: ServerMode | "unknown";
  readonly before?: ServerMode | "unknown";
  readonly expect: readonly [string, number];
}

const ROWS: readonly Row[] = [
  { rule: "PRE-10", name: "one plaintext request in 300 becomes blocked, and only that one", from: "foo/sleep", counts: { mtls: 299, plaintext: 1 }, state: "mixed", expect: ["becomes blocked", 1] },
  { rule: "PRE-10", name: "plaintext of an unidentified sender becomes blocked", from: null, counts: { plaintext: 10 }, state: "plaintext", expect: ["becomes blocked", 10] },
  { rule: "PRE-10", name: "application TLS without a mesh certificate becomes blocked too", from: null, counts: { tls: 4 }, state: "application TLS", expect: ["becomes blocked", 4] },
  { rule: "PRE-11", name: "mTLS of a sender that nothing names stays", from: null, counts: { mtls: 4 }, state: "mTLS", expect: ["stays mTLS", 4] },
  { rule: "PRE-3", name: "an idle edge that was plaintext when last seen becomes blocked", from: null, state: "idle", lastPlaintextMs: AT_MS - 2_000_000, expect: ["becomes blocked", 0] },
  { rule: "PRE-3", name: "plaintext before the window becomes blocked, however much mTLS the window holds", from: "foo/sleep", counts: { mtls: 1_800 }, state: "mTLS", lastPlaintextMs: AT_MS - 1_200_000, expect: ["becomes blocked", 0] },
  { rule: "PRE-3", name: "plaintext before the window stays plaintext on a port that an exception keeps open", from: "foo/sleep", counts: { mtls: 1_800 }, state: "mTLS", lastPlaintextMs: AT_MS - 1_200_000, after: "PERMISSIVE", expect: ["stays plaintext", 0] },
  { rule: "PRE-18", name: "what arrives where it would be refused already is unknown before as after", from: "legacy/sleep", counts: { plaintext: 90 }, state: "plaintext", before: "STRICT", after: "STRICT", expect: ["stays unknown", 90] },
  { rule: "PRE-18", name: "what arrived before a policy that refuses now is told by what was refused", from: "legacy/sleep", counts: { plaintext: 90, refused: 5 }, state: "mixed, partly blocked", before: "STRICT", after: "STRICT", expect: ["already blocked", 5] },
  { rule: "PRE-1", name: "an idle edge without proxy becomes blocked by configuration", from: "legacy/sleep", state: "idle", expect: ["becomes blocked", 0] },
  { rule: "PRE-1", name: "an idle edge between proxies stays mTLS", from: "foo/sleep", state: "idle", expect: ["stays mTLS", 0] },
  { rule: "PRE-12", name: "traffic whose security nobody reported is uncertain", from: "legacy/sleep", counts: { unclear: 7 }, state: "unclear", expect: ["uncertain", 7] },
  { rule: "PRE-1", name: "an idle sender of which nothing is known is uncertain", from: null, state: "idle", expect: ["uncertain", 0] },
  { rule: "PRE-6", name: "a policy that cannot be read makes it uncertain", from: "legacy/sleep", counts: { plaintext: 7 }, state: "plaintext", after: "unknown", before: "unknown", expect: ["uncertain", 7] },
  { rule: "PRE-13", name: "a port that an exception keeps PERMISSIVE stays plaintext", from: "legacy/sleep", counts: { plaintext: 7 }, state: "plaintext", after: "PERMISSIVE", expect: ["stays plaintext", 7] },
  { rule: "PRE-13", name: "an unidentified sender to such a port stays plaintext", from: null, counts: { plaintext: 7 }, state: "plaintext", after: "PERMISSIVE", expect: ["stays plaintext", 7] },
  { rule: "PRE-13", name: "a port that is not captured stays plaintext", from: "legacy/sleep", counts: { plaintext: 7 }, state: "plaintext", before: "UNCAPTURED", after: "UNCAPTURED", expect: ["stays plaintext", 7] },
  { rule: "PRE-15", name: "what is refused already stays refused", from: "legacy/sleep", counts: { refused: 3 }, state: "blocked", before: "STRICT", after: "STRICT", expect: ["already blocked", 3] },
  { rule: "PRE-15", name: "what is refused in part stays so: the part is told", from: "legacy/sleep", counts: { mtls: 10, refused: 3 }, state: "mixed, partly blocked", before: "STRICT", after: "STRICT", expect: ["already blocked", 3] },
  { rule: "PRE-14", name: "out of DISABLE mTLS that was refused becomes mTLS", from: "foo/sleep", counts: { refused: 3 }, state: "blocked", before: "DISABLE", after: "PERMISSIVE", expect: ["becomes mTLS", 3] },
  { rule: "PRE-1", name: "what would be refused already is told as such", from: "legacy/sleep", state: "expected blocked", before: "STRICT", after: "STRICT", expect: ["already blocked", 0] },
  { rule: "PRE-14", name: "out of DISABLE a client with a proxy becomes mTLS", from: "foo/sleep", counts: { plaintext: 9 }, state: "plaintext", before: "DISABLE", after: "PERMISSIVE", expect: ["becomes mTLS", 9] },
  { rule: "PRE-14", name: "so does mTLS that arrived before a policy that refuses it", from: "foo/sleep", counts: { mtls: 9 }, state: "mTLS", before: "DISABLE", after: "PERMISSIVE", expect: ["becomes mTLS", 9] },
  { rule: "PRE-13", name: "out of DISABLE a client without one stays plaintext", from: "legacy/sleep", counts: { plaintext: 9 }, state: "plaintext", before: "DISABLE", after: "PERMISSIVE", expect: ["stays plaintext", 9] },
];

it.each(ROWS)("[$rule] $name", ({ from, counts = {}, state, lastPlaintextMs, before, after = "STRICT", expect: expected }) => {
  const edges: readonly EdgeSpec[] = [{ from, to: "foo/httpbin", counts, state, ...(lastPlaintextMs === undefined ? {} : { rest: { lastPlaintextMs } }) }];
  const workloads = CLASSIC_WORKLOADS.map((spec) => (spec.id === "foo/httpbin" && before !== undefined ? { ...spec, accepts: before } : spec));
  const [only] = preview({ workloads, edges }, FOO, { ...STRICT_FOO, "foo/httpbin": after });
  expect([only?.consequence, only?.affected]).toEqual(expected);
  expect(expected[0] === "uncertain" || expected[0] === "stays unknown").toBe((only?.gaps.length ?? 0) > 0);
});

const OPENED: readonly Row[] = [
  { rule: "PRE-16", name: "plaintext that was refused becomes accepted", from: "legacy/sleep", counts: { refused: 3 }, state: "blocked", expect: ["becomes accepted", 3] },
  { rule: "PRE-16", name: "so does that of a sender that nobody names", from: null, counts: { refused: 3 }, state: "blocked", expect: ["becomes accepted", 3] },
  { rule: "PRE-16", name: "and what would be refused, though nothing came in the window", from: "legacy/sleep", state: "expected blocked", lastPlaintextMs: AT_MS - 2_000_000, expect: ["becomes accepted", 0] },
  { rule: "PRE-16", name: "and what was never seen to be plaintext, but is refused by configuration", from: "legacy/sleep", state: "expected blocked", expect: ["becomes accepted", 0] },
  { rule: "PRE-16", name: "beside mTLS that goes on, the refused part is told", from: "legacy/sleep", counts: { mtls: 10, refused: 3 }, state: "mixed, partly blocked", expect: ["becomes accepted", 3] },
  { rule: "PRE-16", name: "what arrived before STRICT did is told by what STRICT refused", from: "legacy/sleep", counts: { plaintext: 4, refused: 3 }, state: "mixed, partly blocked", expect: ["becomes accepted", 3] },
  { rule: "PRE-18", name: "what arrives although STRICT would refuse it is let in by nothing new", from: "legacy/sleep", counts: { plaintext: 90 }, state: "plaintext", expect: ["stays plaintext", 90] },
  { rule: "PRE-18", name: "nor is application TLS", from: null, counts: { tls: 2 }, state: "application TLS", expect: ["stays application TLS", 2] },
  { rule: "PRE-11", name: "mesh mTLS goes on", from: "foo/sleep", counts: { mtls: 10 }, state: "mTLS", expect: ["stays mTLS", 10] },
  { rule: "PRE-15", name: "what STRICT still refuses stays so", from: "legacy/sleep", counts: { refused: 3 }, state: "blocked", after: "STRICT", expect: ["already blocked", 3] },
  { rule: "PRE-6", name: "whether it is still refused cannot be told where what the server accepts cannot", from: "legacy/sleep", counts: { refused: 3 }, state: "blocked", after: "unknown", expect: ["uncertain", 3] },
  { rule: "PRE-6", name: "nor of a sender that nobody names", from: null, counts: { refused: 3 }, state: "blocked", after: "unknown", expect: ["uncertain", 3] },
  { rule: "PRE-1", name: "an idle sender of which nothing is known is uncertain", from: null, state: "idle", expect: ["uncertain", 0] },
];

/** What takes STRICT back: the proposal only has to reach the servers. */
it.each(OPENED)("[$rule] out of STRICT: $name", ({ from, counts = {}, state, lastPlaintextMs, after = "PERMISSIVE", expect: expected }) => {
  const edges: readonly EdgeSpec[] = [{ from, to: "foo/httpbin", counts, state, ...(lastPlaintextMs === undefined ? {} : { rest: { lastPlaintextMs } }) }];
  const spec = { workloads: CLASSIC_WORKLOADS.map((workload) => (workload.id === "foo/httpbin" ? { ...workload, accepts: "STRICT" as const } : workload)), edges };
  const before = verdicts(spec);
  const opened = judge(CLASSIC_WORKLOADS.map((workload) => (workload.id === "foo/httpbin" ? { ...workload, accepts: after } : workload)));
  const [only] = previewProposal(before, { judge: opened }, { ...propose(before, FOO), mode: "PERMISSIVE" }).consequences;
  expect([only?.consequence, only?.affected]).toEqual(expected);
});

it("[PRE-15] what an AuthorizationPolicy denied stays denied", () => {
  const refusal = { rule: "OBS-13", counts: "refused", count: 3, bytes: 0, reporter: "log", proxy: "envoy", connectionSecurityPolicy: null, refusal: "authorization", extrapolated: false, lastSeenMs: null } as const;
  const spec: MeshSpec = {
    workloads: CLASSIC_WORKLOADS.map((workload) => (workload.id === "foo/httpbin" ? { ...workload, accepts: "STRICT" as const } : workload)),
    edges: [{ from: null, to: "foo/httpbin", counts: { refused: 3 }, state: "blocked", rest: { observations: [refusal] } }],
  };
  const before = verdicts(spec);
  const [only] = previewProposal(before, { judge: judge(CLASSIC_WORKLOADS) }, { ...propose(before, FOO), mode: "PERMISSIVE" }).consequences;
  expect([only?.consequence, only?.affected]).toEqual(["already blocked", 3]);
});

it("leaves other namespaces out, and takes the whole mesh in under a mesh-wide change", () => {
  const spec = { workloads: CLASSIC_WORKLOADS, edges: CLASSIC_EDGES };
  expect(preview(spec, FOO, STRICT_FOO).some(({ edge }) => edge.key.includes("bar/httpbin"))).toBe(false);
  const mesh = preview(spec, { kind: "mesh" }, { "foo/httpbin": "STRICT", "foo/sleep": "STRICT", "bar/httpbin": "STRICT", "bar/sleep": "STRICT" });
  expect(mesh.filter(({ consequence }) => consequence === "becomes blocked").map(({ edge }) => edge.key.split(" ")[1])).toEqual(["bar/httpbin", "foo/httpbin"]);
});

it("reaches only the workloads that the changed policy selects", () => {
  const edges: readonly EdgeSpec[] = [
    { from: "legacy/sleep", to: "foo/httpbin", counts: { plaintext: 1 }, state: "plaintext" },
    { from: "legacy/sleep", to: "foo/sleep", counts: { plaintext: 1 }, state: "plaintext" },
  ];
  const consequences = preview({ workloads: CLASSIC_WORKLOADS, edges }, { kind: "workload", namespace: "foo", name: "httpbin" }, { "foo/httpbin": "STRICT" });
  expect(told(consequences)).toEqual([["legacy/sleep → foo/httpbin", "becomes blocked", 1]]);
});

it("[PRE-9] says which ports leave it open where a service has several that differ", () => {
  const before = verdicts({ workloads: CLASSIC_WORKLOADS, edges: [{ from: null, to: "foo/httpbin", counts: { plaintext: 5 }, state: "plaintext" }], policies: [policy("foo")] });
  const [edge] = before.edges;
  if (edge === undefined) throw new Error("one edge was given");
  const [path] = edge.configured;
  if (path === undefined) throw new Error("it has one path");
  const second = { ...path, port: 9000, targetPort: 9090 };
  const doubled = { ...before, edges: [{ ...edge, configured: [path, second] }] };
  const strict = judge(CLASSIC_WORKLOADS.map((spec) => (spec.id === "foo/httpbin" ? { ...spec, accepts: "STRICT" as const } : spec)));
  const after = { judge: { ...strict, paths: (...question: Parameters<typeof strict.paths>) => [...strict.paths(...question), second] } };
  const [only] = previewProposal(doubled, after, propose(before, FOO)).consequences;
  expect(only?.consequence).toBe("uncertain");
  expect(only?.gaps).toEqual([{ wanted: "which of the ports `8000`, `9000` this traffic uses", because: "Istio's metrics carry no port, and the change does not treat these ports alike" }]);
});
