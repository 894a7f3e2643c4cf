// The binaries of `npm run test:cluster`: kube-apiserver and etcd, from KUBEBUILDER_ASSETS (envtest's convention) or built once with Go into a cache outside the checkout.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const KUBERNETES = "1.36.1";
const ETCD = "3.6.8";
const PROGRAMS = ["kube-apiserver", "etcd"];
const PACKAGES = { "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver", etcd: "go.etcd.io/etcd/server/v3" };
const HOW_TO_GET_THEM =
  "Either install Go 1.26 or newer, and they are built once (about 8 minutes on 2 cores),\n" +
  "or get envtest's: `go run sigs.k8s.io/controller-runtime/tools/setup-envtest@latest use 1.36 --print path` on a machine that has it,\n" +
  "and set KUBEBUILDER_ASSETS to the folder that holds kube-apiserver and etcd.";

/** Where the built binaries live; the versions are in its name, so a new version is a new build. */
function cacheFolder() {
  const root = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(root, "mtlscope", `kube-${KUBERNETES}-etcd-${ETCD}`);
}

function missingIn(folder) {
  return PROGRAMS.filter((program) => !existsSync(join(folder, program)));
}

function go(folder, args, stdout) {
  const run = spawnSync("go", args, {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
    stdio: ["ignore", stdout, "inherit"],
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.error !== undefined) throw new Error(`go could not be run: ${run.error.message}`);
  if (run.status !== 0) throw new Error(`\`go ${args.join(" ")}\` in ${folder} failed (${run.signal ?? run.status}); the lines above say why`);
  return run.stdout;
}

/**
 * Kubernetes' own go.mod replaces its staging modules with folders of its repository, which holds only there.
 * Here each is replaced with the module published from that folder: v0.36.1 for v1.36.1.
 */
function goModule(folder) {
  writeFileSync(join(folder, "go.mod"), "module mtlscope.test/cluster\n\ngo 1.26.0\n");
  const { GoMod: kubernetesGoMod } = JSON.parse(go(folder, ["mod", "download", "-json", `k8s.io/kubernetes@v${KUBERNETES}`], "pipe"));
  const text = readFileSync(kubernetesGoMod, "utf8");
  const staging = [...text.matchAll(/^\s*(?:replace\s+)?(k8s\.io\/\S+) => \.\/staging\//gm)].map(([, module]) => module);
  const [goLine] = /^go \S+$/m.exec(text) ?? ["go 1.26.0"];
  const version = `v0.${KUBERNETES.split(".").slice(1).join(".")}`;
  return [
    "module mtlscope.test/cluster",
    goLine,
    `require k8s.io/kubernetes v${KUBERNETES}`,
    `require go.etcd.io/etcd/server/v3 v${ETCD}`,
    ...staging.map((module) => `replace ${module} => ${module} ${version}`),
    "",
  ].join("\n\n");
}

function build(folder) {
  if (spawnSync("go", ["version"]).status !== 0) throw new Error(`kube-apiserver and etcd are not in ${folder}, and there is no Go to build them with.\n${HOW_TO_GET_THEM}`);
  console.log(`Building kube-apiserver ${KUBERNETES} and etcd ${ETCD} into ${folder}: about 8 minutes, once.`);
  const source = join(folder, "source");
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, "go.mod"), goModule(source));
  const [major, minor] = KUBERNETES.split(".");
  const version = "k8s.io/component-base/version";
  const linking = `-s -w -X ${version}.gitVersion=v${KUBERNETES} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`;
  for (const program of missingIn(folder).reverse()) {
    go(source, ["build", "-mod=mod", "-trimpath", "-ldflags", linking, "-o", `${program}.unfinished`, PACKAGES[program]], "inherit");
    // a build that was cut off leaves nothing that looks like a program
    renameSync(join(source, `${program}.unfinished`), join(folder, program));
  }
  rmSync(source, { recursive: true, force: true });
}

/** The folder that holds kube-apiserver and etcd; throws an error that says how to get them. */
export function ensureClusterBinaries() {
  const given = process.env.KUBEBUILDER_ASSETS;
  if (given !== undefined && given !== "") {
    const missing = missingIn(given);
    if (missing.length > 0) throw new Error(`KUBEBUILDER_ASSETS is ${given}, where ${missing.join(" and ")} cannot be found.\n${HOW_TO_GET_THEM}`);
    return given;
  }
  const folder = cacheFolder();
  if (missingIn(folder).length > 0) build(folder);
  return folder;
}
