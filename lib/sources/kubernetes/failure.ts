import { redact } from "../log.ts";

/**
 * Why the API server gave no answer, by remedy.
 *
 * `forbidden`: grant a right · `unauthorized`: new credentials · `missing`: the path is not served · `gone`: list again ·
 * `busy`: wait as told · `unreachable`: nobody answered in time · `unreadable`: an answer that is not what the API promises.
 */
export type FailureKind = "forbidden" | "unauthorized" | "missing" | "gone" | "busy" | "unreachable" | "unreadable";

export class ApiFailure extends Error {
  readonly kind: FailureKind;
  readonly retryAfterMs: number;

  constructor(kind: FailureKind, message: string, retryAfterMs = 0) {
    super(redact(message));
    this.name = "ApiFailure";
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

const LONGEST_RETRY_AFTER_MS = 60_000;
const KIND_OF_STATUS: Readonly<Record<number, FailureKind>> = { 401: "unauthorized", 403: "forbidden", 404: "missing", 405: "missing", 406: "unreadable", 410: "gone" };

function kindOf(status: number): FailureKind {
  return KIND_OF_STATUS[status] ?? "busy";
}

/** The `message` of a Status object, or the text itself where it is none (a proxy answers in HTML, a 401 not at all). */
function statusMessage(text: string): string {
  try {
    const status: unknown = JSON.parse(text);
    if (typeof status === "object" && status !== null && "message" in status && typeof status.message === "string") return status.message;
  } catch {
    // not JSON: shown as it is
  }
  return text.trim().slice(0, 300);
}

function retryAfterMs(header: string | undefined): number {
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, LONGEST_RETRY_AFTER_MS) : 0;
}

/** An HTTP status that is not a success, with the body the server sent. */
export function failureOfStatus(status: number, body: string, retryAfter?: string): ApiFailure {
  const message = statusMessage(body);
  return new ApiFailure(kindOf(status), `HTTP ${status}${message === "" ? "" : `: ${message}`}`, retryAfterMs(retryAfter));
}

/** An ERROR event of a watch: a Status object in the stream. A real API server reports an expired resourceVersion this way. */
export function failureOfEvent(status: unknown): ApiFailure {
  const { code, message, reason } = (typeof status === "object" && status !== null ? status : {}) as { code?: unknown; message?: unknown; reason?: unknown };
  const expired = code === 410 || reason === "Expired" || reason === "Gone";
  const text = typeof message === "string" ? message : "the watch ended with an error that has no message";
  return new ApiFailure(expired ? "gone" : kindOf(typeof code === "number" ? code : 500), text);
}

const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection was cut",
  ENOTFOUND: "host name does not resolve",
  EAI_AGAIN: "host name does not resolve now",
  UND_ERR_BODY_TIMEOUT: "nothing was heard for too long",
  UND_ERR_HEADERS_TIMEOUT: "no answer in time",
  UND_ERR_CONNECT_TIMEOUT: "no connection in time",
  UND_ERR_SOCKET: "connection was cut",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not signed by the CA of the kubeconfig",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not signed by the CA of the kubeconfig",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not signed by the CA of the kubeconfig",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host name",
  CERT_HAS_EXPIRED: "its certificate has expired",
};

function codeOf(error: Error): string {
  const { code, errors } = error as { code?: unknown; errors?: readonly unknown[] };
  if (typeof code === "string") return code;
  const first = errors?.[0];
  return first instanceof Error ? codeOf(first) : "";
}

/** Anything thrown on the way to an answer. */
export function failureOf(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  if (!(error instanceof Error)) return new ApiFailure("unreachable", "the request failed");
  return new ApiFailure("unreachable", CODES[codeOf(error)] ?? error.message);
}
