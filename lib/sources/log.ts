const SECRET_NAME = /authorization|bearer|cookie|credential|password|secret|token|private[-_]?key/i;
const SECRETS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[redacted]"],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, "$1 [redacted]"],
  [/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, "[redacted]"],
  [/:\/\/[^/\s@]*@/g, "://[redacted]@"],
  [/\b([\w-]*(?:token|password|secret)[\w-]*["']?\s*[:=]\s*["']?)[^\s"',;}]+/gi, "$1[redacted]"],
];
const LONGEST = 600;

/**
 * A text from outside made fit for a log line or a message: one line, bounded, without tokens, passwords or keys.
 *
 * Servers, credential plugins and YAML parsers quote what they were given; none of it may reach a browser or a log.
 */
export function redact(text: string): string {
  const safe = SECRETS.reduce((safeSoFar, [pattern, replacement]) => safeSoFar.replace(pattern, replacement), text);
  // a control character could forge a second log line
  const line = safe.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

export type LogLevel = "info" | "warn" | "error";

function field([name, value]: readonly [string, string | number | boolean | null]): readonly [string, unknown] {
  if (SECRET_NAME.test(name)) return [name, "[redacted]"];
  return [name, typeof value === "string" ? redact(value) : value];
}

/** What went wrong, for a message. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What went wrong and where in the code, for the log. */
export function traceOf(error: unknown): string {
  return (error instanceof Error ? error.stack : undefined) ?? String(error);
}

/** One JSON object per line on standard error; every text is redacted. */
export function log(level: LogLevel, message: string, fields: Readonly<Record<string, string | number | boolean | null>> = {}): void {
  const line = { time: new Date().toISOString(), level, message: redact(message), ...Object.fromEntries(Object.entries(fields).map(field)) };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
