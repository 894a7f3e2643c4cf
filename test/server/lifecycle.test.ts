import { spawnSync } from "node:child_process";
import { connect, createServer, type AddressInfo } from "node:net";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { playgroundScenes } from "../../lib/sources/playground/index.ts";
import { startApp, type RunningApp } from "../support/app.ts";
import { openStream, post } from "./connection.ts";

const checkout = resolve(import.meta.dirname, "../..");
const start = join(checkout, "scripts/start.mjs");
const running: RunningApp[] = [];

async function started(args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<RunningApp> {
  const app = await startApp(args, environment);
  running.push(app);
  return app;
}

afterEach(async () => {
  for (const app of running.splice(0)) await app.stop();
});

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [start, ...args], { cwd: checkout, env: { ...process.env, ...environment }, encoding: "utf8", timeout: 20_000 });
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(`${url}/healthz`).catch(() => undefined))?.ok === true;
}

async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<number> {
  const startedMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedMs > withinMs) throw new Error(`not within ${withinMs} ms`);
    await wait(20);
  }
  return performance.now() - startedMs;
}

describe("start", () => {
  it("without configuration opens the playground and says so, with the address", async () => {
    const app = await started([], { KUBECONFIG: "", PROMETHEUS_URL: "" });
    await until(() => app.output().includes("playground"), 5_000);
    expect(app.output()).toContain(`mtlscope is at ${app.url}`);
    expect(app.output()).toContain("a simulated mesh");
    expect(app.output()).toContain("--kubeconfig FILE");
  });

  it("explains itself", () => {
    const { status, stdout } = run(["--help"]);
    expect(status).toBe(0);
    for (const option of ["--port", "--host", "--playground", "--snapshot", "--kubeconfig", "--context", "--namespaces", "--prometheus"]) expect(stdout).toContain(option);
  });

  it.each([
    [["--bogus"], "--bogus"],
    [["surplus"], "surplus"],
    [["--port", "x"], "--port x"],
    [["--port", "0"], "65535"],
    [["--port", "65536"], "65535"],
    [["--host", "0.0.0.0"], "no login yet"],
    [["--host", "192.168.1.7"], "no login yet"],
    [["--host", "::"], "no login yet"],
    [["--host", "127.evil.example"], "no login yet"],
    [["--kubeconfig", "does-not-exist"], "does-not-exist"],
    [["--prometheus", "ftp://prometheus"], "http://"],
    [["--playground", "migration", "--context", "prod"], "--playground asks for a simulated mesh, --context for a cluster: choose one"],
    [["--playground", "nowhere"], "--playground nowhere: there is no such scene; there are migration and shop"],
    [["--prometheus", "http://127.0.0.1:9090"], "--prometheus URL is of use only with a cluster"],
    [["--namespaces", "shop"], "--namespaces A,B is of use only with a cluster"],
    [["--namespaces", "Shop", "--context", "prod"], "--namespaces: “Shop” is not the name of a namespace"],
    [["--snapshot", start], "this is no saved state of mtlscope"],
    [["--snapshot", "."], "this is no file"],
  ])("%j ends at once with a reason, before anything is installed or built, and says it once", (args, reason) => {
    const { status, stderr, stdout } = run(args, { KUBECONFIG: "", PROMETHEUS_URL: "" });
    expect(stderr.split("mtlscope: ")).toHaveLength(2);
    expect(status).toBe(2);
    expect(stderr).toContain(reason);
    expect(stdout).toBe("");
  });

  it("never repeats a password that stands in the Prometheus URL", () => {
    const { stderr } = run(["--prometheus", "ftp://user:hunter2@prometheus"]);
    expect(stderr).not.toContain("hunter2");
  });

  it("knows every scene that there is", () => {
    const { stderr } = run(["--playground", "nowhere"]);
    expect(stderr).toContain(playgroundScenes().map(({ id }) => id).join(" and "));
  });

  it("a port that is in use ends at once with a reason", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => holder.once("listening", done));
    const { port } = holder.address() as AddressInfo;
    const { status, stderr } = run(["--port", String(port)]);
    holder.close();
    expect(status).toBe(1);
    expect(stderr).toContain(`port ${port}`);
    expect(stderr).toContain("--port");
  });
});

describe("the snapshot command", () => {
  const folder = mkdtempSync(join(tmpdir(), "mtlscope-"));
  const save = (...args: readonly string[]) => spawnSync(process.execPath, [join(checkout, "scripts/snapshot.mjs"), "--playground", "migration", ...args], { env: { ...process.env, INIT_CWD: folder }, encoding: "utf8", timeout: 60_000 });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("names the folder that is not there", () => {
    expect(save("nowhere/a.snapshot")).toMatchObject({ status: 2, stdout: "", stderr: `mtlscope: nowhere/a.snapshot: there is no folder ${join(folder, "nowhere")}; make it first\n` });
  });

  it("replaces a file only where that is asked for", () => {
    writeFileSync(join(folder, "a.snapshot"), "mine");
    expect(save("a.snapshot")).toMatchObject({ status: 2, stdout: "", stderr: "mtlscope: a.snapshot is there already: choose another name, or replace it with --overwrite\n" });
    expect(readFileSync(join(folder, "a.snapshot"), "utf8")).toBe("mine");
    expect(save("--overwrite", "a.snapshot").status).toBe(0);
    expect(readFileSync(join(folder, "a.snapshot")).subarray(0, 2).toString("hex")).toBe("1f8b");
  });
});

describe("a cluster that cannot be reached", () => {
  it("is served all the same: the page says what is wrong, and nothing can be applied", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mtlscope-"));
    const kubeconfig = join(folder, "config");
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "down",
      clusters: [{ name: "down", cluster: { server: "https://127.0.0.1:1" } }],
      users: [{ name: "me", user: { token: "hunter2" } }],
      contexts: [{ name: "down", context: { cluster: "down", user: "me" } }],
    };
    writeFileSync(kubeconfig, JSON.stringify(config));
    const app = await started(["--kubeconfig", kubeconfig]);
    const failing = async (): Promise<boolean> => {
      const text = await (await fetch(`${app.url}/api/v1/mesh`)).text();
      expect(text).not.toContain("hunter2");
      const { mesh, sources } = JSON.parse(text) as { readonly mesh: { readonly name: string; readonly simulated: boolean; readonly playground: unknown }; readonly sources: readonly { readonly state: string; readonly message: string }[] };
      expect(mesh).toMatchObject({ name: "down", simulated: false, playground: null });
      return sources.some(({ state, message }) => state !== "live" && message.includes("127.0.0.1:1"));
    };
    await until(failing, 10_000);
    const ready = await fetch(`${app.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ status: "not ready", because: [expect.stringContaining("127.0.0.1:1") as string] });
    expect(await (await fetch(`${app.url}/metrics`)).text()).not.toContain("hunter2");
    const answer = await post(`${app.url}/api/v1/playground/apply`, { proposal: "mesh" });
    expect(answer.status).toBe(409);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: "not_playground", message: expect.stringContaining("kubectl") as string } });
    expect(app.output()).not.toContain("hunter2");
    rmSync(folder, { recursive: true });
  });
});

describe("end", () => {
  it.each<[NodeJS.Signals]>([["SIGTERM"], ["SIGINT"]])("%s ends within 3 s, event streams and idle connections notwithstanding", async (signal) => {
    const app = await started(["--playground", "migration"]);
    const streams = await Promise.all([1, 2, 3].map(() => openStream(`${app.url}/api/v1/events`)));
    const idle = connect(Number(new URL(app.url).port), "127.0.0.1");
    idle.on("error", () => undefined);
    await new Promise((done) => idle.once("connect", done));
    const askedMs = performance.now();
    const exit = new Promise((done) => app.process.once("exit", done));
    app.process.kill(signal);
    await Promise.all(streams.map(({ ended }) => ended));
    expect(performance.now() - askedMs).toBeLessThan(1_000);
    await exit;
    expect(performance.now() - askedMs).toBeLessThan(3_000);
    expect(await answers(app.url)).toBe(false);
    idle.destroy();
  });

  it("SIGTERM in the first moments ends it as soon", async () => {
    const app = await started(["--playground", "shop"]);
    const exit = new Promise((done) => app.process.once("exit", done));
    const askedMs = performance.now();
    app.process.kill("SIGTERM");
    await exit;
    expect(performance.now() - askedMs).toBeLessThan(3_000);
  });

  it("the server does not outlive a start command that was killed", async () => {
    const app = await startApp(["--playground", "migration"]);
    app.process.kill("SIGKILL");
    await until(async () => !(await answers(app.url)), 3_000);
  });

  it("a browser that goes away leaves the others their stream", async () => {
    const app = await started(["--playground", "migration"]);
    const [gone, there] = await Promise.all([openStream(`${app.url}/api/v1/events`), openStream(`${app.url}/api/v1/events`)]);
    gone.close();
    await there.next();
    const answer = await post(`${app.url}/api/v1/playground/settings`, { accessLogs: false });
    const { revision } = JSON.parse(answer.body) as { readonly revision: number };
    let event = await there.next();
    while (event.data.revision < revision) event = await there.next();
    expect(event.data.revision).toBeGreaterThanOrEqual(revision);
    there.close();
  });
});

describe("the start command", () => {
  it("needs nothing but Node: it explains itself where nothing is installed", () => {
    const folder = mkdtempSync(join(tmpdir(), "mtlscope-"));
    for (const script of ["start.mjs", "meshOptions.mjs", "prepare.mjs", "lock.mjs"]) cpSync(join(checkout, "scripts", script), join(folder, "scripts", script));
    const { status, stdout } = spawnSync(process.execPath, [join(folder, "scripts/start.mjs"), "--help"], { env: { ...process.env, PATH: "/nowhere" }, encoding: "utf8" });
    rmSync(folder, { recursive: true });
    expect(status).toBe(0);
    expect(stdout).toContain("--playground");
  });
});
