import { describe, expect, it } from "vitest";
import { addressIn, searchHits } from "../../components/frame/searchHits.ts";
import { edge, meshView, node } from "./mesh.ts";

const view = meshView({
  nodes: [node("foo/sleep"), node("foo/httpbin"), node("10.0.0.9", { kind: "address", namespace: "", name: "10.0.0.9" })],
  edges: [edge("foo/sleep", "foo/httpbin"), edge("10.0.0.9", "foo/httpbin", { state: "plaintext", host: "httpbin.foo.svc.cluster.local" })],
});

describe("search", () => {
  it("offers nothing for nothing", () => {
    expect(searchHits(view, "  ")).toEqual([]);
  });

  it("offers what can be opened, and last the text as a filter", () => {
    const hits = searchHits(view, "httpbin");
    expect(hits.map(({ selection }) => selection)).toEqual([
      { kind: "workload", id: "foo/httpbin" },
      { kind: "edge", id: "foo/sleep>foo/httpbin" },
      { kind: "edge", id: "10.0.0.9>foo/httpbin" },
      null,
    ]);
    expect(hits.at(-1)?.kind).toBe("2 connections");
  });

  it("opens what is no workload as what it is, and finds a connection by its service host", () => {
    expect(searchHits(view, "10.0.0.9")[0]?.selection).toEqual({ kind: "node", id: "10.0.0.9" });
    expect(searchHits(view, "foo.svc").map(({ text }) => text)).toEqual(["10.0.0.9 → foo/httpbin", "Show only what contains “foo.svc”"]);
  });

  it("opens who has an address", () => {
    const owned = { schema: "mtlscope-address/1", address: "10.244.1.60", nodes: ["foo/sleep", "gone/pod"] } as const;
    expect(searchHits(view, "10.244.1.60", owned).map(({ text, kind, selection }) => [text, kind, selection])).toEqual([
      ["foo/sleep", "10.244.1.60, an address", { kind: "workload", id: "foo/sleep" }],
      ["Show only what contains “10.244.1.60”", "0 connections", null],
    ]);
  });

  it.each([
    ["10.244.1.60", "10.244.1.60"], [" 10.0.0.9 ", "10.0.0.9"], ["FD00::1", "fd00::1"], ["::ffff:10.0.0.9", "::ffff:10.0.0.9"],
    ["10.244.1", null], ["foo:bar", null], ["cafe", null], ["httpbin.foo.svc", null], ["", null],
  ])("%j is the address %j", (typed, address) => {
    expect(addressIn(typed)).toBe(address);
  });
});
