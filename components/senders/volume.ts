import type { Sent } from "#sent";
import { plural } from "../numbers.ts";

/** What a sender sent, and what of it was refused: up to six numbers, none of which is a sum of requests and connections. */
export function volume({ requests, connections, refusedRequests, refusedConnections, unreportedRequests, unreportedConnections }: Omit<Sent, "lastSeenMs" | "lastSeenAfterMs">): string {
  const parts = [
    requests > 0 ? plural(requests, "plaintext request") : "",
    connections > 0 ? plural(connections, "plaintext TCP connection") : "",
    unreportedRequests > 0 ? `${plural(unreportedRequests, "unreported request")} (plaintext by configuration)` : "",
    unreportedConnections > 0 ? `${plural(unreportedConnections, "unreported TCP connection")} (plaintext by configuration)` : "",
    refusedRequests > 0 ? plural(refusedRequests, "refused request") : "",
    refusedConnections > 0 ? plural(refusedConnections, "refused TCP connection") : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "nothing in the window" : parts.join(", ");
}
