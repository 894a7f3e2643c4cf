import { describe, expect, it } from "vitest";
import { layoutMesh, NODE_SIZE } from "#layout";
import type { LayoutEdge, LayoutNode, MeshLayout, Rectangle } from "#view";

function workload(id: string): LayoutNode {
  return { id, kind: "workload", namespace: id.slice(0, id.indexOf("/")) };
}

function edge(text: string): LayoutEdge {
  const [client = "", server = ""] = text.split(" > ");
  return { client, server };
}

function layout(ids: readonly string[], edges: readonly string[], previous?: MeshLayout): MeshLayout {
  return layoutMesh(ids.map(workload), edges.map(edge), previous);
}

function at(picture: MeshLayout, id: string): { readonly x: number; readonly y: number } {
  const found = picture.nodes.find((node) => node.id === id);
  if (found === undefined) throw new Error(`${id} has no place`);
  return { x: found.x, y: found.y };
}

function boxOf(picture: MeshLayout, namespace: string): Rectangle {
  const found = picture.boxes.find((box) => box.namespace === namespace);
  if (found === undefined) throw new Error(`${namespace} has no box`);
  return found;
}

function place(picture: MeshLayout, id: string): Rectangle {
  const { x, y } = at(picture, id);
  return { x: x - NODE_SIZE.width / 2, y: y - NODE_SIZE.height / 2, ...NODE_SIZE };
}

function overlap(a: Rectangle, b: Rectangle): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function within(outer: Rectangle, inner: Rectangle): boolean {
  return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;
}

/** Every rule that a picture must keep whatever is in it; the answer names what breaks one. */
function faults(picture: MeshLayout, nodes: readonly LayoutNode[]): string[] {
  const found: string[] = [];
  const places = picture.nodes.map((node) => ({ id: node.id, ...place(picture, node.id) }));
  for (const [index, first] of places.entries()) {
    for (const second of places.slice(index + 1)) if (overlap(first, second)) found.push(`${first.id} lies on ${second.id}`);
  }
  for (const [index, first] of picture.boxes.entries()) {
    for (const second of picture.boxes.slice(index + 1)) if (overlap(first, second)) found.push(`box ${first.namespace} lies on ${second.namespace}`);
  }
  for (const node of nodes) {
    const own = picture.boxes.filter((box) => within(box, place(picture, node.id)));
    const wanted = node.kind === "unidentified" ? [] : [node.namespace];
    if (node.kind === "workload" || node.kind === "unidentified") {
      if (own.map((box) => box.namespace).join() !== wanted.join()) found.push(`${node.id} stands in box ${own.map((box) => box.namespace).join()}`);
    }
    if (picture.boxes.some((box) => !own.includes(box) && overlap(box, place(picture, node.id)))) found.push(`${node.id} cuts a box`);
  }
  if (picture.nodes.length !== new Set(nodes.map((node) => node.id)).size) found.push("nodes are missing or too many");
  return found;
}

/** A mesh from a fixed seed: the same one in every run. */
function generated(workloads: number, links: number, namespaces: number): { nodes: LayoutNode[]; edges: LayoutEdge[] } {
  let state = 7;
  const below = (limit: number): number => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return Math.floor((state / 4294967296) * limit);
  };
  const nodes: LayoutNode[] = Array.from({ length: workloads }, (_, index) => workload(`ns-${below(namespaces)}/w-${index}`));
  const pick = (): string => nodes[below(workloads)]?.id ?? "";
  const edges = Array.from({ length: links }, () => ({ client: pick(), server: pick() }));
  for (let index = 0; index < namespaces; index += 1) {
    const server = pick();
    const id = `unidentified:${server}`;
    if (nodes.some((node) => node.id === id)) continue;
    nodes.push({ id, kind: "unidentified", namespace: "" });
    edges.push({ client: id, server });
  }
  return { nodes, edges };
}

const SHOP = ["shop/cart", "shop/catalog", "shop/front", "data/db", "data/cache", "legacy/batch"];
const CALLS = ["shop/front > shop/cart", "shop/front > shop/catalog", "shop/cart > data/db", "shop/catalog > data/cache", "legacy/batch > data/db"];

describe("layoutMesh", () => {
  it("puts callers left of what they call, in a namespace and between namespaces", () => {
    const picture = layout(["a/one", "a/two", "b/three"], ["a/one > a/two", "a/two > b/three"]);
    expect(at(picture, "a/one").x).toBeLessThan(at(picture, "a/two").x);
    expect(at(picture, "a/two").x).toBeLessThan(at(picture, "b/three").x);
  });

  it("draws nothing for an empty mesh", () => {
    expect(layoutMesh([], [])).toEqual({ nodes: [], boxes: [] });
  });

  it("gives a single workload a box of its own", () => {
    const picture = layout(["foo/httpbin"], []);
    expect(picture.boxes.map((box) => box.label)).toEqual(["foo"]);
    expect(within(boxOf(picture, "foo"), place(picture, "foo/httpbin"))).toBe(true);
  });

  it("gives the same picture for the same mesh, in whatever order it comes", () => {
    const { nodes, edges } = generated(80, 240, 9);
    const picture = layoutMesh(nodes, edges);
    expect(layoutMesh(nodes, edges)).toEqual(picture);
    expect(layoutMesh([...nodes].reverse(), [...edges].reverse())).toEqual(picture);
  });

  it.each([
    [12, 20, 3],
    [60, 150, 8],
    [100, 300, 10],
    [150, 1200, 2],
    [90, 0, 4],
  ])("lets nothing overlap: %i workloads, %i edges, %i namespaces", (workloads, links, namespaces) => {
    const { nodes, edges } = generated(workloads, links, namespaces);
    expect(faults(layoutMesh(nodes, edges), nodes)).toEqual([]);
  });

  it("comes near the shape of a screen", () => {
    const { nodes, edges } = generated(60, 150, 8);
    const { boxes } = layoutMesh(nodes, edges);
    const width = Math.max(...boxes.map((box) => box.x + box.width));
    const height = Math.max(...boxes.map((box) => box.y + box.height));
    expect(width / height).toBeGreaterThan(1.1);
    expect(width / height).toBeLessThan(2.3);
  });

  it("survives self loops, cycles, parallel edges and ends that are no nodes", () => {
    const ids = ["a/x", "a/y", "a/z"];
    const picture = layout(ids, ["a/x > a/x", "a/x > a/y", "a/x > a/y", "a/y > a/z", "a/z > a/x", "a/x > gone/away", "gone/away > a/x"]);
    expect(faults(picture, ids.map(workload))).toEqual([]);
    expect(picture.boxes).toHaveLength(1);
  });

  it("takes names that JavaScript gives a meaning as names", () => {
    const ids = ["__proto__/constructor", "__proto__/toString", "constructor/__proto__", "hasOwnProperty/valueOf"];
    const picture = layout(ids, ["__proto__/constructor > constructor/__proto__", "__proto__/toString > hasOwnProperty/valueOf"]);
    expect(faults(picture, ids.map(workload))).toEqual([]);
    expect(picture.boxes.map((box) => box.namespace).sort()).toEqual(["__proto__", "constructor", "hasOwnProperty"]);
  });
});

describe("parties that are no workloads", () => {
  it("stand beside the namespace they deal with, callers at its left, and open no box", () => {
    const nodes: LayoutNode[] = [
      workload("foo/httpbin"),
      { id: "unidentified:foo/httpbin", kind: "unidentified", namespace: "" },
      { id: "external:api.example.com", kind: "external", namespace: "" },
    ];
    const picture = layoutMesh(nodes, [edge("unidentified:foo/httpbin > foo/httpbin"), edge("foo/httpbin > external:api.example.com")]);
    const box = boxOf(picture, "foo");
    expect(picture.boxes).toHaveLength(1);
    expect(at(picture, "unidentified:foo/httpbin").x).toBeLessThan(box.x);
    expect(at(picture, "external:api.example.com").x).toBeGreaterThan(box.x + box.width);
  });

  it("share one box outside where they deal with several namespaces or with nobody", () => {
    const nodes: LayoutNode[] = [
      workload("a/x"),
      workload("b/y"),
      { id: "node:worker-1", kind: "node", namespace: "" },
      { id: "address:10.0.0.9", kind: "address", namespace: "" },
    ];
    const picture = layoutMesh(nodes, [edge("node:worker-1 > a/x"), edge("node:worker-1 > b/y")]);
    expect(picture.boxes.map((box) => box.label).sort()).toEqual(["a", "b", "outside"]);
    expect(within(boxOf(picture, ""), place(picture, "address:10.0.0.9"))).toBe(true);
  });

  it("an unidentified sender never stands in its server's box, even if it carries the namespace", () => {
    const nodes: LayoutNode[] = [workload("foo/httpbin"), { id: "unidentified:foo/httpbin", kind: "unidentified", namespace: "foo" }];
    expect(faults(layoutMesh(nodes, [edge("unidentified:foo/httpbin > foo/httpbin")]), nodes)).toEqual([]);
  });
});

describe("refresh", () => {
  it("returns the previous picture itself where nobody came or went", () => {
    const picture = layout(SHOP, CALLS);
    expect(layout(SHOP, [...CALLS, "shop/front > data/db"], picture)).toBe(picture);
  });

  it("places a new workload without moving any other", () => {
    const picture = layout(SHOP, CALLS);
    const next = layout([...SHOP, "shop/orders"], [...CALLS, "shop/orders > data/db"], picture);
    for (const id of SHOP) expect(at(next, id)).toEqual(at(picture, id));
    expect(faults(next, [...SHOP, "shop/orders"].map(workload))).toEqual([]);
  });

  it("places a new namespace and a new unidentified sender without moving any other", () => {
    const picture = layout(SHOP, CALLS);
    const nodes: LayoutNode[] = [...SHOP, "pay/api", "pay/ledger"].map(workload);
    nodes.push({ id: "unidentified:data/db", kind: "unidentified", namespace: "" });
    const next = layoutMesh(nodes, [...CALLS.map(edge), edge("pay/api > pay/ledger"), edge("unidentified:data/db > data/db")], picture);
    for (const id of SHOP) expect(at(next, id)).toEqual(at(picture, id));
    for (const box of picture.boxes) expect(next.boxes).toContainEqual(box);
    expect(faults(next, nodes)).toEqual([]);
  });

  it("keeps everything in place and apart while half as many workloads again come one by one", () => {
    const { nodes, edges } = generated(60, 150, 8);
    const first = layoutMesh(nodes, edges);
    let picture = first;
    for (let index = 0; index < 30; index += 1) {
      nodes.push(workload(`ns-${index % 3}/late-${index}`));
      picture = layoutMesh(nodes, edges, picture);
    }
    for (const { id, x, y } of first.nodes) expect(at(picture, id)).toEqual({ x, y });
    expect(faults(picture, nodes)).toEqual([]);
  });

  it("leaves the others where they are when workloads and namespaces go", () => {
    const picture = layout(SHOP, CALLS);
    const rest = SHOP.filter((id) => id !== "shop/cart" && id !== "legacy/batch");
    const next = layout(rest, CALLS, picture);
    for (const id of rest) expect(at(next, id)).toEqual(at(picture, id));
    expect(next.boxes.map((box) => box.namespace).sort()).toEqual(["data", "shop"]);
  });

  it("starts anew for another mesh", () => {
    expect(layout(["foo/a", "foo/b"], [], layout(SHOP, CALLS))).toEqual(layout(["foo/a", "foo/b"], []));
  });

  it("re-arranging after a change in one namespace leaves the others as they look inside", () => {
    const inside = (picture: MeshLayout, namespace: string) => {
      const box = boxOf(picture, namespace);
      return picture.nodes.filter((node) => node.id.startsWith(`${namespace}/`)).map((node) => [node.id, node.x - box.x, node.y - box.y]);
    };
    const before = layout(SHOP, CALLS);
    const after = layout([...SHOP, "legacy/erp", "legacy/ftp"], [...CALLS, "legacy/batch > legacy/erp", "legacy/erp > legacy/ftp"]);
    expect(inside(after, "shop")).toEqual(inside(before, "shop"));
    expect(inside(after, "data")).toEqual(inside(before, "data"));
  });
});
