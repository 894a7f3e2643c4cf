import { describe, expect, it } from "vitest";
import type { AttentionView, EdgeView } from "#view";
import { concernsOf } from "../../components/overview/concerns.ts";
import { counts, edge, meshView, node } from "./mesh.ts";

function told(kind: AttentionView["kind"], of: EdgeView, sentence: string): AttentionView {
  return { kind, sentence, atMs: null, edge: of.id, node: of.server, namespace: null, hidden: 0 };
}

const plain = Array.from({ length: 300 }, (_, at) => edge(`legacy/job-${at}`, at < 298 ? "foo/api" : "bar/api", { state: "plaintext", counts: counts({ plaintext: 300 - at }), sentence: "Plaintext: it runs no proxy." }));
const refused = [edge("a/a", "foo/api", { state: "blocked", counts: counts({ refused: 2 }) }), edge("a/b", "foo/api", { state: "mixed, partly blocked", counts: counts({ refused: 1, mtls: 9 }) })];
const expected = [edge("a/c", "foo/api", { state: "expected blocked", counts: counts() })];
const disagreeing = [edge("a/d", "foo/api", { disagreement: "mTLS was not expected" })];
const edges = [...plain, ...refused, ...expected, ...disagreeing];
const view = meshView({
  nodes: [...new Set(edges.flatMap(({ client, server }) => [client, server]))].map((id) => node(id)),
  edges,
  attention: [
    ...plain.slice(0, 20).map((one) => told("plaintext", one, `of ${one.client}`)),
    { kind: "plaintext", sentence: "280 more connections that carried plaintext.", atMs: null, edge: null, node: null, namespace: null, hidden: 280 },
    ...refused.map((one) => told("refused", one, `refused ${one.client}`)),
    ...expected.map((one) => told("expected blocked", one, "expected")),
    ...disagreeing.map((one) => told("disagreement", one, "otherwise")),
    { kind: "ready", sentence: "shop: ready for STRICT, 3 workloads.", atMs: null, edge: null, node: null, namespace: "shop", hidden: 0 },
  ],
});

describe("what needs a person", () => {
  it("shows a few of each kind, however many there are of the first, and counts the rest exactly", () => {
    expect(concernsOf(view, edges, []).map(({ kind, items, hidden }) => [kind, items.length, hidden])).toEqual([
      ["disagreement", 1, 0], ["plaintext", 3, 297], ["refused", 2, 0], ["expected blocked", 1, 0], ["ready", 1, 0],
    ]);
  });

  it("leads to each rest by the filter that finds all of the kind", () => {
    expect(concernsOf(view, edges, []).map(({ filter }) => filter)).toEqual([{ having: "disagreement" }, { having: "plaintext" }, { having: "refused" }, { states: ["expected blocked"] }, null]);
  });

  it("gives all the room to one kind where there is no other", () => {
    const [only, ...others] = concernsOf({ ...view, attention: view.attention.slice(0, 21) }, plain, []);
    expect(others).toEqual([]);
    expect([only?.items.length, only?.hidden]).toEqual([12, 288]);
  });

  it("in chosen namespaces names those that the whole mesh had no room for", () => {
    const scoped = plain.slice(298);
    const [plaintext, ...others] = concernsOf(view, scoped, ["bar"]);
    expect(plaintext?.items.map(({ sentence, edge: id }) => [sentence, id])).toEqual([
      ["legacy/job-298 → bar/api: Plaintext: it runs no proxy.", "legacy/job-298>bar/api"],
      ["legacy/job-299 → bar/api: Plaintext: it runs no proxy.", "legacy/job-299>bar/api"],
    ]);
    expect(others).toEqual([]);
    expect(concernsOf(view, [], ["shop"]).map(({ kind }) => kind)).toEqual(["ready"]);
  });
});
