import type { ControlPlane, UnreadObject } from "#mesh";
import { environment, SHARED_MESH_CONFIG } from "./mapControlPlane.ts";
import type { Scope } from "./resources.ts";
import { deploymentSchema } from "./schema.ts";

/** One istiod Deployment: what the engine needs of it, and what leads to the mesh's configuration. */
export interface Istiod {
  readonly kind: "Istiod";
  readonly controlPlane: ControlPlane | UnreadObject;
  readonly namespace: string;
  readonly revision: string;
  /** `null` where its arguments do not say */
  readonly clusterDomain: string | null;
  /** a ConfigMap of the user's that istiod merges under its own; mtlscope does not. Its name is `null` where that stands in another object */
  readonly sharedMeshConfig: { readonly name: string | null } | null;
}

function argumentOf(args: readonly string[], flag: string): string | undefined {
  const at = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  return args[at] === flag ? args[at + 1] : args[at]?.slice(flag.length + 1);
}

export function readIstiod(raw: unknown, controlPlane: ControlPlane | UnreadObject): Istiod {
  const read = deploymentSchema.safeParse(raw);
  const containers = read.success ? (read.data.spec.template.spec.containers ?? []) : [];
  const clusterDomain = containers.map(({ args }) => argumentOf(args ?? [], "--domain")).find((domain) => domain !== undefined && domain !== "") ?? null;
  const revision = "revision" in controlPlane ? controlPlane.revision : (controlPlane.name ?? "").replace(/^istiod-?/, "");
  const name = environment(containers).get(SHARED_MESH_CONFIG);
  const sharedMeshConfig = name === undefined || name === "" ? null : { name };
  return { kind: "Istiod", controlPlane, namespace: controlPlane.namespace ?? "", revision, clusterDomain, sharedMeshConfig };
}

/** The ConfigMap in which istiod of a revision reads the mesh configuration. */
export function configMapName(revision: string): string {
  return revision === "default" || revision === "" ? "istio" : `istio-${revision}`;
}

const MERGED = `istiod merges this shared mesh configuration (${SHARED_MESH_CONFIG}) under its own, and mtlscope does not read it`;
const UNNAMED = `istiod merges a shared mesh configuration under its own, and takes its name (${SHARED_MESH_CONFIG}) from another object, which is not read`;

/** Mesh configuration that is known to exist, or not known not to, and was not read. */
export function unreadMeshConfigs(istiods: readonly Istiod[], followed: number): readonly UnreadObject[] {
  const shared = istiods.flatMap(({ namespace, sharedMeshConfig }) => (sharedMeshConfig === null ? [] : [{ namespace, ...sharedMeshConfig }]));
  return [
    ...shared.map((scope) => ({ kind: "MeshConfig", ...scope, field: null, because: scope.name === null ? UNNAMED : MERGED })),
    ...(followed > 0 ? [] : [{ kind: "MeshConfig", namespace: null, name: null, field: null, because: "which ConfigMaps hold it is not known until istiod's Deployments have been read" }]),
  ];
}

export interface MeshConfigHints {
  readonly istiods: readonly Istiod[];
  /** revisions that proxies name, used where no istiod is in sight: it may run in another cluster */
  readonly proxyRevisions: readonly string[];
  readonly istioNamespace: string;
}

/** The ConfigMaps to read, by name: of every istiod, or of every revision that proxies name and of the default one. */
export function meshConfigScopes({ istiods, proxyRevisions, istioNamespace }: MeshConfigHints): readonly Scope[] {
  const found = istiods.map(({ namespace, revision }) => ({ namespace, name: configMapName(revision) }));
  const guessed = ["default", ...proxyRevisions].map((revision) => ({ namespace: istioNamespace, name: configMapName(revision) }));
  return [...new Map((found.length > 0 ? found : guessed).map((scope) => [`${scope.namespace}/${scope.name}`, scope])).values()];
}
