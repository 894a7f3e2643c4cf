import { byName, groupBy } from "../order.ts";
import type { EndpointSlice } from "../snapshot.ts";

const NONE: readonly EndpointSlice[] = [];

interface Named {
  readonly namespace: string;
  readonly name: string;
}

function isOwnPods({ namespace, endpoints }: EndpointSlice): boolean {
  return endpoints.every(({ targetRef }) => targetRef?.kind === "Pod" && targetRef.namespace === namespace);
}

type Slices = readonly EndpointSlice[];

/** By the Service of one namespace that they are of. */
function byService(slices: Slices): ReadonlyMap<string, Slices> {
  return new Map([...groupBy(slices, ({ serviceName }) => serviceName ?? "")].map(([service, all]) => [service, all.length < 2 ? all : all.toSorted(byName)]));
}

/** EndpointSlices with addresses, by Service. */
export class SliceIndex {
  readonly #byNamespace: ReadonlyMap<string, ReadonlyMap<string, Slices>>;
  #outward: ReadonlySet<Slices> | null = null;

  constructor(slices: Slices) {
    const inNamespaces = groupBy(slices.filter(({ addressType }) => addressType !== "FQDN"), ({ namespace }) => namespace);
    this.#byNamespace = new Map([...inNamespaces].map(([namespace, all]) => [namespace, byService(all)]));
  }

  /** The same order however they were listed. */
  of({ namespace, name }: Named): Slices {
    return this.#byNamespace.get(namespace)?.get(name) ?? NONE;
  }

  /** Whether a Service has an endpoint that is not, by name, a pod of its own namespace: any pod may be it. */
  isOutward(service: Named): boolean {
    return this.#allOutward().has(this.of(service));
  }

  get hasOutward(): boolean {
    return this.#allOutward().size > 0;
  }

  #allOutward(): ReadonlySet<Slices> {
    this.#outward ??= new Set([...this.#byNamespace.values()].flatMap((services) => [...services.values()].filter((slices) => !slices.every(isOwnPods))));
    return this.#outward;
  }
}
