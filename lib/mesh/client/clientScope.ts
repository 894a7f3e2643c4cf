import type { Deduction } from "../deduction.ts";
import { Trail } from "../deduction.ts";
import { resolveHost } from "../host.ts";
import type { InstanceClass } from "../instances/instances.ts";
import type { Settings } from "../controlPlane/controlPlane.ts";
import type { Knowledge } from "../controlPlane/knowledge.ts";
import { byAge } from "../order.ts";
import { isExported, isPublic } from "../registry/registry.ts";
import type { RegistryPort, RegistryService } from "../registry/service.ts";
import { isPartOf, portOf } from "../registry/service.ts";
import type { ServiceIndex } from "../registry/serviceIndex.ts";
import type { OwnListener, Sidecars } from "./sidecarScope.ts";
import { SidecarImports } from "./sidecarScope.ts";
import type { Sidecar, VirtualService } from "../snapshot.ts";
import type { Gap } from "../verdict.ts";
import type { ServiceHost } from "../vocabulary.ts";
import { serviceHost } from "../vocabulary.ts";
import type { VirtualServices } from "./virtualServices.ts";

/** A service of istiod's registry and one of its ports: what a cluster of a client's proxy is made for. */
export interface ServiceAndPort {
  readonly service: RegistryService;
  readonly port: RegistryPort;
}

/** One's own namespace before others, but not for gateways, which have no Sidecar, not even the one that all others have. */
function ownFirst(reader: string | null): (a: RegistryService, b: RegistryService) => number {
  const own = (service: RegistryService): number => Number(service.namespace !== reader);
  const kubernetes = (service: RegistryService): number => Number(service.source.kind !== "Service");
  return (a, b) => (reader === null ? 0 : own(a) - own(b)) || kubernetes(a) - kubernetes(b);
}

/** Of entries that istiod makes one of, the oldest that has the port; the oldest, where none has. */
function partWith(port: number, [first, ...others]: readonly [RegistryService, ...RegistryService[]]): RegistryService {
  return [first, ...others].find((service) => portOf(service, port) !== undefined) ?? first;
}

export const YES: Deduction<boolean> = { value: true, reasons: [], gaps: [] };

const NO_LISTENER: Deduction<OwnListener | null> = { value: null, reasons: [], gaps: [] };

/** What there is to be seen. */
interface ScopeSource {
  readonly services: ServiceIndex;
  readonly sidecars: Sidecars;
  readonly virtualServices: VirtualServices;
  readonly settings: Settings;
  readonly knowledge: Knowledge;
  readonly clusterDomain: string;
}

/** What one kind of client sees of the registry: what is exported to its namespace and imported by its Sidecar. */
export class ClientScope {
  readonly namespace: string;
  readonly sidecar: Sidecar | null;
  readonly isGateway: boolean;
  readonly #source: ScopeSource;
  readonly #imports: SidecarImports | null;
  readonly #visible = new Map<ServiceHost, { readonly port: number; readonly found: Deduction<RegistryService | null> }[]>();
  readonly #namespaces = new Map<string, Deduction<boolean>>();
  #virtualServices: Deduction<readonly VirtualService[]> | null = null;
  #routed: ReadonlySet<RegistryService> | null = null;
  readonly #http = new Map<number, Deduction<boolean>>();

  constructor(source: ScopeSource, client: InstanceClass, sidecar: Sidecar | null) {
    this.namespace = client.namespace;
    this.isGateway = client.dataPlaneMode === "gateway" || client.dataPlaneMode === "waypoint";
    this.sidecar = sidecar;
    this.#imports = sidecar === null ? null : new SidecarImports(sidecar, client.namespace, source.settings);
    this.#source = source;
  }

  /** Whether an object with an `exportTo`, or the mesh's default in its place, is exported to this client's namespace. */
  isExported(what: { readonly namespace: string; readonly exportTo: readonly string[] }, byDefault: readonly string[]): Deduction<boolean> {
    return isExported(what, this.namespace, { byDefault, of: this.#source.settings });
  }

  /** Whether the client's Sidecar imports a host of a namespace; without a Sidecar everything is. @param port `null`: on any */
  imports(namespace: string, host: string, port: number | null): Deduction<boolean> {
    return this.#imports === null ? YES : this.#imports.has({ namespace, host }, port);
  }

  /** The listener of the Sidecar's own on a port, as a service finds it. */
  ownListener({ namespace, host }: RegistryService, port: number): Deduction<OwnListener | null> {
    return this.#imports === null ? NO_LISTENER : this.#imports.listener({ namespace, host }, port);
  }

  /** Whether the client's Sidecar has an egress listener for this very port. */
  listensOnItsOwn(port: number): boolean {
    return this.#imports?.listensOn(port) ?? false;
  }

  #exports(service: RegistryService): Deduction<boolean> {
    return this.isExported(service, this.#source.settings.mesh.defaultServiceExportTo);
  }

  /** Whether nothing could hide this service: it is public, alone under its name, and no Sidecar is in force. */
  #isPlain(named: readonly RegistryService[]): boolean {
    const [only, ...others] = named;
    if (only === undefined || others.length > 0 || this.sidecar !== null || !this.#source.knowledge.isComplete) return false;
    return this.#isForAll(only);
  }

  /** Among those of other namespaces what is exported by name comes before what is for all, and then the older. */
  #byPreference(): (a: RegistryService, b: RegistryService) => number {
    const first = ownFirst(this.isGateway ? null : this.namespace);
    return (a, b) => first(a, b) || Number(this.#isForAll(a)) - Number(this.#isForAll(b)) || byAge(a.meta, b.meta);
  }

  #isForAll({ exportTo }: RegistryService): boolean {
    return isPublic(exportTo.length > 0 ? exportTo : this.#source.settings.mesh.defaultServiceExportTo);
  }

  /** The service that a host means to this client on a port, among all that have this name; `null`: the name is unknown. */
  visible(host: ServiceHost, port: number): Deduction<RegistryService | null> {
    const named = this.#source.services.named(host);
    if (this.#isPlain(named)) return { value: named[0] ?? null, reasons: [], gaps: [] };
    // anybody may dial any name: only those that exist are worth remembering
    if (named.length === 0) return this.#look(host, port);
    const known = this.#visible.get(host) ?? [];
    for (const one of known) if (one.port === port) return one.found;
    const found = this.#look(host, port);
    known.push({ port, found });
    this.#visible.set(host, known);
    return found;
  }

  #look(host: ServiceHost, port: number): Deduction<RegistryService | null> {
    const trail = new Trail();
    const named = this.#source.services.named(host);
    const exported = named.filter((service) => trail.follow(this.#exports(service)));
    const imported = exported.filter((service) => trail.follow(this.imports(service.namespace, service.host, port)));
    const [first] = [...imported].sort(this.#byPreference());
    const best = first === undefined ? null : partWith(port, [first, ...imported.filter((service) => service !== first && isPartOf(first, service))]);
    const other = exported[0] ?? named[0];
    trail.lacks(this.#rivals(best, named.length > 0));
    if (best !== null) return trail.found(best);
    if (exported.length === 0 && other !== undefined) trail.because("REG-2", { object: other.ref, field: exportField(other), value: other.exportTo.join(",") || "(mesh default)" });
    else if (this.sidecar !== null && other !== undefined) trail.because("REG-3", { object: this.sidecar, field: "spec.egress" });
    else trail.because("REG-1");
    return trail.found(null);
  }

  /** What may not have been read and could take the name from the service that was found: an entry of the client's own namespace, or any older one. */
  #rivals(best: RegistryService | null, isNamed: boolean): readonly Gap[] {
    const { knowledge } = this.#source;
    if (best === null) return [...knowledge.gapsAnywhere("ServiceEntry"), ...(isNamed ? [] : knowledge.gapsAnywhere("Service"))];
    if (best.source.kind === "ServiceEntry") return knowledge.gapsAnywhere("ServiceEntry");
    return this.isGateway || best.namespace === this.namespace ? [] : knowledge.gaps("ServiceEntry", this.namespace);
  }

  /** Whether it is this service that its host and port mean to the client, and no other of the same name. */
  sees({ service, port }: ServiceAndPort): Deduction<boolean> {
    const { value, reasons, gaps } = this.visible(service.host, port.number);
    return { value: value === service, reasons, gaps };
  }

  /** Entries of one name that give a port for HTTP another protocol, where no address tells them apart: which of them has the listener is told by no rule. */
  contested({ service, port }: ServiceAndPort): readonly Gap[] {
    if (this.isGateway || service.source.kind !== "ServiceEntry" || port.protocol.class !== "HTTP") return [];
    const rival = this.#source.services.named(service.host).find((other) => this.#contests(other, service, port));
    if (rival === undefined) return [];
    const [own, other] = [service, rival].map(({ namespace, meta: { name } }) => `\`${namespace}/${name}\``);
    return [{ wanted: `what proxies listen for on port ${port.number} of \`${service.host}\``, because: `ServiceEntries ${own ?? ""} and ${other ?? ""} give it different protocols, and istiod goes by no order that can be read` }];
  }

  #contests(other: RegistryService, { addresses }: RegistryService, { number }: RegistryPort): boolean {
    const spoken = other.source.kind === "ServiceEntry" ? portOf(other, number)?.protocol.class : undefined;
    if ((spoken !== "TCP" && spoken !== "AUTO") || (addresses.length > 0 && other.addresses.length > 0)) return false;
    return this.#exports(other).value && this.imports(other.namespace, other.host, number).value;
  }

  /** Whether any service of a namespace is in scope: only then does the client know that namespace's policies. */
  knowsNamespace(namespace: string): Deduction<boolean> {
    const { rootNamespace } = this.#source.settings.mesh;
    if (namespace === this.namespace || namespace === rootNamespace) return { value: true, reasons: [], gaps: [] };
    const found = this.#namespaces.get(namespace) ?? this.#anyVisible(namespace);
    this.#namespaces.set(namespace, found);
    return found;
  }

  #anyVisible(namespace: string): Deduction<boolean> {
    const trail = new Trail();
    const seen = this.#source.services.inNamespace(namespace).some((service) => service.ports.some((port) => trail.follow(this.sees({ service, port }))));
    return trail.found(seen || [...this.routedServices()].some((service) => service.namespace === namespace));
  }

  /** VirtualServices for traffic inside the mesh that this client has. */
  virtualServices(): Deduction<readonly VirtualService[]> {
    this.#virtualServices ??= this.#lookVirtual();
    return this.#virtualServices;
  }

  #lookVirtual(): Deduction<readonly VirtualService[]> {
    const { knowledge, settings, virtualServices } = this.#source;
    const trail = new Trail().lacks(knowledge.gapsAnywhere("VirtualService"));
    const byDefault = settings.mesh.defaultVirtualServiceExportTo;
    const { all } = virtualServices;
    const seen = all.filter((one) => trail.follow(this.isExported(one, byDefault)) && virtualServices.hostsOf(one).some((host) => trail.follow(this.imports(one.namespace, host, null))));
    return trail.found(seen.length === all.length ? all : seen);
  }

  /** The VirtualService for a host: the most specific host, the oldest first. */
  virtualServiceFor(host: string): Deduction<VirtualService | null> {
    const seen = this.virtualServices();
    return { ...seen, value: this.#source.virtualServices.among(seen.value, host) };
  }

  /** Services that VirtualServices of this client send to, as far as they are exported to it. */
  routedServices(): ReadonlySet<RegistryService> {
    this.#routed ??= new Set(this.virtualServices().value.flatMap((one) => this.#routedBy(one)));
    return this.#routed;
  }

  #routedBy(one: VirtualService): readonly RegistryService[] {
    const destinations = [...one.http, ...one.tcp, ...one.tls].flatMap((route) => route.destinations);
    return destinations.flatMap(({ host }) => this.exportedOnly(serviceHost(resolveHost(host, one.namespace, this.#source.clusterDomain))).value ?? []);
  }

  /** A host as a VirtualService imports it: exported is enough. */
  exportedOnly(host: ServiceHost): Deduction<RegistryService | null> {
    const trail = new Trail();
    const exported = this.#source.services.named(host).filter((service) => trail.follow(this.#exports(service)));
    if (exported.length < 2) return trail.found(exported[0] ?? null);
    const newer = [...exported].sort(this.#byPreference())[0] ?? null;
    const byLetter = [...exported].sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
    const older = byLetter.find(({ namespace }) => namespace === this.namespace) ?? byLetter[0] ?? null;
    return trail.found(trail.follow(this.#source.settings.since("1.30", newer, older)));
  }

  /** Whether proxies of this client have a listener `0.0.0.0:port` for HTTP. */
  opensHttp(port: number): Deduction<boolean> {
    const found = this.#http.get(port) ?? this.#lookHttp(port);
    this.#http.set(port, found);
    return found;
  }

  #lookHttp(port: number): Deduction<boolean> {
    const trail = new Trail();
    const opens = this.#source.services.httpOn(port).some((service) => {
      const at = portOf(service, port);
      return at !== undefined && trail.follow(this.sees({ service, port: at }));
    });
    return { value: opens, reasons: [], gaps: trail.found(null).gaps };
  }

  /** What becomes of a dial that matches no cluster: the Sidecar's `outboundTrafficPolicy`, else the mesh's. */
  outboundPolicy(): Deduction<"ALLOW_ANY" | "REGISTRY_ONLY"> {
    const trail = new Trail().lacks(this.#source.settings.meshGapsOn("outboundTrafficPolicyMode"));
    const own = this.sidecar?.outboundTrafficPolicyMode ?? null;
    const { outboundTrafficPolicyMode: ofMesh } = this.#source.settings.mesh;
    if (own === null) return trail.because("REG-6", { object: this.#source.settings.meshRef, field: "data.mesh outboundTrafficPolicy.mode", value: ofMesh }).found(ofMesh);
    const mode = own === "ALLOW_ANY" ? "ALLOW_ANY" : "REGISTRY_ONLY";
    return trail.because("REG-5", { object: this.sidecar, field: "spec.outboundTrafficPolicy.mode", value: own === "" ? "(absent)" : own }).found(mode);
  }
}

function exportField({ source }: RegistryService): string {
  return source.kind === "Service" ? "metadata.annotations.networking.istio.io/exportTo" : "spec.exportTo";
}

/** One scope per namespace and Sidecar: all clients that share both see the same. */
export class ClientScopes {
  readonly #source: ScopeSource;
  readonly #byClass = new WeakMap<InstanceClass, Deduction<ClientScope>>();
  readonly #byNamespace = new Map<string, ClientScope[]>();

  constructor(source: ScopeSource) {
    this.#source = source;
  }

  /** What clients of a class see; with gaps where the Sidecar in force may not have been read. */
  of(client: InstanceClass): Deduction<ClientScope> {
    const found = this.#byClass.get(client) ?? this.#find(client);
    this.#byClass.set(client, found);
    return found;
  }

  #find(client: InstanceClass): Deduction<ClientScope> {
    const sidecar = this.#source.sidecars.of(client);
    return { ...sidecar, value: this.#scope(client, sidecar.value) };
  }

  #scope(client: InstanceClass, sidecar: Sidecar | null): ClientScope {
    const known = this.#byNamespace.get(client.namespace) ?? [];
    const isGateway = client.dataPlaneMode === "gateway" || client.dataPlaneMode === "waypoint";
    const found = known.find((scope) => scope.isGateway === isGateway && scope.sidecar === sidecar);
    if (found !== undefined) return found;
    const scope = new ClientScope(this.#source, client, sidecar);
    this.#byNamespace.set(client.namespace, [...known, scope]);
    return scope;
  }
}

