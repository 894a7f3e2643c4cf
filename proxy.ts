import { type NextRequest, NextResponse } from "next/server";

// Loopback protects nobody from a hostile page in the same browser. The name in Host stops rebound names, Sec-Fetch-Site and Origin
// stop other sites. Any port is allowed on a loopback name: a tunnel (`ssh -L`, `kubectl port-forward`) ends on another one.
const LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"];
const CYTOSCAPE_STYLE = "'sha256-pgvDUBa4IjFA2yuSJ2cqcyxmNYJMborsd0ORcRv9vw8='";
const DEVELOPMENT = process.env.NODE_ENV === "development";

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

function allowedHosts(): readonly string[] {
  const configured = (process.env["MTLSCOPE_ALLOWED_HOSTS"] ?? "").split(",").map((host) => host.trim().toLowerCase());
  return [...LOOPBACK_HOSTS, ...configured.filter((host) => host !== "")];
}

/** `MTLSCOPE_ALLOWED_HOSTS` holds names, which stand for any port, and `name:port`, which stands for that one. */
function refusedHost(host: string): Refusal | null {
  const name = host.toLowerCase().replace(/:\d+$/, "");
  const allowed = allowedHosts();
  if (allowed.includes(name) || allowed.includes(host.toLowerCase())) return null;
  const message = "this server answers only to 127.0.0.1, localhost and [::1]; to reach it by another name, start it with that name in MTLSCOPE_ALLOWED_HOSTS";
  return { status: 403, code: "host_not_allowed", message };
}

function sameOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

/** Reads may come from the address bar or from a tool, which send no Origin; writes must prove that they come from our own page. */
function refusedSite(request: NextRequest, host: string): Refusal | null {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const reading = request.method === "GET" || request.method === "HEAD";
  const siteFits = site === "same-origin" || (site === "none" && reading) || (site === null && (reading || origin !== null));
  const originFits = origin === null || sameOrigin(origin, host);
  if (siteFits && originFits) return null;
  const message = reading
    ? "this request comes from a page of another site, which may not read the mesh"
    : `changes are accepted from mtlscope's own pages only: send \`Origin: http://${host}\``;
  return { status: 403, code: "cross_site", message };
}

function refusedBody(request: NextRequest): Refusal | null {
  if (request.method !== "POST") return null;
  const type = (request.headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/json") return null;
  return { status: 415, code: "not_json", message: "send the body as JSON, with `Content-Type: application/json`" };
}

function refusedPath(request: NextRequest): Refusal | null {
  try {
    decodeURIComponent(request.nextUrl.pathname);
    return null;
  } catch {
    return { status: 400, code: "bad_request", message: "the address holds a `%` that is not followed by two hexadecimal digits of UTF-8" };
  }
}

function refusal(request: NextRequest): Refusal | null {
  const host = request.headers.get("host") ?? "";
  const badHost = refusedHost(host);
  if (badHost !== null || !isApi(request)) return badHost;
  return refusedSite(request, host) ?? refusedBody(request) ?? refusedPath(request);
}

function isApi(request: NextRequest): boolean {
  return request.nextUrl.pathname === "/api" || request.nextUrl.pathname.startsWith("/api/");
}

function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${DEVELOPMENT ? " 'unsafe-eval'" : ""}`,
    `style-src 'self' 'nonce-${nonce}' ${CYTOSCAPE_STYLE}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${DEVELOPMENT ? " ws:" : ""}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join("; ");
}

function harden(response: NextResponse, policy: string): NextResponse {
  response.headers.set("content-security-policy", policy);
  response.headers.set("x-content-type-options", "nosniff");
  response.headers.set("x-frame-options", "DENY");
  response.headers.set("referrer-policy", "no-referrer");
  response.headers.set("cross-origin-opener-policy", "same-origin");
  response.headers.set("cross-origin-resource-policy", "same-origin");
  return response;
}

/** Guards every request, static files included: Host, origin, type of body; and sets the content security policy. */
export function proxy(request: NextRequest): NextResponse {
  const policy = contentSecurityPolicy(crypto.randomUUID().replaceAll("-", ""));
  const refused = refusal(request);
  if (refused !== null) {
    const { status, code, message } = refused;
    return harden(NextResponse.json({ error: { code, message } }, { status }), policy);
  }
  // Next reads the nonce from the request's header and puts it on its own scripts
  const headers = new Headers(request.headers);
  headers.set("content-security-policy", policy);
  return harden(NextResponse.next({ request: { headers } }), policy);
}
