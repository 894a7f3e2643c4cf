import type { InboundProtocol } from "../judge.ts";

/**
 * A port's protocol as a proxy treats it. `tls`: the application's own TLS is declared on it (HTTPS, TLS).
 * `datagrams`: it is UDP or SCTP on the wire, which no proxy is given; a TCP port that is merely named `udp` does not exist for proxies, and is TCP.
 */
export interface PortProtocol {
  readonly class: InboundProtocol;
  readonly tls: boolean;
  readonly datagrams: boolean;
}

const HTTP: PortProtocol = { class: "HTTP", tls: false, datagrams: false };
const TCP: PortProtocol = { class: "TCP", tls: false, datagrams: false };
const TLS: PortProtocol = { class: "TCP", tls: true, datagrams: false };
const UDP: PortProtocol = { class: "UDP", tls: false, datagrams: false };
const DATAGRAMS: PortProtocol = { class: "UDP", tls: false, datagrams: true };
/** Told from the first bytes of each connection. */
export const AUTO: PortProtocol = { class: "AUTO", tls: false, datagrams: false };

const BY_NAME: ReadonlyMap<string, PortProtocol> = new Map([
  ["http", HTTP], ["http2", HTTP], ["grpc", HTTP], ["grpc-web", HTTP], ["http_proxy", HTTP],
  ["tcp", TCP], ["mongo", TCP], ["redis", TCP], ["mysql", TCP], ["https", TLS], ["tls", TLS], ["udp", UDP],
]);

const BY_APP_PROTOCOL: ReadonlyMap<string, PortProtocol> = new Map([["kubernetes.io/h2c", HTTP], ["kubernetes.io/ws", HTTP], ["kubernetes.io/wss", TLS]]);

/** SMTP, DNS, MySQL and MongoDB: the server or nobody speaks first, so that nothing can be told from the first bytes. */
const WELL_KNOWN_TCP: ReadonlySet<number> = new Set([25, 53, 3306, 27_017]);

/** A protocol written as such, as a ServiceEntry or a Sidecar does. */
export function protocolNamed(name: string): PortProtocol {
  const found = BY_NAME.get(name.toLowerCase()) ?? AUTO;
  return found === UDP ? DATAGRAMS : found;
}

const DATAGRAM_TRANSPORTS: ReadonlySet<string> = new Set(["UDP", "SCTP"]);

/** The name up to its first dash; `grpc-web` has one of its own. */
function byPrefix(written: string): PortProtocol | undefined {
  const name = written.toLowerCase();
  if (name.startsWith("grpc-web")) return HTTP;
  const dash = name.indexOf("-");
  return BY_NAME.get(dash < 0 ? name : name.slice(0, dash));
}

/** A Service's port: `appProtocol` first, else its name. */
export function servicePortProtocol(port: { readonly name: string | null; readonly port: number; readonly protocol: string; readonly appProtocol: string | null }): PortProtocol {
  if (DATAGRAM_TRANSPORTS.has(port.protocol)) return DATAGRAMS;
  const known = BY_APP_PROTOCOL.get(port.appProtocol ?? "") ?? byPrefix(port.appProtocol ?? port.name ?? "");
  return known ?? (WELL_KNOWN_TCP.has(port.port) ? TCP : AUTO);
}
