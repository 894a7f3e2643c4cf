import type { Enforcement } from "../authorization/enforcement.ts";
import { enforcementAt } from "../authorization/enforcement.ts";
import type { ServiceAndPort } from "../client/clientScope.ts";
import type { ClientPolicy } from "../client/clientTls.ts";
import { clientPolicy, tlsMode } from "../client/clientTls.ts";
import type { Deduction } from "../deduction.ts";
import { withoutReasons } from "../deduction.ts";
import type { Destination } from "../joining/destination.ts";
import type { Engine } from "../engine.ts";
import type { InstanceClass } from "../instances/instances.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import type { Judgement } from "./judgement.ts";
import { under } from "../order.ts";
import type { Endpoint } from "../registry/endpoint.ts";
import type { RegistryService } from "../registry/service.ts";
import type { SendingClass } from "./sendingClass.ts";
import type { ServerMode } from "../vocabulary.ts";
import { waypointFor } from "../joining/waypoint.ts";

/** Ways on which nothing is out of the ordinary, and of which all that decides is equal: who sends alike is answered the same on each. */
export interface WayKind {
  /** by these clients, on the first way that was asked about */
  readonly judged: Map<SendingClass, Judgement>;
  /** of this way, where AuthorizationPolicies are for its server */
  readonly enforcement: Enforcement | null;
}

/** What becomes of another TLS hangs on the protocol of the port as well. */
const TAKEN_ALIKE: ReadonlySet<string> = new Set(["DISABLE", "ISTIO_MUTUAL"]);

/** What a policy comes to at any server; `null` where that is not the same at all. */
function takenAlike({ passthrough, inferenceReadsPassthrough, tls, endpointMode }: ClientPolicy): string | null {
  if (passthrough || inferenceReadsPassthrough) return null;
  if (tls !== null && (tls.tls.subjectAltNames.length > 0 || !TAKEN_ALIKE.has(tlsMode(tls.tls)))) return null;
  return JSON.stringify([tls?.tls ?? null, endpointMode === null ? null : tlsMode(endpointMode.tls)]);
}

interface Ordinary extends ServiceAndPort {
  readonly endpoint: Endpoint;
}

/** An account without name is told to nobody. */
function isOrdinary({ asItIs }: Endpoint, of: InstanceClass): boolean {
  return asItIs && of.serviceAccountName !== "";
}

/** Says of ways which kind they are of, as one control plane's clients see them. */
export class WayKinds {
  readonly #engine: Engine;
  readonly #view: IstiodView;
  readonly #judged = new Map<string, Map<SendingClass, Judgement>>();

  constructor(engine: Engine, view: IstiodView) {
    this.#engine = engine;
    this.#view = view;
  }

  /**
   * @param at the service that it leads to: a dial of it means the same to all readers
   * @returns `null` where it has to be judged by itself
   */
  of(to: Deduction<Destination>, at: ServiceAndPort): WayKind | null {
    const { server, targetPort } = to.value;
    const found = this.#ordinary(to.value, at);
    if (found === null) return null;
    const serverMode = this.#engine.seenBy(server.class).inbound.mode(server, targetPort);
    const key = serverMode.gaps.length > 0 ? null : this.#keyOf(found, server.class, serverMode.value);
    if (key === null) return null;
    const silent = this.#engine.seenBy(server.class).view.authorizationPolicies.of(server).silent !== null;
    const enforcement = silent ? null : enforcementAt(this.#engine, server, { to: withoutReasons(to), serverMode: withoutReasons(serverMode) });
    return { judged: under(this.#judged, `${key} ${silent}`), enforcement };
  }

  /** A Service with an address of its own, and an endpoint that is told of as what it is. */
  #ordinary(to: Destination, at: ServiceAndPort): Ordinary | null {
    const { endpoint, server, isDatagram } = to;
    if (isDatagram || endpoint === null || !isOrdinary(endpoint, server.class)) return null;
    return this.#isOrdinary(at.service) && !this.#hasWaypoint(to) ? { ...at, endpoint } : null;
  }

  #isOrdinary({ resolution }: RegistryService): boolean {
    return (resolution === "EDS" || resolution === "DNS") && this.#view.knowledge.isComplete;
  }

  /** All that the rule for all readers says on a port; `null` where it is not one, or says what not every server takes alike. */
  #ruled({ service, port, endpoint }: Ordinary): string | null {
    const { destinationRules, settings } = this.#view;
    if (!destinationRules.isRuled(service)) return "";
    const rule = destinationRules.forReaders(service);
    const policy = rule === null ? null : clientPolicy(rule, { port: port.number, targetPort: endpoint.targetPort, subset: null, settings });
    return policy === null || policy.gaps.length > 0 ? null : takenAlike(policy.value);
  }

  #hasWaypoint(to: Destination): boolean {
    return this.#view.configuration.objects.KubernetesGateway.length > 0 && waypointFor(this.#view, to).value !== null;
  }

  /** Everything that the answers of an ordinary way can depend on, beside the client. */
  #keyOf(found: Ordinary, { dataPlaneMode, revision }: InstanceClass, serverMode: ServerMode): string | null {
    const { service, endpoint } = found;
    const ruled = dataPlaneMode === "gateway" || dataPlaneMode === "waypoint" ? null : this.#ruled(found);
    if (ruled === null) return null;
    const [told, ofNamespace] = [this.#view.peerModeOf(endpoint), this.#view.peerAuthentications.namespaceMode(service.namespace)];
    if (told.gaps.length > 0 || ofNamespace.gaps.length > 0) return null;
    const { tunnel, network } = endpoint;
    return [dataPlaneMode, serverMode, told.value, ofNamespace.value, service.resolution, service.external, tunnel, endpoint.tlsMode, network, revision, ruled].join(" ");
  }
}
