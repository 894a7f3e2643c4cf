export interface Measured {
  /** of the main thread */
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Whatever else the machine does only adds to a measurement: the quickest of these is nearest to the truth. */
const RUNS = 7;

function once(run: () => unknown): Measured {
  globalThis.gc?.();
  const startedMs = performance.now();
  const start = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(start);
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - startedMs };
}

/** The quickest of several runs, after one that warms the program up. */
export function measured(run: () => unknown): Measured {
  run();
  const all = Array.from({ length: RUNS }, () => once(run));
  return { cpuMs: Math.min(...all.map(({ cpuMs }) => cpuMs)), wallMs: Math.min(...all.map(({ wallMs }) => wallMs)) };
}
