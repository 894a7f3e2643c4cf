import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

// Several `npm start` and `npm test` at once in one checkout: one installs and builds, the others wait for it.

const SCRIPTS = resolve(import.meta.dirname, "../../scripts");
const root = mkdtempSync(join(tmpdir(), "mtlscope-prepare-"));
let folder = "";
let count = 0;

beforeEach(() => {
  count += 1;
  folder = join(root, String(count));
  mkdirSync(join(folder, "scripts"), { recursive: true });
  for (const script of ["prepare.mjs", "lock.mjs"]) cpSync(join(SCRIPTS, script), join(folder, "scripts", script));
  // stands for npm: it says when it begins and ends, and is not quick
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/npm"), '#!/bin/sh\necho begin >> "$JOURNAL"\nsleep "$SECONDS_TO_INSTALL" & echo $! > "$JOURNAL.sleeper"; wait\necho end >> "$JOURNAL"\n', { mode: 0o755 });
  writeFileSync(join(folder, "package-lock.json"), "{}");
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

function install(seconds: number): ChildProcess {
  const code = `import { ensureDependencies } from "./scripts/prepare.mjs"; process.exitCode = (await ensureDependencies()) ? 0 : 1;`;
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`, JOURNAL: join(folder, "journal"), SECONDS_TO_INSTALL: String(seconds) };
  return spawn(process.execPath, ["--input-type=module", "-e", code], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  return await new Promise((done) => child.once("exit", done));
}

function journal(): readonly string[] {
  return existsSync(join(folder, "journal")) ? readFileSync(join(folder, "journal"), "utf8").trim().split("\n") : [];
}

async function begun(): Promise<void> {
  while (!existsSync(join(folder, "journal.sleeper"))) await new Promise((wake) => setTimeout(wake, 20));
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}

describe("installing", () => {
  it("happens once for three that start together", async () => {
    expect(await Promise.all([install(0.5), install(0.5), install(0.5)].map(exitOf))).toEqual([0, 0, 0]);
    expect(journal()).toEqual(["begin", "end"]);
  });

  it("says for whom it waits", async () => {
    const first = install(1);
    await begun();
    const second = install(1);
    let printed = "";
    second.stdout?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    expect(await Promise.all([exitOf(first), exitOf(second)])).toEqual([0, 0]);
    expect(printed).toContain(`waiting for another run to finish installing or building (process ${first.pid ?? 0})`);
  });

  it("goes on after one that was killed in the middle", async () => {
    const first = install(30);
    await begun();
    first.kill("SIGKILL");
    await exitOf(first);
    process.kill(Number(readFileSync(join(folder, "journal.sleeper"), "utf8")), "SIGKILL");
    expect(await Promise.all([install(0.1), install(0.1)].map(exitOf))).toEqual([0, 0]);
    expect(journal().filter((line) => line === "begin")).toHaveLength(2);
  });

  it("goes on where a lock was left by a process that no longer speaks", async () => {
    mkdirSync(join(folder, ".cache"));
    writeFileSync(join(folder, ".cache/prepare.lock"), String(process.pid));
    utimesSync(join(folder, ".cache/prepare.lock"), new Date(0), new Date(0));
    expect(await exitOf(install(0.1))).toBe(0);
  });

  it("ends, with all that it started, when it is asked to", async () => {
    const child = install(30);
    await begun();
    const sleeper = Number(readFileSync(join(folder, "journal.sleeper"), "utf8"));
    child.kill("SIGTERM");
    expect(await exitOf(child)).toBe(143);
    await expect.poll(() => isRunning(sleeper), { timeout: 2_000 }).toBe(false);
    expect(existsSync(join(folder, ".cache/prepare.lock"))).toBe(false);
  });
});

describe("which Node runs mtlscope", () => {
  function chosen(version: string): string {
    const code = `import { pinnedNode } from "./scripts/prepare.mjs"; try { console.log(pinnedNode(${JSON.stringify(version)})) } catch (error) { console.log(error.message) }`;
    return execFileSync(process.execPath, ["--input-type=module", "-e", code], { cwd: folder, encoding: "utf8" }).trim();
  }

  function pin(script: string): string {
    const binary = join(folder, `node_modules/node-linux-${process.arch}/bin/node`);
    mkdirSync(dirname(binary), { recursive: true });
    writeFileSync(binary, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return binary;
  }

  it("is the pinned one where it can run, however old the other is", () => {
    const pinned = pin("echo v24.21.0");
    expect(chosen("20.20.0")).toBe(pinned);
  });

  it.each(["22.18.0", "23.6.0", "24.0.0", "25.1.0"])("is the one that is there, %s, where the pinned one is missing or cannot run", (version) => {
    expect(chosen(version)).toBe(process.execPath);
    pin("exit 127");
    expect(chosen(version)).toBe(process.execPath);
  });

  it.each(["20.20.0", "22.17.1", "23.5.0"])("is none where that is %s: it says which is needed", (version) => {
    expect(chosen(version)).toBe(`mtlscope runs on Node 22.18 or newer: this is Node ${version}, and npm ci installs a newer one on Linux with glibc (x64, arm64) only. Install a newer Node, then try again`);
    pin("exit 127");
    expect(chosen(version)).toBe(`mtlscope runs on Node 22.18 or newer: this is Node ${version}, and the Node that npm ci installed for it cannot run here (it needs Linux with glibc). Install a newer Node, then try again`);
  });
});
