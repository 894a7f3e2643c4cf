import type { StylesheetJson } from "cytoscape";
import { NODE_SIZE } from "#view";
import type { GraphPalette, Tone } from "./graphPalette.ts";
import { SMALLEST_LABEL_PX } from "./zoomLevel.ts";
import type { ZoomLevel } from "./zoomLevel.ts";

/** Widths that elements carry as data stay below this. */
const WIDEST_PX = 12;

export function graphStyle(palette: GraphPalette, level: ZoomLevel): StylesheetJson {
  return [...boxStyle(palette, level), ...nodeStyle(palette, level), ...edgeStyle(palette, level), ...emphasisStyle(palette, level)];
}

function boxStyle(palette: GraphPalette, level: ZoomLevel): StylesheetJson {
  return [
    {
      selector: "node.box",
      style: {
        shape: "round-rectangle",
        "corner-radius": "8px",
        width: "data(width)",
        height: "data(height)",
        "background-color": palette.box,
        "border-width": level.widthFactor,
        "border-color": palette.boxBorder,
        "z-index-compare": "manual",
        "z-index": 0,
        "overlay-opacity": 0,
        events: "yes",
      },
    },
    { selector: "node.outside", style: { "border-style": "dashed", "background-opacity": 0 } },
  ];
}

function nodeStyle(palette: GraphPalette, level: ZoomLevel): StylesheetJson {
  const dashed = { "border-style": "dashed" as const, "border-dash-pattern": [4, 3] };
  return [
    {
      selector: "node.thing",
      style: {
        shape: "round-rectangle",
        "corner-radius": "5px",
        width: NODE_SIZE.width,
        height: NODE_SIZE.height,
        "background-color": palette.node,
        "border-width": 1,
        "border-color": palette.nodeBorder,
        label: level.far ? "" : "data(name)",
        color: palette.text,
        "font-family": "ui-sans-serif, system-ui, sans-serif",
        "font-size": 12,
        "min-zoomed-font-size": SMALLEST_LABEL_PX,
        "text-valign": "center",
        "text-halign": "center",
        "text-wrap": "ellipsis",
        "text-max-width": `${NODE_SIZE.width - 52}px`,
        "z-index-compare": "manual",
        "z-index": 20,
        "overlay-opacity": 0,
      },
    },
    { selector: "node.shape-ambient", style: { "corner-radius": `${NODE_SIZE.height / 2}px` } },
    { selector: "node.shape-gateway", style: { shape: "cut-rectangle", "corner-radius": "9px", "border-width": 1.5 } },
    { selector: "node.shape-none", style: { shape: "rectangle", "background-color": palette.ground, "border-color": palette.muted, ...dashed } },
    { selector: "node.shape-several", style: dashed },
    { selector: "node.shape-party", style: { "corner-radius": `${NODE_SIZE.height / 2}px`, "background-color": palette.ground, color: palette.muted, "border-color": palette.muted, "font-style": "italic", ...dashed } },
  ];
}

const TONES: readonly Tone[] = ["mTLS", "tls", "plaintext", "blocked", "unclear", "idle"];

function edgeStyle(palette: GraphPalette, level: ZoomLevel): StylesheetJson {
  const factor = level.widthFactor;
  const scaled = (field: string) => `mapData(${field}, 0, ${WIDEST_PX}, 0, ${WIDEST_PX * factor})`;
  return [
    {
      selector: "edge",
      style: {
        width: scaled("width"),
        "curve-style": "straight",
        "target-arrow-shape": level.arrows ? "triangle" : "none",
        "arrow-scale": 0.42 * factor,
        "line-cap": "butt",
        "z-index-compare": "manual",
        "z-index": 10,
        "overlay-opacity": 0,
      },
    },
    ...TONES.flatMap((tone): StylesheetJson => [
      { selector: `edge.tone-${tone}`, style: { "line-color": palette.tones[tone], "target-arrow-color": palette.tones[tone] } },
      {
        selector: `edge.band-${tone}`,
        style: { "underlay-color": palette.tones[tone], "underlay-opacity": 1, "underlay-padding": `mapData(bandPadding, 0, ${WIDEST_PX}, 0, ${WIDEST_PX * factor})` },
      },
    ]),
    { selector: "edge.bent", style: { "curve-style": "unbundled-bezier", "control-point-distances": "data(bend)", "control-point-weights": 0.5, "edge-distances": "node-position" } },
    { selector: "edge.loop", style: { "curve-style": "bezier", "loop-direction": "-45deg", "loop-sweep": "-60deg" } },
    { selector: "edge.dashes", style: { "line-style": "dashed", "line-dash-pattern": [9 * factor, 5 * factor] } },
    { selector: "edge.dots", style: { "line-style": "dashed", "line-cap": "round", "line-dash-pattern": [0.1, 5 * factor] } },
    { selector: "edge.bar", style: { "target-arrow-shape": level.arrows ? "triangle-tee" : "none", "target-arrow-color": palette.tones.blocked } },
    { selector: "edge.quiet", style: { "z-index": 9, opacity: 0.75 } },
    { selector: "edge.bundle", style: { "curve-style": "bezier", "control-point-step-size": 30 * factor, display: level.far ? "element" : "none" } },
    ...(level.far ? [{ selector: "edge.between", style: { display: "none" } } as const, { selector: "node.boxed", style: { display: "none" } } as const] : []),
  ];
}

function emphasisStyle(palette: GraphPalette, level: ZoomLevel): StylesheetJson {
  return [
    { selector: "edge.dim", style: { opacity: 0.12, "z-index": 8 } },
    { selector: "node.thing.dim", style: { opacity: 0.35 } },
    { selector: "edge.near", style: { "z-index": 12, opacity: 1 } },
    { selector: "node.chosen", style: { "border-color": palette.text, "border-width": 2 * level.widthFactor, "border-style": "solid" } },
    { selector: "edge.chosen", style: { "z-index": 15, opacity: 1, "overlay-color": palette.text, "overlay-opacity": 0.14, "overlay-padding": 5 * level.widthFactor } },
    { selector: ".hidden", style: { display: "none" } },
  ];
}
