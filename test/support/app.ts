import { spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { join, resolve } from "node:path";

const checkout = resolve(import.meta.dirname, "../..");

/** A running mtlscope, started the way a user starts it. */
export interface RunningApp {
  readonly url: string;
  readonly process: ChildProcess;
  /** everything it printed */
  output(): string;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  return await new Promise((done, failed) => {
    const probe = createServer();
    probe.on("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === "object") done(address.port);
        else failed(new Error("no port was given"));
      });
    });
  });
}

const PATIENCE_SECONDS = 180;

async function untilHealthy(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (const deadlineMs = Date.now() + PATIENCE_SECONDS * 1_000; Date.now() < deadlineMs; ) {
    if (child.exitCode !== null) throw new Error(`mtlscope ended with ${String(child.exitCode)} before it answered:\n${output()}`);
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok === true) return;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error(`mtlscope did not answer on ${url} within ${String(PATIENCE_SECONDS)} s:\n${output()}`);
}

/** Runs `npm start` with arguments on a free port; a stale build is built first, which `npm test` has done already. */
export async function startApp(args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<RunningApp> {
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const child = spawn(process.execPath, [join(checkout, "scripts/start.mjs"), "--port", String(port), ...args], {
    cwd: checkout,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const output = (): string => printed;
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await ended;
  };
  try {
    await untilHealthy(url, child, output);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return { url, process: child, output, stop };
}
