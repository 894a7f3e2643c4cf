// `npm run test:cluster`: the tests against a real kube-apiserver; ends with one line `N passed, N failed`.
import { ensureClusterBinaries } from "./cluster-binaries.mjs";
import { ensureChromium, ensureKubectl } from "./debian.mjs";
import { ensureBuild, ensureDependencies } from "./prepare.mjs";
import { Run } from "./suites.mjs";

const run = new Run("cluster");
let binaries = "";
let kubectl = "";
const ready = (await run.check("dependencies of the cluster tests", () => ensureDependencies())) && (await run.check("kube-apiserver and etcd", () => {
  binaries = ensureClusterBinaries();
}));
const equipped = ready && (await run.check("kubectl", () => {
  kubectl = ensureKubectl();
})) && (await run.check("browser", () => ensureChromium()));
const built = equipped && (await run.check("build", () => ensureBuild()));
if (built) run.suite("cluster", "test/rules/vitest.cluster.mjs", { KUBEBUILDER_ASSETS: binaries, KUBECTL_FOLDER: kubectl });
run.end();
