import type { Revision } from "../revision.ts";
import type { Instance, InstanceClass } from "../instances.ts";
import type { IstiodView } from "../istiodView.ts";
import type { PoliciesInScope } from "../peerAuthentication.ts";

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
