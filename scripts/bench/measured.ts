export interface Measured {
  /** of the main thread */
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Whatever else the machine does only adds to a measurement: the quickest of these is nearest to the truth. */
const RUNS = 7;

function once<T>(run: (prepared: T) => unknown, prepare: () => T): Measured {
  const prepared = prepare();
  globalThis.gc?.();
  const startedMs = performance.now();
  const start = process.threadCpuUsage();
  run(prepared);
  const { user, system } = process.threadCpuUsage(start);
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - startedMs };
}

/** The quickest of several runs, after one that warms the program up; each is handed what was prepared for it, which is not measured. */
export function measuredWith<T>(prepare: () => T, run: (prepared: T) => unknown): Measured {
  run(prepare());
  const all = Array.from({ length: RUNS }, () => once(run, prepare));
  return { cpuMs: Math.min(...all.map(({ cpuMs }) => cpuMs)), wallMs: Math.min(...all.map(({ wallMs }) => wallMs)) };
}

export function measured(run: () => unknown): Measured {
  return measuredWith(() => null, run);
}
