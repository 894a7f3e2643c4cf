/**
 * The playground's clock. It starts with the wall clock, runs `speed` times as fast, and can be moved on.
 *
 * What happened keeps its simulated time; it is shown by its age, so that the present is always the wall clock's
 * and nothing seems to lie in the future: moving the clock on makes everything that happened older.
 */
export interface SimulatedClock {
  now(): number;
  moveOn(ms: number): void;
  /** simulated time as the page shows it */
  shown(simulatedMs: number): number;
  /** a time the page asks about, as simulated time */
  simulated(shownMs: number): number;
}

export function simulatedClock(wallClock: () => number, speed: number): SimulatedClock {
  const startedAtMs = wallClock();
  let movedOnMs = 0;
  const now = (): number => startedAtMs + (wallClock() - startedAtMs) * speed + movedOnMs;
  return {
    now,
    moveOn: (ms) => {
      movedOnMs += ms;
    },
    shown: (simulatedMs) => wallClock() - (now() - simulatedMs),
    simulated: (shownMs) => now() - (wallClock() - shownMs),
  };
}
