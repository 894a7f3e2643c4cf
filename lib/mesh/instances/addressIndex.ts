import type { Instance, NamespaceInstances } from "./namespaceInstances.ts";
import { atWork } from "./namespaceInstances.ts";
import { appendUnder, compareText } from "../order.ts";

const NONE: readonly never[] = [];
/** beyond so many namespaces that changed, all are indexed anew */
const FEW = 8;

function byNamespace(a: Instance, b: Instance): number {
  return compareText(a.told.ref.namespace, b.told.ref.namespace);
}

type Index = ReadonlyMap<string, readonly Instance[]>;

function indexed(instances: Iterable<Instance>): Index {
  const index = new Map<string, Instance[]>();
  for (const instance of instances) for (const address of instance.told.addresses) appendUnder(index, address, instance);
  return index;
}

/** Instances by address, by namespace and name. Namespaces that changed since are looked up by themselves, so that the others need not be indexed anew. */
export class AddressIndex {
  readonly #whole: Index;
  /** that are not as in the whole index */
  readonly #changed: ReadonlyMap<string, Index>;

  private constructor(whole: Index, changed: ReadonlyMap<string, Index>) {
    this.#whole = whole;
    this.#changed = changed;
  }

  static of(instances: Iterable<Instance>): AddressIndex {
    return new AddressIndex(indexed(instances), new Map());
  }

  /** @returns `null` where it pays to index all anew */
  with(changed: ReadonlyMap<string, NamespaceInstances | undefined>): AddressIndex | null {
    const others = new Map(this.#changed);
    for (const [namespace, inNamespace] of changed) others.set(namespace, indexed(inNamespace?.all ?? NONE));
    return others.size > FEW ? null : new AddressIndex(this.#whole, others);
  }

  at(address: string): readonly Instance[] {
    return atWork(this.#everyone(address));
  }

  #everyone(address: string): readonly Instance[] {
    const found = this.#whole.get(address) ?? NONE;
    if (this.#changed.size === 0) return found;
    const kept = found.filter(({ told }) => !this.#changed.has(told.ref.namespace));
    const others = [...this.#changed.values()].flatMap((index) => index.get(address) ?? NONE);
    return others.length === 0 ? kept : [...kept, ...others].sort(byNamespace);
  }
}
