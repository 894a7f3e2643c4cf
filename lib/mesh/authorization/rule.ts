import type { AuthorizationCondition, AuthorizationOperation, AuthorizationRule, AuthorizationSource } from "../snapshot.ts";
import type { Peer } from "./peer.ts";
import { matchesAddress, matchesDestination, matchesNamespace, matchesPrincipal, matchesServerName, matchesServiceAccount, matchesTrustDomain } from "./peer.ts";
import type { Ternary } from "./ternary.ts";
import { every, not, some } from "./ternary.ts";

/**
 * One thing that a rule asks. `http`: it can only be asked of a request, never of a connection.
 * `ztunnel`: whether ztunnel is told of it; what is `foreign` to it spoils an ALLOW rule, what is `unheard` does not.
 */
export interface Matcher {
  readonly http: boolean;
  readonly ztunnel: "asked" | "foreign" | "unheard";
  readonly answer: Ternary;
}

/** Whom a rule is asked about, and the policy's namespace, to which short names belong. */
export interface Asked {
  readonly peer: Peer;
  readonly policyNamespace: string;
}

function any<T>(values: readonly T[], matches: (value: T) => Ternary): Ternary {
  return some(values.map(matches));
}

function pair<T>(values: readonly T[], notValues: readonly T[], matches: (value: T) => Ternary): readonly Matcher[] {
  const asked = { http: false, ztunnel: "asked" } as const;
  return [
    ...(values.length === 0 ? [] : [{ ...asked, answer: any(values, matches) }]),
    ...(notValues.length === 0 ? [] : [{ ...asked, answer: not(any(notValues, matches)) }]),
  ];
}

function untold(ztunnel: Matcher["ztunnel"], matchers: readonly Matcher[]): readonly Matcher[] {
  return matchers.map((matcher) => ({ ...matcher, ztunnel }));
}

function requestOnly(...lists: readonly (readonly string[])[]): readonly Matcher[] {
  return lists.filter((list) => list.length > 0).map(() => ({ http: true, ztunnel: "foreign", answer: "depends" }));
}

export function sourceMatchers(source: AuthorizationSource, { peer, policyNamespace }: Asked): readonly Matcher[] {
  return [
    ...pair(source.principals, source.notPrincipals, (value) => matchesPrincipal(value, peer)),
    ...pair(source.namespaces, source.notNamespaces, (value) => matchesNamespace(value, peer)),
    ...pair(source.serviceAccounts, source.notServiceAccounts, (value) => matchesServiceAccount(value, policyNamespace, peer)),
    ...untold("unheard", pair(source.trustDomains, source.notTrustDomains, (value) => matchesTrustDomain(value, peer))),
    ...pair(source.ipBlocks, source.notIpBlocks, (value) => matchesAddress(value, peer)),
    ...untold("foreign", pair(source.remoteIpBlocks, source.notRemoteIpBlocks, (value) => matchesAddress(value, peer))),
    ...requestOnly(source.requestPrincipals, source.notRequestPrincipals),
  ];
}

export function operationMatchers(operation: AuthorizationOperation, { peer }: Asked): readonly Matcher[] {
  const { hosts, notHosts, methods, notMethods, paths, notPaths } = operation;
  return [...pair(operation.ports, operation.notPorts, (value) => value === String(peer.targetPort)), ...requestOnly(hosts, notHosts, methods, notMethods, paths, notPaths)];
}

function isOfRequest(key: string): boolean {
  return key.startsWith("request.");
}

/** Attributes that a connection has, by the key of a condition. */
const CONDITIONS: ReadonlyMap<string, (value: string, asked: Asked) => Ternary> = new Map<string, (value: string, asked: Asked) => Ternary>([
  ["source.principal", (value, { peer }) => matchesPrincipal(value, peer)],
  ["source.namespace", (value, { peer }) => matchesNamespace(value, peer)],
  ["source.serviceAccount", (value, { peer, policyNamespace }) => matchesServiceAccount(value, policyNamespace, peer)],
  ["source.trustDomain", (value, { peer }) => matchesTrustDomain(value, peer)],
  ["source.ip", (value, { peer }) => matchesAddress(value, peer)],
  ["remote.ip", (value, { peer }) => matchesAddress(value, peer)],
  ["destination.port", (value, { peer }) => value === String(peer.targetPort)],
  ["destination.ip", (value, { peer }) => matchesDestination(value, peer)],
  ["connection.sni", (value, { peer }) => matchesServerName(value, peer)],
]);

const TOLD_TO_ZTUNNEL: ReadonlySet<string> = new Set(["source.ip", "source.namespace", "source.principal", "destination.ip", "destination.port"]);

export function conditionMatchers({ key, values, notValues }: AuthorizationCondition, asked: Asked): readonly Matcher[] {
  const matches = CONDITIONS.get(key);
  if (matches === undefined) return [{ http: isOfRequest(key), ztunnel: "foreign", answer: "depends" }];
  const matchers = pair(values, notValues, (value) => matches(value, asked));
  return TOLD_TO_ZTUNNEL.has(key) ? matchers : untold("foreign", matchers);
}

function answers(matchers: readonly Matcher[]): Ternary {
  return every(matchers.map(({ answer }) => answer));
}

interface RuleMatchers {
  readonly from: readonly (readonly Matcher[])[];
  readonly to: readonly (readonly Matcher[])[];
  readonly when: readonly (readonly Matcher[])[];
}

function matchersOf(rule: AuthorizationRule, asked: Asked): RuleMatchers {
  return {
    from: rule.from.map((source) => sourceMatchers(source, asked)),
    to: rule.to.map((operation) => operationMatchers(operation, asked)),
    when: rule.when.map((condition) => conditionMatchers(condition, asked)),
  };
}

function combine({ from, to, when }: RuleMatchers): Ternary {
  const sources = from.length === 0 ? true : some(from.map(answers));
  const operations = to.length === 0 ? true : some(to.map(answers));
  return every([sources, operations, ...when.map(answers)]);
}

/** Whether a rule asks anything that only a request has, or that a port of requests tells better. */
export function asksRequest({ from, to, when }: AuthorizationRule): boolean {
  const lists = [...from.flatMap((source) => [source.requestPrincipals, source.notRequestPrincipals]), ...to.flatMap((one) => [one.hosts, one.notHosts, one.methods, one.notMethods, one.paths, one.notPaths])];
  return lists.some((list) => list.length > 0) || when.some(({ key }) => isOfRequest(key) || key === "connection.sni");
}

/** Asked of an HTTP request. */
export function matchesRequest(rule: AuthorizationRule, asked: Asked): Ternary {
  return combine(matchersOf(rule, asked));
}

function withoutHttp(matchers: readonly Matcher[]): readonly Matcher[] {
  return matchers.filter(({ http }) => !http);
}

function hasHttp({ from, to, when }: RuleMatchers): boolean {
  return [...from, ...to, ...when].some((matchers) => matchers.some(({ http }) => http));
}

/** Asked of a connection by a sidecar: what only a request has drops an ALLOW rule whole, and is left out of a DENY rule. */
export function matchesConnection(rule: AuthorizationRule, asked: Asked, action: "ALLOW" | "DENY"): Ternary {
  const matchers = matchersOf(rule, asked);
  if (!hasHttp(matchers)) return combine(matchers);
  if (action === "ALLOW") return false;
  return combine({ from: matchers.from.map(withoutHttp), to: matchers.to.map(withoutHttp), when: matchers.when.map(withoutHttp) });
}

/** A clause as ztunnel has it: matches without anything left to ask are skipped, and a clause of skipped ones never matches. */
function ztunnelClause(alternatives: readonly (readonly Matcher[])[]): Ternary {
  if (alternatives.length === 0) return true;
  const told = alternatives.map((matchers) => matchers.filter(({ ztunnel }) => ztunnel === "asked"));
  return some(told.filter((matchers) => matchers.length > 0).map(answers));
}

/** Asked of a connection by ztunnel. */
export function matchesAtZtunnel(rule: AuthorizationRule, asked: Asked, action: "ALLOW" | "DENY"): Ternary {
  const { from, to, when } = matchersOf(rule, asked);
  const isForeign = [...from, ...to, ...when].some((matchers) => matchers.some(({ ztunnel }) => ztunnel === "foreign"));
  if (action === "ALLOW" && isForeign) return false;
  return every([ztunnelClause(from), ztunnelClause(to), ...when.map((condition) => ztunnelClause([condition]))]);
}
