import type { Theme } from "./graphProps.ts";

/** What a line can say about the traffic on it. */
export type Tone = "mTLS" | "tls" | "plaintext" | "blocked" | "unclear" | "idle";

export interface GraphPalette {
  /** the only saturated colours of the graph */
  readonly tones: Readonly<Record<Tone, string>>;
  readonly ground: string;
  readonly box: string;
  readonly boxBorder: string;
  readonly node: string;
  readonly nodeBorder: string;
  readonly text: string;
  readonly muted: string;
}

/** The tokens of the page's stylesheet, which a canvas cannot read while it paints. */
export const PALETTES: Readonly<Record<Theme, GraphPalette>> = {
  light: {
    tones: { mTLS: "#1f8a78", tls: "#173f96", plaintext: "#c8701a", blocked: "#86103a", unclear: "#6b7280", idle: "#8b95a5" },
    ground: "#ffffff",
    box: "#f6f7f9",
    boxBorder: "#dde1e7",
    node: "#ffffff",
    nodeBorder: "#b4bcc9",
    text: "#171c24",
    muted: "#566070",
  },
  dark: {
    tones: { mTLS: "#2ee0cf", tls: "#5681f2", plaintext: "#f0b848", blocked: "#ff3d86", unclear: "#9aa4b2", idle: "#6b7685" },
    ground: "#0d1117",
    box: "#131922",
    boxBorder: "#252d39",
    node: "#1a212c",
    nodeBorder: "#465163",
    text: "#e4e9f0",
    muted: "#98a3b3",
  },
};
