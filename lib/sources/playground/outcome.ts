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

function sent(clientMode: ClientMode, { client, server }: Ends): Carried {
  if (PLAINTEXT_MODES.includes(clientMode)) return "plaintext";
  if (clientMode === "DR_SIMPLE" || clientMode === "DR_MUTUAL") return "tls";
  return clientMode === "HBONE" || client.plane === "ambient" || server.plane === "ambient" ? "HBONE" : "mTLS";
}

function scripted(happens: Happening, clientMode: ClientMode, ends: Ends): Outcome {
  switch (happens) {
    case "mTLS":
      return { clientMode, carried: sent(clientMode, ends), result: "accepted" };
    case "plaintext":
      return { clientMode, carried: "plaintext", result: "accepted" };
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

/** The engine's verdict as an event. Where the engine is silent nothing happens: `null`. */
export function outcomeOf({ clientMode, transport, authorization }: ConnectionVerdict, flow: Flow, ends: Ends): Outcome | null {
  if (clientMode.kind === "unknown" || transport.kind === "unknown") return null;
  if (flow.despite !== undefined) return scripted(flow.despite.happens, clientMode.value, ends);
  const outcome = judged(transport.value, clientMode.value, ends);
  const denied = outcome.result === "accepted" && authorization.kind === "known" && authorization.value === "deny";
  return denied ? { ...outcome, result: "denied" } : outcome;
}
