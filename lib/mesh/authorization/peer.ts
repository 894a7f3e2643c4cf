import { addressInRange } from "../ip.ts";
import type { Ternary } from "./ternary.ts";

/** The client of a connection, as far as an AuthorizationPolicy can ask about it. */
export interface Peer {
  /** proved by mTLS; `null`: every question for an identity is answered with no */
  readonly identity: { readonly trustDomain: string; readonly namespace: string; readonly serviceAccount: string } | null;
  /** `null` where another sends on behalf of it */
  readonly address: string | null;
  readonly targetPort: number;
  /** where it arrives: of all servers that are alike; empty where that is not known */
  readonly destinations: readonly string[];
  /** that its TLS asks for (SNI), empty for none; `null` where that is not known */
  readonly serverName: string | null;
  /** trust domains that stand for each other in policies */
  readonly trustDomains: readonly string[];
}

/** `*` is anything that is there; one leading or trailing `*` matches the rest. */
export function matchesText(pattern: string, value: string): boolean {
  if (pattern === "*") return value !== "";
  if (pattern.startsWith("*")) return value.endsWith(pattern.slice(1));
  if (pattern.endsWith("*")) return value.startsWith(pattern.slice(0, -1));
  return pattern === value;
}

/** A principal's trust domain stands for the mesh's aliases too. */
export function matchesPrincipal(pattern: string, { identity, trustDomains }: Peer): boolean {
  if (identity === null) return false;
  const { trustDomain, namespace, serviceAccount } = identity;
  const rest = `ns/${namespace}/sa/${serviceAccount}`;
  const principal = `${trustDomain}/${rest}`;
  if (matchesText(pattern, principal)) return true;
  const slash = pattern.indexOf("/");
  const domain = slash < 0 ? "" : pattern.slice(0, slash);
  return isOurs(domain, trustDomains) && trustDomains.includes(trustDomain) && matchesText(pattern.slice(slash + 1), rest);
}

function isOurs(domain: string, trustDomains: readonly string[]): boolean {
  return domain === "cluster.local" || trustDomains.includes(domain);
}

/** `*` may stand anywhere in a namespace. */
export function matchesNamespace(pattern: string, { identity }: Peer): boolean {
  if (identity === null) return false;
  const parts = pattern.split("*");
  const { namespace } = identity;
  const [head] = parts;
  const tail = parts.at(-1);
  if (parts.length === 1) return namespace === pattern;
  if (head === undefined || tail === undefined || namespace.length < head.length + tail.length) return false;
  let at = head.length;
  for (const part of parts.slice(1, -1)) {
    const found = namespace.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return namespace.startsWith(head) && namespace.endsWith(tail) && at <= namespace.length - tail.length;
}

/** `namespace/name`, or a name in the policy's own namespace. */
export function matchesServiceAccount(pattern: string, policyNamespace: string, { identity }: Peer): boolean {
  if (identity === null) return false;
  const full = pattern.includes("/") ? pattern : `${policyNamespace}/${pattern}`;
  return full === `${identity.namespace}/${identity.serviceAccount}`;
}

export function matchesTrustDomain(pattern: string, { identity }: Peer): boolean {
  return identity !== null && matchesText(pattern, identity.trustDomain);
}

export function matchesAddress(range: string, { address }: Peer): Ternary {
  return address === null ? "depends" : addressInRange(address, range);
}

export function matchesDestination(range: string, { destinations }: Peer): Ternary {
  const answers = new Set(destinations.map((address) => addressInRange(address, range)));
  const [first, ...others] = answers;
  return first === undefined || others.length > 0 ? "depends" : first;
}

export function matchesServerName(pattern: string, { serverName }: Peer): Ternary {
  return serverName === null ? "depends" : matchesText(pattern, serverName);
}
