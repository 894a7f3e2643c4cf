// `npm start`: installs what is missing, builds what is stale, serves, prints the address. Node's built-ins only.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { CHECKOUT, ensureBuild, ensureDependencies, pinnedNode } from "./prepare.mjs";

const HELP = `npm start -- [options]

  --playground SCENE   a simulated mesh: \`migration\` or \`shop\`; what opens when nothing else is asked for
  --kubeconfig FILE    the cluster of a kubeconfig (also KUBECONFIG)
  --context NAME       a context of the kubeconfig; its current one when not given
  --prometheus URL     the Prometheus that scrapes the mesh (also PROMETHEUS_URL)
  --port N             port to serve on; 3000 when not given
  --host ADDRESS       loopback address to serve on; 127.0.0.1 when not given
  --help               this text`;

const OPTIONS = {
  playground: { type: "string" },
  kubeconfig: { type: "string" },
  context: { type: "string" },
  prometheus: { type: "string" },
  port: { type: "string" },
  host: { type: "string" },
  help: { type: "boolean" },
};
const USAGE_ERROR = 2;
const KILL_AFTER_MS = 3_000;
const PATIENCE_MS = 60_000;

class UsageError extends Error {}

function options() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(`${error.message.split(". To specify")[0]}\n\n${HELP}`);
  }
}

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

function kubeconfigOf(file) {
  // npm runs scripts in the package's directory; people mean the one they are in
  const path = resolve(process.env.INIT_CWD ?? process.cwd(), file);
  if (!existsSync(path)) throw new UsageError(`--kubeconfig ${file}: no such file (${path})`);
  return path;
}

function prometheusOf(text) {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new UsageError("--prometheus: the URL must begin with http:// or https://");
  return text;
}

function settings(values) {
  const { playground, kubeconfig, context, prometheus } = values;
  if (playground !== undefined && (kubeconfig ?? context ?? prometheus) !== undefined) {
    throw new UsageError("--playground shows a simulated mesh and cannot be combined with --kubeconfig, --context or --prometheus");
  }
  const host = hostOf(values.host);
  const port = portOf(values.port);
  const environment = {
    MTLSCOPE_HOST: host,
    MTLSCOPE_PORT: String(port),
    ...(playground !== undefined && { MTLSCOPE_PLAYGROUND: playground }),
    ...(kubeconfig !== undefined && { MTLSCOPE_KUBECONFIG: kubeconfigOf(kubeconfig) }),
    ...(context !== undefined && { MTLSCOPE_CONTEXT: context }),
    ...(prometheus !== undefined && { PROMETHEUS_URL: prometheusOf(prometheus) }),
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
  const server = spawn(pinnedNode(), ["node_modules/next/dist/bin/next", "start", "--hostname", host, "--port", String(port)], {
    cwd: CHECKOUT,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, ...environment, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
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
  if (view?.mesh.simulated === true) {
    console.log(`It shows the playground, a simulated mesh (scene \`${view.mesh.playground.scene}\`). For a cluster: npm start -- --kubeconfig FILE --prometheus URL`);
  } else if (view !== undefined) {
    console.log(`It shows ${view.mesh.name}.`);
  }
}

async function start() {
  const values = options();
  if (values.help === true) return console.log(HELP);
  const chosen = settings(values);
  if (!(await portIsFree(chosen.host, chosen.port))) {
    throw new Error(`port ${chosen.port} on ${chosen.host} is in use: stop what listens there, or choose another with npm start -- --port N`);
  }
  if (!ensureDependencies()) throw new Error("npm ci failed; the lines above say why");
  if (!ensureBuild()) throw new Error("the build failed; the lines above say why");
  serve(chosen);
  await announce(chosen);
}

try {
  await start();
} catch (error) {
  console.error(`mtlscope: ${error.message}`);
  process.exitCode = error instanceof UsageError ? USAGE_ERROR : 1;
}
