import type { ServiceAndPort } from "./clientScope.ts";
import type { Deduction } from "../deduction.ts";
import type { ClientPolicy } from "./clientTls.ts";
import type { Waypoint } from "../joining/waypoint.ts";
import type { ClientMode } from "../vocabulary.ts";

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

/** What a client sends that meets no waypoint as far as is known; where the object that would say so was not read, that is marked on it. */
export function pastWaypoint(sent: Deduction<Sent>, looked: Deduction<Waypoint | null>): Deduction<Sent> {
  return looked.gaps.length === 0 ? sent : { ...sent, value: { ...sent.value, mayMeetWaypoint: true } };
}

/** What leaves a client that has no cluster for it: there is no Service whose policies or waypoint could count. */
export function nowhere(mode: ClientMode): Sent {
  return { mode, at: null, policy: null, subset: null, waypoint: null };
}
