import type { ServiceAndPort } from "./clientScope.ts";
import type { Deduction } from "./deduction.ts";
import type { ClientPolicy } from "./clientTls.ts";
import type { Waypoint } from "./waypoint.ts";
import type { ClientMode } from "./vocabulary.ts";

/** What leaves the client, and to which service its proxy thinks it sends. */
export interface Sent {
  readonly mode: ClientMode;
  readonly at: ServiceAndPort | null;
  readonly policy: ClientPolicy | null;
  /** of the service, by which its proxy chose the cluster */
  readonly subset: string | null;
  /** in between, where it sends to a waypoint: that one sends on in its own name */
  readonly waypoint: Waypoint | null;
  /** what would say whether there is one was not read: there is none as far as is known */
  readonly mayMeetWaypoint?: true;
}

/** What is sent, where a waypoint was looked for and may have been missed. */
export function pastWaypoint(sent: Deduction<Sent>, looked: Deduction<Waypoint | null>): Deduction<Sent> {
  return looked.gaps.length === 0 ? sent : { ...sent, value: { ...sent.value, mayMeetWaypoint: true } };
}

export function nowhere(mode: ClientMode): Sent {
  return { mode, at: null, policy: null, subset: null, waypoint: null };
}
