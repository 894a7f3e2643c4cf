import { describe, expect, it } from "vitest";
import { layoutMesh } from "#layout";
import type { MeshView } from "#view";
import { emphasisOf } from "../../components/graph/emphasis.ts";
import { graphModel } from "../../components/graph/graphModel.ts";
import type { GraphModel } from "../../components/graph/graphModel.ts";
import type { GraphSelection } from "../../components/graph/graphProps.ts";
import { pressKey } from "../../components/graph/keyboard.ts";
import { nodeLabel, nodeLook } from "../../components/graph/nodeLook.ts";
import { zoomLevel } from "../../components/graph/zoomLevel.ts";
import { edgeBetween, meshOf, workloadNode } from "./meshOf.ts";

const FOO_BAR = meshOf(
  ["foo/httpbin", "foo/sleep", "bar/httpbin", "legacy/sleep"].map((id) => workloadNode(id)),
  [
    edgeBetween("inside", "foo/sleep > foo/httpbin"),
    edgeBetween("good", "foo/sleep > bar/httpbin"),
    edgeBetween("more", "foo/httpbin > bar/httpbin", { counts: { mtls: 50, plaintext: 0, tls: 0, unclear: 0, refused: 0 } }),
    edgeBetween("bad", "legacy/sleep > bar/httpbin", { state: "plaintext", counts: { mtls: 0, plaintext: 7, tls: 0, unclear: 0, refused: 0 } }),
  ],
);

function modelOf(view: MeshView, without: { readonly nodes?: readonly string[]; readonly edges?: readonly string[] } = {}): GraphModel {
  const visible = {
    nodes: new Set(view.nodes.map(({ id }) => id).filter((id) => !(without.nodes ?? []).includes(id))),
    edges: new Set(view.edges.map(({ id }) => id).filter((id) => !(without.edges ?? []).includes(id))),
  };
  return graphModel(view, layoutMesh(view.nodes, view.edges), visible);
}

function shownEdges(model: GraphModel): string[] {
  return model.edges.filter(({ hidden }) => !hidden).map(({ id }) => id);
}

describe("what a filter hides", () => {
  it("hides edges that it leaves out, and those whose end it leaves out", () => {
    expect(shownEdges(modelOf(FOO_BAR, { edges: ["good"] }))).toEqual(["inside", "more", "bad"]);
    expect(shownEdges(modelOf(FOO_BAR, { nodes: ["legacy/sleep"] }))).toEqual(["inside", "good", "more"]);
  });

  it("hides a namespace without shown nodes, and moves nobody", () => {
    const [all, some] = [modelOf(FOO_BAR), modelOf(FOO_BAR, { nodes: ["legacy/sleep"] })];
    expect(some.boxes.filter(({ hidden }) => hidden).map(({ namespace }) => namespace)).toEqual(["legacy"]);
    expect(some.nodes.map(({ centre }) => centre)).toEqual(all.nodes.map(({ centre }) => centre));
  });

  it("leaves out edges whose ends are no nodes", () => {
    const view = meshOf([workloadNode("foo/httpbin")], [edgeBetween("gone", "foo/away > foo/httpbin")]);
    expect(modelOf(view).edges).toEqual([]);
  });
});

describe("from far", () => {
  it("draws one line per pair of namespaces and state, with the sum", () => {
    const { bundled, boxes } = modelOf(FOO_BAR);
    const name = (id: string) => boxes.find((box) => box.id === id)?.namespace;
    const lines = bundled.between.map((bundle) => [name(bundle.client), name(bundle.server), bundle.line.arrowTone, bundle.edges]);
    expect(lines).toEqual([
      ["foo", "bar", "mTLS", 2],
      ["legacy", "bar", "plaintext", 1],
    ]);
  });

  it("counts the edges inside a namespace, which no line can show", () => {
    const { bundled, boxes } = modelOf(FOO_BAR);
    const foo = boxes.find(({ namespace }) => namespace === "foo")?.id ?? "";
    expect([...(bundled.inside.get(foo) ?? [])]).toEqual([["mTLS", 1]]);
  });

  it("makes one mark of the parties at one side of a namespace, and one line of theirs", () => {
    const sender = (id: string) => workloadNode(id, { kind: "unidentified", namespace: "", name: id, dataPlaneModes: [] });
    const host = (id: string) => workloadNode(id, { kind: "external", namespace: "", name: id, dataPlaneModes: [] });
    const plaintext = { state: "plaintext", counts: { mtls: 0, plaintext: 7, tls: 0, unclear: 0, refused: 0 } } as const;
    const view = meshOf(
      [workloadNode("foo/httpbin"), workloadNode("foo/sleep"), workloadNode("bar/httpbin"), sender("one"), sender("two"), sender("three"), host("api.example.com")],
      [edgeBetween("a", "one > foo/httpbin", plaintext), edgeBetween("b", "two > foo/sleep", plaintext), edgeBetween("c", "three > bar/httpbin", plaintext), edgeBetween("d", "foo/sleep > api.example.com")],
    );
    const model = modelOf(view);
    expect(model.parties.map(({ members, glyph, side }) => [members, glyph, side])).toEqual([[["one", "two"], "unidentified", "left"], [["three"], "unidentified", "left"], [["api.example.com"], "external", "right"]]);
    for (const { members, place } of model.parties) {
      const inside = model.nodes.filter(({ centre: { x, y } }) => x > place.x && x < place.x + place.width && y > place.y && y < place.y + place.height);
      expect(inside.map(({ id }) => id)).toEqual(members);
    }
    expect(model.bundled.between.map(({ edges, line }) => [edges, line.arrowTone])).toEqual([[2, "plaintext"], [1, "plaintext"], [1, "mTLS"]]);
    expect(emphasisOf(model, { kind: "node", id: "two" }).bundles.size).toBe(1);
    expect(modelOf(view, { nodes: ["one"] }).parties.map(({ members }) => members)).toEqual([["two"], ["three"], ["api.example.com"]]);
  });

  it("counts only what the filter leaves", () => {
    expect(modelOf(FOO_BAR, { edges: ["bad", "more"] }).bundled.between.map(({ edges }) => edges)).toEqual([1]);
  });

  it("is how a crowded mesh is drawn earlier than a small one", () => {
    expect(zoomLevel(0.2, 150).far).toBe(false);
    expect(zoomLevel(0.14, 150).far).toBe(true);
    expect(zoomLevel(0.2, 4000).far).toBe(true);
    expect(zoomLevel(1, 4000).far).toBe(false);
  });
});

describe("emphasis", () => {
  const model = modelOf(FOO_BAR);

  it.each([
    [{ kind: "node", id: "foo/sleep" }, ["bar/httpbin", "foo/httpbin", "foo/sleep"], ["good", "inside"]],
    [{ kind: "edge", id: "bad" }, ["bar/httpbin", "legacy/sleep"], ["bad"]],
    [{ kind: "namespace", id: "legacy" }, ["bar/httpbin", "legacy/sleep"], ["bad"]],
    [{ kind: "node", id: "no/such" }, ["no/such"], []],
  ] as const)("of $0", (thing, nodes, edges) => {
    const emphasis = emphasisOf(model, thing);
    expect([...emphasis.nodes].sort()).toEqual(nodes);
    expect([...emphasis.edges].sort()).toEqual(edges);
  });
});

describe("keys", () => {
  const model = modelOf(FOO_BAR);

  function press(key: string, focus: GraphSelection | null, shiftKey = false): { moved: GraphSelection | null; selected: GraphSelection | null | undefined; handled: boolean } {
    let moved: GraphSelection | null = null;
    let selected: GraphSelection | null | undefined;
    const handled = pressKey(
      { key, shiftKey },
      {
        model,
        focus,
        moveTo: (thing) => {
          moved = thing;
        },
        select: (thing) => {
          selected = thing;
        },
        zoomBy: () => undefined,
        fit: () => undefined,
      },
    );
    return { moved, selected, handled };
  }

  it("arrows lead to the nearest node in their direction", () => {
    expect(press("ArrowRight", { kind: "node", id: "foo/sleep" }).moved).toEqual({ kind: "node", id: "foo/httpbin" });
    expect(press("ArrowLeft", { kind: "node", id: "foo/httpbin" }).moved).toEqual({ kind: "node", id: "foo/sleep" });
  });

  it("Shift with arrows leads through the edges of a node, and an arrow to the end of one", () => {
    expect(press("ArrowRight", { kind: "node", id: "foo/sleep" }, true).moved).toEqual({ kind: "edge", id: "inside" });
    expect(press("ArrowRight", { kind: "edge", id: "inside" }, true).moved).toEqual({ kind: "edge", id: "good" });
    expect(press("ArrowRight", { kind: "edge", id: "good" }).moved).toEqual({ kind: "node", id: "bar/httpbin" });
  });

  it("Enter selects, Escape deselects, other keys are left to the page", () => {
    expect(press("Enter", { kind: "edge", id: "bad" }).selected).toEqual({ kind: "edge", id: "bad" });
    expect(press("Escape", { kind: "edge", id: "bad" }).selected).toBeNull();
    expect(press("Tab", null).handled).toBe(false);
    expect(press("__proto__", null).handled).toBe(false);
  });
});

describe("nodes", () => {
  it.each([
    [["sidecar"], "sidecar", "sidecar"],
    [["ambient"], "ambient", "ambient"],
    [["none"], "none", "none"],
    [["gateway"], "gateway", "gateway"],
    [["sidecar", "none"], "several", "several"],
    [[], "none", "unidentified"],
  ] as const)("in data plane %j are told by outline and glyph", (dataPlaneModes, shape, glyph) => {
    expect(nodeLook(workloadNode("foo/httpbin", { dataPlaneModes }))).toMatchObject({ shape, glyph });
  });

  it.each([
    [[{ mode: "STRICT", ports: 2 }], "S"],
    [[{ mode: "PERMISSIVE", ports: 1 }], "P"],
    [[{ mode: "STRICT", ports: 1 }, { mode: "PERMISSIVE", ports: 1 }], "M"],
    [[{ mode: "STRICT", ports: 1 }, { mode: "DISABLE", ports: 0 }], "S"],
    [[{ mode: "STRICT", ports: 1 }, { mode: "unknown", ports: 1 }], "M"],
    [[{ mode: "unknown", ports: 1 }], "?"],
    [[{ mode: "UNCAPTURED", ports: 1 }], "–"],
    [[], null],
  ] as const)("that accept %j carry %s", (accepts, letter) => {
    expect(nodeLook(workloadNode("foo/httpbin", { accepts })).letter).toBe(letter);
  });

  it.each([
    ["httpbin", "httpbin"],
    ["istio-ingressgateway", "istio-\ningressgateway"],
    ["PassthroughCluster", "Passthrough\nCluster"],
    ["a".repeat(253), `${"a".repeat(14)}\n${"a".repeat(14)}…`],
    ["  two\nlines\t", "two lines"],
  ])("named %j fit their outline", (name, label) => {
    expect(nodeLabel({ kind: "workload", name })).toBe(label);
  });
});
