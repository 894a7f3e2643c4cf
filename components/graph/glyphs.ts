/** Drawings in a square of 16 by 16: the canvas of the graph and the SVG of legend and lists use the same paths. */
export interface Glyph {
  readonly stroke: string;
  readonly fill: string;
}

const BODY = "M3.5 7.5h9v6.5h-9z";
const CLOSED_SHACKLE = "M5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5";

/** At the middle of a line: what state it is in, without colour. */
export const LINE_GLYPHS = {
  "closed lock": { stroke: `${BODY}${CLOSED_SHACKLE}`, fill: BODY },
  "half lock": { stroke: `${BODY}${CLOSED_SHACKLE}`, fill: "M3.5 10.75h9V14h-9z" },
  "open lock": { stroke: `${BODY}M5.5 7.5V4.5a2.5 2.5 0 0 1 4.8-1`, fill: "" },
  cross: { stroke: "M4 4l8 8M12 4l-8 8", fill: "" },
  question: { stroke: "M5.6 6a2.4 2.4 0 1 1 3.5 2.2C8.2 8.6 8 9.2 8 10.2M8 12.6v.4", fill: "" },
} as const satisfies Record<string, Glyph>;
export type LineGlyph = keyof typeof LINE_GLYPHS;

/** At the left of a node: what stands there. */
export const NODE_GLYPHS = {
  sidecar: { stroke: "M2 4h7v8H2zM11 6h3v4h-3z", fill: "M11 6h3v4h-3z" },
  ambient: { stroke: "M2 5.5c2-2 4-2 6 0s4 2 6 0M2 10.5c2-2 4-2 6 0s4 2 6 0", fill: "" },
  gateway: { stroke: "M4 2.5v11M12 2.5v11M1 8h13M11 5l3 3-3 3", fill: "" },
  waypoint: { stroke: "M8 2.5 13.5 8 8 13.5 2.5 8zM8 6.5v3", fill: "" },
  "grpc-proxyless": { stroke: "M2.5 3.5h11v9h-11zM5 8h6", fill: "" },
  none: { stroke: "M3 8a5 5 0 1 0 10 0a5 5 0 1 0-10 0M4.6 4.6l6.8 6.8", fill: "" },
  several: { stroke: "M2 3h7v7H2zM6.5 12.5h7v-7", fill: "" },
  node: { stroke: "M2.5 3.5h11v4h-11zM2.5 8.5h11v4h-11zM5 5.5h.5M5 10.5h.5", fill: "" },
  address: { stroke: "M6 2.5 4.5 13.5M11.5 2.5 10 13.5M2.5 6h11M2 10h11", fill: "" },
  external: { stroke: "M2.5 8a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0M2.5 8h11M8 2.5c-3 3.5-3 7.5 0 11M8 2.5c3 3.5 3 7.5 0 11", fill: "" },
  unidentified: { stroke: "M5.6 6a2.4 2.4 0 1 1 3.5 2.2C8.2 8.6 8 9.2 8 10.2M8 12.6v.4", fill: "" },
} as const satisfies Record<string, Glyph>;
export type NodeGlyph = keyof typeof NODE_GLYPHS;
