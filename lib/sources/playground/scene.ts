import type { MeshObject } from "#mesh";

/** How the pods of a workload are in the mesh. */
export type Plane = "sidecar" | "ambient" | "gateway" | "waypoint" | "none";

export interface PortSpec {
  /** as Istio reads it: `http`, `tcp-postgres`, `https` */
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
}

/** A workload of a scene, from which its pods, Service and EndpointSlice are built. */
export interface WorkloadSpec {
  /** `namespace/name` */
  readonly id: string;
  readonly plane: Plane;
  readonly kind?: "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob";
  readonly replicas?: number;
  /** so many of the replicas were started before injection was switched on */
  readonly replicasWithoutProxy?: number;
  /** ports of the Service of the same name; none, no Service */
  readonly ports?: readonly PortSpec[];
  /** ports that the container opens and no Service names */
  readonly privatePorts?: readonly number[];
  readonly headless?: boolean;
  readonly hostNetwork?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly serviceLabels?: Readonly<Record<string, string>>;
  /** given addresses; without, they are handed out in order */
  readonly podAddresses?: readonly string[];
  readonly clusterIP?: string;
}

/** Traffic that comes in bursts: a CronJob's. */
export interface Schedule {
  readonly everySeconds: number;
  readonly forSeconds: number;
  /** how long before the scene was opened the last burst was over */
  readonly endedSecondsAgo: number;
}

export type Happening = "mTLS" | "plaintext";

/** One client workload calling one server, over and over. What becomes of the calls is the engine's word, not the scene's. */
export interface Flow {
  readonly from: string;
  /** a workload of the scene; `external:HOST` for a ServiceEntry's host */
  readonly to: string;
  /** the Service's port; the container's with `byAddress` */
  readonly port: number;
  readonly byAddress?: boolean;
  readonly perSecond: number;
  readonly schedule?: Schedule;
  readonly bytesPerConnection?: number;
  /** the application speaks TLS of its own */
  readonly applicationTls?: boolean;
  /** a disagreement written by hand: this happens, whatever configuration says */
  readonly despite?: { readonly happens: Happening; readonly because: string };
}

/** A simulated mesh as data. */
export interface Scene {
  readonly id: string;
  readonly title: string;
  readonly namespaces: readonly { readonly name: string; readonly labels?: Readonly<Record<string, string>> }[];
  readonly workloads: readonly WorkloadSpec[];
  readonly flows: readonly Flow[];
  /** Istio's objects, and what lets the API server call someone: they came with the cluster */
  readonly policies: readonly MeshObject[];
  /** objects that were added some time before the scene was opened: traffic was judged without them until then */
  readonly addedLately: { readonly secondsAgo: number; readonly policies: readonly MeshObject[] } | null;
  readonly istioVersion: string;
  /** istiod's environment where it differs from the defaults */
  readonly istiodEnv: Readonly<Record<string, string>>;
}
