import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Calm, type Heap } from "../../lib/pipeline/thread/calm.ts";

const MEGABYTE = 1_048_576;
const CALM_MS = 60;

/** A heap of which 100 MB are needed, and how often it gave the rest back. */
function heapOf(): Heap & { takenMb: number; gaveBack: number } {
  return {
    takenMb: 100,
    gaveBack: 0,
    takenBytes() {
      return this.takenMb * MEGABYTE;
    },
    giveBack() {
      this.takenMb = 100;
      this.gaveBack += 1;
    },
  };
}

function calmOf(heap: Heap, busyMs = 0): Calm {
  return new Calm({ takenBytes: () => heap.takenBytes(), giveBack: () => { heap.giveBack(); } }, { calmMs: CALM_MS, busyMs });
}

test("memory is given back when nothing was asked for a while after a picture, and not between questions", async () => {
  const heap = heapOf();
  const calm = calmOf(heap);
  calm.drawn();
  for (let at = 0; at < 8; at += 1) {
    calm.asked();
    await sleep(CALM_MS / 4);
  }
  expect(heap.gaveBack).toBe(0);
  await sleep(CALM_MS * 3);
  expect(heap.gaveBack).toBe(1);
});

test("what is hardly more than the thread needs is left to it", async () => {
  const heap = heapOf();
  const calm = calmOf(heap);
  calm.drawn();
  await sleep(CALM_MS * 3);
  heap.takenMb = 120;
  calm.drawn();
  await sleep(CALM_MS * 3);
  expect(heap.gaveBack).toBe(1);
  heap.takenMb = 170;
  calm.drawn();
  await sleep(CALM_MS * 3);
  expect(heap.gaveBack).toBe(2);
});

test("while a mesh is being changed nobody waits for that", async () => {
  const heap = heapOf();
  const calm = calmOf(heap, CALM_MS * 10);
  calm.drawn();
  await sleep(CALM_MS / 4);
  calm.drawn();
  await sleep(CALM_MS * 3);
  expect(heap.gaveBack).toBe(0);
});
