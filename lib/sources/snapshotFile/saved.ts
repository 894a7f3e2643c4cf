import type { MeshSnapshot } from "#mesh";
import type { SourceStatus } from "../source.ts";

/** All that was read of a mesh at one time, as a file keeps it. */
export interface SavedState {
  /** of the cluster: its context, or the scene's title */
  readonly name: string;
  readonly simulated: boolean;
  /** `capturedAtMs` is when it was saved */
  readonly snapshot: MeshSnapshot;
  /** how the sources were doing then */
  readonly sources: readonly SourceStatus[];
}

export const FORMAT = "mtlscope-snapshot";
/** Grows when what an older mtlscope would read wrongly is written. */
export const VERSION = 1;
