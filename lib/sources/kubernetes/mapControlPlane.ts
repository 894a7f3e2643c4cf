import type { ControlPlane, MeshConfig } from "#mesh";
import { CONTROL_PLANE_VARIABLES, DEFAULT_MESH_CONFIG, PROXY_VARIABLES } from "#mesh";
import { parse as parseYaml } from "yaml";
import type { z } from "zod";
import { mapLabels, Misread, parse } from "./parse.ts";
import type { metadataSchema } from "./schema.ts";
import { configMapSchema, deploymentSchema, meshConfigSchema } from "./schema.ts";

type Metadata = z.infer<typeof metadataSchema>;
type RawMeshConfig = NonNullable<z.infer<typeof meshConfigSchema>>;

const MESH_CONFIG_NAME = /^istio(?:-(.+))?$/;
const OTHER_CONFIG_MAPS = /^istio-(?:ca-root-cert|ca-crl|sidecar-injector.*|cni-config|cni.*|gateway-.*|leader|namespace-controller-election|validation-.*|status-leader|.*-leader)$/;

function readYaml(text: string): unknown {
  try {
    return parseYaml(text) as unknown;
  } catch (error) {
    throw new Misread("data.mesh", error instanceof Error ? (error.message.split("\n")[0] ?? "not YAML") : "not YAML");
  }
}

function exportTo(written: readonly string[] | null | undefined): readonly string[] {
  return written === null || written === undefined || written.length === 0 ? ["*"] : written;
}

function outboundMode(policy: RawMeshConfig["outboundTrafficPolicy"]): MeshConfig["outboundTrafficPolicyMode"] {
  if (policy === null || policy === undefined) return DEFAULT_MESH_CONFIG.outboundTrafficPolicyMode;
  return policy.mode === "ALLOW_ANY" ? "ALLOW_ANY" : "REGISTRY_ONLY";
}

function ofEveryProxy({ defaultConfig }: RawMeshConfig): Pick<MeshConfig, "statusPort" | "unfollowed"> {
  const { statusPort, interceptionMode, proxyMetadata } = defaultConfig ?? {};
  const variables = [...PROXY_VARIABLES].filter((name) => Object.hasOwn(proxyMetadata ?? {}, name));
  const unfollowed = [...(interceptionMode === "NONE" ? ["interceptionMode"] : []), ...variables.map((name) => `proxyMetadata.${name}`)];
  return { statusPort: statusPort ?? DEFAULT_MESH_CONFIG.statusPort, ...(unfollowed.length === 0 ? {} : { unfollowed }) };
}

function written(config: RawMeshConfig): Omit<MeshConfig, "kind" | "namespace" | "name" | "revision"> {
  return {
    rootNamespace: config.rootNamespace ?? DEFAULT_MESH_CONFIG.rootNamespace,
    trustDomain: config.trustDomain ?? DEFAULT_MESH_CONFIG.trustDomain,
    trustDomainAliases: config.trustDomainAliases ?? [],
    caTrustDomains: (config.caCertificates ?? []).flatMap(({ trustDomains }) => trustDomains ?? []),
    enableAutoMtls: config.enableAutoMtls ?? DEFAULT_MESH_CONFIG.enableAutoMtls,
    outboundTrafficPolicyMode: outboundMode(config.outboundTrafficPolicy),
    defaultServiceExportTo: exportTo(config.defaultServiceExportTo),
    defaultDestinationRuleExportTo: exportTo(config.defaultDestinationRuleExportTo),
    defaultVirtualServiceExportTo: exportTo(config.defaultVirtualServiceExportTo),
    discoverySelectors: (config.discoverySelectors ?? []).map(({ matchLabels, matchExpressions }) => ({
      matchLabels: mapLabels(matchLabels),
      matchExpressions: (matchExpressions ?? []).map(({ key, operator, values }) => ({ key, operator, values: values ?? [] })),
    })),
    ...ofEveryProxy(config),
  };
}

/** The revision that a ConfigMap's name stands for; `null` where it is no mesh configuration. */
function revisionOf(meta: Metadata): string | null {
  const match = OTHER_CONFIG_MAPS.test(meta.name) ? null : MESH_CONFIG_NAME.exec(meta.name);
  return match === null ? null : (meta.labels?.["istio.io/rev"] ?? match[1] ?? "default");
}

/**
 * The mesh configuration of one revision: `data.mesh` of the ConfigMap `istio` or `istio-<revision>`.
 *
 * @returns `null` for every other ConfigMap
 */
export function mapMeshConfig(raw: unknown, meta: Metadata): MeshConfig | null {
  const revision = revisionOf(meta);
  if (revision === null) return null;
  const text = parse(configMapSchema, raw).data?.mesh ?? null;
  if (text === null) return null;
  const config = parse(meshConfigSchema, readYaml(text), "data.mesh") ?? {};
  return { kind: "MeshConfig", namespace: meta.namespace ?? "", name: meta.name, revision, ...written(config) };
}

/** `…/pilot:1.30.3-distroless` → `1.30.3`; a digest or a private tag tells nothing. */
function versionOf(image: string): string | null {
  return /:v?(\d+\.\d+(?:\.\d+)?)/.exec(image.replace(/@sha256:.*$/, ""))?.[1] ?? null;
}

type Containers = NonNullable<z.infer<typeof deploymentSchema>["spec"]["template"]["spec"]["containers"]>;

/** A ConfigMap of the user's in istiod's namespace, which istiod merges under its own. */
export const SHARED_MESH_CONFIG = "SHARED_MESH_CONFIG";

function discovery(containers: Containers): Partial<Containers[number]> {
  return containers.find(({ name }) => name === "discovery") ?? containers[0] ?? {};
}

/** istiod's variables by name; `null` where the value stands in another object. The last of a name holds, and any of them beats `envFrom`. */
export function environment(containers: Containers): ReadonlyMap<string, string | null> {
  const { env, envFrom } = discovery(containers);
  const elsewhere = (envFrom ?? []).length > 0 ? [...CONTROL_PLANE_VARIABLES, SHARED_MESH_CONFIG].map((name) => [name, null] as const) : [];
  const own = (env ?? []).map(({ name, value, valueFrom }) => [name, valueFrom === null || valueFrom === undefined ? (value ?? "") : null] as const);
  return new Map([...elsewhere, ...own]);
}

/** What rules ask for. An empty value is istiod's default. */
function variables(env: ReadonlyMap<string, string | null>): Pick<ControlPlane, "env" | "unreadEnv"> {
  const asked = [...env].filter(([name]) => CONTROL_PLANE_VARIABLES.has(name));
  const unread = asked.flatMap(([name, value]) => (value === null ? [name] : []));
  const read = Object.fromEntries(asked.flatMap(([name, value]) => (value === null || value === "" ? [] : [[name, value]])));
  return { env: read, ...(unread.length === 0 ? {} : { unreadEnv: unread }) };
}

function isIstiod({ name, labels }: Metadata): boolean {
  return labels?.["app"] === "istiod" || /^istiod(?:-|$)/.test(name);
}

function istiodRevision(env: ReadonlyMap<string, string | null>, { labels }: Metadata): string {
  const written = env.get("REVISION") ?? "";
  return written === "" ? (labels?.["istio.io/rev"] ?? "default") : written;
}

/**
 * An istiod, from its Deployment.
 *
 * @returns `null` for every other Deployment
 */
export function mapControlPlane(raw: unknown, meta: Metadata): ControlPlane | null {
  if (!isIstiod(meta)) return null;
  const containers = parse(deploymentSchema, raw).spec.template.spec.containers ?? [];
  const env = environment(containers);
  return { kind: "ControlPlane", namespace: meta.namespace ?? "", name: meta.name, revision: istiodRevision(env, meta), version: versionOf(discovery(containers).image ?? ""), ...variables(env) };
}
