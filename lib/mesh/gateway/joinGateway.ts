import type { Evidence } from "../deduction.ts";
import { refOf } from "../deduction.ts";
import type { GatewayListener, GatewayPort } from "./gateway.ts";
import { isWildcard, matchesHost } from "../host.ts";
import type { Arriving, Joined } from "../joining/transport.ts";
import type { Gap, Overridden } from "../verdict.ts";
import type { Transport } from "../vocabulary.ts";

/** What a gateway's server lets through, by what it is for; everything else is refused. */
const THROUGH: Readonly<Record<GatewayListener["accepts"], Partial<Record<Arriving, Transport>>>> = {
  http: { plaintext: "plaintext" },
  raw: { plaintext: "plaintext", "other-tls": "tls" },
  tls: { "other-tls": "tls" },
  // plaintext asks for no name, and goes where any name does
  passthrough: { plaintext: "plaintext", "other-tls": "tls" },
  "istio-mutual": { "istio-mtls": "mTLS" },
  "auto-passthrough": { "istio-mtls": "mTLS" },
};

/** What a client asks a gateway's port for. */
export interface Asked {
  readonly arrives: Arriving;
  /** the name that TLS asks for; `null`: none */
  readonly name: string | null;
  /** the host of the gateway's own cluster that the name is; `null`: it is none */
  readonly passes: string | null;
}

/** A server that passes mTLS on is asked for a cluster, in whose name its host is. */
function askedHost({ accepts }: GatewayListener, { name, passes }: Asked): string | null {
  return accepts === "auto-passthrough" ? passes : name;
}

function rank(listener: GatewayListener, asked: Asked): number {
  const host = askedHost(listener, asked);
  if (host === null) return 0;
  return Math.max(0, ...listener.names.filter((one) => matchesHost(one, host)).map((one) => (isWildcard(one) ? one.length : Infinity)));
}

function isForAny({ names }: GatewayListener): boolean {
  return names.length === 0;
}

/** The listener that takes a connection: Envoy chooses the filter chain with the most specific name first, and looks at no other where that one then refuses. */
function taking(listeners: readonly GatewayListener[], asked: Asked): GatewayListener | undefined {
  const ranked = listeners.map((listener) => ({ listener, by: rank(listener, asked) })).filter(({ by }) => by > 0);
  const [best] = ranked.sort((a, b) => b.by - a.by);
  return best?.listener ?? listeners.find(isForAny);
}

/** Two listeners of a port for which Envoy refuses the port whole, since both match any connection; servers of plaintext HTTP share one listener, and do not clash. */
export function clash(listeners: readonly GatewayListener[]): { readonly plain: GatewayListener; readonly other: GatewayListener } | null {
  const plain = listeners.find(({ accepts }) => accepts === "http" || accepts === "raw");
  const other = listeners.find((one) => one !== plain && isForAny(one) && one.accepts !== "http");
  return plain === undefined || other === undefined ? null : { plain, other };
}

/** What becomes of a connection at a gateway, and the listener that took it. */
export interface GatewayJoin extends Joined {
  readonly listener: GatewayListener | null;
  readonly evidence: Evidence | null;
  /** without which it could be otherwise */
  readonly gaps: readonly Gap[];
}

function overrodeBy({ dropped }: GatewayPort): readonly Overridden[] {
  return dropped.map(({ server: { by, field, value } }) => ({ rule: "GW-5", object: refOf(by), field, value }));
}

function evidenceOf({ by: object, field, value }: Pick<GatewayListener, "by" | "field" | "value">, overrode: readonly Overridden[]): Evidence {
  return { object, field, value, overrode };
}

function blocked(rule: Joined["rule"], at: GatewayJoin["evidence"]): GatewayJoin {
  return { transport: "blocked", rule, listener: null, evidence: at, gaps: [] };
}

function unlistened({ idle, elsewhere }: GatewayPort, overrode: readonly Overridden[]): GatewayJoin {
  const [sleeping] = idle;
  const [away] = elsewhere;
  if (sleeping !== undefined) return blocked("GW-6", evidenceOf(sleeping, overrode));
  return away === undefined ? blocked("GW-2", null) : blocked("GW-9", { object: away.by, field: `${away.field}.bind`, value: away.bind ?? "" });
}

/** A port as it would be without some of the listeners of which it is not known whether they are there. */
function withoutSome(port: GatewayPort): readonly GatewayPort[] {
  const unsure = port.listeners.filter(({ gaps }) => gaps.length > 0);
  return unsure.flatMap((one) => [[one], unsure]).map((absent) => ({ ...port, listeners: port.listeners.filter((listener) => !absent.includes(listener)) }));
}

/** A gateway's port: what one of its servers takes gets through; where none listens nothing does. */
export function joinGateway(port: GatewayPort, asked: Asked): GatewayJoin {
  const found = joinListeners(port, asked);
  const isSure = withoutSome(port).every((other) => joinListeners(other, asked).transport === found.transport);
  return isSure ? found : { ...found, gaps: port.listeners.flatMap(({ gaps }) => gaps) };
}

function joinListeners(port: GatewayPort, asked: Asked): GatewayJoin {
  const { arrives } = asked;
  const { listeners } = port;
  const overrode = overrodeBy(port);
  const [first] = listeners;
  if (arrives === "nothing") return blocked("JOIN-14", null);
  if (arrives === "tunnel") return blocked("GW-2", null);
  if (first === undefined) return unlistened(port, overrode);
  const clashing = clash(listeners);
  if (clashing !== null) return blocked("GW-8", evidenceOf(clashing.plain, overrode));
  const listener = taking(listeners, asked);
  // a name is asked for in TLS only
  if (listener === undefined) return blocked(arrives === "plaintext" ? "GW-4" : "GW-7", evidenceOf(first, overrode));
  const transport = THROUGH[listener.accepts][arrives] ?? "blocked";
  return { transport, rule: transport === "blocked" ? "GW-4" : "GW-3", listener, evidence: evidenceOf(listener, overrode), gaps: [] };
}
