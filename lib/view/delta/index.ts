export { meshDelta, reusedView, withMeshDelta } from "./meshDelta.ts";
export type { MeshDelta } from "./meshDelta.ts";
export type { ListDelta, Placed } from "./listDelta.ts";
