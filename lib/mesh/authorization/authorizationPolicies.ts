import type { Settings } from "../controlPlane/controlPlane.ts";
import type { Deduction } from "../deduction.ts";
import { refOf, surely, Trail } from "../deduction.ts";
import type { Instance, InstanceClass } from "../instances/instances.ts";
import type { Knowledge } from "../controlPlane/knowledge.ts";
import { byAge, groupBy, isEmptySelector, label, memoised, selects, under } from "../order.ts";
import type { AuthorizationPolicy } from "../snapshot.ts";
import type { Gap, ObjectRef, Overridden } from "../verdict.ts";
import type { Authorization } from "../vocabulary.ts";
import { PeerKeys } from "./peerKeys.ts";
import { asksRequest } from "./rule.ts";

/** The policies that are for a server, by action. */
export interface ApplicablePolicies {
  readonly custom: readonly AuthorizationPolicy[];
  readonly deny: readonly AuthorizationPolicy[];
  readonly allow: readonly AuthorizationPolicy[];
  readonly ignored: readonly Overridden[];
  /** what may be there without having been read */
  readonly gaps: readonly Gap[];
  /** the answer where none asks anything */
  readonly silent: Deduction<Authorization> | null;
  /** whether it matters how the proxy reads what arrives */
  readonly asksRequests: boolean;
  /** who is answered alike */
  readonly keys: PeerKeys;
  /** what was answered to them, by who enforces and on which port */
  readonly memoAnswers: Map<string, Map<number, Map<string, Deduction<Authorization>>>>;
}

/** The answer where no AuthorizationPolicy in force asks anything: the connection is allowed. */
export function unasked(overrode: readonly Overridden[], gaps: readonly Gap[]): Deduction<Authorization> {
  return new Trail().lacks(gaps).because("AP-4", { object: null, overrode }).found("allow");
}

function isDryRun(policy: AuthorizationPolicy): boolean {
  return label(policy.annotations, "istio.io/dry-run") === "true";
}

const GATEWAY_NAME_LABEL = "gateway.networking.k8s.io/gateway-name";

function targets(policy: AuthorizationPolicy, server: Instance): boolean {
  const gateway = label(server.told.labels, GATEWAY_NAME_LABEL);
  return policy.targetRefs.some(({ kind, name }) => kind === "Gateway" && name === gateway && policy.namespace === server.class.namespace);
}

/** What a waypoint sends on for: policies name it, the Service, or all waypoints. */
export interface Passing {
  readonly gateway: ObjectRef;
  /** `null` where a workload was dialled */
  readonly service: ObjectRef | null;
}

const WAYPOINT_CLASS = "istio-waypoint";

function passes({ namespace, targetRefs }: AuthorizationPolicy, { gateway, service }: Passing, rootNamespace: string): boolean {
  return targetRefs.some(({ kind, name }) => {
    if (kind === "Gateway") return name === gateway.name && namespace === gateway.namespace;
    if (kind === "GatewayClass") return name === WAYPOINT_CLASS && namespace === rootNamespace;
    return service !== null && kind === service.kind && name === service.name && namespace === service.namespace;
  });
}

function attaches({ dataPlaneMode }: InstanceClass): boolean {
  return dataPlaneMode === "gateway" || dataPlaneMode === "waypoint";
}

/** Whether a server hears policies without targetRefs: no waypoint does, and a gateway of the Gateway API may be told not to. */
function hearsSelectors(settings: Settings, { class: { dataPlaneMode }, told: { labels } }: Instance): Deduction<boolean> {
  if (dataPlaneMode === "waypoint") return settings.flag("ENABLE_LAYERED_WAYPOINT_AUTHORIZATION_POLICIES", false);
  return dataPlaneMode === "gateway" && label(labels, GATEWAY_NAME_LABEL) !== undefined ? settings.flag("ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY", true) : surely(true);
}

interface Selected {
  readonly heard: readonly AuthorizationPolicy[];
  /** that select the server, and are for the gateways that they name, or for none as they name none */
  readonly elsewhere: readonly AuthorizationPolicy[];
}

function unheard(policy: AuthorizationPolicy): Overridden {
  const object = refOf(policy);
  return policy.targetRefs.length === 0 ? { rule: "AP-11", object, field: "spec.selector" } : { rule: "AP-9", object, field: "spec.targetRefs" };
}

function sorted({ heard, elsewhere }: Selected, gaps: readonly Gap[]): ApplicablePolicies {
  const live = heard.filter((policy) => !isDryRun(policy));
  const ignored = [
    ...elsewhere.map(unheard),
    ...heard.filter(isDryRun).map((policy) => ({ rule: "AP-10" as const, object: refOf(policy), field: "metadata.annotations.istio.io/dry-run" })),
  ];
  const [custom, deny, allow] = ["CUSTOM", "DENY", "ALLOW"].map((wanted) => live.filter(({ action }) => action === wanted));
  const silent = live.length === 0 ? unasked(ignored, gaps) : null;
  const asksRequests = live.some(({ rules }) => rules?.some(asksRequest) === true);
  return { custom: custom ?? [], deny: deny ?? [], allow: allow ?? [], ignored, gaps, silent, asksRequests, keys: new PeerKeys(live), memoAnswers: new Map() };
}

/** AuthorizationPolicies of the mesh, and which of them are for one server. */
export class AuthorizationPolicies {
  readonly #byNamespace: ReadonlyMap<string, readonly AuthorizationPolicy[]>;
  readonly #settings: Settings;
  readonly #knowledge: Knowledge;
  readonly #byClass = new Map<InstanceClass, ApplicablePolicies>();
  readonly #byWaypoint = new Map<string, Map<string, ApplicablePolicies>>();
  readonly #namesNobody = memoised((namespace: string) => this.#in(namespace).every(({ selector, targetRefs }) => isEmptySelector(selector) && targetRefs.length === 0));
  readonly #ofNamespace = memoised((namespace: string) => this.#sorted(namespace, { heard: this.#concerning(namespace), elsewhere: [] }));

  constructor(policies: readonly AuthorizationPolicy[], settings: Settings, knowledge: Knowledge) {
    this.#byNamespace = groupBy(policies.toSorted(byAge), ({ namespace }) => namespace);
    this.#settings = settings;
    this.#knowledge = knowledge;
  }

  /** The policies of an instance are those of its class, and of its namespace where none tells one server from another. */
  of(server: Instance): ApplicablePolicies {
    const { namespace } = server.class;
    if (!attaches(server.class) && this.#namesNobody(namespace) && this.#namesNobody(this.#settings.mesh.rootNamespace)) return this.#ofNamespace(namespace);
    const found = this.#byClass.get(server.class) ?? this.#selecting(server);
    this.#byClass.set(server.class, found);
    return found;
  }

  /** The policies that a waypoint asks of what it sends on. */
  at(passing: Passing): ApplicablePolicies {
    const { gateway, service } = passing;
    const known = under(this.#byWaypoint, `${gateway.namespace}/${gateway.name}`);
    const key = service === null ? "" : `${service.kind} ${service.namespace}/${service.name}`;
    const found = known.get(key) ?? this.#passing(passing);
    known.set(key, found);
    return found;
  }

  #passing(passing: Passing): ApplicablePolicies {
    const { rootNamespace } = this.#settings.mesh;
    const namespaces = [...new Set([rootNamespace, passing.gateway.namespace, ...(passing.service === null ? [] : [passing.service.namespace])])];
    const heard = namespaces.flatMap((one) => this.#in(one)).filter((policy) => passes(policy, passing, rootNamespace));
    return sorted({ heard, elsewhere: [] }, [...this.#settings.meshGapsOn("rootNamespace", "trustDomain", "trustDomainAliases"), ...this.#layered(passing.gateway), ...namespaces.flatMap((one) => this.#knowledge.gaps("AuthorizationPolicy", one))]);
  }

  /** Policies by selector in front of a waypoint, where istiod is told to have them: which pods they select there is not followed. */
  #layered({ namespace, name }: ObjectRef): readonly Gap[] {
    const [first] = this.#concerning(namespace).filter(({ targetRefs }) => targetRefs.length === 0);
    if (first === undefined) return [];
    const flag = this.#settings.flag("ENABLE_LAYERED_WAYPOINT_AUTHORIZATION_POLICIES", false);
    if (!flag.value) return flag.gaps;
    return [{ wanted: `what is asked in front of waypoint \`${namespace}/${name}\``, because: `istiod puts policies by selector there, of which \`${first.namespace}/${first.name}\` may be one` }];
  }

  #in(namespace: string): readonly AuthorizationPolicy[] {
    return this.#byNamespace.get(namespace) ?? [];
  }

  /** The root namespace's and its own. */
  #namespaces(namespace: string): readonly string[] {
    return [...new Set([this.#settings.mesh.rootNamespace, namespace])];
  }

  #concerning(namespace: string): readonly AuthorizationPolicy[] {
    return this.#namespaces(namespace).flatMap((one) => this.#in(one));
  }

  #selecting(server: Instance): ApplicablePolicies {
    const hearsAll = hearsSelectors(this.#settings, server);
    const selected = this.#select(server, hearsAll.value);
    const isAsked = hearsAll.gaps.length > 0 && [...selected.heard, ...selected.elsewhere].some(({ targetRefs }) => targetRefs.length === 0);
    return this.#sorted(server.class.namespace, selected, isAsked ? hearsAll.gaps : []);
  }

  #select(server: Instance, hearsAll: boolean): Selected {
    const { namespace, labels } = server.class;
    const selected = this.#concerning(namespace).filter(({ selector }) => selects(selector ?? {}, labels));
    const hears = (policy: AuthorizationPolicy): boolean => (policy.targetRefs.length === 0 && hearsAll) || (attaches(server.class) && targets(policy, server));
    return { heard: selected.filter(hears), elsewhere: selected.filter((policy) => !hears(policy)) };
  }

  #sorted(namespace: string, selected: Selected, gaps: readonly Gap[] = []): ApplicablePolicies {
    return sorted(selected, [...gaps, ...this.#settings.meshGapsOn("rootNamespace", "trustDomain", "trustDomainAliases"), ...this.#namespaces(namespace).flatMap((one) => this.#knowledge.gaps("AuthorizationPolicy", one))]);
  }
}
