// Characters that turn around the text beside them. No object of Kubernetes can be called so; a label of a metric can, by a header that anyone sends.
const MARKS = /[\u202A-\u202E\u2066-\u2069]/g;
const WRITTEN = /[\u202A-\u202E\u2066-\u2069]|\\u20(2[A-E]|6[6-9])/i;

function spelt(text: string): string {
  return text.replaceAll(MARKS, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);
}

/** Whether some name in a metrics server's answer may have to be spelt otherwise: asked once of all of it, since almost none does. */
export function mayHoldMarks(json: string): boolean {
  return json.includes("\\") || WRITTEN.test(json);
}

/**
 * Labels in which such a character is written out: `\u202e`. Every backslash is doubled, so that two names stay two.
 *
 * @param names the labels that name something; all others stay as they are
 */
export function visibleLabels(labels: Readonly<Record<string, string>>, names: readonly string[]): Readonly<Record<string, string>> {
  const odd = names.filter((name) => labels[name]?.includes("\\") === true || (labels[name]?.search(MARKS) ?? -1) >= 0);
  if (odd.length === 0) return labels;
  return { ...labels, ...Object.fromEntries(odd.map((name) => [name, spelt((labels[name] ?? "").replaceAll("\\", "\\\\"))])) };
}

/** Reads a saved state, in which characters that turn text around are spelt out: what mtlscope saved holds none, what somebody else wrote may. */
export function parseSaved(json: string): unknown {
  if (!WRITTEN.test(json)) return JSON.parse(json);
  return JSON.parse(json, (_, value: unknown) => (typeof value === "string" ? spelt(value) : value));
}
