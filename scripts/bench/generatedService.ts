import type { Labels, ObjectMeta, Pod } from "#mesh";

const CREATED_MS = Date.UTC(2026, 0, 1);

export type Plane = "sidecar" | "ambient" | "none";

/** One workload with its Service: what rows and rules are made from. */
export interface GeneratedService {
  readonly namespace: string;
  readonly name: string;
  readonly plane: Plane;
  readonly headless: boolean;
  readonly pods: readonly Pod[];
}

export function metaOf(namespace: string, name: string, labels: Labels = {}, annotations: Labels = {}): ObjectMeta {
  return { namespace, name, labels, annotations, createdAtMs: CREATED_MS };
}
