import { getHeapStatistics } from "node:v8";

/** Nothing was asked or drawn for so long. */
const CALM_MS = 2_000;
/** Pictures that follow each other so soon tell of a mesh that is being changed: who changes it waits for the next one. */
const BUSY_MS = 5_000;
/** less is not worth holding up the thread */
const WORTH_BYTES = 32 * 1_048_576;

/** How much a thread's objects have taken from the system, in its heap and outside, and how it gives back what it does not need. */
export interface Heap {
  readonly takenBytes: () => number;
  readonly giveBack: () => void;
}

/** @returns `null` where Node was not started with `--expose-gc` */
export function threadHeap(): Heap | null {
  const { gc } = globalThis;
  if (gc === undefined) return null;
  return {
    takenBytes: () => {
      const { total_heap_size: heap, external_memory: outside } = getHeapStatistics();
      return heap + outside;
    },
    giveBack: () => {
      gc({ type: "major", execution: "sync", flavor: "last-resort" });
    },
  };
}

/**
 * Gives memory back in calm moments. A refresh of a large mesh makes all of it anew before the old is let go, and V8 keeps the room for both: half as
 * much again as lives. Giving it back stops the thread for a second, so it waits until nobody is likely to want anything.
 */
export class Calm {
  readonly #heap: Heap | null;
  #neededBytes = 0;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(heap: Heap | null) {
    this.#heap = heap;
  }

  /** A picture was made. */
  drawn(): void {
    const nowMs = performance.now();
    const isBusy = nowMs - this.#drawnMs < BUSY_MS;
    this.#drawnMs = nowMs;
    this.#cancel();
    if (!isBusy) this.#wait();
  }

  /** Something was asked: what follows it comes soon, if at all. */
  asked(): void {
    if (this.#timer === null) return;
    this.#cancel();
    this.#wait();
  }

  #cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(): void {
    const heap = this.#heap;
    if (heap === null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#rest(heap);
    }, CALM_MS).unref();
  }

  #rest({ takenBytes, giveBack }: Heap): void {
    if (takenBytes() - this.#neededBytes < WORTH_BYTES) return;
    giveBack();
    this.#neededBytes = takenBytes();
  }
}
