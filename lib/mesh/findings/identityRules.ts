import type { AuthorizationCondition, AuthorizationOperation, AuthorizationRule, AuthorizationSource } from "../snapshot.ts";

// What a rule asks for, apart from any caller: an identity, or something that only a request has.

const IDENTITY_KEYS: ReadonlySet<string> = new Set(["source.principal", "source.namespace", "source.serviceAccount", "source.trustDomain"]);

function asksWho({ principals, namespaces, serviceAccounts, trustDomains }: AuthorizationSource): boolean {
  return principals.length + namespaces.length + serviceAccounts.length + trustDomains.length > 0;
}

function asksWhoNot({ notPrincipals, notNamespaces, notServiceAccounts, notTrustDomains }: AuthorizationSource): boolean {
  return notPrincipals.length + notNamespaces.length + notServiceAccounts.length + notTrustDomains.length > 0;
}

/** Whether a rule matches nobody who proves no identity. */
export function needsIdentity({ from, when }: AuthorizationRule): boolean {
  return (from.length > 0 && from.every(asksWho)) || when.some(({ key, values }) => IDENTITY_KEYS.has(key) && values.length > 0);
}

/** Whether a rule names clients by identity: those that come in plaintext are not recognised by it. */
export function namesIdentity({ from, when }: AuthorizationRule): boolean {
  return from.some(asksWho) || when.some(({ key, values }) => IDENTITY_KEYS.has(key) && values.length > 0);
}

/** Whether a rule excepts clients by identity (`notPrincipals` and the like): whoever proves none is not excepted. */
export function exceptsIdentity({ from, when }: AuthorizationRule): boolean {
  return from.some(asksWhoNot) || when.some(({ key, notValues }) => IDENTITY_KEYS.has(key) && notValues.length > 0);
}

function sourceOfRequest({ requestPrincipals, notRequestPrincipals }: AuthorizationSource): boolean {
  return requestPrincipals.length + notRequestPrincipals.length > 0;
}

function sourceOfConnection(source: AuthorizationSource): boolean {
  const { ipBlocks, notIpBlocks, remoteIpBlocks, notRemoteIpBlocks } = source;
  return asksWho(source) || asksWhoNot(source) || ipBlocks.length + notIpBlocks.length + remoteIpBlocks.length + notRemoteIpBlocks.length > 0;
}

function operationOfRequest({ hosts, notHosts, methods, notMethods, paths, notPaths }: AuthorizationOperation): boolean {
  return hosts.length + notHosts.length + methods.length + notMethods.length + paths.length + notPaths.length > 0;
}

function operationOfConnection({ ports, notPorts }: AuthorizationOperation): boolean {
  return ports.length + notPorts.length > 0;
}

function conditionOfRequest({ key }: AuthorizationCondition): boolean {
  return key.startsWith("request.");
}

/** Whether a rule asks for what only a request has: a path, a method, a header or a token. */
export function asksRequest({ from, to, when }: AuthorizationRule): boolean {
  return from.some(sourceOfRequest) || to.some(operationOfRequest) || when.some(conditionOfRequest);
}

/** Whether ztunnel matches nobody by a rule: it leaves out what only a request has, and a clause of which nothing is left matches nothing. */
export function isLostAtZtunnel({ from, to, when }: AuthorizationRule): boolean {
  const sources = from.length > 0 && from.every((source) => sourceOfRequest(source) && !sourceOfConnection(source));
  const operations = to.length > 0 && to.every((operation) => operationOfRequest(operation) && !operationOfConnection(operation));
  return sources || operations || when.some(conditionOfRequest);
}

/** Whether a rule is about a port at all. */
export function isAboutPort({ to, when }: AuthorizationRule, port: number): boolean {
  const text = String(port);
  const byOperation = to.length === 0 || to.some(({ ports, notPorts }) => (ports.length === 0 || ports.includes(text)) && !notPorts.includes(text));
  return byOperation && when.every(({ key, values }) => key !== "destination.port" || values.length === 0 || values.includes(text));
}
