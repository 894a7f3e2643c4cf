import { describe, expect, it } from "vitest";
import type { Rectangle } from "#view";
import { curveBetween, loopOn, parallels, pointOn } from "../../components/graph/curve.ts";
import { lineFinder } from "../../components/graph/edgeAt.ts";
import { extentOf, fitting } from "../../components/graph/fitting.ts";
import { markPlaces } from "../../components/graph/markPlaces.ts";
import { Routes } from "../../components/graph/routes.ts";

const LEFT = { x: 0, y: 0, width: 100, height: 40 };
const RIGHT = { x: 500, y: 0, width: 100, height: 40 };
const ALONE = { index: 0, count: 1, turned: false };

describe("curves", () => {
  it("runs one edge straight from border to border", () => {
    expect(curveBetween(LEFT, RIGHT, ALONE)).toMatchObject({ straight: true, start: { x: 100, y: 20 }, end: { x: 500, y: 20 } });
  });

  it("keeps an edge and the one that answers it apart", () => {
    const among = parallels([
      { id: "there", client: "a", server: "b" },
      { id: "back", client: "b", server: "a" },
    ]);
    const there = pointOn(curveBetween(LEFT, RIGHT, among.get("there") ?? ALONE), 0.5);
    const back = pointOn(curveBetween(RIGHT, LEFT, among.get("back") ?? ALONE), 0.5);
    expect(Math.abs(there.y - back.y)).toBeGreaterThan(10);
  });

  it("keeps a thousand parallel edges in one bundle", () => {
    const outermost = pointOn(curveBetween(LEFT, RIGHT, { index: 999, count: 1000, turned: false }), 0.5);
    expect(Math.abs(outermost.y - 20)).toBeLessThan(150);
  });

  it("leads round the nodes between, where a small detour is enough", () => {
    const between = { x: 250, y: 0, width: 100, height: 40 };
    const wall = { x: 250, y: -2000, width: 100, height: 4000 };
    const yAtMiddle = (others: readonly Rectangle[], edges: number) => pointOn(new Routes([LEFT, RIGHT, ...others], edges).between(LEFT, RIGHT, ALONE), 0.5).y;
    expect(yAtMiddle([], 1)).toBe(20);
    expect(Math.abs(yAtMiddle([between], 1) - 20)).toBeGreaterThan(20);
    expect(yAtMiddle([wall], 1)).toBe(20);
    expect(yAtMiddle([between], 5000)).toBe(20);
  });

  it("draws a loop outside its node", () => {
    const middle = pointOn(loopOn(LEFT), 0.5);
    expect(middle.y < 0 || middle.x > 100).toBe(true);
  });
});

describe("the pointer", () => {
  const find = lineFinder([
    { id: "flat", curve: curveBetween(LEFT, RIGHT, ALONE) },
    { id: "steep", curve: curveBetween(LEFT, { x: 500, y: 400, width: 100, height: 40 }, ALONE) },
    { id: "loop", curve: loopOn(RIGHT) },
  ]);

  it("finds the line it lies on, and of two the nearer", () => {
    expect(find({ x: 300, y: 23 }, 6)).toBe("flat");
    expect(find({ x: 300, y: 218 }, 6)).toBe("steep");
    expect(find(pointOn(loopOn(RIGHT), 0.5), 2)).toBe("loop");
  });

  it("finds nothing out of reach", () => {
    expect(find({ x: 300, y: 40 }, 6)).toBeNull();
    expect(find({ x: 5000, y: -5000 }, 6)).toBeNull();
  });
});

describe("marks", () => {
  const curve = curveBetween(LEFT, RIGHT, ALONE);

  it("stand at the middle", () => {
    expect(markPlaces([{ id: "one", curve }], [LEFT, RIGHT]).get("one")).toEqual({ x: 300, y: 20 });
  });

  it("do not stand on a node that lies across", () => {
    const across = { x: 260, y: 0, width: 80, height: 40 };
    const place = markPlaces([{ id: "one", curve }], [LEFT, RIGHT, across]).get("one");
    expect(place?.x === undefined || place.x < 251 || place.x > 349).toBe(true);
  });

  it("give way to the one that chose first", () => {
    const places = markPlaces([{ id: "first", curve }, { id: "second", curve }], []);
    expect(places.get("first")).toEqual({ x: 300, y: 20 });
    expect(Math.abs((places.get("second")?.x ?? 300) - 300)).toBeGreaterThanOrEqual(18);
  });
});

describe("fit", () => {
  it("shows everything, in the middle", () => {
    const { zoom, pan } = fitting({ x: -100, y: -100, width: 2000, height: 1000 }, { width: 1000, height: 800 });
    expect(zoom).toBeCloseTo(0.476, 3);
    expect(pan.x + 900 * zoom).toBeCloseTo(500, 1);
  });

  it("does not blow a small mesh up", () => {
    expect(fitting({ x: 0, y: 0, width: 150, height: 80 }, { width: 1000, height: 800 }).zoom).toBe(1.15);
  });

  it("is of what is shown: hidden boxes and nodes are not", () => {
    const box = (x: number, hidden: boolean) => ({ id: String(x), namespace: "foo", accepts: "", label: "", x, y: -20, width: 200, height: 100, hidden });
    const party = (x: number, hidden: boolean) => ({ id: String(x), label: "", centre: { x: x + 50, y: 20 }, place: { x, y: 0, width: 100, height: 140 }, box: null, look: { shape: "party", glyph: "unidentified", letter: null }, hidden }) as const;
    expect(extentOf({ boxes: [box(0, false), box(-900, true)], nodes: [party(300, false), party(5000, true)] })).toEqual({ x: 0, y: -20, width: 400, height: 160 });
    expect(extentOf({ boxes: [box(0, true)], nodes: [] })).toBeNull();
  });
});
