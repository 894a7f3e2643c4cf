import type { Configuration, Pod, ProtocolFamily, Service } from "#mesh";
import { planeOf, splitId } from "./pods.ts";
import type { Plane, Scene } from "./scene.ts";

/** One end of a call, with what its proxy knows of itself. */
export interface Peer {
  readonly namespace: string;
  readonly workload: string;
  readonly plane: Plane;
  readonly pod: string;
  readonly address: string;
  readonly hostNetwork: boolean;
  readonly principal: string;
}

export interface NamedService {
  readonly host: string;
  readonly name: string;
  readonly headless: boolean;
}

const HTTP_PORT = /^(http|http2|grpc|grpc-web)(-|$)/;

export function familyOf(portName: string | null): ProtocolFamily {
  return portName !== null && HTTP_PORT.test(portName) ? "http" : "tcp";
}

export function named(service: Service): NamedService {
  return { host: `${service.name}.${service.namespace}.svc.cluster.local`, name: service.name, headless: service.clusterIPs.includes("None") };
}

function peerOf(pod: Pod, plane: Plane): Peer {
  return {
    namespace: pod.namespace, workload: pod.owner.name, plane, pod: pod.name, address: pod.ips[0] ?? "", hostNetwork: pod.hostNetwork,
    principal: `spiffe://cluster.local/ns/${pod.namespace}/sa/${pod.serviceAccountName}`,
  };
}

/** Who calls and who is called: the part of a configuration that policies do not change. */
export class Cast {
  readonly #configuration: Configuration;
  readonly #scene: Scene;

  constructor(scene: Scene, configuration: Configuration) {
    this.#scene = scene;
    this.#configuration = configuration;
  }

  /** @throws when a flow names a workload that the scene does not have */
  peers(id: string): readonly Peer[] {
    const [namespace, name] = splitId(id);
    const workload = this.#scene.workloads.find((candidate) => candidate.id === id);
    if (workload === undefined) throw new Error(`scene "${this.#scene.id}" has a flow of "${id}", but no such workload`);
    const pods = this.#configuration.objects.Pod.filter((pod) => pod.namespace === namespace && pod.owner.name === name);
    return pods.map((pod, ordinal) => peerOf(pod, planeOf(workload, ordinal)));
  }

  service(id: string): Service | null {
    const [namespace, name] = splitId(id);
    return this.#configuration.objects.Service.find((service) => service.namespace === namespace && service.name === name) ?? null;
  }

  /** the waypoint that ambient clients of the Service go through */
  waypoint(service: Service | null): Peer | null {
    const name = service?.labels["istio.io/use-waypoint"];
    return service === null || name === undefined ? null : (this.peers(`${service.namespace}/${name}`)[0] ?? null);
  }

  /** some HTTP Service uses this port number: a sidecar then reads what is sent there as HTTP, whatever the address */
  readsAsHttp(port: number): boolean {
    return this.#configuration.objects.Service.some((service) => service.ports.some((declared) => declared.port === port && familyOf(declared.name) === "http"));
  }
}
