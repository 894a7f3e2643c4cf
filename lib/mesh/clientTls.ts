import type { Settings } from "./controlPlane.ts";
import type { MergedRule } from "./destinationRule.ts";
import type { Evidence, Deduction } from "./deduction.ts";
import { Trail } from "./deduction.ts";
import type { ClientTLSSettings, DestinationRule, PortTrafficPolicy, TrafficPolicy } from "./snapshot.ts";

/** Istio reads a TLS block without mode as DISABLE. */
export function tlsMode(tls: ClientTLSSettings): string {
  return tls.mode ?? "DISABLE";
}

export interface TlsBlock {
  readonly tls: ClientTLSSettings;
  readonly evidence: Evidence;
}

/**
 * What one DestinationRule says about one service port and subset. The cluster and its endpoints are told by two different
 * readings of the same text.
 */
export interface ClientPolicy {
  readonly rule: MergedRule;
  /** the cluster's TLS; `null`: auto mTLS may decide */
  readonly tls: TlsBlock | null;
  /** the endpoints' mode, for a cluster left to auto mTLS; `null`: PeerAuthentication decides */
  readonly endpointMode: TlsBlock | null;
  /** of the policy in force on this port */
  readonly passthrough: boolean;
  /** of the fields that the inference for headless Services reads */
  readonly inferenceReadsPassthrough: boolean;
}

interface PolicyAt {
  readonly policy: TrafficPolicy | null;
  readonly from: DestinationRule;
  readonly path: string;
}

function portEntry(policy: TrafficPolicy | null, port: number): { readonly entry: PortTrafficPolicy; readonly at: number } | null {
  const at = policy?.portLevelSettings.findIndex((one) => one.port === port) ?? -1;
  const entry = at < 0 ? undefined : policy?.portLevelSettings[at];
  return entry === undefined ? null : { entry, at };
}

function block(tls: ClientTLSSettings | null, from: DestinationRule, path: string): TlsBlock | null {
  if (tls === null) return null;
  return { tls, evidence: { object: from, field: `${path}.tls.mode`, value: tls.mode ?? "(absent)" } };
}

interface Effective {
  readonly tls: TlsBlock | null;
  readonly isPort: boolean;
  readonly passthrough: boolean;
  readonly hasLoadBalancer: boolean;
}

/** A port entry replaces the whole policy: what it leaves out is absent. */
function effective({ policy, from, path }: PolicyAt, port: number): Effective {
  const found = portEntry(policy, port);
  const settings = found?.entry ?? policy;
  const at = found === null ? path : `${path}.portLevelSettings[${found.at}]`;
  return {
    tls: block(settings?.tls ?? null, from, at),
    isPort: found !== null,
    passthrough: settings?.loadBalancerSimple === "PASSTHROUGH",
    hasLoadBalancer: settings?.hasLoadBalancer ?? false,
  };
}

/** Here a port entry without TLS does inherit. */
function endpointView({ policy, from, path }: PolicyAt, port: number): TlsBlock | null {
  const found = portEntry(policy, port);
  const own = found === null ? null : block(found.entry.tls, from, `${path}.portLevelSettings[${found.at}]`);
  return own ?? block(policy?.tls ?? null, from, path);
}

function mainPolicy(rule: MergedRule): PolicyAt {
  return { policy: rule.trafficPolicy, from: rule.policyFrom ?? rule.first, path: "spec.trafficPolicy" };
}

function subsetPolicy(rule: MergedRule, name: string | null): PolicyAt | null {
  const found = name === null ? undefined : rule.subsets.get(name);
  if (found === undefined) return null;
  return { policy: found.subset.trafficPolicy, from: found.from, path: `spec.subsets[${found.from.subsets.indexOf(found.subset)}].trafficPolicy` };
}

interface Asked {
  readonly port: number;
  readonly subset: string | null;
  readonly settings: Settings;
}

/** The rule's word on one port and subset. */
export function clientPolicy(rule: MergedRule, { port, subset, settings }: Asked): Deduction<ClientPolicy> {
  const trail = new Trail();
  const main = mainPolicy(rule);
  const base = effective(main, port);
  const own = subsetPolicy(rule, subset);
  const mainView = endpointView(main, port);
  if (own?.policy == null) {
    const inferred = main.policy?.loadBalancerSimple === "PASSTHROUGH";
    const endpointMode = own === null ? mainView : trail.follow(settings.since("1.31", mainView, null));
    return trail.found({ rule, tls: base.tls, endpointMode, passthrough: base.passthrough, inferenceReadsPassthrough: own === null && inferred });
  }
  const over = effective(own, port);
  const ownView = endpointView(own, port);
  return trail.found({
    rule,
    tls: over.tls !== null || over.isPort ? over.tls : base.tls,
    endpointMode: ownView ?? trail.follow(settings.since("1.31", mainView, null)),
    passthrough: base.passthrough || (over.hasLoadBalancer ? over.passthrough : false),
    inferenceReadsPassthrough: own.policy.loadBalancerSimple === "PASSTHROUGH",
  });
}
