import type { InboundProtocol } from "../judge.ts";
import type { RuleId } from "../rules.ts";
import type { ClientMode, DataPlaneMode, ServerMode, Transport } from "../vocabulary.ts";

/** What arrives at a server. */
export type Arriving = "plaintext" | "istio-mtls" | "other-tls" | "tunnel" | "nothing";

const ARRIVING: Readonly<Record<ClientMode, Arriving>> = {
  NONE: "plaintext",
  BYPASS: "plaintext",
  PASSTHROUGH: "plaintext",
  BLACKHOLE: "nothing",
  AUTO_MTLS: "istio-mtls",
  AUTO_PLAINTEXT: "plaintext",
  DR_DISABLE: "plaintext",
  DR_SIMPLE: "other-tls",
  DR_MUTUAL: "other-tls",
  DR_ISTIO_MUTUAL: "istio-mtls",
  DR_DROPPED: "plaintext",
  HBONE: "tunnel",
  ZT_PLAINTEXT: "plaintext",
};

/** What a client mode puts on the wire. */
export function arriving(mode: ClientMode): Arriving {
  return ARRIVING[mode];
}

/** What follows on the wire, and the rule that says so. */
export interface Joined {
  readonly transport: Transport;
  readonly rule: RuleId;
}

function joined(transport: Transport, rule: RuleId): Joined {
  return { transport, rule };
}

/** What decides of a server how it takes what arrives. */
export interface Server {
  readonly mode: Exclude<ServerMode, "GATEWAY">;
  readonly plane: DataPlaneMode;
  readonly protocol: InboundProtocol;
}

/** Where nothing ends mesh TLS, bytes reach the application as they are: TLS helps if it speaks TLS itself. */
function withoutProxy(arrives: "plaintext" | "istio-mtls" | "other-tls"): Joined {
  switch (arrives) {
    case "plaintext":
      return joined("plaintext", "JOIN-1");
    case "istio-mtls":
      return joined("blocked", "JOIN-2");
    case "other-tls":
      return joined("tls", "JOIN-3");
  }
}

function byPeerMode(arrives: "plaintext" | "istio-mtls" | "other-tls", mode: "STRICT" | "PERMISSIVE" | "DISABLE", protocol: InboundProtocol): Joined {
  if (arrives === "plaintext") return mode === "STRICT" ? joined("blocked", "JOIN-4") : joined("plaintext", "JOIN-5");
  if (arrives === "istio-mtls") return mode === "DISABLE" ? joined("blocked", "JOIN-7") : joined("mTLS", "JOIN-6");
  if (mode === "STRICT") return joined("blocked", "JOIN-8");
  return protocol === "HTTP" ? joined("blocked", "JOIN-9") : joined("tls", "JOIN-3");
}

/** ztunnel ends only its tunnel; whatever else arrives is plaintext to it. */
function byZtunnel(arrives: "plaintext" | "istio-mtls" | "other-tls", mode: "STRICT" | "PERMISSIVE" | "DISABLE"): Joined {
  if (mode === "STRICT") return joined("blocked", "JOIN-13");
  return withoutProxy(arrives);
}

/** Client and server put together, before anybody asks who the client is. */
export function join(arrives: Arriving, { mode, plane, protocol }: Server): Joined {
  if (arrives === "nothing") return joined("blocked", "JOIN-14");
  if (arrives === "tunnel") return joined("mTLS", "JOIN-12");
  if (mode === "NONE" || mode === "UNCAPTURED") return withoutProxy(arrives);
  return plane === "ambient" ? byZtunnel(arrives, mode) : byPeerMode(arrives, mode, protocol);
}
