import { foundBy, surely, Trail, type Deduction } from "../deduction.ts";
import type { Knowledge } from "./knowledge.ts";
import { groupBy, label } from "../order.ts";
import type { ControlPlane, DiscoverySelector, Labels, MeshConfig } from "../snapshot.ts";
import type { Gap, ObjectRef } from "../verdict.ts";

/** Environment variables of istiod that a rule names. */
export const CONTROL_PLANE_VARIABLES: ReadonlySet<string> = new Set([
  "ENABLE_ENHANCED_DESTINATIONRULE_MERGE",
  "ENABLE_LAYERED_WAYPOINT_AUTHORIZATION_POLICIES",
  "ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY",
  "ENABLE_TLS_ON_SIDECAR_INGRESS",
  "PILOT_ALLOW_SIDECAR_SERVICE_INBOUND_LISTENER_MERGE",
  "PILOT_ENABLE_AMBIENT",
  "PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES",
  "PILOT_ENABLE_SENDING_HBONE",
  "PILOT_PREFER_SENDING_HBONE",
  "PILOT_SKIP_VALIDATE_TRUST_DOMAIN",
]);

/** Istio's defaults, which hold where no ConfigMap exists and for what a ConfigMap leaves out. */
export const DEFAULT_MESH_CONFIG: MeshConfig = {
  kind: "MeshConfig",
  namespace: "istio-system",
  name: "",
  revision: "default",
  rootNamespace: "istio-system",
  trustDomain: "cluster.local",
  trustDomainAliases: [],
  caTrustDomains: [],
  enableAutoMtls: true,
  outboundTrafficPolicyMode: "ALLOW_ANY",
  defaultServiceExportTo: ["*"],
  defaultDestinationRuleExportTo: ["*"],
  defaultVirtualServiceExportTo: ["*"],
  discoverySelectors: [],
  statusPort: 15_020,
};

/** The part of Istio's version that rules compare: `1.30.3` → [1, 30, 3]. */
function versionParts(version: string): readonly number[] {
  return version.split(/[.-]/).slice(0, 3).map(Number);
}

function isAtLeast(version: string, minimum: string): boolean {
  const [ours, theirs] = [versionParts(version), versionParts(minimum)];
  const index = theirs.findIndex((part, at) => part !== (ours[at] ?? 0));
  return index < 0 || (ours[index] ?? 0) > (theirs[index] ?? 0);
}

/** What of a mesh configuration is not known, where which one a revision has is not: as far as those that it may have differ. */
interface Doubt {
  readonly fields: ReadonlySet<keyof MeshConfig>;
  readonly gap: Gap;
}

/** Read at more places than ask by name. */
const READ_EVERYWHERE = ["discoverySelectors", "statusPort", "defaultServiceExportTo", "defaultVirtualServiceExportTo"] as const;
const NO_GAPS: readonly Gap[] = [];

/** What istiod of one revision is told: its mesh configuration, version and environment, and what of these is not known. */
export class Settings {
  readonly revision: string;
  readonly mesh: MeshConfig;
  readonly meshGaps: readonly Gap[];
  readonly #unreadMesh: readonly Gap[];
  readonly #doubt: Doubt | null;
  readonly #istiod: ControlPlane | null;
  readonly #istiodGaps: readonly Gap[];
  readonly #since = new Map<string, boolean>();

  constructor(revision: string, { found, doubt }: { readonly found: Deduction<MeshConfig>; readonly doubt: Doubt | null }, istiod: Deduction<ControlPlane | null>) {
    this.revision = revision;
    this.mesh = found.value;
    this.#unreadMesh = found.gaps;
    this.#doubt = doubt;
    this.meshGaps = doubt === null ? found.gaps : [...found.gaps, doubt.gap];
    this.#istiod = istiod.value;
    this.#istiodGaps = istiod.gaps;
  }

  /** What is missing to know these of its fields. */
  meshGapsOn(...fields: readonly (keyof MeshConfig)[]): readonly Gap[] {
    return [...this.#unreadMesh, ...this.meshDoubtOn(...fields)];
  }

  /** Where it was read, and it is not known whose it is. */
  meshDoubtOn(...fields: readonly (keyof MeshConfig)[]): readonly Gap[] {
    const doubt = this.#doubt;
    return doubt !== null && [...READ_EVERYWHERE, ...fields].some((field) => doubt.fields.has(field)) ? [doubt.gap] : NO_GAPS;
  }

  /** Where the mesh configuration stands; `null` for Istio's defaults. */
  get meshRef(): ObjectRef | null {
    return this.mesh.name === "" ? null : { kind: "ConfigMap", namespace: this.mesh.namespace, name: this.mesh.name };
  }

  /** The answer of one version or another of istiod; a gap where it is not known which, and it matters. */
  since<T>(minimum: string, newer: T, older: T): Deduction<T> {
    const version = this.#istiod?.version ?? null;
    if (version !== null && this.#istiodGaps.length === 0) return surely(this.#isSince(version, minimum) ? newer : older);
    return { value: newer, reasons: [], gaps: newer === older ? [] : this.#unknown(`version of istiod (before ${minimum} or since)`, "its image tag does not tell") };
  }

  /** A boolean of istiod's environment; `otherwise` is its default. */
  flag(name: string, otherwise: boolean): Deduction<boolean> {
    const istiod = this.#istiod;
    if (istiod === null || this.#istiodGaps.length > 0) {
      return { value: otherwise, reasons: [], gaps: this.#unknown(`environment variable \`${name}\` of istiod`, "") };
    }
    if (istiod.unreadEnv?.includes(name) === true) return { value: otherwise, reasons: [], gaps: this.#unknown(`environment variable \`${name}\` of istiod`, "its Deployment takes that from another object, which is not read") };
    const written = label(istiod.env, name);
    if (written === undefined) return surely(otherwise);
    return foundBy(/^(1|t|true)$/i.test(written), "CP-1", { object: istiod, field: `env.${name}`, value: written });
  }

  #isSince(version: string, minimum: string): boolean {
    const found = this.#since.get(minimum) ?? isAtLeast(version, minimum);
    this.#since.set(minimum, found);
    return found;
  }

  #unknown(wanted: string, because: string): readonly Gap[] {
    if (this.#istiodGaps.length > 0) return this.#istiodGaps;
    return [{ wanted, because: this.#istiod === null ? `no istiod of revision \`${this.revision}\` was found` : because }];
  }
}

/** What a mesh configuration says of every proxy, and is read of single pods only. */
function unfollowed({ namespace, name, unfollowed: fields = [] }: MeshConfig): readonly Gap[] {
  return fields.map((field) => ({ wanted: `what \`defaultConfig.${field}\` makes of every proxy`, because: `mtlscope follows it in the annotations of pods only, and ConfigMap \`${namespace}/${name}\` sets it for all` }));
}

function matchesExpression(labels: Labels, { key, operator, values }: DiscoverySelector["matchExpressions"][number]): boolean {
  const value = label(labels, key);
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
  return false;
}

/** Which namespaces istiod looks into. */
export function discovers(selectors: readonly DiscoverySelector[], labels: Labels): boolean {
  return (
    selectors.length === 0 ||
    selectors.some(
      ({ matchLabels, matchExpressions }) =>
        Object.entries(matchLabels).every(([key, value]) => label(labels, key) === value) &&
        matchExpressions.every((expression) => matchesExpression(labels, expression)),
    )
  );
}

const WHOSE: ReadonlySet<string> = new Set(["kind", "namespace", "name", "revision"]);

/** Fields in which some of them are not as one. */
function differing(one: MeshConfig, all: readonly MeshConfig[]): ReadonlySet<keyof MeshConfig> {
  const fields = new Set([one, ...all].flatMap((config) => Object.keys(config))) as ReadonlySet<keyof MeshConfig>;
  return new Set([...fields].filter((field) => !WHOSE.has(field) && all.some((other) => JSON.stringify(other[field]) !== JSON.stringify(one[field]))));
}

/** Every revision's settings. A revision that no object names is a tag; which it points at is known where there is one only. */
export class Revisions {
  readonly #meshConfigs: ReadonlyMap<string, readonly MeshConfig[]>;
  readonly #istiods: ReadonlyMap<string, readonly ControlPlane[]>;
  readonly #knowledge: Knowledge;
  readonly #settings = new Map<string, Settings>();
  readonly #only: string | null;

  constructor(meshConfigs: readonly MeshConfig[], istiods: readonly ControlPlane[], knowledge: Knowledge) {
    this.#meshConfigs = groupBy(meshConfigs, ({ revision }) => revision);
    this.#istiods = groupBy(istiods, ({ revision }) => revision);
    this.#knowledge = knowledge;
    const [only] = [...this.#istiods.keys(), ...this.#meshConfigs.keys()];
    this.#only = this.#meshConfigs.size > 1 || this.#istiods.size > 1 ? null : (only ?? DEFAULT_MESH_CONFIG.revision);
  }

  /** The revision whose settings hold: where there is one control plane every tag is its. */
  meant(revision: string): string {
    return this.#only ?? revision;
  }

  /** @param revision as meant */
  settings(revision: string): Settings {
    const found = this.#settings.get(revision) ?? new Settings(revision, this.#meshConfig(revision), this.#istiod(revision));
    this.#settings.set(revision, found);
    return found;
  }

  /** Where none has the revision it may be any: a tag's, or Istio's defaults where a control plane has none. */
  #meshConfig(revision: string): { readonly found: Deduction<MeshConfig>; readonly doubt: Doubt | null } {
    const trail = new Trail().lacks(this.#knowledge.gapsAnywhere("MeshConfig"));
    const own = this.#meshConfigs.get(revision)?.[0];
    const all = [...this.#meshConfigs.values()].flatMap(([first]) => first ?? []);
    const found = own ?? all[0] ?? DEFAULT_MESH_CONFIG;
    trail.lacks(unfollowed(found));
    if (own !== undefined || this.#only !== null || all.length === 0) return { found: trail.found(found), doubt: null };
    const isWithout = [...this.#istiods.keys()].some((one) => !this.#meshConfigs.has(one));
    const fields = differing(found, isWithout ? [...all, DEFAULT_MESH_CONFIG] : all);
    const gap = { wanted: `mesh configuration of revision \`${revision}\``, because: all.length > 1 ? "no object has that revision, and there are several" : "no object has that revision, and there are several control planes" };
    return { found: trail.found(found), doubt: fields.size === 0 ? null : { fields, gap } };
  }

  #istiod(revision: string): Deduction<ControlPlane | null> {
    const trail = new Trail().lacks(this.#knowledge.gapsAnywhere("ControlPlane"));
    if (this.#istiods.size === 0) return trail.found(null);
    return this.#pick(trail, this.#istiods, { revision, what: "istiod" });
  }

  #pick<T>(trail: Trail, byRevision: ReadonlyMap<string, readonly T[]>, asked: { readonly revision: string; readonly what: string }): Deduction<T> {
    const [only, ...others] = [...byRevision.values()];
    const found = byRevision.get(asked.revision)?.[0];
    if (found !== undefined) return trail.found(found);
    if (others.length > 0) trail.lacks([{ wanted: `${asked.what} of revision \`${asked.revision}\``, because: "no object has that revision, and there are several" }]);
    return trail.found(only?.[0] as T);
  }
}
