import { readFile } from "node:fs/promises";
import { Agent, type Dispatcher } from "undici";
import type { PrometheusConfig } from "../config.ts";
import { PrometheusError } from "./schema.ts";

async function secretFile(path: string, setting: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch {
    throw new PrometheusError(`was not asked: ${namedBy(setting)}, \`${path}\`, cannot be read`);
  }
}

function namedBy(setting: string): string {
  return `the file that \`${setting}\` names`;
}

async function fileOr(path: string | null, setting: string, value: string | null): Promise<string | null> {
  return path === null ? value : secretFile(path, setting);
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new PrometheusError("was not asked: the user or password in its URL (`--prometheus` or `PROMETHEUS_URL`) is not percent-encoded: `%` is written `%25`");
  }
}

/** What undici sends as a header's value; its own complaint would show it. */
function sendable(value: string, what: string): string {
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw new PrometheusError(`was not asked: ${what} cannot be sent in a header: it has line breaks, or characters that are not Latin-1`);
  return value;
}

async function authorization(config: PrometheusConfig): Promise<Readonly<Record<string, string>>> {
  const token = await fileOr(config.bearerTokenFile, "PROMETHEUS_BEARER_TOKEN_FILE", config.bearerToken);
  const holder = config.bearerTokenFile === null ? "`PROMETHEUS_BEARER_TOKEN`" : namedBy("PROMETHEUS_BEARER_TOKEN_FILE");
  if (token !== null) return { authorization: `Bearer ${sendable(token.trim(), `what ${holder} holds`)}` };
  const url = new URL(config.url);
  const username = config.username ?? decoded(url.username);
  const password = await fileOr(config.passwordFile, "PROMETHEUS_PASSWORD_FILE", config.password);
  return username === "" ? {} : { authorization: basic(username, password ?? decoded(url.password)) };
}

/** Credentials are read anew for each question, since token files rotate. User and password in the URL are basic auth. */
export async function headersOf(config: PrometheusConfig): Promise<Readonly<Record<string, string>>> {
  const own = Object.entries(config.headers).map(([name, value]) => [name, sendable(value, `what \`PROMETHEUS_HEADERS\` holds for \`${name}\``)] as const);
  return { accept: "application/json", ...Object.fromEntries(own), ...(await authorization(config)) };
}

/** Certificates are read once, at the first question. */
export async function dispatcherFor(config: PrometheusConfig): Promise<Dispatcher> {
  const ca = await fileOr(config.caFile, "PROMETHEUS_CA_FILE", null);
  const cert = await fileOr(config.certificateFile, "PROMETHEUS_CERT_FILE", null);
  const key = await fileOr(config.keyFile, "PROMETHEUS_KEY_FILE", null);
  return new Agent({ connect: { ...(ca === null ? {} : { ca }), ...(cert === null ? {} : { cert }), ...(key === null ? {} : { key }) } });
}
