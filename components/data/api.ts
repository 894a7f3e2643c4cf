import type { ApiErrorView } from "#view";
import { readJson } from "../isolated.ts";
import { WORDS } from "../words.ts";

/** An answer of the API that is not the one asked for. `message` is the API's own. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

function isApiError(body: unknown): body is ApiErrorView {
  if (typeof body !== "object" || body === null || !("error" in body)) return false;
  const { error } = body;
  return typeof error === "object" && error !== null && "message" in error && typeof error.message === "string";
}

async function read(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`/api/v1/${path}`, init);
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new ApiError(0, WORDS.cannotReachEmpty);
  }
}

async function answer(response: Response): Promise<unknown> {
  const body = await response.text().then(readJson).catch(() => null);
  if (response.ok && body !== null) return body;
  if (isApiError(body)) throw new ApiError(response.status, body.error.message);
  throw new ApiError(response.status, response.ok ? WORDS.notJson : `the server answered ${response.status} ${response.statusText}`.trim());
}

/** The server and this page are one build: the shape is the one in `#view`. */
export async function getJson<T>(path: string, signal: AbortSignal): Promise<T> {
  return (await answer(await read(path, { signal, headers: { accept: "application/json" } }))) as T;
}

export async function postJson(path: string, body: object): Promise<unknown> {
  const response = await read(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return response.status === 204 ? null : answer(response);
}
