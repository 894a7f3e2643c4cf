import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Calm, type Heap } from "../../lib/pipeline/thread/calm.ts";

const MEGABYTE = 1_048_576;
/** after so long without a picture or a question */
const CALM_MS = 2_000;
/** a picture that follows another sooner tells of a mesh that is being changed */
const BUSY_MS = 5_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A heap of which 100 MB are needed, and how often it gave the rest back. */
function heapOf(): Heap & { takenMb: number; gaveBack: number } {
  const heap = {
    takenMb: 100,
    gaveBack: 0,
    takenBytes: () => heap.takenMb * MEGABYTE,
    giveBack: () => {
      heap.takenMb = 100;
      heap.gaveBack += 1;
    },
  };
  return heap;
}

test("memory is given back when nothing was asked for a while after a picture, and not between questions", () => {
  const heap = heapOf();
  const calm = new Calm(heap);
  calm.drawn();
  for (let at = 0; at < 8; at += 1) {
    vi.advanceTimersByTime(CALM_MS - 1);
    calm.asked();
  }
  vi.advanceTimersByTime(CALM_MS - 1);
  expect(heap.gaveBack).toBe(0);
  vi.advanceTimersByTime(1);
  expect(heap.gaveBack).toBe(1);
});

test("once: questions alone need no more memory", () => {
  const heap = heapOf();
  const calm = new Calm(heap);
  calm.drawn();
  vi.advanceTimersByTime(CALM_MS);
  heap.takenMb = 200;
  calm.asked();
  vi.advanceTimersByTime(CALM_MS * 10);
  expect(heap.gaveBack).toBe(1);
});

test.each([[31, 1], [32, 2]])("of %i MB more than the thread needs it is given back %i times", (moreMb, gaveBack) => {
  const heap = heapOf();
  const calm = new Calm(heap);
  calm.drawn();
  vi.advanceTimersByTime(BUSY_MS);
  heap.takenMb = 100 + moreMb;
  calm.drawn();
  vi.advanceTimersByTime(CALM_MS);
  expect(heap.gaveBack).toBe(gaveBack);
});

test.each([[BUSY_MS - 1, 0], [BUSY_MS, 1]])("of two pictures %i ms apart the second is followed by giving back %i times", (apartMs, gaveBack) => {
  const heap = heapOf();
  const calm = new Calm(heap);
  calm.drawn();
  vi.advanceTimersByTime(CALM_MS - 1);
  calm.asked();
  vi.advanceTimersByTime(CALM_MS - 1);
  calm.asked();
  vi.advanceTimersByTime(apartMs - 2 * (CALM_MS - 1));
  expect(heap.gaveBack).toBe(0);
  calm.drawn();
  vi.advanceTimersByTime(CALM_MS * 10);
  expect(heap.gaveBack).toBe(gaveBack);
});

test("where Node does not let memory be given back, nothing waits for it", () => {
  const calm = new Calm(null);
  calm.drawn();
  calm.asked();
  expect(vi.getTimerCount()).toBe(0);
});
