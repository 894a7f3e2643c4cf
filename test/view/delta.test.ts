import { meshDelta, reusedView, withMeshDelta } from "#delta";
import type { EdgeView, MeshView, NodeView } from "#view";
import { describe, expect, it } from "vitest";
import { randomFrom } from "../../scripts/bench/random.ts";
import { counts, edge, meshView, node, totals } from "../components/mesh.ts";

const MOST = 500;
const NOTHING = { added: [], changed: [], removed: [] };

describe("what changed between two pictures", () => {
  const before = meshView({ revision: 4, nodes: [node("a/one"), node("a/two")], edges: [edge("a/one", "a/two"), edge("a/two", "a/one")] });

  it("is nothing where nothing changed", () => {
    expect(meshDelta(before, structuredClone(before), MOST)).toEqual({ fields: {}, namespaces: NOTHING, nodes: NOTHING, edges: NOTHING });
  });

  it("names the edge that changed, whole, and the fields beside the lists", () => {
    const worse = edge("a/one", "a/two", { state: "plaintext", counts: counts({ plaintext: 3 }) });
    const after = { ...before, revision: 5, edges: [worse, before.edges[1] as EdgeView] };
    expect(meshDelta(before, after, MOST)).toEqual({ fields: { revision: 5 }, namespaces: NOTHING, nodes: NOTHING, edges: { added: [], changed: [worse], removed: [] } });
  });

  it("says where what came stands, and names what went", () => {
    const came = node("a/between");
    const after = { ...before, nodes: [before.nodes[0] as NodeView, came], edges: [before.edges[1] as EdgeView] };
    expect(meshDelta(before, after, MOST)).toMatchObject({
      nodes: { added: [{ at: 1, value: came }], changed: [], removed: ["a/two"] },
      edges: { added: [], changed: [], removed: ["a/one>a/two"] },
    });
  });

  it("is none where an order changed, or more than was allowed", () => {
    const [first, second] = before.edges as readonly [EdgeView, EdgeView];
    expect(meshDelta(before, { ...before, edges: [second, first] }, MOST)).toBeUndefined();
    expect(meshDelta(before, { ...before, edges: [] }, 1)).toBeUndefined();
    expect(meshDelta(before, { ...before, edges: [{ ...first, bytes: 1 }, { ...second, bytes: 1 }] }, 1)).toBeUndefined();
  });

  it("tells an absent field from one that is null, and names from the cluster from those of JavaScript", () => {
    const odd = { ...before, nodes: [node("a/__proto__"), node("a/constructor")] };
    const after = { ...odd, nodes: [node("a/__proto__"), node("a/constructor", { instances: 2 })] };
    const delta = meshDelta(odd, after, MOST);
    expect(delta?.nodes.changed.map(({ id }) => id)).toEqual(["a/constructor"]);
    expect(withMeshDelta(odd, JSON.parse(JSON.stringify(delta)) as NonNullable<typeof delta>)).toEqual(after);
  });
});

describe("a picture after a change", () => {
  it("keeps every object that the change does not name: who draws sees nothing move", () => {
    const before = meshView({ nodes: [node("a/one"), node("a/two")], edges: [edge("a/one", "a/two"), edge("a/two", "a/one")] });
    const fresh = structuredClone({ ...before, revision: 2, edges: before.edges.map((one, at) => (at === 0 ? { ...one, bytes: 7 } : one)) });
    for (const after of [withMeshDelta(before, meshDelta(before, fresh, MOST) as NonNullable<ReturnType<typeof meshDelta>>), reusedView(before, fresh)]) {
      expect(after).toEqual(fresh);
      expect(after.nodes).toBe(before.nodes);
      expect(after.edges[1]).toBe(before.edges[1]);
      expect(after.totals).toBe(before.totals);
      expect(after.edges[0]).not.toBe(before.edges[0]);
    }
  });
});

/** A mesh that changes by chance: things come, go and change; now and then their order does. */
function changed(view: MeshView, random: () => number): MeshView {
  const pick = (): number => Math.floor(random() * 12);
  const names = [...new Set([...view.nodes.map(({ id }) => id).filter(() => random() > 0.1), ...Array.from({ length: 2 }, () => `n${String(pick() % 3)}/w${String(pick())}`)])].sort();
  const old = new Map(view.nodes.map((one) => [one.id, one]));
  const nodes = names.map((id) => (random() < 0.2 ? node(id, { instances: pick() }) : (old.get(id) ?? node(id))));
  const known = new Map(view.edges.map((one) => [one.id, one]));
  const edges = names.flatMap((client) => names.filter(() => random() < 0.2).map((server) => (random() < 0.5 ? edge(client, server, { bytes: pick() }) : (known.get(`${client}>${server}`) ?? edge(client, server)))));
  const next = { ...view, revision: view.revision + 1, totals: random() < 0.5 ? totals({ workloads: nodes.length }) : view.totals, nodes, edges };
  return structuredClone(random() < 0.1 ? { ...next, edges: [...edges].reverse() } : next);
}

describe("laws, by chance with a seed", () => {
  it.each([1, 2, 3, 4, 5])("seed %i: the changes one after the other, over the wire, make the whole picture, whatever the start", (seed) => {
    const random = randomFrom(seed).next;
    const pictures: MeshView[] = [meshView()];
    while (pictures.length < 60) pictures.push(changed(pictures.at(-1) as MeshView, random));
    for (const start of [0, 7, 31]) {
      let view = pictures[start] as MeshView;
      for (const next of pictures.slice(start + 1)) {
        const delta = meshDelta(view, next, MOST);
        view = delta === undefined ? next : withMeshDelta(view, JSON.parse(JSON.stringify(delta)) as typeof delta);
        expect(view).toEqual(next);
      }
    }
  });
});
