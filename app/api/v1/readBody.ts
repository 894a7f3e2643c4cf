import type { z } from "zod";
import { fieldFaults } from "./fieldFaults.ts";
import { refuse } from "./respond.ts";

const LIMIT_BYTES = 16_384;

type Body<T> = { readonly kind: "body"; readonly value: T } | { readonly kind: "refused"; readonly response: Response };

async function readText(request: Request): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > LIMIT_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(status: number, code: string, message: string): { readonly kind: "refused"; readonly response: Response } {
  return { kind: "refused", response: refuse(status, code, message) };
}

/** A request's JSON body, at most 16 KiB, checked against a schema; what does not fit is named field by field. */
export async function readBody<T>(request: Request, schema: z.ZodType<T>): Promise<Body<T>> {
  const text = await readText(request);
  if (text === null) return refused(413, "too_large", `the body is larger than ${LIMIT_BYTES} bytes`);
  const json = parseJson(text);
  if (json === undefined) return refused(400, "bad_request", "the body is not JSON");
  const { success, data, error } = schema.safeParse(json);
  if (success) return { kind: "body", value: data };
  return refused(400, "bad_request", fieldFaults(error, json));
}
