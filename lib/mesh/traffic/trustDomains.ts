import { DEFAULT_MESH_CONFIG } from "../controlPlane/controlPlane.ts";
import type { Configuration } from "../snapshot.ts";

/** Trust domains by what a certificate of theirs says. */
export interface TrustDomains {
  /** whoever has one is a workload of this mesh: its own, and those it had before */
  readonly own: ReadonlySet<string>;
  /** whoever has one is let in */
  readonly accepted: ReadonlySet<string>;
}

/** The trust domains of all control planes; `null` where these were not read. */
export function trustDomainsOf({ objects, unread }: Configuration): TrustDomains | null {
  if (unread.some(({ kind, field }) => kind === "MeshConfig" && (field === null || field.startsWith("trustDomain")))) return null;
  const all = objects.MeshConfig.length === 0 ? [DEFAULT_MESH_CONFIG] : objects.MeshConfig;
  const own = all.flatMap(({ trustDomain, trustDomainAliases }) => [trustDomain, ...trustDomainAliases]);
  return { own: new Set(own), accepted: new Set([...own, ...all.flatMap(({ caTrustDomains }) => caTrustDomains)]) };
}

/** Equal for those that are the same. */
export function trustDomainsText(domains: TrustDomains | null): string {
  return JSON.stringify(domains === null ? null : [[...domains.own], [...domains.accepted]]);
}
