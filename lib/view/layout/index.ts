export { layoutMesh } from "./layoutMesh.ts";
export { NODE as NODE_SIZE } from "./geometry.ts";
export type { LayoutBox, LayoutPosition, MeshLayout, Point, Rectangle } from "./geometry.ts";
export type { LayoutEdge, LayoutNode } from "./household.ts";
