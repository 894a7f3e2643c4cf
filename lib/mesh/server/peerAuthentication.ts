import type { Settings } from "../controlPlane/controlPlane.ts";
import type { Deduction } from "../deduction.ts";
import { BY_DEFAULT, lacking, refOf, Trail } from "../deduction.ts";
import type { Knowledge } from "../controlPlane/knowledge.ts";
import { byAge, groupBy, isEmptySelector, memoised } from "../order.ts";
import { SelectorIndex } from "../selectorIndex.ts";
import type { Labels, PeerAuthentication, WrittenMode } from "../snapshot.ts";
import type { Gap, Overridden } from "../verdict.ts";
import type { PeerMode } from "../vocabulary.ts";
import { PEER_MODES } from "../vocabulary.ts";

/** A workload as PeerAuthentication sees it. */
export interface PolicySubject {
  readonly namespace: string;
  readonly labels: Labels;
}

/** A PeerAuthentication that is written for a workload, or a scope that it is in, and that Istio ignores. */
export interface IgnoredPolicy {
  readonly policy: PeerAuthentication;
  readonly scope: "workload" | "namespace" | "mesh";
  /** an older one is there, or a selector has no place in the root namespace */
  readonly rule: "PA-6" | "PA-7";
}

/** The three policies that can speak for a workload, oldest of each scope. */
export interface PoliciesInScope {
  readonly workload: PeerAuthentication | null;
  readonly namespace: PeerAuthentication | null;
  readonly mesh: PeerAuthentication | null;
  readonly ignored: readonly Overridden[];
}

interface NamespacePolicies {
  readonly general: readonly PeerAuthentication[];
  readonly selecting: SelectorIndex<PeerAuthentication>;
}

const NO_POLICIES: NamespacePolicies = { general: [], selecting: new SelectorIndex<PeerAuthentication>([], () => ({})) };

function isPeerMode(mode: string): mode is PeerMode {
  return (PEER_MODES as readonly string[]).includes(mode);
}

/** `UNSET` and an absent mode inherit. */
export function isUnset(mode: WrittenMode | null | undefined): boolean {
  return mode === null || mode === undefined || mode === "UNSET" || mode === "";
}

function unknownMode(policy: PeerAuthentication, field: string, mode: string): Gap {
  return { wanted: `the mode of \`PeerAuthentication\` \`${policy.namespace}/${policy.name}\``, because: `\`${field}\` is \`${mode}\`, which Istio does not know` };
}

function portField(port: number): string {
  return `spec.portLevelMtls.${port}.mode`;
}

function writtenPort(policy: PeerAuthentication | null, port: number | null): WrittenMode | null {
  const key = String(port);
  return policy !== null && Object.hasOwn(policy.portLevelMtls, key) ? (policy.portLevelMtls[key] ?? null) : null;
}

/** PeerAuthentications of the mesh, and what they come to for one workload and port. */
export class PeerAuthentications {
  readonly rootNamespace: string;
  readonly #byNamespace: ReadonlyMap<string, NamespacePolicies>;
  readonly #knowledge: Knowledge;
  readonly #settings: Settings;
  readonly #namespaceMode = memoised((namespace: string) => this.#modeOfNamespace(namespace));
  readonly #unselectedMode = memoised((namespace: string) => this.#modeOfUnselected(namespace));

  constructor(policies: readonly PeerAuthentication[], settings: Settings, knowledge: Knowledge) {
    this.rootNamespace = settings.mesh.rootNamespace;
    this.#settings = settings;
    this.#knowledge = knowledge;
    const grouped = groupBy([...policies].sort(byAge), ({ namespace }) => namespace);
    this.#byNamespace = new Map(
      [...grouped].map(([namespace, all]) => {
        const general = all.filter(({ selector }) => isEmptySelector(selector));
        return [namespace, { general, selecting: new SelectorIndex(all, ({ selector }) => selector ?? {}) }];
      }),
    );
  }

  /** Policies without selector, oldest first. */
  general(namespace: string): readonly PeerAuthentication[] {
    return (this.#byNamespace.get(namespace) ?? NO_POLICIES).general;
  }

  /** Policies with a selector that matches, oldest first. */
  selecting({ namespace, labels }: PolicySubject): readonly PeerAuthentication[] {
    return (this.#byNamespace.get(namespace) ?? NO_POLICIES).selecting.matching(labels);
  }

  /** What may be there without having been read: in the workload's namespace, and in the root namespace. */
  gaps(namespace: string): readonly Gap[] {
    return [...this.#settings.meshGapsOn("rootNamespace"), ...this.#unread(namespace)];
  }

  #unread(namespace: string): readonly Gap[] {
    return this.#knowledge.gaps("PeerAuthentication", namespace);
  }

  /** Whether any policy with a selector is for the workload, or means to be. */
  #isSelected(subject: PolicySubject): boolean {
    if (this.selecting(subject).length > 0) return true;
    return this.selecting({ namespace: this.rootNamespace, labels: subject.labels }).length > 0;
  }

  /**
   * The policies that can speak for a workload, the oldest of each scope. One without selector in the root namespace is the mesh's; one with a
   * selector there is nobody's, not even that of the root namespace's own workloads.
   *
   * @see rules PA-1 to PA-3, PA-6, PA-7
   */
  scope(subject: PolicySubject): PoliciesInScope {
    const inRoot = subject.namespace === this.rootNamespace;
    const [workload, namespace] = inRoot ? [] : [this.selecting(subject)[0], this.general(subject.namespace)[0]];
    const ignored = this.ignored(subject).map(({ rule, policy }) => lost(rule, policy));
    return { workload: workload ?? null, namespace: namespace ?? null, mesh: this.general(this.rootNamespace)[0] ?? null, ignored };
  }

  /** All others that mean the workload: the narrowest scope first, each oldest first. */
  ignored(subject: PolicySubject): readonly IgnoredPolicy[] {
    const root = this.rootNamespace;
    const inRoot = subject.namespace === root;
    const younger = (scope: IgnoredPolicy["scope"], policies: readonly PeerAuthentication[]): readonly IgnoredPolicy[] => policies.slice(1).map((policy) => ({ policy, scope, rule: "PA-6" }));
    return [
      ...(inRoot ? [] : [...younger("workload", this.selecting(subject)), ...younger("namespace", this.general(subject.namespace))]),
      ...younger("mesh", this.general(root)),
      ...this.selecting({ namespace: root, labels: subject.labels }).map((policy) => ({ policy, scope: "workload", rule: "PA-7" }) as const),
    ];
  }

  /**
   * The mode a sidecar enforces on a port: port, workload, namespace, mesh, then Istio's default.
   *
   * @param servicePorts ports of Services that lead here; entries for these are meant for it and are not
   */
  mode(subject: PolicySubject, port: number, servicePorts: () => readonly number[] = () => []): Deduction<PeerMode> {
    return this.#isSelected(subject) ? lacking(this.#settings.meshGapsOn("rootNamespace"), this.#selectedMode(subject, port, servicePorts)) : this.#unselectedMode(subject.namespace);
  }

  /** The mode of all ports that have none of their own. Which namespace is the root, and what else the mesh configuration says, is taken for known. */
  modeBesidePorts(subject: PolicySubject): Deduction<PeerMode> {
    return this.#selectedMode(subject, null, () => []);
  }

  /** The policy whose mode a workload has, ports aside: the narrowest that has one; `null` where it is Istio's default. */
  deciding(subject: PolicySubject): PeerAuthentication | null {
    const { workload, namespace, mesh } = this.scope(subject);
    return [workload, namespace, mesh].find((policy) => policy !== null && !isUnset(policy.mode)) ?? null;
  }

  /** Of workloads that no selector picks: the same on every port. */
  #modeOfUnselected(namespace: string): Deduction<PeerMode> {
    const scope = this.scope({ namespace, labels: {} });
    return this.#general(new Trail().lacks(this.gaps(namespace)), scope, scope.ignored);
  }

  #selectedMode(subject: PolicySubject, port: number | null, servicePorts: () => readonly number[]): Deduction<PeerMode> {
    const trail = new Trail().lacks(this.#unread(subject.namespace));
    const scope = this.scope(subject);
    const { workload } = scope;
    const ignored = [...scope.ignored, ...(workload === null ? [] : misplaced(workload, port, servicePorts))];
    const onPort = writtenPort(workload, port);
    if (workload !== null && port !== null && onPort !== null && !isUnset(onPort)) {
      const overrode = [...beaten("PA-4", [workload, scope.namespace, scope.mesh]), ...ignored];
      return this.#decided(trail, workload, { rule: "PA-4", field: portField(port), mode: onPort, overrode });
    }
    if (workload !== null && !isUnset(workload.mode)) {
      const overrode = [...beaten("PA-3", [scope.namespace, scope.mesh]), ...ignored];
      return this.#decided(trail, workload, { rule: "PA-3", field: "spec.mtls.mode", mode: workload.mode ?? "", overrode });
    }
    const unset = workload === null ? [] : [lost("PA-5", workload)];
    return this.#general(trail, scope, [...unset, ...ignored]);
  }

  /** The mode of a namespace, and of the mesh where that is silent: all that a client's cluster knows of a service. */
  namespaceMode(namespace: string): Deduction<PeerMode> {
    return this.#namespaceMode(namespace);
  }

  #modeOfNamespace(namespace: string): Deduction<PeerMode> {
    const trail = new Trail().lacks(this.gaps(namespace));
    const own = namespace === this.rootNamespace ? null : (this.general(namespace)[0] ?? null);
    return this.#general(trail, { workload: null, namespace: own, mesh: this.general(this.rootNamespace)[0] ?? null, ignored: [] }, []);
  }

  #general(trail: Trail, { namespace, mesh }: PoliciesInScope, ignored: readonly Overridden[]): Deduction<PeerMode> {
    if (namespace !== null && !isUnset(namespace.mode)) {
      const overrode = [...beaten("PA-2", [mesh]), ...ignored];
      return this.#decided(trail, namespace, { rule: "PA-2", field: "spec.mtls.mode", mode: namespace.mode ?? "", overrode });
    }
    trail.lacks(this.#knowledge.gaps("PeerAuthentication", this.rootNamespace));
    const unset = namespace === null ? [] : [lost("PA-5", namespace)];
    if (mesh !== null && !isUnset(mesh.mode)) {
      return this.#decided(trail, mesh, { rule: "PA-1", field: "spec.mtls.mode", mode: mesh.mode ?? "", overrode: [...unset, ...ignored] });
    }
    const silent = mesh === null ? [] : [lost("PA-5", mesh)];
    return trail.because("PA-0", { ...BY_DEFAULT, overrode: [...unset, ...silent, ...ignored] }).found("PERMISSIVE");
  }

  #decided(trail: Trail, policy: PeerAuthentication, by: { readonly rule: "PA-1" | "PA-2" | "PA-3" | "PA-4"; readonly field: string; readonly mode: string; readonly overrode: readonly Overridden[] }): Deduction<PeerMode> {
    const { rule, field, mode, overrode } = by;
    trail.because(rule, { object: policy, field, value: mode, overrode });
    if (isPeerMode(mode)) return trail.found(mode);
    return trail.lacks([unknownMode(policy, field, mode)]).found("PERMISSIVE");
  }
}

function lost(rule: Overridden["rule"], policy: PeerAuthentication): Overridden {
  return { rule, object: refOf(policy), field: null, value: policy.mode ?? "UNSET" };
}

function misplaced(policy: PeerAuthentication, port: number | null, servicePorts: () => readonly number[]): readonly Overridden[] {
  if (Object.keys(policy.portLevelMtls).every((key) => key === String(port))) return [];
  return servicePorts()
    .filter((one) => one !== port && !isUnset(writtenPort(policy, one)))
    .map((one) => ({ rule: "PA-8", object: refOf(policy), field: portField(one), value: writtenPort(policy, one) ?? "" }));
}

function beaten(rule: Overridden["rule"], policies: readonly (PeerAuthentication | null)[]): readonly Overridden[] {
  return policies.filter((policy) => policy !== null).map((policy) => ({ rule, object: refOf(policy), field: "spec.mtls.mode", value: policy.mode ?? "UNSET" }));
}
