/** What a line can say about the traffic on it. */
export type Tone = "mTLS" | "tls" | "plaintext" | "blocked" | "unclear" | "idle";

/** The only saturated colours of the graph, as the page's stylesheet names them. */
export const TONE_PROPERTIES: Readonly<Record<Tone, string>> = {
  mTLS: "--state-mtls",
  tls: "--state-tls",
  plaintext: "--state-plaintext",
  blocked: "--state-blocked",
  unclear: "--state-unknown",
  idle: "--state-idle",
};

const PLAIN_PROPERTIES = {
  ground: "--ground",
  box: "--graph-box",
  boxBorder: "--line",
  node: "--graph-node",
  nodeBorder: "--graph-node-border",
  text: "--text",
  muted: "--quiet",
} as const;

export interface GraphPalette extends Readonly<Record<keyof typeof PLAIN_PROPERTIES, string>> {
  readonly tones: Readonly<Record<Tone, string>>;
}

function mapped<Key extends string>(properties: Readonly<Record<Key, string>>, valueOf: (property: string) => string): Readonly<Record<Key, string>> {
  return Object.fromEntries(Object.entries<string>(properties).map(([key, property]) => [key, valueOf(property)])) as Record<Key, string>;
}

/**
 * The stylesheet's colours, for a canvas, which cannot name them.
 *
 * @param valueOf what a custom property is on the page now
 */
export function graphPalette(valueOf: (property: string) => string): GraphPalette {
  return { ...mapped(PLAIN_PROPERTIES, valueOf), tones: mapped(TONE_PROPERTIES, valueOf) };
}
