import { readdirSync, readFileSync } from "node:fs";

const PERIOD_MS = 250;

interface ProcessStatus {
  readonly parent: number;
  readonly rssKb: number;
}

function statusOf(id: string): ProcessStatus | undefined {
  try {
    const text = readFileSync(`/proc/${id}/status`, "utf8");
    return { parent: Number(/^PPid:\s+(\d+)/m.exec(text)?.[1]), rssKb: Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? 0) };
  } catch {
    // it ended in between
    return undefined;
  }
}

function processes(): ReadonlyMap<number, ProcessStatus> {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Map(ids.flatMap((id) => {
    const status = statusOf(id);
    return status === undefined ? [] : [[Number(id), status] as const];
  }));
}

function descendants(of: number, all: ReadonlyMap<number, ProcessStatus>): readonly number[] {
  const children = [...all].filter(([, { parent }]) => parent === of).map(([id]) => id);
  return children.flatMap((child) => [child, ...descendants(child, all)]);
}

/** Processor time that everything below a process has used, in milliseconds. */
export function processorMsBelow(starter: number): number {
  return descendants(starter, processes()).reduce((sum, id) => sum + processorMs(id), 0);
}

/** `utime` and `stime` of proc(5), in hundredths of a second; the name before them may hold anything. */
function processorMs(id: number): number {
  try {
    const text = readFileSync(`/proc/${id}/stat`, "utf8");
    const [user = 0, system = 0] = text.slice(text.lastIndexOf(")") + 2).split(" ").slice(11, 13).map(Number);
    return (user + system) * 10;
  } catch {
    // it ended in between
    return 0;
  }
}

/** Resident memory of everything below a process, in MB; the process itself only starts and waits. */
export function memoryBelow(starter: number): number {
  const all = processes();
  return descendants(starter, all).reduce((sum, id) => sum + (all.get(id)?.rssKb ?? 0), 0) / 1024;
}

export interface MemoryWatch {
  /** since the watch began */
  readonly peakMb: number;
  stop(): void;
}

export function watchMemory(starter: number): MemoryWatch {
  let peakMb = 0;
  const look = (): void => {
    peakMb = Math.max(peakMb, memoryBelow(starter));
  };
  const timer = setInterval(look, PERIOD_MS);
  return {
    get peakMb() {
      look();
      return peakMb;
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}
