import { describe, expect, it } from "vitest";
import type { NodeView } from "#view";
import { nodeSentence, partiesWords } from "../../components/graph/nodeLook.ts";
import { groupAt, partyMark } from "../../components/graph/partyMark.ts";
import type { PartyGroup } from "../../components/graph/parties.ts";

// From far, parties beside a box are one mark: what the pointer finds is what is painted.

const THREE: PartyGroup = { id: "left of foo", members: ["one", "two", "three"], glyph: "external", side: "left", place: { x: 100, y: 200, width: 400, height: 1_000 } };
const VIEWPORT = { zoom: 0.1, pan: { x: 50, y: 20 } };

describe("the mark of three parties at the left of a box", () => {
  it("stands at the right edge of their place, halfway down", () => {
    // 400 model pixels are 40 of the screen, from 60 to 100; the mark is 15 for the glyph, 6 for one digit and 3 between
    expect(partyMark(THREE, VIEWPORT)).toEqual({ place: { x: 76, y: 82.5, width: 24, height: 15 }, isDot: false, number: "3" });
  });

  it.each([
    [{ x: 88, y: 90 }, "left of foo"],
    [{ x: 74, y: 90 }, "left of foo"],
    [{ x: 72, y: 90 }, undefined],
    [{ x: 88, y: 60 }, undefined],
  ])("is found at %o as %s, wherever each of the parties would stand", (point, id) => {
    expect(groupAt([THREE], point, { viewport: VIEWPORT, reach: 3 })?.id).toBe(id);
  });

  it("is a dot where there is no room for it, and found there", () => {
    const viewport = { zoom: 0.03, pan: { x: 0, y: 0 } };
    expect(partyMark(THREE, viewport)).toMatchObject({ isDot: true, number: "" });
    expect(groupAt([THREE], { x: 13, y: 21 }, { viewport, reach: 3 })?.id).toBe("left of foo");
  });

  it("lies below a mark that is painted after it", () => {
    expect(groupAt([THREE, { ...THREE, id: "other" }], { x: 88, y: 90 }, { viewport: VIEWPORT, reach: 0 })?.id).toBe("other");
  });
});

it("one party alone has no number", () => {
  expect(partyMark({ ...THREE, members: ["one"] }, VIEWPORT).number).toBe("");
});

function party(kind: NodeView["kind"], name: string): NodeView {
  return { id: `${kind}:${name}`, kind, namespace: "", name, ownerKind: null, dataPlaneModes: [], instances: 0, accepts: [] };
}

it.each([
  [[party("external", "a.example"), party("external", "b.example")], "2 hosts", "a.example, b.example. Click to see each."],
  [[party("unidentified", "x"), party("unidentified", "y")], "2 senders that nothing names", "Click to see each."],
  [[party("address", "192.0.2.1"), party("unidentified", "x")], "1 address, 1 sender that nothing names", "192.0.2.1. Click to see each."],
  [["a", "b", "c", "d", "e", "f"].map((name) => party("node", name)), "6 nodes", "a, b, c, d and 2 more. Click to see each."],
])("says what parties are and the first of them by name", (nodes, title, sentence) => {
  expect(partiesWords(nodes)).toEqual({ title, sentence });
});

it.each([
  ["api.example.com", "a host outside the mesh"],
  ["db.data.svc.cluster.local", "a Service of the cluster, and no report names its workload"],
  ["PassthroughCluster", "what proxies passed on as it was, without saying where to"],
  ["BlackHoleCluster", "what a client's own proxy refused"],
])("says of %s what stands there", (host, sentence) => {
  expect(nodeSentence(party("external", host))).toBe(sentence);
});
