/** What is drawn at a zoom. Levels change seldom, so that zooming restyles nothing between them. */
export interface ZoomLevel {
  /** namespaces only, with one line per pair and state */
  readonly far: boolean;
  readonly nodeMarks: boolean;
  readonly lineMarks: "all" | "not mTLS" | "none";
  /** borders get thicker in model pixels as the model gets smaller, so that none vanishes */
  readonly borderFactor: number;
  /** labels too, as far as there is room */
  readonly labelFactor: number;
}

const CLOSE: ZoomLevel = { far: false, nodeMarks: true, lineMarks: "all", borderFactor: 1, labelFactor: 1 };
const FAR: ZoomLevel = { far: true, nodeMarks: false, lineMarks: "none", borderFactor: 8, labelFactor: 1 };

/** from this zoom on, the level beside it */
const LEVELS: readonly (readonly [number, ZoomLevel])[] = [
  [0.9, CLOSE],
  [0.7, { ...CLOSE, lineMarks: "not mTLS" }],
  [0.6, { ...CLOSE, lineMarks: "not mTLS", borderFactor: 1.3, labelFactor: 1.05 }],
  [0.4, { ...CLOSE, nodeMarks: false, lineMarks: "not mTLS", borderFactor: 1.7, labelFactor: 1.35 }],
  [0.25, { ...CLOSE, nodeMarks: false, lineMarks: "not mTLS", borderFactor: 2.6, labelFactor: 1.35 }],
  [0.15, { ...CLOSE, nodeMarks: false, lineMarks: "none", borderFactor: 4, labelFactor: 1.35 }],
];
/** where this many edges are too small to follow, their sums say more */
const CROWDED_EDGES = 1500;
const CROWDED_FAR = 0.25;

/** The same object for every zoom of one level. */
export function zoomLevel(zoom: number, edges: number): ZoomLevel {
  if (edges > CROWDED_EDGES && zoom < CROWDED_FAR) return FAR;
  return LEVELS.find(([from]) => zoom >= from)?.[1] ?? FAR;
}

/** Node labels shrink with the graph; below this size on the screen they are left out. */
export const SMALLEST_LABEL_PX = 6.5;
