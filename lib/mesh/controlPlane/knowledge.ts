import type { ObjectKind, UnreadObject } from "../snapshot.ts";
import { gapOf } from "../snapshot.ts";
import type { Gap } from "../verdict.ts";

const NONE: readonly Gap[] = [];

function concerns({ namespace, exceptNamespaces }: UnreadObject, asked: string): boolean {
  return namespace === null ? !(exceptNamespaces ?? []).includes(asked) : namespace === asked;
}

/** What could not be read, asked for where it could decide. */
export class Knowledge {
  readonly #byKind = new Map<string, readonly UnreadObject[]>();

  /** everything was read */
  readonly isComplete: boolean;

  constructor(unread: readonly UnreadObject[]) {
    this.isComplete = unread.length === 0;
    for (const one of unread) this.#byKind.set(one.kind, [...(this.#byKind.get(one.kind) ?? []), one]);
  }

  /** Objects of a kind that may exist in a namespace without having been read. */
  gaps(kind: ObjectKind, namespace: string): readonly Gap[] {
    const unread = this.#byKind.get(kind);
    if (unread === undefined) return NONE;
    return unread.filter((one) => concerns(one, namespace)).map(gapOf);
  }

  /** Objects of a kind that may exist anywhere without having been read. */
  gapsAnywhere(kind: ObjectKind): readonly Gap[] {
    return this.#byKind.get(kind)?.map(gapOf) ?? NONE;
  }

  /** An object of this kind and name that may exist without having been read. */
  gapsOf(kind: ObjectKind, namespace: string, name: string): readonly Gap[] {
    const unread = this.#byKind.get(kind);
    if (unread === undefined) return NONE;
    return unread.filter((one) => concerns(one, namespace) && (one.name === null || one.name === name)).map(gapOf);
  }
}
