import type { AuthorizationPolicy, AuthorizationRule, AuthorizationSource } from "../snapshot.ts";
import type { Peer } from "./peer.ts";

const ADDRESS_CONDITIONS: ReadonlySet<string> = new Set(["source.ip", "remote.ip"]);
const OF_THE_PEER = /^(source|remote|connection)\./;
const ACCOUNT_CONDITIONS: ReadonlySet<string> = new Set(["source.principal", "source.serviceAccount"]);

function asksAddress({ ipBlocks, notIpBlocks, remoteIpBlocks, notRemoteIpBlocks }: AuthorizationSource): boolean {
  return [ipBlocks, notIpBlocks, remoteIpBlocks, notRemoteIpBlocks].some((list) => list.length > 0);
}

function asksAccount({ principals, notPrincipals, serviceAccounts, notServiceAccounts }: AuthorizationSource): boolean {
  return [principals, notPrincipals, serviceAccounts, notServiceAccounts].some((list) => list.length > 0);
}

/** Of whoever comes, by what a connection proves of it. */
function asksAnything(source: AuthorizationSource): boolean {
  const { namespaces, notNamespaces, trustDomains, notTrustDomains } = source;
  return asksAddress(source) || asksAccount(source) || [namespaces, notNamespaces, trustDomains, notTrustDomains].some((list) => list.length > 0);
}

const NOTHING = (): boolean => false;

function asks(rules: readonly AuthorizationRule[], bySource: (source: AuthorizationSource) => boolean, conditions: ReadonlySet<string>): boolean {
  return rules.some(({ from, when }) => from.some(bySource) || when.some(({ key }) => conditions.has(key)));
}

/** Tells peers apart as far as the rules of some policies can. */
export class PeerKeys {
  /** any rule asks who comes */
  readonly asksPeer: boolean;
  /** any rule asks where it arrives */
  readonly asksDestination: boolean;
  /** any rule asks from which address */
  readonly asksAddress: boolean;
  readonly #asksServerName: boolean;
  readonly #asksPlace: boolean;
  readonly #asksMore: boolean;
  readonly #asksAccount: boolean;

  constructor(policies: readonly AuthorizationPolicy[]) {
    const rules = policies.flatMap((policy) => policy.rules ?? []);
    this.asksPeer = rules.some(({ from, when }) => from.some(asksAnything) || when.some(({ key }) => OF_THE_PEER.test(key)));
    this.asksDestination = asks(rules, NOTHING, new Set(["destination.ip"]));
    this.#asksServerName = asks(rules, NOTHING, new Set(["connection.sni"]));
    this.asksAddress = asks(rules, asksAddress, ADDRESS_CONDITIONS);
    this.#asksPlace = this.asksDestination || this.#asksServerName;
    this.#asksAccount = asks(rules, asksAccount, ACCOUNT_CONDITIONS);
    this.#asksMore = this.#asksAccount || this.asksAddress || this.#asksPlace;
  }

  /** Peers of one mesh with the same key are answered alike on a port. */
  of(peer: Peer): string {
    const { identity, trustDomains } = peer;
    if (identity !== null && !this.#asksMore && identity.trustDomain === trustDomains[0]) return identity.namespace;
    const who = identity === null ? "" : `${identity.trustDomain}/${identity.namespace}/${this.#asksAccount ? identity.serviceAccount : ""}`;
    return `${who} ${this.asksAddress ? (peer.address ?? "") : ""}${this.#more(peer)}`;
  }

  #more({ destinations, serverName }: Peer): string {
    if (!this.#asksPlace) return "";
    return JSON.stringify([this.asksDestination ? destinations : [], this.#asksServerName ? serverName : null]);
  }
}
