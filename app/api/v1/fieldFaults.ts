import type { z } from "zod";

const WANTED: Readonly<Record<string, string>> = { string: "a text", boolean: "true or false", number: "a number", object: "an object", array: "a list" };

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "boolean" ? "true or false" : (WANTED[typeof value] ?? typeof value);
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === "object" && value !== null && Object.hasOwn(value, key) ? (value as Record<PropertyKey, unknown>)[key] : undefined), body);
}

function faultOf(issue: z.core.$ZodIssue, body: unknown): string {
  const place = issue.path.length === 0 ? "the body" : `\`${issue.path.map(String).join(".")}\``;
  if (issue.code === "too_big") return `${place} is longer than ${issue.maximum.toString()} characters`;
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => `\`${key}\` is no field of ${place}`).join("; ");
  if (issue.code !== "invalid_type") return `${place} does not fit`;
  const value = valueAt(body, issue.path);
  return value === undefined ? `${place} is missing` : `${place} is ${kindOf(value)}, and has to be ${WANTED[issue.expected] ?? issue.expected}`;
}

/** What of a body does not fit, field by field. */
export function fieldFaults({ issues }: z.ZodError, body: unknown): string {
  return issues.map((issue) => faultOf(issue, body)).join("; ");
}
