// `npm start`: installs what is missing, builds what is stale, serves, prints the address. Node's built-ins only.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { excludesClusters, MESH_HELP, MESH_OPTIONS, meshEnvironment, parseOptions, savedState, USAGE_ERROR, UsageError } from "./meshOptions.mjs";
import { CHECKOUT, ensureBuild, ensureDependencies, pinnedNode } from "./prepare.mjs";

const HELP = `npm start -- [options]

Without options it opens the playground.

${MESH_HELP}
  --snapshot FILE      a saved state (npm run -s snapshot -- FILE)
  --port N             port to serve on; 3000 when not given
  --host ADDRESS       loopback address to serve on; 127.0.0.1 when not given
  --help               this text`;

const OPTIONS = {
  ...MESH_OPTIONS,
  snapshot: { type: "string" },
  port: { type: "string" },
  host: { type: "string" },
  help: { type: "boolean" },
};
// V8 lets garbage of young objects grow to 64 MB per thread, and that of old ones the more the more memory there is.
// The serving thread needs 50 MB; that which reads the mesh has limits of its own, and gives memory back when it has nothing to do.
const THRIFTY = ["--max-semi-space-size=16", "--max-old-space-size=768", "--expose-gc"];
// glibc gives back only what was at the end of a heap: one heap for all threads, and what is received (16 kB of TLS at a time) no part of it, is 60 MB less.
const THRIFTY_ALLOCATION = { MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "8192" };
const KILL_AFTER_MS = 3_000;
const PATIENCE_MS = 60_000;

function portOf(text = "3000") {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new UsageError(`--port ${text}: a port is a number from 1 to 65535`);
  return port;
}

function hostOf(host = "127.0.0.1") {
  if (host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)) return host;
  throw new UsageError(
    `--host ${host}: whoever reaches this address would see the mesh, and mtlscope has no login yet, so it serves on loopback addresses only.\n` +
      "To look at it from another machine, use a tunnel: ssh -L 3000:127.0.0.1:3000 HOST",
  );
}

function settings(values) {
  excludesClusters("snapshot", "a saved state", values);
  if (values.snapshot !== undefined && values.playground !== undefined) throw new UsageError("--snapshot shows a saved state and cannot be combined with --playground");
  const host = hostOf(values.host);
  const port = portOf(values.port);
  const environment = {
    MTLSCOPE_HOST: host,
    MTLSCOPE_PORT: String(port),
    ...meshEnvironment(values),
    ...(values.snapshot !== undefined && { MTLSCOPE_SNAPSHOT: savedState("snapshot", values.snapshot) }),
  };
  return { host, port, environment };
}

/** Asked before the build, so that nobody waits a minute for this answer. */
function portIsFree(host, port) {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once("error", (error) => (error.code === "EADDRINUSE" ? done(false) : failed(error)));
    probe.listen(port, host, () => probe.close(() => done(true)));
  });
}

/** The server ends when this process asks it to, and by itself when the channel to this process breaks. */
function serve({ host, port, environment }) {
  const server = spawn(pinnedNode(), [...THRIFTY, "node_modules/next/dist/bin/next", "start", "--hostname", host, "--port", String(port)], {
    cwd: CHECKOUT,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...THRIFTY_ALLOCATION, ...process.env, ...environment, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    server.kill("SIGTERM");
    setTimeout(() => server.kill("SIGKILL"), KILL_AFTER_MS).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  server.once("exit", (code) => process.exit(stopping ? 0 : (code ?? 1)));
}

async function ask(url) {
  try {
    const answer = await fetch(url);
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}

async function untilServing(url) {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += 50) {
    if ((await ask(`${url}/healthz`)) !== undefined) return true;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  return false;
}

async function announce({ host, port }) {
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (!(await untilServing(url))) return console.error(`the server has not answered on ${url} for ${PATIENCE_MS / 1000} s`);
  const view = await ask(`${url}/api/v1/mesh`);
  console.log(`mtlscope is at ${url}`);
  if (view !== undefined && view.mesh.savedAtMs !== null) {
    console.log(`It shows ${view.mesh.name} as it was saved at ${new Date(view.mesh.savedAtMs).toISOString()}; nothing is read again.`);
  } else if (view?.mesh.simulated === true) {
    console.log(`It shows the playground, a simulated mesh (scene \`${view.mesh.playground.scene}\`). For a cluster: npm start -- --kubeconfig FILE --prometheus URL`);
  } else if (view !== undefined) {
    console.log(`It shows ${view.mesh.name}.`);
  }
}

async function start() {
  const { values } = parseOptions({ options: OPTIONS, allowPositionals: false }, HELP);
  if (values.help === true) return console.log(HELP);
  const chosen = settings(values);
  if (!(await portIsFree(chosen.host, chosen.port))) {
    throw new Error(`port ${chosen.port} on ${chosen.host} is in use: stop what listens there, or choose another with npm start -- --port N`);
  }
  if (!(await ensureDependencies())) throw new Error("npm ci failed; the lines above say why");
  if (!(await ensureBuild())) throw new Error("the build failed; the lines above say why");
  serve(chosen);
  await announce(chosen);
}

try {
  await start();
} catch (error) {
  console.error(`mtlscope: ${error.message}`);
  process.exitCode = error instanceof UsageError ? USAGE_ERROR : 1;
}
