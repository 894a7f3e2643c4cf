// A real cluster on which Istio's and the Gateway API's kinds are installed, and accounts to read it with.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubernetesOptions, KubernetesSource } from "../../lib/sources/kubernetes/index.ts";
import { FAST, openSource } from "../sources/kubernetes/following.ts";
import type { RawObject } from "../support/fakeApiServer.ts";
import { RealCluster } from "../support/realCluster.ts";

export interface CrdVersion {
  readonly name: string;
  readonly served: boolean;
  readonly [field: string]: unknown;
}

export interface Crd extends RawObject {
  readonly spec: { readonly group: string; readonly names: { readonly kind: string }; readonly versions: readonly CrdVersion[]; readonly [field: string]: unknown };
}

const CRDS = join(import.meta.dirname, "crds");
const DEPLOY = resolve(import.meta.dirname, "../../deploy");

function readManifests(file: string): readonly RawObject[] {
  return parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS() as RawObject);
}

export function istioCrds(): readonly Crd[] {
  return readdirSync(CRDS).flatMap((file) => readManifests(join(CRDS, file)) as readonly Crd[]);
}

/** The same CRD as it was when some of its versions were not served. */
export function serving(crd: Crd, versions: readonly string[]): Crd {
  return { ...crd, spec: { ...crd.spec, versions: crd.spec.versions.map((version) => ({ ...version, served: versions.includes(version.name) })) } };
}

/** Writes CRDs and waits until the server serves exactly the versions they say. */
export async function install(cluster: RealCluster, crds: readonly Crd[]): Promise<void> {
  await cluster.apply(...crds);
  for (const { spec } of crds) {
    for (const { name, served } of spec.versions) await cluster.client.untilServed(`${spec.group}/${name}`, spec.names.kind, served);
  }
}

export async function uninstall(cluster: RealCluster, crds: readonly Crd[]): Promise<void> {
  await cluster.remove(...crds);
  for (const { spec } of crds) {
    for (const { name } of spec.versions) await cluster.client.untilServed(`${spec.group}/${name}`, spec.names.kind, false);
  }
}

export async function startMeshCluster(): Promise<RealCluster> {
  const cluster = await RealCluster.start();
  await install(cluster, istioCrds());
  return cluster;
}

/** Applies deploy/rbac.yaml as it is shipped; the kubeconfig is of the account it makes. */
export async function installReader(cluster: RealCluster): Promise<string> {
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "istio-system" } });
  await cluster.apply(...readManifests(join(DEPLOY, "rbac.yaml")));
  return cluster.serviceAccount("mtlscope", "mtlscope");
}

/** The real timing, faster; but a real server may be silent for a minute. */
export async function follow(kubeconfigFile: string, given: Partial<KubernetesOptions> = {}): Promise<KubernetesSource> {
  return openSource(kubeconfigFile, { timing: { ...FAST, silenceMs: 120_000 }, ...given });
}
