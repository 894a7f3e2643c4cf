import { describe, expect, it } from "vitest";
import type { AttentionView, EdgeView, Transport } from "#view";
import { NO_FILTERS } from "../../components/address/address.ts";
import { scopeOf } from "../../components/address/scope.ts";
import { concernsOf } from "../../components/overview/concerns.ts";
import { counts, edge, meshView, node } from "./mesh.ts";

function told(kind: AttentionView["kind"], of: EdgeView, sentence: string): AttentionView {
  return { kind, sentence, atMs: null, edge: of.id, node: of.server, namespace: null, hidden: 0 };
}

const plain = Array.from({ length: 300 }, (_, at) => edge(`legacy/job-${at}`, at < 298 ? "foo/api" : "bar/api", { state: "plaintext", concerns: ["plaintext"], sends: at < 298 ? ["NONE"] : ["DR_DISABLE"], counts: counts({ plaintext: 300 - at }), sentence: "Plaintext: it runs no proxy." }));
const refused = [edge("a/a", "foo/api", { state: "blocked", concerns: ["refused"], counts: counts({ refused: 2 }) }), edge("a/b", "foo/api", { state: "mixed, partly blocked", concerns: ["refused"], counts: counts({ refused: 1, mtls: 9 }) })];
const expected = [edge("a/c", "foo/api", { state: "expected blocked", concerns: ["expected blocked"], counts: counts() })];
const MTLS_UNEXPECTED = { text: "mTLS was not expected", transports: ["plaintext"], isDenied: false } as const;
const disagreeing = [edge("a/d", "foo/api", { concerns: ["disagreement"], disagreement: MTLS_UNEXPECTED })];
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
  it("shows a few of each kind, however many there are of the first", () => {
    expect(concernsOf(view, edges, []).map(({ kind, items, hidden }) => [kind, items.length, hidden])).toEqual([
      ["plaintext", 2, 0], ["refused", 2, 0], ["expected blocked", 1, 0], ["disagreement", 1, 0], ["ready", 1, 0],
    ]);
  });

  it("says once what many have in common, of whom it is, and which is the most; a filter finds them", () => {
    const [plaintext] = concernsOf(view, edges, []);
    expect(plaintext?.items.map(({ sentence, edge: id, filter }) => [sentence, id, filter])).toEqual([
      ["The sender runs no proxy: 298 connections from 298 senders of 1 namespace; the most is legacy/job-0 → foo/api, 300 requests.", null, { having: "plaintext", text: "sends NONE," }],
      ["A DestinationRule turns mTLS off: 2 connections from 2 senders of 1 namespace; the most is legacy/job-298 → bar/api, 2 requests.", null, { having: "plaintext", text: "sends DR_DISABLE," }],
    ]);
    for (const { filter, sentence } of plaintext?.items ?? []) {
      const listed = scopeOf(view, { ...NO_FILTERS, namespaces: [], ...filter }).edges.length;
      expect(sentence).toContain(`: ${listed} connections `);
    }
  });

  it("those that contradict the same configuration have it in common, whatever was observed; one that is denied beside does not", () => {
    const against = (transports: readonly Transport[], isDenied: boolean, at: number) => ({ text: `observed ${at} mTLS requests; otherwise configured`, transports, isDenied });
    const contradicting = Array.from({ length: 20 }, (_, at) => edge(`a/${at}`, "foo/api", { concerns: ["disagreement"], disagreement: at < 15 ? against(["plaintext"], false, at) : against(["plaintext", "tls"], at > 16, at) }));
    const picture = meshView({ nodes: [...contradicting.map(({ client }) => node(client)), node("foo/api")], edges: contradicting, attention: view.attention });
    const [only] = concernsOf(picture, contradicting, []);
    expect(only?.items.map(({ sentence }) => sentence)).toEqual([
      "Observed otherwise, configuration says plaintext: 15 connections from 15 senders of 1 namespace.",
      "Observed otherwise, configuration says plaintext or tls, denied by authorization: 3 connections from 3 senders of 1 namespace.",
      "Observed otherwise, configuration says plaintext or tls: 2 connections from 2 senders of 1 namespace.",
    ]);
    expect(only?.items.map(({ filter }) => scopeOf(picture, { ...NO_FILTERS, namespaces: [], ...filter }).edges.length)).toEqual([15, 3, 2]);
  });

  it("counts what it has no room for", () => {
    const modes = ["NONE", "BYPASS", "DR_DISABLE", "DR_SIMPLE", "AUTO_PLAINTEXT"] as const;
    const many = modes.flatMap((mode, at) => Array.from({ length: 5 - at }, (_, number) => edge(`a/${mode}-${number}`, "foo/api", { state: "plaintext", concerns: ["plaintext"], sends: [mode], counts: counts({ plaintext: 1 }) })));
    const others = [edge("x/x", "foo/api", { state: "blocked", concerns: ["refused"], counts: counts({ refused: 1 }) }), ...expected, ...disagreeing];
    const [plaintext] = concernsOf(meshView({ edges: [...many, ...others], attention: view.attention }), [...many, ...others], []);
    expect([plaintext?.items.length, plaintext?.hidden]).toEqual([3, 3]);
  });

  it("leads to each rest by the filter that finds all of the kind", () => {
    expect(concernsOf(view, edges, []).map(({ filter }) => filter)).toEqual([{ having: "plaintext" }, { having: "refused" }, { states: ["expected blocked"] }, { having: "disagreement" }, null]);
  });

  it("names where it reaches what nobody sends by name", () => {
    const nameless = Array.from({ length: 20 }, (_, at) => edge(`unidentified:ns-${at % 4}/api-${at}`, `ns-${at % 4}/api-${at}`, { state: "plaintext", concerns: ["plaintext"], confidence: "unidentified", counts: counts({ plaintext: at + 1 }) }));
    const nodes = nameless.flatMap(({ client, server }) => [node(client, { kind: "unidentified", namespace: "", name: `unidentified sender to ${server}` }), node(server)]);
    const [only] = concernsOf(meshView({ nodes, edges: nameless, attention: view.attention }), nameless, []);
    expect(only?.items.map(({ sentence }) => sentence)).toEqual(["Nothing names the sender: 20 connections to 20 workloads of 4 namespaces; the most is unidentified sender to ns-3/api-19 → ns-3/api-19, 20 requests."]);
  });

  it("comes in the order of the whole mesh's picture, and by nothing but what that says of each connection", () => {
    const some = [
      edge("a/a", "foo/api", { concerns: ["refused", "disagreement"] }),
      edge("a/d", "payments/vault", { state: "plaintext", accepts: ["STRICT"], concerns: ["past STRICT"], counts: counts({ plaintext: 1 }) }),
      edge("a/e", "payments/vault", { state: "plaintext", accepts: ["STRICT"], counts: counts({ plaintext: 1 }), disagreement: MTLS_UNEXPECTED }),
    ];
    const attention = (["past STRICT", "refused", "disagreement"] as const).map((kind) => told(kind, edge("elsewhere/a", "elsewhere/b"), ""));
    expect(concernsOf(meshView({ edges: some, attention }), some, []).map(({ kind, items }) => [kind, items.map((item) => item.edge)])).toEqual([
      ["past STRICT", ["a/d>payments/vault"]],
      ["refused", ["a/a>foo/api"]],
      ["disagreement", ["a/a>foo/api"]],
    ]);
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
