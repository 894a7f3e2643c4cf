import type { ServiceAndPort } from "./clientScope.ts";
import type { Sent } from "./sent.ts";
import type { ClientMode, ServiceHost } from "../vocabulary.ts";
import { serviceHost } from "../vocabulary.ts";

type Names = readonly [string | null, ...(string | null)[]];

/** The name of a cluster as TLS asks for it. */
function clusterName(port: number, subset: string | null, host: string): string {
  return `outbound_.${port}_.${subset ?? ""}_.${host}`;
}

const CLUSTER = /^outbound_\.(\d+)_\.([^_]*)_\.(.+)$/;

/** What a cluster's name says; `null`: it is none. */
export function partsOfClusterName(name: string): { readonly port: number; readonly subset: string | null; readonly host: ServiceHost } | null {
  const [, port, subset, host] = CLUSTER.exec(name) ?? [];
  return port === undefined || host === undefined ? null : { port: Number(port), subset: subset === undefined || subset === "" ? null : subset, host: serviceHost(host) };
}

/** Envoy takes the name from the request, where it reads one. */
function namesOfRequest({ service, port }: ServiceAndPort, dialled: string | null): Names {
  const host = dialled ?? service.host;
  if (port.protocol.class === "HTTP") return [host];
  return port.protocol.class === "AUTO" ? [host, null] : [null];
}

const OWN: ReadonlySet<ClientMode> = new Set(["AUTO_MTLS", "DR_ISTIO_MUTUAL"]);
const OTHER: ReadonlySet<ClientMode> = new Set(["DR_SIMPLE", "DR_MUTUAL"]);

/**
 * The name (SNI) that a client's TLS asks for: the DestinationRule's, else its cluster's for mTLS, and the request's for other TLS.
 *
 * @param dialled the host of a request
 * @returns never empty; more than one where it hangs on what is sent
 */
export function namesAsked({ at, policy, mode, subset }: Sent, dialled: string | null): Names {
  const said = policy?.tls?.tls.sni ?? "";
  if (at === null) return [null];
  if (OWN.has(mode)) return [said === "" ? clusterName(at.port.number, subset, at.service.host) : said];
  if (OTHER.has(mode)) return said === "" ? namesOfRequest(at, dialled) : [said];
  return [null];
}
