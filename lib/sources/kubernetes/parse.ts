import type { Labels, ObjectMeta } from "#mesh";
import type { z } from "zod";
import type { metadataSchema } from "./schema.ts";

/** A text that is not what the API promises. `field` is the path inside the object. */
export class Misread extends Error {
  readonly field: string | null;

  constructor(field: string | null, message: string) {
    super(message);
    this.field = field;
  }
}

function fieldOf(path: readonly PropertyKey[]): string | null {
  const text = path.reduce<string>((so, step) => (typeof step === "number" ? `${so}[${step}]` : `${so}${so === "" ? "" : "."}${String(step)}`), "");
  return text === "" ? null : text;
}

/** @throws Misread naming the first field that does not fit */
export function parse<S extends z.ZodType>(schema: S, raw: unknown, at = ""): z.infer<S> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = [...(at === "" ? [] : [at]), ...(issue?.path ?? [])];
  throw new Misread(fieldOf(path), (issue?.message ?? "not understood").replace(/^Invalid input: /, ""));
}

const NO_LABELS: Labels = {};

export function mapLabels(labels: Record<string, string> | null | undefined): Labels {
  return labels ?? NO_LABELS;
}

export function mapMeta(meta: z.infer<typeof metadataSchema>): ObjectMeta {
  const createdAtMs = Date.parse(meta.creationTimestamp ?? "");
  return {
    namespace: meta.namespace ?? "",
    name: meta.name,
    labels: mapLabels(meta.labels),
    annotations: mapLabels(meta.annotations),
    createdAtMs: Number.isNaN(createdAtMs) ? null : createdAtMs,
  };
}

/** A selector that is present without labels selects everything; one that is absent does too, and Istio tells them apart. */
export function mapSelector(selector: { readonly matchLabels?: Record<string, string> | null | undefined } | null | undefined): Labels | null {
  return selector === null || selector === undefined ? null : mapLabels(selector.matchLabels);
}

export function mapWorkloadSelector(selector: { readonly labels?: Record<string, string> | null | undefined } | null | undefined): Labels | null {
  return selector === null || selector === undefined ? null : mapLabels(selector.labels);
}
