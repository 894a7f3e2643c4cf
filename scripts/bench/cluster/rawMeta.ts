import { randomUUID } from "node:crypto";
import type { Labels } from "#mesh";

/** A part of an object as the API writes it. */
export type Raw = Readonly<Record<string, unknown>>;

interface Named {
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
}

/** What the API server gives every object that it stores. */
export function rawMeta({ namespace, name, labels = {}, annotations = {} }: Named): Raw {
  return { ...(namespace === "" ? {} : { namespace }), name, labels, annotations, uid: randomUUID(), generation: 1, creationTimestamp: "2026-01-01T00:00:00Z" };
}
