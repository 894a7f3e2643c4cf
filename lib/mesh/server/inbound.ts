import { plaintextAdmission } from "./ambient.ts";
import { capturesInbound, interceptsNothing } from "./capture.ts";
import type { DeclaredPort, DeclaredPorts } from "./declaredPorts.ts";
import type { Deduction } from "../deduction.ts";
import { foundBy, Trail } from "../deduction.ts";
import type { GatewayPort } from "../gateway/gateway.ts";
import { gatewayPort } from "../gateway/gateway.ts";
import type { Instance, InstanceClass } from "../instances/instances.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import { label, under } from "../order.ts";
import type { PortProtocol } from "../joining/protocol.ts";
import type { Gap } from "../verdict.ts";
import type { ServerMode } from "../vocabulary.ts";

/** Listeners of a Sidecar may end a TLS of their own where istiod was told to let them, and where mTLS is off. */
function ingressTlsGaps(view: IstiodView, of: InstanceClass, targetPort: number): readonly Gap[] {
  const { value: sidecar, gaps } = view.sidecars.of(of);
  const listener = sidecar?.ingress?.find(({ port }) => port === targetPort);
  const endsTls = sidecar !== null && listener != null && listener.tlsMode !== null;
  if (!endsTls && gaps.length === 0) return [];
  const enabled = view.settings.flag("ENABLE_TLS_ON_SIDECAR_INGRESS", false);
  if (!enabled.value) return enabled.gaps;
  if (!endsTls) return gaps;
  return [{ wanted: "whether plaintext is taken", because: `\`Sidecar\` \`${sidecar.namespace}/${sidecar.name}\` ends a TLS of its own on port ${targetPort} (${listener.tlsMode}), which is neither mTLS of the mesh nor plaintext` }];
}

/** Where nothing is redirected a Sidecar's own listeners are all that the proxy has. */
function sidecarListens(view: IstiodView, { class: of, object }: Instance, targetPort: number): Deduction<boolean> {
  const trail = new Trail();
  if (object.kind !== "Pod" || !interceptsNothing(object)) return trail.found(false);
  const { value: sidecar, gaps } = view.sidecars.of(of);
  return trail.lacks(gaps).found(sidecar?.ingress?.some(({ port }) => port === targetPort) ?? false);
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
    const captured = trail.follow(sidecarListens(view, instance, targetPort)) || trail.follow(capturesInbound(object, targetPort, view.settings));
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

/** What arrives at an instance: the ports it has, and what is enforced there. */
export class Inbound {
  readonly #view: IstiodView;
  readonly #declared: DeclaredPorts;
  readonly #modes = new Map<InstanceClass, Map<number, Deduction<ServerMode>>>();
  readonly #gatewayPorts = new Map<Instance, Map<number, Deduction<GatewayPort>>>();

  constructor(view: IstiodView, declared: DeclaredPorts) {
    this.#view = view;
    this.#declared = declared;
  }

  /** The ports of an instance for which its proxy has chains of their own. */
  declared(instance: Instance): Deduction<ReadonlyMap<number, DeclaredPort>> {
    return this.#declared.of(instance);
  }

  /** Those that are alike, one of them for all; some of a class have ports of their own. */
  alike(instances: readonly Instance[]): readonly Instance[] {
    const apart = instances.filter((instance) => this.#declared.isApart(instance));
    const one = instances.find((instance) => !apart.includes(instance));
    return one === undefined ? apart : [one, ...apart];
  }

  /** What is enforced on one target port. */
  mode(instance: Instance, targetPort: number): Deduction<ServerMode> {
    const known = under(this.#modes, instance.class);
    const found = known.get(targetPort);
    if (found !== undefined) return found;
    const mode = modeOf(this.#view, instance, { targetPort, servicePorts: () => this.#servicePorts(instance, targetPort) });
    known.set(targetPort, mode);
    return mode;
  }

  #servicePorts(instance: Instance, targetPort: number): readonly number[] {
    return this.declared(instance).value.get(targetPort)?.services.map(({ port }) => port.number) ?? [];
  }

  /** What Gateways make of a gateway's port. */
  gatewayPort(instance: Instance, targetPort: number): Deduction<GatewayPort> {
    const known = under(this.#gatewayPorts, instance);
    const found = known.get(targetPort) ?? gatewayPort(this.#view, instance, targetPort);
    known.set(targetPort, found);
    return found;
  }

  /** The protocol by which a sidecar treats what arrives on a port. */
  protocol(instance: Instance, targetPort: number): Deduction<PortProtocol> {
    return this.#declared.protocol(instance, targetPort);
  }
}
