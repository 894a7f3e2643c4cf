import type { ControlPlane, UnreadObject } from "#mesh";
import type { Scope } from "./resources.ts";

/** One istiod Deployment: what the engine needs of it, and what leads to the mesh's configuration. */
export interface Istiod {
  readonly kind: "Istiod";
  readonly controlPlane: ControlPlane | UnreadObject;
  readonly namespace: string;
  readonly revision: string;
  /** `null` where its arguments do not say */
  readonly clusterDomain: string | null;
}

interface RawDeployment {
  readonly metadata?: { readonly namespace?: unknown; readonly labels?: Readonly<Record<string, unknown>> | null } | null;
  readonly spec?: { readonly template?: { readonly spec?: { readonly containers?: readonly { readonly args?: readonly unknown[] | null }[] | null } | null } | null } | null;
}

function argumentOf(args: readonly unknown[], flag: string): string | null {
  const at = args.findIndex((arg) => arg === flag || (typeof arg === "string" && arg.startsWith(`${flag}=`)));
  const arg = args[at];
  if (typeof arg !== "string") return null;
  const value = arg === flag ? args[at + 1] : arg.slice(flag.length + 1);
  return typeof value === "string" && value !== "" ? value : null;
}

export function readIstiod(raw: unknown, controlPlane: ControlPlane | UnreadObject): Istiod {
  const { metadata, spec } = (raw ?? {}) as RawDeployment;
  const containers = Array.isArray(spec?.template?.spec?.containers) ? spec.template.spec.containers : [];
  const domains = containers.map((container) => argumentOf(Array.isArray(container.args) ? container.args : [], "--domain"));
  const label = metadata?.labels?.["istio.io/rev"];
  const revision = "revision" in controlPlane ? controlPlane.revision : typeof label === "string" ? label : "default";
  const namespace = typeof metadata?.namespace === "string" ? metadata.namespace : "";
  return { kind: "Istiod", controlPlane, namespace, revision, clusterDomain: domains.find((domain) => domain !== null) ?? null };
}

/** The ConfigMap in which istiod of a revision reads the mesh configuration. */
export function configMapName(revision: string): string {
  return revision === "default" || revision === "" ? "istio" : `istio-${revision}`;
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
