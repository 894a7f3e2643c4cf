import type { Settings } from "../controlPlane/controlPlane.ts";
import type { Evidence, Deduction } from "../deduction.ts";
import { refOf, Trail } from "../deduction.ts";
import type { MergedRule } from "./mergedRule.ts";
import type { ClientTLSSettings, DestinationRule, PortTrafficPolicy, TrafficPolicy } from "../snapshot.ts";
import type { Overridden } from "../verdict.ts";

/** Istio reads a TLS block without mode as DISABLE. */
export function tlsMode(tls: ClientTLSSettings): string {
  return tls.mode ?? "DISABLE";
}

/** A `tls` block of a DestinationRule, and where it stands. */
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
}

/** The policy of a cluster: an entry of `portLevelSettings` replaces the whole `trafficPolicy`, so that what it leaves out is absent. */
function effective({ policy, from, path }: PolicyAt, port: number): Effective {
  const found = portEntry(policy, port);
  const settings = found?.entry ?? policy;
  const at = found === null ? path : `${path}.portLevelSettings[${found.at}]`;
  return { tls: block(settings?.tls ?? null, from, at), isPort: found !== null, passthrough: settings?.loadBalancerSimple === "PASSTHROUGH" };
}

/** The TLS block by which istiod marks the endpoints of a cluster: unlike the cluster itself, they inherit it where the port's entry has none. */
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

/** The TLS that a narrower part of the rule takes the place of. */
function replaced(main: PolicyAt, by: TlsBlock | null): readonly Overridden[] {
  const tls = main.policy?.tls ?? null;
  if (tls === null || by?.tls === tls) return [];
  return [{ rule: "DR-17", object: refOf(main.from), field: `${main.path}.tls.mode`, value: tls.mode ?? "(absent)" }];
}

/** A port entry that is keyed by the port of the container: it speaks for another port of the Service, or for none. */
function misplaced({ policy, from, path }: PolicyAt, port: number, targetPort: number | null): readonly Overridden[] {
  if (targetPort === null || targetPort === port) return [];
  const found = portEntry(policy, targetPort);
  return found === null ? [] : [{ rule: "DR-18", object: refOf(from), field: `${path}.portLevelSettings[${found.at}].port.number`, value: String(targetPort) }];
}

function withOverridden(tls: TlsBlock | null, overrode: readonly Overridden[]): TlsBlock | null {
  return tls === null || overrode.length === 0 ? tls : { ...tls, evidence: { ...tls.evidence, overrode } };
}

/** The service port and subset that a DestinationRule is read for. */
export interface AskedPolicy {
  readonly port: number;
  readonly targetPort: number | null;
  readonly subset: string | null;
  readonly settings: Settings;
}

interface Parts {
  readonly tls: TlsBlock | null;
  readonly endpointMode: TlsBlock | null;
  readonly passthrough: boolean;
  readonly inferenceReadsPassthrough: boolean;
}

function ofMain(main: PolicyAt, port: number): Parts {
  const { tls, passthrough } = effective(main, port);
  return { tls, passthrough, endpointMode: endpointView(main, port), inferenceReadsPassthrough: main.policy?.loadBalancerSimple === "PASSTHROUGH" };
}

/** Field by field over the main policy, but the inference reads the subset alone, and its endpoints inherit only since 1.31. */
function ofSubset(own: PolicyAt, base: Parts, { port, settings }: AskedPolicy): Deduction<Parts> {
  const trail = new Trail();
  const over = effective(own, port);
  return trail.found({
    tls: over.tls !== null || over.isPort ? over.tls : base.tls,
    endpointMode: endpointView(own, port) ?? trail.follow(settings.since("1.31", base.endpointMode, null)),
    passthrough: base.passthrough || over.passthrough,
    inferenceReadsPassthrough: own.policy?.loadBalancerSimple === "PASSTHROUGH",
  });
}

/** What a DestinationRule says of the TLS of one service port and subset. */
export function clientPolicy(rule: MergedRule, asked: AskedPolicy): Deduction<ClientPolicy> {
  const trail = new Trail();
  const { port, targetPort, subset } = asked;
  const main = mainPolicy(rule);
  const base = ofMain(main, port);
  const own = subsetPolicy(rule, subset);
  const parts = own === null ? base : trail.follow(ofSubset(own, base, asked));
  const overrode = [...replaced(main, parts.tls), ...misplaced(main, port, targetPort)];
  if (parts.tls === null && overrode.length > 0) trail.because("DR-19", { object: main.from, field: main.path, overrode });
  return trail.found({ ...parts, rule, tls: withOverridden(parts.tls, overrode) });
}
