import { describe, expect, it } from "vitest";
import { scopeOf, unknownNamespaces } from "../../components/address/scope.ts";
import { counts, edge, meshView, node } from "./mesh.ts";

const view = meshView({
  nodes: [node("foo/sleep"), node("foo/httpbin"), node("bar/httpbin"), node("legacy/sleep"), node("quiet/alone"), node("unidentified:foo/httpbin", { kind: "unidentified", namespace: "", name: "unidentified sender to foo/httpbin" })],
  edges: [
    edge("foo/sleep", "foo/httpbin"),
    edge("foo/sleep", "bar/httpbin", { host: "httpbin.bar.svc.cluster.local" }),
    edge("legacy/sleep", "foo/httpbin", { state: "plaintext", counts: counts({ plaintext: 450 }) }),
    edge("unidentified:foo/httpbin", "foo/httpbin", { state: "plaintext", counts: counts({ plaintext: 3 }) }),
  ],
});
const ALL = { namespaces: [], states: [], text: "", having: null, incoming: false } as const;
const ids = (things: readonly { readonly id: string }[]) => things.map(({ id }) => id);

describe("graph, table and lists show the same part of the mesh", () => {
  it("shows everything where nothing is filtered, lone workloads too", () => {
    const scope = scopeOf(view, ALL);
    expect(scope.edges).toHaveLength(4);
    expect(ids(scope.nodes)).toContain("quiet/alone");
  });

  it("keeps an edge when either end lies in the namespace, with both its ends", () => {
    const scope = scopeOf(view, { ...ALL, namespaces: ["bar"] });
    expect(ids(scope.edges)).toEqual(["foo/sleep>bar/httpbin"]);
    expect(ids(scope.nodes)).toEqual(["foo/sleep", "bar/httpbin"]);
  });

  it("shows senders outside every namespace with the servers they reach", () => {
    expect(ids(scopeOf(view, { ...ALL, namespaces: ["foo"] }).edges)).toContain("unidentified:foo/httpbin>foo/httpbin");
  });

  it("keeps of a namespace what ends in it, where that is asked", () => {
    expect(ids(scopeOf(view, { ...ALL, namespaces: ["foo"] }).edges)).toHaveLength(4);
    expect(ids(scopeOf(view, { ...ALL, namespaces: ["foo"], incoming: true }).edges)).toEqual(["foo/sleep>foo/httpbin", "legacy/sleep>foo/httpbin", "unidentified:foo/httpbin>foo/httpbin"]);
    expect(ids(scopeOf(view, { ...ALL, incoming: true }).edges)).toHaveLength(4);
  });

  it.each([
    { having: "plaintext", expected: ["b/mixed", "b/plain"] },
    { having: "refused", expected: ["b/partly"] },
    { having: "unclear", expected: ["b/mtls"] },
    { having: "disagreement", expected: ["b/mtls"] },
  ] as const)("keeps those on which there was $having, whatever their state", ({ having, expected }) => {
    const servers = [
      edge("a/a", "b/mixed", { state: "mixed", counts: counts({ mtls: 9, plaintext: 1 }) }),
      edge("a/a", "b/tls", { state: "mixed", counts: counts({ mtls: 9, tls: 1 }) }),
      edge("a/a", "b/plain", { state: "plaintext", counts: counts({ plaintext: 1 }) }),
      edge("a/a", "b/partly", { state: "mixed, partly blocked", counts: counts({ mtls: 9, refused: 1 }) }),
      edge("a/a", "b/mtls", { counts: counts({ mtls: 9, unclear: 1 }), disagreement: { text: "it is", transports: ["plaintext"], isDenied: false } }),
    ];
    const scope = scopeOf(meshView({ nodes: servers.map(({ server }) => node(server)), edges: servers }), { ...ALL, having });
    expect(scope.edges.map(({ server }) => server)).toEqual(expected);
    expect(ids(scope.nodes)).toEqual(expected);
  });

  it("counts states before the states themselves are filtered", () => {
    const scope = scopeOf(view, { ...ALL, states: ["plaintext"] });
    expect(ids(scope.edges)).toEqual(["legacy/sleep>foo/httpbin", "unidentified:foo/httpbin>foo/httpbin"]);
    expect(scope.counts).toEqual([
      { state: "mTLS", edges: 2 },
      { state: "plaintext", edges: 2 },
    ]);
  });

  it("shows no lone workload while states are filtered", () => {
    expect(ids(scopeOf(view, { ...ALL, states: ["mTLS"] }).nodes)).toEqual(["foo/sleep", "foo/httpbin", "bar/httpbin"]);
  });

  it.each([
    { text: "LEGACY", expected: ["legacy/sleep>foo/httpbin"] },
    { text: "bar.svc", expected: ["foo/sleep>bar/httpbin"] },
    { text: " plaintext ", expected: ["legacy/sleep>foo/httpbin", "unidentified:foo/httpbin>foo/httpbin"] },
    { text: "nothing like it", expected: [] },
  ])("finds “$text” in ends, host and state", ({ text, expected }) => {
    expect(ids(scopeOf(view, { ...ALL, text }).edges)).toEqual(expected);
  });
});

describe("mTLS of which a part is unclear", () => {
  const unclear = edge("a/b", "c/d", { state: "unclear", counts: counts({ unclear: 9 }) });
  const partly = edge("shop/checkout", "accounts/addresses", { counts: counts({ mtls: 1080, unclear: 540 }) });
  const some = meshView({ edges: [edge("foo/sleep", "foo/httpbin"), partly, unclear] });

  it("is found by whoever asks for what is unclear, in the list of states and in the search", () => {
    expect(ids(scopeOf(some, { ...ALL, states: ["unclear"] }).edges)).toEqual([partly.id, unclear.id]);
    expect(ids(scopeOf(some, { ...ALL, text: "unclear" }).edges)).toEqual([partly.id, unclear.id]);
    expect(ids(scopeOf(some, { ...ALL, states: ["mTLS"] }).edges)).toEqual(["foo/sleep>foo/httpbin", partly.id]);
  });

  it("is counted once, in its state, and named beside it", () => {
    const { counts: states, partlyUnclear } = scopeOf(some, ALL);
    expect(states).toEqual([{ state: "mTLS", edges: 2 }, { state: "unclear", edges: 1 }]);
    expect(partlyUnclear).toBe(1);
  });
});

it("names the chosen namespaces of which nothing is known", () => {
  const namespaces = ["foo", "bar"].map((name) => ({ name }) as (typeof view.namespaces)[number]);
  expect(unknownNamespaces({ namespaces }, ["foo", "nosuch", "Foo"])).toEqual(["nosuch", "Foo"]);
  expect(unknownNamespaces({ namespaces }, [])).toEqual([]);
});
