import type { ServiceAndPort } from "../client/clientScope.ts";
import type { Settings } from "../controlPlane/controlPlane.ts";
import type { Deduction } from "../deduction.ts";
import { Trail } from "../deduction.ts";
import type { Instance, InstanceClass } from "../instances/instances.ts";
import type { Knowledge } from "../controlPlane/knowledge.ts";
import { compareText, under } from "../order.ts";
import type { PortProtocol } from "../joining/protocol.ts";
import { AUTO, protocolNamed } from "../joining/protocol.ts";
import type { Registry } from "../registry/registry.ts";
import type { RegistryPort, RegistryService } from "../registry/service.ts";
import type { Sidecars } from "../client/sidecarScope.ts";
import type { Pod, Sidecar } from "../snapshot.ts";
import type { ObjectRef } from "../verdict.ts";

/** A target port that something declares, and the oldest that does: its protocol counts. */
export interface DeclaredPort {
  readonly targetPort: number;
  readonly protocol: PortProtocol;
  readonly by: ObjectRef;
  readonly services: readonly ServiceAndPort[];
}

function namedPort(pod: Pod, name: string): number | undefined {
  for (const { ports } of pod.containers) for (const port of ports) if (port.name === name) return port.containerPort;
  return undefined;
}

function targetOf(instance: Instance, port: RegistryPort): number | undefined {
  const { object } = instance;
  if (object.kind === "WorkloadEntry") {
    const named = Object.hasOwn(object.ports, port.name) ? object.ports[port.name] : undefined;
    return named ?? (typeof port.targetPort === "number" ? port.targetPort : undefined);
  }
  return typeof port.targetPort === "number" ? port.targetPort : namedPort(object, port.targetPort);
}

/** What declares ports. */
export interface DeclarationSource {
  readonly registry: Registry;
  readonly sidecars: Sidecars;
  readonly settings: Settings;
  readonly knowledge: Knowledge;
}

/** Services that select an instance; for one that none selects, those whose endpoints name its address. */
function servicesOf({ registry }: DeclarationSource, instance: Instance): { readonly selecting: readonly RegistryService[]; readonly byAddress: readonly RegistryService[] } {
  const { namespace, labels } = instance.class;
  const selecting = registry.selecting(namespace, labels);
  const isSelected = selecting.some(({ source }) => source.kind === "Service");
  const byAddress = registry.byAddressOnly(namespace, instance.told.addresses);
  return { selecting, byAddress: isSelected ? byAddress.filter(({ source }) => source.kind === "ServiceEntry") : byAddress };
}

/** Istio's order of services before one workload: the oldest first, ties by host. */
function byAgeAndHost({ service: a }: Declaration, { service: b }: Declaration): number {
  return (a.meta.createdAtMs ?? 0) - (b.meta.createdAtMs ?? 0) || compareText(a.host, b.host);
}

/** A service port that leads to an instance, and the target port there; `undefined` where the instance has no port of the name that is asked for. */
export type Declaration = { readonly service: RegistryService; readonly port: RegistryPort; readonly targetPort: number | undefined };

/** The ports that services declare for an instance, those that count first. */
export function declarations(source: DeclarationSource, instance: Instance): readonly Declaration[] {
  const { selecting, byAddress } = servicesOf(source, instance);
  const selected = selecting.flatMap((service) => service.ports.map((port) => ({ service, port, targetPort: targetOf(instance, port) })));
  const addressed = byAddress.flatMap((service) =>
    service.ports.map((port) => ({ service, port, targetPort: source.registry.endpoints.of(service, port).find((one) => one.instance === instance)?.targetPort })),
  );
  return [...selected, ...addressed].sort(byAgeAndHost);
}

function declaredByServices(source: DeclarationSource, instance: Instance): ReadonlyMap<number, DeclaredPort> {
  const declared = new Map<number, DeclaredPort & { readonly services: ServiceAndPort[] }>();
  for (const { service, port, targetPort } of declarations(source, instance)) {
    if (targetPort === undefined) continue;
    const first = declared.get(targetPort);
    if (first === undefined) declared.set(targetPort, { targetPort, protocol: port.protocol, by: service.ref, services: [{ service, port }] });
    else first.services.push({ service, port });
  }
  return declared;
}

function declaredBySidecar(sidecar: Sidecar, ingress: NonNullable<Sidecar["ingress"]>): ReadonlyMap<number, DeclaredPort> {
  return new Map(ingress.map(({ port, protocol }) => [port, { targetPort: port, protocol: protocolNamed(protocol), by: sidecar, services: [] }] as const));
}

type PortsByNumber = Deduction<ReadonlyMap<number, DeclaredPort>>;

function declaredPorts(source: DeclarationSource, instance: Instance): PortsByNumber {
  const trail = new Trail();
  const byServices = declaredByServices(source, instance);
  if (instance.class.dataPlaneMode !== "sidecar") return trail.found(byServices);
  const sidecar = trail.follow(source.sidecars.of(instance.class));
  if (sidecar?.ingress == null || sidecar.ingress.length === 0) return trail.found(byServices);
  const merges = trail.follow(source.settings.flag("PILOT_ALLOW_SIDECAR_SERVICE_INBOUND_LISTENER_MERGE", false));
  const byIngress = declaredBySidecar(sidecar, sidecar.ingress);
  return trail.found(merges ? new Map([...byServices, ...byIngress]) : byIngress);
}

/** The ports that instances have, and how each is read, whatever policies say. */
export class DeclaredPorts {
  readonly #source: DeclarationSource;
  readonly #known = new Map<Instance | InstanceClass, PortsByNumber>();
  readonly #protocols = new Map<PortsByNumber, Map<number, Deduction<PortProtocol>>>();

  constructor(source: DeclarationSource) {
    this.#source = source;
  }

  /** Whether an instance has ports that others of its class need not have. */
  isApart({ class: of, told }: Instance): boolean {
    return this.#source.registry.byAddressOnly(of.namespace, told.addresses).length > 0;
  }

  /** The ports of an instance for which its proxy has chains of their own. */
  of(instance: Instance): PortsByNumber {
    const key = this.isApart(instance) ? instance : instance.class;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const declared = declaredPorts(this.#source, instance);
    this.#known.set(key, declared);
    return declared;
  }

  /** The protocol by which a sidecar treats what arrives on a port. */
  protocol(instance: Instance, targetPort: number): Deduction<PortProtocol> {
    const declared = this.of(instance);
    const known = under(this.#protocols, declared);
    const found = known.get(targetPort) ?? this.#protocolOf(declared, instance.class.namespace, targetPort);
    known.set(targetPort, found);
    return found;
  }

  #protocolOf(declaredPorts: PortsByNumber, namespace: string, targetPort: number): Deduction<PortProtocol> {
    const trail = new Trail();
    const declared = trail.follow(declaredPorts).get(targetPort);
    const { knowledge } = this.#source;
    trail.lacks([...knowledge.gaps("Service", namespace), ...knowledge.gaps("ServiceEntry", namespace)]);
    if (declared === undefined || declared.protocol.class === "UDP") return trail.because("JOIN-10").found(AUTO);
    return trail.because("JOIN-11", { object: declared.by, field: "spec.ports", value: declared.protocol.class }).found(declared.protocol);
  }
}
