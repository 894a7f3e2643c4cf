import { z } from "zod";

export const labels = z.record(z.string(), z.string());
export const texts = z.array(z.string());
export const textOrNull = z.string().nullable();
/** What every object carries. */
export const meta = { namespace: z.string(), name: z.string(), labels, annotations: labels, createdAtMs: z.number().nullable() };
export const gap = z.object({ wanted: z.string(), because: z.string() });

/** A schema that yields a T and leaves out none of its fields, optional ones included. */
export type SchemaOf<T> = z.ZodType<T> & { readonly shape: { readonly [Field in keyof T]-?: z.ZodType } };
