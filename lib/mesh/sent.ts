import type { ServiceAndPort } from "./clientScope.ts";
import type { ClientPolicy } from "./clientTls.ts";
import type { Waypoint } from "./waypoint.ts";
import type { ClientMode } from "./vocabulary.ts";

/** What leaves the client, and to which service its proxy thinks it sends. */
export interface Sent {
  readonly mode: ClientMode;
  readonly at: ServiceAndPort | null;
  readonly policy: ClientPolicy | null;
  /** in between, where it sends to a waypoint: that one sends on in its own name */
  readonly waypoint: Waypoint | null;
}

export function nowhere(mode: ClientMode): Sent {
  return { mode, at: null, policy: null, waypoint: null };
}
