// `npm run bench:mesh` and `npm run soak`: prepares what the program named first needs (built application, servers), then runs it.
import { spawn } from "node:child_process";
import { ensureClusterBinaries } from "./cluster-binaries.mjs";
import { ensureServers } from "./debian.mjs";
import { CHECKOUT, ensureBuild, ensureDependencies, pinnedNode } from "./prepare.mjs";

/** @returns the folder of the cluster's binaries */
async function prepare() {
  if (!(await ensureDependencies())) throw new Error("npm ci failed; the lines above say why");
  ensureServers();
  const binaries = ensureClusterBinaries();
  if (!(await ensureBuild())) throw new Error("the build failed; the lines above say why");
  return binaries;
}

try {
  const binaries = await prepare();
  const bench = spawn(pinnedNode(), process.argv.slice(2), { cwd: CHECKOUT, stdio: "inherit", env: { ...process.env, KUBEBUILDER_ASSETS: binaries } });
  // Ctrl C reaches both; this one waits until the servers are ended
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => bench.kill(signal));
  bench.once("exit", (code) => {
    process.exitCode = code ?? 1;
  });
} catch (error) {
  console.error(`mtlscope: ${error.message}`);
  process.exitCode = 1;
}
