import type { Revision } from "../controlPlane/revision.ts";
import type { Instance, InstanceClass } from "../instances/instances.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import type { PoliciesInScope } from "../server/peerAuthentication.ts";

/** A kind of workload that runs: all its instances, of which one is asked. */
export interface Resident {
  readonly of: InstanceClass;
  readonly one: Instance;
  readonly all: readonly Instance[];
  readonly revision: Revision;
  readonly view: IstiodView;
  /** the PeerAuthentications that can speak for it */
  readonly scope: PoliciesInScope;
}
