import { spawn, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../test/support/app.ts";
import { watchMemory, type MemoryWatch } from "./processes.ts";

const CHECKOUT = resolve(import.meta.dirname, "../..");

/** mtlscope as a user starts it. */
export interface RunningApp {
  readonly url: string;
  readonly id: number;
  readonly startedMs: number;
  readonly memory: MemoryWatch;
  /** everything it printed */
  output(): string;
  isRunning(): boolean;
  stop(): Promise<void>;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await new Promise((done) => child.once("exit", done));
}

export async function startApp(args: readonly string[]): Promise<RunningApp> {
  const port = await freePort();
  const startedMs = performance.now();
  const child = spawn(process.execPath, ["scripts/start.mjs", "--port", String(port), ...args], { cwd: CHECKOUT, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const memory = watchMemory(child.pid ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    id: child.pid ?? 0,
    startedMs,
    memory,
    output: () => printed,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      memory.stop();
      child.kill("SIGTERM");
      await ended(child);
    },
  };
}

export async function until<T>(what: string, withinMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  for (const deadlineMs = performance.now() + withinMs; performance.now() < deadlineMs; ) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    await sleep(100);
  }
  throw new Error(`${what}: not within ${withinMs / 1000} s`);
}
