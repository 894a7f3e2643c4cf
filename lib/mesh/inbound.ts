import { plaintextAdmission } from "./ambient.ts";
import { capturesInbound, interceptsNothing } from "./capture.ts";
import type { ServiceAndPort } from "./clientScope.ts";
import type { Deduction } from "./deduction.ts";
import { foundBy, Trail } from "./deduction.ts";
import type { Instance, InstanceClass } from "./instances.ts";
import type { IstiodView } from "./istiodView.ts";
import { byAge, label } from "./order.ts";
import type { PortProtocol } from "./protocol.ts";
import { AUTO, protocolNamed } from "./protocol.ts";
import type { RegistryPort, RegistryService } from "./registry/service.ts";
import type { Pod, Sidecar } from "./snapshot.ts";
import type { Gap, ObjectRef } from "./verdict.ts";
import type { ServerMode } from "./vocabulary.ts";

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

/** Services that select an instance; for one that none selects, those whose endpoints name its address. */
function servicesOf({ registry }: IstiodView, instance: Instance): { readonly selecting: readonly RegistryService[]; readonly byAddress: readonly RegistryService[] } {
  const { namespace, labels } = instance.class;
  const selecting = registry.selecting(namespace, labels);
  const isSelected = selecting.some(({ source }) => source.kind === "Service");
  const byAddress = registry.byAddressOnly(namespace, instance.told.addresses);
  return { selecting, byAddress: isSelected ? byAddress.filter(({ source }) => source.kind === "ServiceEntry") : byAddress };
}

type Declaration = { readonly service: RegistryService; readonly port: RegistryPort; readonly targetPort: number | undefined };

function declarations(view: IstiodView, instance: Instance): readonly Declaration[] {
  const { selecting, byAddress } = servicesOf(view, instance);
  const selected = selecting.flatMap((service) => service.ports.map((port) => ({ service, port, targetPort: targetOf(instance, port) })));
  if (byAddress.length === 0) return selected;
  const addressed = byAddress.flatMap((service) =>
    service.ports.map((port) => ({ service, port, targetPort: view.registry.endpoints.of(service, port).find((one) => one.instance === instance)?.targetPort })),
  );
  return [...selected, ...addressed].sort((a, b) => byAge(a.service.meta, b.service.meta));
}

function declaredByServices(view: IstiodView, instance: Instance): ReadonlyMap<number, DeclaredPort> {
  const declared = new Map<number, DeclaredPort & { readonly services: ServiceAndPort[] }>();
  for (const { service, port, targetPort } of declarations(view, instance)) {
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

function declaredPorts(view: IstiodView, instance: Instance): Deduction<ReadonlyMap<number, DeclaredPort>> {
  const trail = new Trail();
  const byServices = declaredByServices(view, instance);
  if (instance.class.dataPlaneMode !== "sidecar") return trail.found(byServices);
  const sidecar = trail.follow(view.sidecars.of(instance.class));
  if (sidecar?.ingress == null || sidecar.ingress.length === 0) return trail.found(byServices);
  const merges = trail.follow(view.settings.flag("PILOT_ALLOW_SIDECAR_SERVICE_INBOUND_LISTENER_MERGE", false));
  const byIngress = declaredBySidecar(sidecar, sidecar.ingress);
  return trail.found(merges ? new Map([...byServices, ...byIngress]) : byIngress);
}

/** Listeners of a Sidecar may end a TLS of their own where istiod was told to let them, and where mTLS is off. */
function ingressTlsGaps(view: IstiodView, of: InstanceClass, targetPort: number): readonly Gap[] {
  const sidecar = view.sidecars.of(of).value;
  const listener = sidecar?.ingress?.find(({ port }) => port === targetPort);
  if (sidecar == null || listener === undefined || listener.tlsMode === null) return [];
  const enabled = view.settings.flag("ENABLE_TLS_ON_SIDECAR_INGRESS", false);
  if (!enabled.value) return enabled.gaps;
  return [{ wanted: "whether plaintext is taken", because: `\`Sidecar\` \`${sidecar.namespace}/${sidecar.name}\` ends a TLS of its own on port ${targetPort} (${listener.tlsMode}), which is neither mTLS of the mesh nor plaintext` }];
}

function sidecarListens(view: IstiodView, of: InstanceClass, targetPort: number): boolean {
  const sidecar = view.sidecars.of(of).value;
  return sidecar?.ingress?.some(({ port }) => port === targetPort) ?? false;
}

interface At {
  readonly targetPort: number;
  /** ports of Services that lead to it */
  readonly servicePorts: () => readonly number[];
}

function sidecarMode(view: IstiodView, instance: Instance, { targetPort, servicePorts }: At): Deduction<ServerMode> {
  const { class: of, object } = instance;
  const trail = new Trail();
  if (object.kind === "Pod") {
    const listens = interceptsNothing(object) && sidecarListens(view, of, targetPort);
    const captured = listens || trail.follow(capturesInbound(object, targetPort, view.settings));
    if (!captured) return trail.found("UNCAPTURED");
  }
  trail.lacks(view.envoyFilterGaps(of, "SIDECAR_INBOUND"));
  const mode = trail.follow(view.peerAuthentications.mode(of, targetPort, servicePorts));
  if (mode === "DISABLE") trail.lacks(ingressTlsGaps(view, of, targetPort));
  return trail.found(mode);
}

const BYPASS_ANNOTATION = "ambient.istio.io/bypass-inbound-capture";

function ambientMode(view: IstiodView, { class: of, object }: Instance, targetPort: number): Deduction<ServerMode> {
  if (label(object.annotations, BYPASS_ANNOTATION) === "true") {
    return foundBy("UNCAPTURED", "AMB-6", { object, field: `metadata.annotations.${BYPASS_ANNOTATION}`, value: "true" });
  }
  return plaintextAdmission(view.peerAuthentications, of, targetPort);
}

/** gRPC without a proxy has no permissive: what it advertises decides. */
function proxylessMode(view: IstiodView, { class: of, object }: Instance, targetPort: number): Deduction<ServerMode> {
  const trail = new Trail();
  const mode = trail.follow(view.peerAuthentications.mode(of, targetPort));
  if (mode !== "PERMISSIVE") return trail.because("GRPC-1", { object }).found(mode);
  return trail.because("GRPC-2", { object, field: "metadata.labels.security.istio.io/tlsMode", value: of.tlsMode }).found(of.tlsMode === "istio" ? "STRICT" : "DISABLE");
}

function modeOf(view: IstiodView, instance: Instance, at: At): Deduction<ServerMode> {
  const { object } = instance;
  const { targetPort } = at;
  switch (instance.class.dataPlaneMode) {
    case "none":
      return object.kind === "Pod" && object.hostNetwork ? foundBy("NONE", "PLANE-2", { object, field: "spec.hostNetwork", value: "true" }) : foundBy("NONE", "PLANE-1", { object });
    case "gateway":
      return foundBy("GATEWAY", "GW-1", { object });
    case "waypoint":
      return foundBy(targetPort === 15_008 ? "STRICT" : "UNCAPTURED", "AMB-12", { object });
    case "sidecar":
      return sidecarMode(view, instance, at);
    case "ambient":
      return ambientMode(view, instance, targetPort);
    case "grpc-proxyless":
      return proxylessMode(view, instance, targetPort);
  }
}

type DeclaredPorts = Deduction<ReadonlyMap<number, DeclaredPort>>;

/** What arrives at an instance: the ports it has, how each is read, and what is enforced there. */
export class Inbound {
  readonly #view: IstiodView;
  readonly #declared = new Map<Instance | InstanceClass, DeclaredPorts>();
  readonly #protocols = new Map<DeclaredPorts, Map<number, Deduction<PortProtocol>>>();
  readonly #modes = new Map<InstanceClass, Map<number, Deduction<ServerMode>>>();

  constructor(view: IstiodView) {
    this.#view = view;
  }

  /** The ports of an instance for which its proxy has chains of their own. */
  declared(instance: Instance): DeclaredPorts {
    const { class: of, told } = instance;
    const key = this.#view.registry.byAddressOnly(of.namespace, told.addresses).length === 0 ? of : instance;
    const found = this.#declared.get(key) ?? declaredPorts(this.#view, instance);
    this.#declared.set(key, found);
    return found;
  }

  /** What is enforced on one target port. */
  mode(instance: Instance, targetPort: number): Deduction<ServerMode> {
    const known = this.#modes.get(instance.class) ?? new Map<number, Deduction<ServerMode>>();
    this.#modes.set(instance.class, known);
    const found = known.get(targetPort) ?? modeOf(this.#view, instance, { targetPort, servicePorts: () => this.#servicePorts(instance, targetPort) });
    known.set(targetPort, found);
    return found;
  }

  #servicePorts(instance: Instance, targetPort: number): readonly number[] {
    return this.declared(instance).value.get(targetPort)?.services.map(({ port }) => port.number) ?? [];
  }

  /** The protocol by which a sidecar treats what arrives on a port. */
  protocol(instance: Instance, targetPort: number): Deduction<PortProtocol> {
    const declared = this.declared(instance);
    const known = this.#protocols.get(declared) ?? new Map<number, Deduction<PortProtocol>>();
    this.#protocols.set(declared, known);
    const found = known.get(targetPort) ?? this.#protocolOf(declared, instance.class.namespace, targetPort);
    known.set(targetPort, found);
    return found;
  }

  #protocolOf(declaredPorts: DeclaredPorts, namespace: string, targetPort: number): Deduction<PortProtocol> {
    const trail = new Trail();
    const declared = trail.follow(declaredPorts).get(targetPort);
    trail.lacks([...this.#view.knowledge.gaps("Service", namespace), ...this.#view.knowledge.gaps("ServiceEntry", namespace)]);
    if (declared === undefined || declared.protocol.class === "UDP") return trail.because("JOIN-10").found(AUTO);
    return trail.because("JOIN-11", { object: declared.by, field: "spec.ports", value: declared.protocol.class }).found(declared.protocol);
  }
}
