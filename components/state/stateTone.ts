import type { CountsView, EdgeState, EdgeView } from "#view";

/** The colour class of a state; the glyph and the word carry the same message. */
export type Tone = "mtls" | "tls" | "plaintext" | "blocked" | "mixed" | "unknown" | "idle";

export const STATE_TONE: Readonly<Record<EdgeState, Tone>> = {
  blocked: "blocked",
  "mixed, partly blocked": "mixed",
  mixed: "mixed",
  plaintext: "plaintext",
  "application TLS": "tls",
  mTLS: "mtls",
  unclear: "unknown",
  "expected blocked": "blocked",
  idle: "idle",
};

export const TONE_TEXT: Readonly<Record<Tone, string>> = {
  mtls: "text-mtls",
  tls: "text-tls",
  plaintext: "text-plaintext",
  blocked: "text-blocked",
  mixed: "text-plaintext",
  unknown: "text-unknown",
  idle: "text-idle",
};

/** Counts as the pages name them, worst first; the glyph is that of the state they would make alone. */
export const COUNT_KINDS = [
  { key: "plaintext", label: "plaintext", state: "plaintext", fill: "fill-plaintext-hatched", text: "text-plaintext-text" },
  { key: "refused", label: "blocked", state: "blocked", fill: "fill-blocked-dotted", text: "text-blocked-text" },
  { key: "unclear", label: "unclear", state: "unclear", fill: "fill-unknown-outlined", text: "text-unknown-text" },
  { key: "tls", label: "application TLS", state: "application TLS", fill: "fill-tls-striped", text: "text-tls-text" },
  { key: "mtls", label: "mTLS", state: "mTLS", fill: "fill-mtls-plain", text: "text-mtls-text" },
] as const satisfies readonly { readonly key: keyof CountsView; readonly label: string; readonly state: EdgeState; readonly fill: string; readonly text: string }[];

/** Those without a column of their own. */
export const OTHER_KINDS = COUNT_KINDS.filter(({ key }) => key === "unclear" || key === "tls");

/** Lowest first: what asks for a person before what is merely so. */
const URGENCY: Readonly<Record<EdgeState, number>> = {
  plaintext: 0,
  "mixed, partly blocked": 1,
  mixed: 2,
  blocked: 3,
  "expected blocked": 4,
  unclear: 5,
  "application TLS": 6,
  mTLS: 7,
  idle: 8,
};

/** Its state is mTLS, and of a part nobody reported the security: shown by its state alone, it would look better than it is. */
export function isPartlyUnclear({ state, counts }: Pick<EdgeView, "state" | "counts">): boolean {
  return state === "mTLS" && counts.unclear > 0;
}

export function edgeUrgency(edge: Pick<EdgeView, "state" | "counts">): number {
  return isPartlyUnclear(edge) ? URGENCY.unclear + 0.5 : URGENCY[edge.state];
}

export function urgency(state: EdgeState): number {
  return URGENCY[state];
}

export function byUrgency(a: EdgeState, b: EdgeState): number {
  return URGENCY[a] - URGENCY[b];
}

export const STATES_BY_URGENCY: readonly EdgeState[] = (Object.keys(URGENCY) as EdgeState[]).sort(byUrgency);
