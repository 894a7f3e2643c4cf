import { readFile } from "node:fs/promises";
import { Agent, type Dispatcher } from "undici";
import type { PrometheusConfig } from "../config.ts";
import { PrometheusError } from "./schema.ts";

async function secretFile(path: string, what: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch {
    throw new PrometheusError(`was not asked: the ${what} \`${path}\` cannot be read`);
  }
}

async function fileOr(path: string | null, what: string, value: string | null): Promise<string | null> {
  return path === null ? value : secretFile(path, what);
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** Read anew for each question, since token files rotate. User and password in the URL are basic auth. */
export async function authorizationHeaders(config: PrometheusConfig): Promise<Readonly<Record<string, string>>> {
  const token = await fileOr(config.bearerTokenFile, "bearer token file", config.bearerToken);
  if (token !== null) return { authorization: `Bearer ${token}` };
  const url = new URL(config.url);
  const username = config.username ?? decodeURIComponent(url.username);
  const password = await fileOr(config.passwordFile, "password file", config.password);
  return username === "" ? {} : { authorization: basic(username, password ?? decodeURIComponent(url.password)) };
}

/** Certificates are read once, at the first question. */
export async function dispatcherFor(config: PrometheusConfig): Promise<Dispatcher> {
  const ca = await fileOr(config.caFile, "CA file", null);
  const cert = await fileOr(config.certificateFile, "client certificate", null);
  const key = await fileOr(config.keyFile, "client key", null);
  return new Agent({ connect: { ...(ca === null ? {} : { ca }), ...(cert === null ? {} : { cert }), ...(key === null ? {} : { key }) } });
}
