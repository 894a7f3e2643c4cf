import type { ConnectionFacts } from "../joining/connectionFacts.ts";
import { connectionFacts } from "../joining/connectionFacts.ts";
import { verdictOf } from "../deduction.ts";
import type { Engine } from "../engine.ts";
import type { Revision } from "../controlPlane/revision.ts";
import type { Instance, InstanceClass } from "../instances/instances.ts";
import { isEnded } from "../instances/instances.ts";
import { joinGateway } from "../gateway/joinGateway.ts";
import { groupBy } from "../order.ts";
import type { RegistryPort, RegistryService } from "../registry/service.ts";
import type { ObjectKind, Pod } from "../snapshot.ts";
import { arriving, join } from "../joining/transport.ts";
import type { Reason } from "../verdict.ts";
import type { ClientMode, DataPlaneMode, ServerMode, Transport, WorkloadId } from "../vocabulary.ts";
import type { Resident } from "./resident.ts";
import { WantedModes } from "./wantedMode.ts";

/** A port of a resident, and a Service port that leads to it. */
export interface Way {
  readonly service: RegistryService;
  readonly port: RegistryPort;
  readonly targetPort: number;
}

/** A client nobody wrote anything about, with a proxy. Namespace `""`: in no namespace that has configuration of its own. */
export interface Caller {
  readonly namespace: string;
  readonly revision: string;
  readonly plane?: DataPlaneMode;
  readonly subset?: string;
  /** a real client in its place */
  readonly as?: Instance;
}

/** What is known for sure of a connection; `null` where it is not. */
export interface Fate {
  readonly sends: ClientMode;
  readonly serverMode: ServerMode;
  readonly transport: Transport;
  readonly sentBecause: readonly Reason[];
}

/** The pod of a caller: it has a sidecar and nothing else to tell. */
function podOf(namespace: string): Pod {
  const proxy = { name: "istio-proxy", init: "app", args: ["proxy", "sidecar"], ports: [], runAsUser: null } as const;
  return {
    kind: "Pod", namespace, name: "any client", labels: {}, annotations: {}, createdAtMs: null, owner: { kind: "Pod", name: "any client" }, serviceAccountName: "default",
    hostNetwork: false, nodeName: null, phase: "Running", deleting: false, ready: true, ips: [], containers: [proxy],
  };
}

function anyClient(namespace: string, revision: string, plane: DataPlaneMode): Instance {
  const object = podOf(namespace);
  const of: InstanceClass = { id: "", dataPlaneMode: plane, namespace, labels: {}, serviceAccountName: "default", revision, tlsMode: "istio", tunnel: false, network: "", representative: object };
  const told = {
    workload: `${namespace}/any client` as WorkloadId, ref: { namespace, name: "any client" }, kind: "Pod", dataPlaneMode: plane, labels: {}, addresses: [], nodeName: null, hostNetwork: false,
    ready: true, serviceAccountName: "default", createdAtMs: null,
  } as const;
  return { object, class: of, told };
}

const PROXIED: ReadonlySet<DataPlaneMode> = new Set(["sidecar", "gateway", "grpc-proxyless"]);

/** The mesh as findings look at it: who runs, what leads to whom, and the engine to ask. */
export class Survey {
  readonly engine: Engine;
  readonly residents: readonly Resident[];
  readonly byNamespace: ReadonlyMap<string, readonly Resident[]>;
  readonly #clients: readonly Resident[];
  readonly #clientsByNamespace: ReadonlyMap<string, readonly Resident[]>;
  readonly wantedModes = new WantedModes();
  readonly #callers = new Map<string, Instance>();
  readonly #ways = new Map<InstanceClass, readonly Way[] | null>();
  readonly #arrivals = new Map<string, Transport | null>();
  readonly #fates = new Map<string, Fate | null>();

  constructor(engine: Engine) {
    this.engine = engine;
    const running = groupBy(engine.instances.all.filter((instance) => !isEnded(instance)), (instance) => instance.class);
    this.residents = [...running].flatMap(([of, all]) => {
      const [one] = all;
      if (one === undefined) return [];
      const revision = engine.seenBy(of);
      const { view } = revision;
      return [{ of, one, all, revision, view, scope: view.peerAuthentications.scope(of) }];
    });
    this.byNamespace = groupBy(this.residents, ({ of }) => of.namespace);
    this.#clients = this.residents.filter(({ of }) => PROXIED.has(of.dataPlaneMode));
    this.#clientsByNamespace = groupBy(this.#clients, ({ of }) => of.namespace);
  }

  /** The control planes that some workload goes by. */
  get revisions(): readonly Revision[] {
    return [...new Set(this.residents.map(({ revision }) => revision))];
  }

  /** Whether everything of these kinds was read: in a namespace, or anywhere. */
  hasRead(kinds: readonly ObjectKind[], namespace: string | null): boolean {
    const { knowledge } = this.engine;
    return kinds.every((kind) => (namespace === null ? knowledge.gapsAnywhere(kind) : knowledge.gaps(kind, namespace)).length === 0);
  }

  workloadsOf({ all }: Resident): readonly WorkloadId[] {
    return [...new Set(all.map(({ told }) => told.workload))];
  }

  /** What leads to a resident; `null` where that is not known. */
  ways(resident: Resident): readonly Way[] | null {
    const known = this.#ways.get(resident.of);
    if (known !== undefined) return known;
    const declared = resident.revision.inbound.declared(resident.one);
    const ways = declared.gaps.length > 0 ? null : [...declared.value.values()].flatMap(({ targetPort, services }) => services.map(({ service, port }) => ({ service, port, targetPort })));
    this.#ways.set(resident.of, ways);
    return ways;
  }

  /** The target ports that Services lead to, or its Sidecar declares. */
  ports(resident: Resident): readonly number[] {
    const declared = resident.revision.inbound.declared(resident.one);
    return declared.gaps.length > 0 ? [] : [...declared.value.keys()];
  }

  /** What is enforced on a port; `null` where that is not known. */
  mode(resident: Resident, targetPort: number): ServerMode | null {
    const mode = resident.revision.inbound.mode(resident.one, targetPort);
    return mode.gaps.length > 0 ? null : mode.value;
  }

  /** A kind of client with a proxy of its own that runs in a namespace, or anywhere. */
  clientsIn(namespace: string | null): readonly Resident[] {
    return namespace === null ? this.#clients : (this.#clientsByNamespace.get(namespace) ?? []);
  }

  /** What becomes of a dial to a service port that ends at an instance; `null` where the engine does not know. */
  fate({ service, port }: Pick<Way, "service" | "port">, server: Instance, caller: Caller): Fate | null {
    const key = JSON.stringify([service.ref.kind, service.namespace, service.meta.name, service.host, port.number, server.class.id, caller.namespace, caller.revision, caller.plane, caller.subset, caller.as?.told.ref]);
    const known = this.#fates.get(key);
    if (known !== undefined) return known;
    const fate = this.#ask({ service, port }, server, caller);
    this.#fates.set(key, fate);
    return fate;
  }

  #ask({ service, port }: Pick<Way, "service" | "port">, server: Instance, caller: Caller): Fate | null {
    const client = this.callerOf(caller);
    const { subset } = caller;
    const via = { type: "service", host: service.host, ...(subset === undefined ? {} : { subset }) } as const;
    const facts = connectionFacts(this.engine, { client: client.told.ref, server: server.told.ref, port: port.number, via }, { client, server });
    return fateOf(facts);
  }

  /** Whether a caller's proxy has the service; false where that is not known. */
  sees(caller: Caller, { service, port }: Pick<Way, "service" | "port">): boolean {
    const client = this.callerOf(caller).class;
    const scope = this.engine.seenBy(client).scopes.of(client);
    const seen = scope.value.sees({ service, port });
    return scope.gaps.length === 0 && seen.gaps.length === 0 && seen.value;
  }

  /** What would become of bytes of another kind at an instance; `null` where it is not known. */
  arrival(server: Instance, targetPort: number, sends: ClientMode): Transport | null {
    const key = `${server.class.id} ${targetPort} ${arriving(sends)}`;
    const known = this.#arrivals.get(key);
    if (known !== undefined) return known;
    const transport = this.#arrival(server, targetPort, sends);
    this.#arrivals.set(key, transport);
    return transport;
  }

  #arrival(server: Instance, targetPort: number, sends: ClientMode): Transport | null {
    const { inbound } = this.engine.seenBy(server.class);
    const mode = inbound.mode(server, targetPort);
    if (mode.gaps.length > 0) return null;
    if (mode.value === "GATEWAY") {
      const port = inbound.gatewayPort(server, targetPort);
      const isUnsure = port.value.listeners.some(({ names, gaps }) => names.length > 0 || gaps.length > 0);
      return port.gaps.length > 0 || isUnsure ? null : joinGateway(port.value, { arrives: arriving(sends), name: null, passes: null }).transport;
    }
    const protocol = inbound.protocol(server, targetPort);
    return protocol.gaps.length > 0 ? null : join(arriving(sends), { mode: mode.value, plane: server.class.dataPlaneMode, protocol: protocol.value.class }).transport;
  }

  callerOf({ namespace, revision, plane = "sidecar", as }: Caller): Instance {
    if (as !== undefined) return as;
    const key = `${namespace} ${revision} ${plane}`;
    const client = this.#callers.get(key) ?? anyClient(namespace, revision, plane);
    this.#callers.set(key, client);
    return client;
  }
}

function fateOf({ sent, serverMode, transport }: ConnectionFacts): Fate | null {
  const [sends, accepts, follows] = [verdictOf(sent), verdictOf(serverMode), verdictOf(transport)];
  if (sends.kind === "unknown" || accepts.kind === "unknown" || follows.kind === "unknown") return null;
  return { sends: sends.value.mode, serverMode: accepts.value, transport: follows.value, sentBecause: sends.reasons };
}
