import { describe, expect, it } from "vitest";
import { searchHits } from "../../components/frame/searchHits.ts";
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
});
