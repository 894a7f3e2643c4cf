import { byName, groupBy } from "../order.ts";
import type { EndpointSlice } from "../snapshot.ts";

const NONE: readonly EndpointSlice[] = [];

interface Named {
  readonly namespace: string;
  readonly name: string;
}

function keyOf({ namespace, name }: Named): string {
  return `${namespace}/${name}`;
}

function isOwnPods({ namespace, endpoints }: EndpointSlice): boolean {
  return endpoints.every(({ targetRef }) => targetRef?.kind === "Pod" && targetRef.namespace === namespace);
}

/** EndpointSlices with addresses, by Service. */
export class SliceIndex {
  readonly #byService: ReadonlyMap<string, readonly EndpointSlice[]>;
  #outward: ReadonlySet<string> | null = null;

  constructor(slices: readonly EndpointSlice[]) {
    const groups = groupBy(slices.filter(({ addressType }) => addressType !== "FQDN"), ({ namespace, serviceName }) => keyOf({ namespace, name: serviceName ?? "" }));
    this.#byService = new Map([...groups].map(([service, all]) => [service, all.length < 2 ? all : [...all].sort(byName)]));
  }

  /** The same order however they were listed. */
  of(service: Named): readonly EndpointSlice[] {
    return this.#byService.get(keyOf(service)) ?? NONE;
  }

  /** `namespace/name` of Services with an endpoint that is not, by name, a pod of their own namespace: any pod may be it. */
  get outward(): ReadonlySet<string> {
    this.#outward ??= new Set([...this.#byService].filter(([, slices]) => !slices.every(isOwnPods)).map(([service]) => service));
    return this.#outward;
  }
}
