import { TLS_MODE_LABEL } from "../instances/dataPlane.ts";
import type { Instance } from "../instances/instances.ts";
import type { Labels } from "../snapshot.ts";
import type { Gap, ObjectRef } from "../verdict.ts";

/** An endpoint as istiod tells it to clients; the workload behind its address may be another thing. */
export interface Endpoint {
  readonly address: string;
  readonly targetPort: number;
  /** what clients read: `istio`, `disabled`, or another value as written */
  readonly tlsMode: string;
  readonly tunnel: boolean;
  readonly namespace: string;
  readonly labels: Labels;
  /** `namespace/serviceAccount` */
  readonly serviceAccount: string | null;
  readonly network: string;
  readonly ready: boolean;
  /** what has this address */
  readonly instance: Instance | null;
  /** told of as the instance that it is, and not as anybody wrote it */
  readonly asItIs: boolean;
  /** why `tlsMode`, `namespace` and `labels` may be otherwise */
  readonly gaps: readonly Gap[];
  /** who says what is said of `tlsMode`, and where */
  readonly toldBy: ObjectRef;
  readonly toldIn: string;
}

const NO_GAPS: readonly Gap[] = [];
const TLS_MODE_FIELD = `metadata.labels.${TLS_MODE_LABEL}`;

/** An endpoint that is a pod or a WorkloadEntry. There is one for each of its ports, so it holds only what the instance does not tell. */
export class InstanceEndpoint implements Endpoint {
  readonly instance: Instance;
  readonly targetPort: number;
  readonly ready: boolean;

  constructor(instance: Instance, targetPort: number, ready: boolean) {
    this.instance = instance;
    this.targetPort = targetPort;
    this.ready = ready;
  }

  get address(): string {
    return this.instance.told.addresses[0] ?? "";
  }

  get tlsMode(): string {
    return this.instance.class.tlsMode;
  }

  get tunnel(): boolean {
    return this.instance.class.tunnel;
  }

  get namespace(): string {
    return this.instance.class.namespace;
  }

  get labels(): Labels {
    return this.instance.class.labels;
  }

  get serviceAccount(): string | null {
    const { namespace, serviceAccountName } = this.instance.class;
    return serviceAccountName === "" ? null : `${namespace}/${serviceAccountName}`;
  }

  get network(): string {
    return this.instance.class.network;
  }

  get toldBy(): ObjectRef {
    return this.instance.object;
  }

  get asItIs(): boolean {
    return true;
  }

  get gaps(): readonly Gap[] {
    return NO_GAPS;
  }

  get toldIn(): string {
    return TLS_MODE_FIELD;
  }
}
