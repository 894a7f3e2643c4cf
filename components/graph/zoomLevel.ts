/** What is drawn at a zoom. Levels change seldom, so that zooming restyles nothing between them. */
export interface ZoomLevel {
  /** namespaces only, with one line per pair and state */
  readonly far: boolean;
  readonly arrows: boolean;
  readonly nodeMarks: boolean;
  readonly lineMarks: "all" | "not mTLS" | "none";
  /** lines get thicker in model pixels as the model gets smaller, so that none vanishes */
  readonly widthFactor: number;
}

const CLOSE: ZoomLevel = { far: false, arrows: true, nodeMarks: true, lineMarks: "all", widthFactor: 1 };

/** from this zoom on, the level beside it */
const LEVELS: readonly (readonly [number, ZoomLevel])[] = [
  [0.9, CLOSE],
  [0.75, { ...CLOSE, lineMarks: "not mTLS" }],
  [0.6, { ...CLOSE, lineMarks: "not mTLS", widthFactor: 1.3 }],
  [0.4, { ...CLOSE, nodeMarks: false, lineMarks: "not mTLS", widthFactor: 1.8 }],
  [0.25, { ...CLOSE, arrows: false, nodeMarks: false, lineMarks: "not mTLS", widthFactor: 2.6 }],
  [0.15, { ...CLOSE, arrows: false, nodeMarks: false, lineMarks: "none", widthFactor: 4 }],
  [0.07, { far: true, arrows: true, nodeMarks: false, lineMarks: "none", widthFactor: 8 }],
];
const FARTHEST: ZoomLevel = { far: true, arrows: true, nodeMarks: false, lineMarks: "none", widthFactor: 16 };

/** The same object for every zoom of one level. */
export function zoomLevel(zoom: number): ZoomLevel {
  return LEVELS.find(([from]) => zoom >= from)?.[1] ?? FARTHEST;
}

/** Node labels shrink with the graph; below this size on the screen they are left out. */
export const SMALLEST_LABEL_PX = 7;
