import type { ClientMode, ConnectionVerdict, Transport } from "#mesh";
import type { Peer } from "./cast.ts";
import type { Flow, Happening } from "./scene.ts";

/** What travels between the two ends; `HBONE` is mTLS in a tunnel of ztunnel's kind. */
export type Carried = "mTLS" | "HBONE" | "tls" | "plaintext";

/** What becomes of a call. */
export interface Outcome {
  readonly clientMode: ClientMode;
  readonly carried: Carried;
  readonly result: "accepted" | "refused" | "denied";
}

export interface Ends {
  readonly client: Peer;
  readonly server: Peer;
}

const PLAINTEXT_MODES: readonly ClientMode[] = ["NONE", "BYPASS", "PASSTHROUGH", "BLACKHOLE", "AUTO_PLAINTEXT", "DR_DISABLE", "DR_DROPPED", "ZT_PLAINTEXT"];

function unjudgedClientMode(flow: Flow, client: Peer, happens: Happening): ClientMode {
  if (client.plane === "none") return "NONE";
  if (client.plane === "ambient") return happens === "mTLS" ? "HBONE" : "ZT_PLAINTEXT";
  if (happens === "mTLS" || happens === "denied") return "AUTO_MTLS";
  return flow.byAddress === true ? "PASSTHROUGH" : "AUTO_PLAINTEXT";
}

function sent(clientMode: ClientMode, { client, server }: Ends): Carried {
  if (PLAINTEXT_MODES.includes(clientMode)) return "plaintext";
  if (clientMode === "DR_SIMPLE" || clientMode === "DR_MUTUAL") return "tls";
  return clientMode === "HBONE" || client.plane === "ambient" || server.plane === "ambient" ? "HBONE" : "mTLS";
}

/** The scene's word: for a scripted disagreement, and where the engine does not judge. */
function told(happens: Happening, clientMode: ClientMode, ends: Ends): Outcome {
  switch (happens) {
    case "plaintext":
      return { clientMode, carried: "plaintext", result: "accepted" };
    case "mTLS":
      return { clientMode, carried: sent(clientMode, ends), result: "accepted" };
    case "refused":
    case "denied":
      return { clientMode, carried: sent(clientMode, ends), result: happens };
  }
}

function judged(transport: Transport, clientMode: ClientMode, ends: Ends): Outcome {
  switch (transport) {
    case "blocked":
      return { clientMode, carried: sent(clientMode, ends), result: "refused" };
    case "mTLS":
      return { clientMode, carried: sent(clientMode, ends), result: "accepted" };
    case "tls":
    case "plaintext":
      return { clientMode, carried: transport, result: "accepted" };
  }
}

function denies({ authorization }: ConnectionVerdict, flow: Flow): boolean {
  return authorization.kind === "known" ? authorization.value === "deny" : flow.unjudged === "denied";
}

/** The engine's verdict as an event; where the engine is silent the scene's word; where both are, `null`: nothing happens. */
export function outcomeOf(verdict: ConnectionVerdict, flow: Flow, ends: Ends): Outcome | null {
  const { clientMode, transport } = verdict;
  const modeIf = (happens: Happening): ClientMode => (clientMode.kind === "known" ? clientMode.value : unjudgedClientMode(flow, ends.client, happens));
  const scripted = flow.despite?.happens ?? (transport.kind === "unknown" ? flow.unjudged : undefined);
  if (scripted !== undefined) return told(scripted, modeIf(scripted), ends);
  if (transport.kind === "unknown") return null;
  const outcome = judged(transport.value, modeIf(transport.value === "mTLS" ? "mTLS" : "plaintext"), ends);
  return outcome.result === "accepted" && denies(verdict, flow) ? { ...outcome, result: "denied" } : outcome;
}
