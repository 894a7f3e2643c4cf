/** `*` matches all, `*.x` matches by suffix; nothing else is a wildcard. */
export function isWildcard(host: string): boolean {
  return host.startsWith("*");
}

export function matchesHost(pattern: string, host: string): boolean {
  return isWildcard(pattern) ? host.endsWith(pattern.slice(1)) : pattern.toLowerCase() === host;
}

/** More specific first: exact before wildcard, longer before shorter, then by letter. */
export function bySpecificity(a: string, b: string): number {
  const exact = Number(isWildcard(a)) - Number(isWildcard(b));
  return exact || b.length - a.length || (a < b ? -1 : a > b ? 1 : 0);
}

const IP = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]*)$/i;

/**
 * A host as a DestinationRule or VirtualService writes it, in full: a name with a dot, an address and `*` are taken as they
 * stand, so that `reviews.default` is never `reviews.default.svc.cluster.local`.
 */
export function resolveHost(written: string, namespace: string, clusterDomain: string): string {
  if (isWildcard(written) || written.includes(".") || IP.test(written)) return written.toLowerCase();
  return `${written}.${namespace}.svc.${clusterDomain}`.toLowerCase();
}

/** Hosts as patterns, asked whether any is for a host. */
export class HostSet {
  readonly #exact: ReadonlySet<string>;
  readonly #suffixes: readonly string[];

  constructor(written: readonly { readonly hosts: readonly string[]; readonly namespace: string }[], clusterDomain: string) {
    const hosts = written.flatMap((one) => one.hosts.map((host) => resolveHost(host, one.namespace, clusterDomain)));
    this.#exact = new Set(hosts);
    this.#suffixes = hosts.filter(isWildcard).map((host) => host.slice(1));
  }

  holds(host: string): boolean {
    return this.#exact.has(host) || this.#suffixes.some((suffix) => host.endsWith(suffix));
  }
}
