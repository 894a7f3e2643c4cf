import type { StylesheetJson } from "cytoscape";
import { NODE_SIZE } from "#layout";
import { FONT } from "./brush.ts";
import type { GraphPalette } from "./graphPalette.ts";
import { SMALLEST_LABEL_PX } from "./zoomLevel.ts";
import type { ZoomLevel } from "./zoomLevel.ts";

const LABEL_PX = 12;

export function graphStyle(palette: GraphPalette, level: ZoomLevel): StylesheetJson {
  return [...boxStyle(), ...nodeStyle(palette, level), ...emphasisStyle(palette, level)];
}

/** Boxes are painted below the edges; here they only catch the pointer. */
function boxStyle(): StylesheetJson {
  return [
    {
      selector: "node.box",
      style: {
        shape: "rectangle",
        width: "data(width)",
        height: "data(height)",
        "background-opacity": 0,
        "border-width": 0,
        "z-index-compare": "manual",
        "z-index": 0,
        "overlay-opacity": 0,
      },
    },
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
        label: "data(label)",
        color: palette.text,
        "font-family": FONT,
        "font-size": LABEL_PX * level.labelFactor,
        "min-zoomed-font-size": SMALLEST_LABEL_PX,
        "text-valign": "center",
        "text-halign": "center",
        "text-wrap": "wrap",
        "line-height": 1.05,
        "text-max-width": `${NODE_SIZE.width}px`,
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

function emphasisStyle(palette: GraphPalette, level: ZoomLevel): StylesheetJson {
  return [
    { selector: "node.thing.dim", style: { opacity: 0.35 } },
    { selector: "node.thing.chosen", style: { "border-color": palette.text, "border-width": 2 * level.borderFactor, "border-style": "solid" } },
    // from far, parties are painted over the lines, several as one, and boxes stand for what is in them
    ...(level.far ? [{ selector: "node.thing", style: { display: "none" } } as const] : []),
    { selector: ".hidden", style: { display: "none" } },
  ];
}
