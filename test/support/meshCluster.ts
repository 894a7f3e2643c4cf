// Istio's and the Gateway API's kinds for a real cluster, as far as mtlscope reads them; and the account that deploy/rbac.yaml makes.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import type { RawObject } from "./fakeApiServer.ts";
import { RealCluster } from "./realCluster.ts";

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
