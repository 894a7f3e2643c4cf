const TICKS = /(`[^`]+`)/;

/** A sentence in which names stand between backticks, as those of objects and fields do. */
export function Prose({ text }: { readonly text: string }) {
  return text.split(TICKS).map((part, index) => (part.startsWith("`") && part.length > 1 ? <code key={index.toString()}>{part.slice(1, -1)}</code> : part));
}
