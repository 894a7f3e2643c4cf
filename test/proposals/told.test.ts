import { describe, expect, it } from "vitest";
import { serviceHost } from "#mesh";
import { EDGE_CONSEQUENCES, previewProposal, proposeStrict, type ProposalPreview, type ProposalScope } from "#proposals";
import { presentProposal, presentProposals, type ProposalSummaryView } from "#view";
import { id, judge, verdicts, type EdgeSpec, type WorkloadSpec } from "../view/picture.ts";

// Numbers and sentences of previews. What servers accept with the change is written by hand: all that have a proxy STRICT, but for what `after` says.

const WORKLOADS: readonly WorkloadSpec[] = ["foo/sleep", "foo/httpbin", "bar/httpbin", "quiet/api"].map((id) => ({ id }));
const MIXED: EdgeSpec = { from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 299, plaintext: 1 }, state: "mixed" };

/** What configuration says of anybody's way to foo/httpbin where it is STRICT already. */
const STRICT_NOW = judge([{ id: "foo/httpbin", accepts: "STRICT" }]).paths(null, id("foo/httpbin"), serviceHost("httpbin.foo.svc.cluster.local"), "http");

interface Told {
  readonly edges: readonly EdgeSpec[];
  readonly scopes?: readonly string[];
  readonly after?: Readonly<Record<string, NonNullable<WorkloadSpec["accepts"]>>>;
}

function previews({ edges, scopes = ["foo"], after = {} }: Told): readonly ProposalPreview[] {
  const before = verdicts({ workloads: WORKLOADS.map((spec) => (after[spec.id] === "NONE" || after[spec.id] === "unknown" ? { ...spec, accepts: after[spec.id] ?? "NONE" } : spec)), edges });
  const strict = judge(WORKLOADS.map((spec) => ({ ...spec, accepts: after[spec.id] ?? "STRICT" })));
  return scopes.flatMap((namespace) => {
    const scope: ProposalScope = { kind: "namespace", namespace };
    const proposal = proposeStrict(before, scope);
    return proposal.kind === "proposal" ? [previewProposal(before, { judge: strict }, proposal)] : [];
  });
}

/** Why the first of these edges becomes what it does. */
function whyOf(...edges: readonly EdgeSpec[]): string {
  const [preview] = previews({ edges });
  if (preview === undefined) throw new Error("nothing is proposed");
  return presentProposal(verdicts({ workloads: WORKLOADS, edges }), preview, { sources: [], applicable: false }).consequences[0]?.sentence ?? "";
}

function summaries(told: Told): readonly ProposalSummaryView[] {
  return presentProposals({ previews: previews(told), others: [], leftOut: 0 }).proposals;
}

function sentenceOf(told: Told): string {
  return summaries(told)[0]?.sentence ?? "";
}

describe("numbers", () => {
  it("[PRE-21] count an edge in each class of which some of its traffic is", () => {
    expect(summaries({ edges: [MIXED] })[0]).toMatchObject({ becomesBlocked: 1, staysMtls: 1, mtlsAfter: 1, becomesMtls: 0, staysPlaintext: 0, uncertain: 0, edges: 1 });
    expect(summaries({ edges: [MIXED], after: { "foo/httpbin": "PERMISSIVE" } })[0]).toMatchObject({ becomesBlocked: 0, staysMtls: 1, mtlsAfter: 1, staysPlaintext: 1, edges: 1 });
  });

  it("[PRE-21] add up to all the traffic there is", () => {
    const [preview] = previews({ edges: [MIXED] });
    if (preview === undefined) throw new Error("nothing is proposed");
    const { totals } = presentProposal(verdicts({ workloads: WORKLOADS, edges: [MIXED] }), preview, { sources: [], applicable: false });
    expect(totals.map(({ consequence }) => consequence)).toEqual([...EDGE_CONSEQUENCES]);
    expect(totals.filter(({ edges }) => edges > 0)).toEqual([{ consequence: "becomes blocked", edges: 1, requests: 1, connections: 0 }, { consequence: "stays mTLS", edges: 1, requests: 299, connections: 0 }]);
  });

  it("[PRE-21] say of each edge what becomes of the rest, but for what stays mTLS", () => {
    expect(whyOf({ ...MIXED, counts: { mtls: 299, plaintext: 1 } })).toBe("foo/sleep sends plaintext, and under STRICT foo/httpbin would accept mTLS only: 1 of 300 requests in the window.");
    expect(whyOf({ ...MIXED, counts: { plaintext: 1, unclear: 9 } })).toBe(
      "foo/sleep sends plaintext, and under STRICT foo/httpbin would accept mTLS only: 1 of 10 requests in the window. Beside that, 9 requests cannot be told (not known: the security of requests in the window, because no server reported it, and the client reported no identity).",
    );
  });

  it("[PRE-22] a connection on which everything was refused proves nothing", () => {
    const refused: EdgeSpec = { from: null, to: "foo/httpbin", counts: { refused: 30 }, state: "blocked", rest: { configured: STRICT_NOW } };
    expect(summaries({ edges: [refused] })[0]).toMatchObject({ becomesBlocked: 0, uncertain: 0, edges: 1, edgesSeen: 0, sentence: "Nothing arrived in the window on the 1 connection known; silence is no proof that nobody sends plaintext." });
  });

  it("[PRE-22] bytes of a connection that was opened before arrived", () => {
    const longLived = { rule: "OBS-2", counts: "plaintext", count: 0, bytes: 900, reporter: "destination", proxy: "envoy", connectionSecurityPolicy: "none", extrapolated: false, lastSeenMs: null } as const;
    const edge: EdgeSpec = { from: null, to: "foo/httpbin", family: "tcp", state: "plaintext", rest: { observations: [longLived], bytes: 900 } };
    expect(summaries({ edges: [edge] })[0]).toMatchObject({ edgesSeen: 1, becomesBlocked: 1 });
    expect(whyOf(edge)).toBe("unidentified sender to foo/httpbin sends plaintext, and under STRICT foo/httpbin would accept mTLS only: on connections opened before the window.");
  });

  it("[PRE-22] nor does one on which everything failed", () => {
    const failed = { rule: "OBS-18", counts: "unclear", count: 7, bytes: 0, reporter: "source", proxy: "envoy", connectionSecurityPolicy: "unknown", extrapolated: false, lastSeenMs: null } as const;
    const edges: readonly EdgeSpec[] = [{ from: "foo/sleep", to: "foo/httpbin", counts: { unclear: 7 }, state: "unclear", rest: { observations: [failed] } }];
    expect(summaries({ edges })[0]).toMatchObject({ edges: 1, edgesSeen: 0, sentence: "Nothing arrived in the window on the 1 connection known; silence is no proof that nobody sends plaintext." });
    expect(whyOf(...edges)).toBe("foo/sleep sends mTLS already: so configuration says, and 7 requests in the window failed.");
    expect(summaries({ edges: [{ from: "foo/sleep", to: "foo/httpbin", counts: { unclear: 8 }, state: "unclear", rest: { observations: [failed] } }] })[0]?.edgesSeen).toBe(1);
  });
});

describe("sentences", () => {
  it("[PRE-3] name application TLS that came before the window", () => {
    expect(whyOf({ from: null, to: "foo/httpbin", state: "idle", rest: { seenBefore: ["tls"] } })).toBe("unidentified sender to foo/httpbin sends TLS without a mesh certificate, and under STRICT foo/httpbin would accept mTLS only: seen before the window.");
    expect(whyOf({ from: null, to: "foo/httpbin", state: "idle", rest: { seenBefore: ["plaintext", "tls"] } })).toMatch(/ sends plaintext, and /);
  });

  it("[PRE-13] say on how many plaintext arrives all the same", () => {
    const plain: EdgeSpec = { from: null, to: "foo/httpbin", counts: { plaintext: 540 }, state: "plaintext" };
    expect(sentenceOf({ edges: [plain], after: { "foo/httpbin": "PERMISSIVE" } })).toBe("Of 1 connection known, none would become blocked, and on 1 plaintext would still arrive: STRICT does not reach it.");
    expect(sentenceOf({ edges: [plain, { ...plain, to: "foo/sleep" }], after: { "foo/httpbin": "PERMISSIVE" } })).toBe("Of 2 connections known, 1 would become blocked, and on 1 plaintext would still arrive: STRICT does not reach it.");
  });

  it("[PRE-17] say what is unknown before as after, and count it among what is known of", () => {
    const through: EdgeSpec = { from: null, to: "foo/httpbin", counts: { plaintext: 5 }, state: "plaintext", rest: { configured: STRICT_NOW } };
    expect(sentenceOf({ edges: [through, { ...MIXED, to: "foo/sleep" }] })).toBe("Of 2 connections known, 1 would become blocked. 1 is not changed by this: unknown before as after.");
  });
});

describe("the list", () => {
  const clean: EdgeSpec = { from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 9 }, state: "mTLS" };
  const open: EdgeSpec = { from: null, to: "bar/httpbin", counts: { plaintext: 9 }, state: "plaintext" };
  const dark: EdgeSpec = { from: "foo/sleep", to: "bar/httpbin", counts: { unclear: 9 }, state: "unclear" };

  it.each([
    ["plaintext", open, { "bar/httpbin": "PERMISSIVE" }, "staysPlaintext"],
    ["unknown", dark, { "bar/httpbin": "PERMISSIVE" }, "staysUnknown"],
  ] as const)("[PRE-23] has what is truly clean before that on which something goes on %s", (_, edge, after, number) => {
    const found = summaries({ edges: [clean, edge], scopes: ["bar", "foo"], after });
    expect(found.map((summary) => [summary.id, summary.becomesBlocked, summary.uncertain, summary[number]])).toEqual([["namespace:foo", 0, 0, 0], ["namespace:bar", 0, 0, 1]]);
  });
});
