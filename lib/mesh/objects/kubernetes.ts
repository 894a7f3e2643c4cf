/** String to string, as Kubernetes keeps labels and annotations. Keys are hostile input: read with `Object.hasOwn`. */
export type Labels = Readonly<Record<string, string>>;

/** What every object carries. `createdAtMs` is `null` where the API gave no creationTimestamp. */
export interface ObjectMeta {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly createdAtMs: number | null;
}

export interface Namespace extends ObjectMeta {
  readonly kind: "Namespace";
}

export interface ContainerPort {
  readonly name: string | null;
  readonly containerPort: number;
  readonly protocol: string;
}

/** A question of the kubelet's, which has no mesh identity; one over TCP is content with the proxy, and one that runs a command never leaves the pod. */
export interface Probe {
  readonly kind: "http" | "grpc";
  readonly port: number | string;
}

/** `restartPolicy: "Always"` on an init container makes it a native sidecar. */
export interface Container {
  readonly name: string;
  readonly init: "init" | "native-sidecar" | "app";
  readonly args: readonly string[];
  readonly ports: readonly ContainerPort[];
  readonly runAsUser: number | null;
  /** probes and lifecycle hooks over the network; left out where they were not read */
  readonly probes?: readonly Probe[];
}

/** The object at the top of the owner chain; people know the workload by its name. */
export interface WorkloadOwner {
  readonly kind: string;
  readonly name: string;
}

/** One workload instance. */
export interface Pod extends ObjectMeta {
  readonly kind: "Pod";
  readonly owner: WorkloadOwner;
  readonly serviceAccountName: string;
  readonly hostNetwork: boolean;
  readonly nodeName: string | null;
  readonly phase: string;
  readonly deleting: boolean;
  readonly ready: boolean;
  readonly ips: readonly string[];
  readonly containers: readonly Container[];
}

export interface ServicePort {
  readonly name: string | null;
  readonly port: number;
  readonly protocol: string;
  readonly targetPort: number | string;
  readonly appProtocol: string | null;
  readonly nodePort: number | null;
}

export interface Service extends ObjectMeta {
  readonly kind: "Service";
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  /** empty for a Service without selector: its endpoints are written by hand */
  readonly selector: Labels;
  /** `None` for a headless Service */
  readonly clusterIPs: readonly string[];
  readonly externalIPs: readonly string[];
  readonly externalName: string | null;
  readonly publishNotReadyAddresses: boolean;
  readonly ports: readonly ServicePort[];
}

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly ready: boolean;
  readonly targetRef: { readonly kind: string; readonly namespace: string; readonly name: string } | null;
}

export interface EndpointSlice extends ObjectMeta {
  readonly kind: "EndpointSlice";
  readonly addressType: string;
  /** the label `kubernetes.io/service-name` */
  readonly serviceName: string | null;
  readonly ports: readonly { readonly name: string | null; readonly port: number | null; readonly protocol: string; readonly appProtocol: string | null }[];
  readonly endpoints: readonly SliceEndpoint[];
}
