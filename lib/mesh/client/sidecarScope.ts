import type { Settings } from "../controlPlane/controlPlane.ts";
import type { Deduction } from "../deduction.ts";
import { Trail } from "../deduction.ts";
import { matchesHost } from "../host.ts";
import type { InstanceClass } from "../instances/instances.ts";
import type { Knowledge } from "../controlPlane/knowledge.ts";
import { byAge, groupBy, isEmptySelector, selects } from "../order.ts";
import type { PortProtocol } from "../joining/protocol.ts";
import { protocolNamed } from "../joining/protocol.ts";
import type { Sidecar } from "../snapshot.ts";
import type { ServiceHost } from "../vocabulary.ts";

/** The Sidecar resource that is in force for a client, if any. */
export class Sidecars {
  readonly #byNamespace: ReadonlyMap<string, readonly Sidecar[]>;
  readonly #knowledge: Knowledge;
  readonly #rootNamespace: string;

  constructor(sidecars: readonly Sidecar[], settings: Settings, knowledge: Knowledge) {
    this.#byNamespace = groupBy([...sidecars].sort(byAge), ({ namespace }) => namespace);
    this.#knowledge = knowledge;
    this.#rootNamespace = settings.mesh.rootNamespace;
  }

  /** One with a matching selector first, then one without, then the root namespace's; gateways and waypoints have none. */
  of(client: InstanceClass): Deduction<Sidecar | null> {
    const trail = new Trail();
    if (client.dataPlaneMode === "gateway" || client.dataPlaneMode === "waypoint") return trail.found(null);
    trail.lacks(this.#knowledge.gaps("Sidecar", client.namespace));
    const own = this.#byNamespace.get(client.namespace) ?? [];
    const selected = own.find(({ workloadSelector: s }) => s !== null && !isEmptySelector(s) && selects(s, client.labels));
    if (selected !== undefined) return trail.because("REG-7", { object: selected, field: "spec.workloadSelector" }).found(selected);
    const general = own.find(({ workloadSelector }) => isEmptySelector(workloadSelector));
    if (general !== undefined) return trail.because("REG-8", { object: general }).found(general);
    trail.lacks(this.#knowledge.gaps("Sidecar", this.#rootNamespace));
    const root = (this.#byNamespace.get(this.#rootNamespace) ?? []).find(({ workloadSelector }) => isEmptySelector(workloadSelector));
    return root === undefined ? trail.found(null) : trail.because("REG-9", { object: root }).found(root);
  }
}

type Egress = NonNullable<Sidecar["egress"]>[number];

/** Patterns of hosts by the namespace that they are looked for in; `*` is any. */
class HostLists {
  readonly #byNamespace = new Map<string, string[]>();

  add(namespace: string, host: string): void {
    const hosts = this.#byNamespace.get(namespace);
    if (hosts === undefined) this.#byNamespace.set(namespace, [host]);
    else hosts.push(host);
  }

  name({ namespace, host }: Imported): boolean {
    return this.#matches(namespace, host) || this.#matches("*", host);
  }

  #matches(namespace: string, host: string): boolean {
    return this.#byNamespace.get(namespace)?.some((pattern) => matchesHost(pattern, host)) === true;
  }
}

interface Listener {
  readonly port: number | null;
  /** `null` where it is not known */
  readonly protocol: PortProtocol | null;
  readonly imports: HostLists;
  readonly excludes: HostLists;
}

/** `namespace/host` entries; a leading `~` on the namespace excludes. */
function listenerOf({ hosts, port, protocol }: Egress, own: string): Listener {
  const [imports, excludes] = [new HostLists(), new HostLists()];
  for (const entry of hosts) {
    const slash = entry.indexOf("/");
    if (slash < 0) continue;
    const [namespace, host] = [entry.slice(0, slash), entry.slice(slash + 1)];
    if (namespace === "~") continue;
    if (namespace.startsWith("~")) excludes.add(namespace.slice(1) === "." ? own : namespace.slice(1), host);
    else imports.add(namespace === "." ? own : namespace, host);
  }
  return { port, protocol: protocol === undefined ? null : protocolNamed(protocol), imports, excludes };
}

/** A listener of a Sidecar for one port, and a service. */
export interface OwnListener {
  /** `null` where the service is none of its */
  readonly protocol: PortProtocol | null;
  /** requests on the port are routed among the services of the first such listener */
  readonly routesRequests: boolean;
  /** the service is one of a listener for all ports, too */
  readonly isAtLarge: boolean;
}

export interface Imported {
  readonly namespace: string;
  readonly host: ServiceHost | string;
}

/** What a Sidecar's egress lists name, as one namespace reads them; a listener with a port of its own speaks for that port only. */
export class SidecarImports {
  readonly #listeners: readonly Listener[];
  readonly #settings: Settings;

  constructor({ egress }: Sidecar, reader: string, settings: Settings) {
    this.#listeners = (egress ?? []).map((one) => listenerOf(one, reader));
    this.#settings = settings;
  }

  /** @param port `null`: on any */
  has(what: Imported, port: number | null): Deduction<boolean> {
    const trail = new Trail();
    if (this.#listeners.length === 0) return trail.found(true);
    const spoken = this.#listeners.filter((listener) => listener.port === null || port === null || listener.port === port);
    return trail.found(spoken.map((listener) => trail.follow(this.#names(listener, what))).includes(true));
  }

  #names({ imports, excludes }: Listener, what: Imported): Deduction<boolean> {
    const named = imports.name(what);
    return this.#settings.since("1.31", named && !excludes.name(what), named);
  }

  /** Whether the Sidecar has a listener of its own for a port. */
  listensOn(port: number): boolean {
    return this.#listeners.some((listener) => listener.port === port);
  }

  /** The listener of its own for a port, as one service finds it; `null` where there is none, or none that says its protocol. */
  listener(what: Imported, port: number): Deduction<OwnListener | null> {
    const trail = new Trail();
    const own = this.#listeners.filter((listener) => listener.port === port);
    if (own.length === 0 || own.some(({ protocol }) => protocol === null)) return trail.found(null);
    const isFirst = (listener: Listener): boolean => listener === own[0];
    const naming = own.find((listener) => trail.follow(this.#names(listener, what)));
    const isAtLarge = this.#listeners.some((listener) => listener.port === null && trail.follow(this.#names(listener, what)));
    return trail.found({ protocol: naming?.protocol ?? null, routesRequests: naming !== undefined && isFirst(naming), isAtLarge });
  }
}
