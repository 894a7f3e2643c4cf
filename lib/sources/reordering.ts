// Characters that turn around the text beside them. No object of Kubernetes can be called so; a label of a metric can, by a header that anyone sends.
const MARKS = /[\u202A-\u202E\u2066-\u2069]/g;
const WRITTEN = /[\u202A-\u202E\u2066-\u2069]|\\u20(2[A-E]|6[6-9])/i;

function spelt(text: string): string {
  return text.replaceAll(MARKS, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);
}

/**
 * A metrics server's answer, in whose labels such a character is written out: `\u202e`. Every backslash is doubled, so that two names stay two.
 *
 * @param names the labels that name something; all others stay as they are
 */
export function parseLabels(json: string, names: ReadonlySet<string>): unknown {
  if (!WRITTEN.test(json) && !json.includes("\\")) return JSON.parse(json);
  return JSON.parse(json, (key, value: unknown) => (typeof value === "string" && names.has(key) ? spelt(value.replaceAll("\\", "\\\\")) : value));
}

/** What mtlscope saved holds none of them; what somebody else wrote may. */
export function parseSaved(json: string): unknown {
  if (!WRITTEN.test(json)) return JSON.parse(json);
  return JSON.parse(json, (_, value: unknown) => (typeof value === "string" ? spelt(value) : value));
}
