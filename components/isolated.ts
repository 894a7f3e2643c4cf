// Names come from telemetry, too, where they may hold letters that are written from right to left. In a sentence these would turn around what stands beside them: an arrow and the name after it, a count.
const FROM_RIGHT = "\\u0590-\\u08FF\\uFB1D-\\uFDFF\\uFE70-\\uFEFC\\u{10800}-\\u{10FFF}\\u{1E800}-\\u{1EFFF}";
const ANY_FROM_RIGHT = new RegExp(`[${FROM_RIGHT}]`, "u");
const OF_A_NAME = "[\\p{L}\\p{M}\\p{N}\\u200C\\u200D._/:@*%+~\\\\-]";
const NAME = new RegExp(`${OF_A_NAME}*[${FROM_RIGHT}](?:${OF_A_NAME}*[\\p{L}\\p{M}\\p{N}*])?`, "gu");

/** LEFT-TO-RIGHT ISOLATE, and its end: namespace before name, whatever their letters */
const [ISOLATE, END] = ["\u2066", "\u2069"];

/** The fields of the API that hold sentences; ids and names stay as they are, and are drawn isolated. */
const SENTENCES: ReadonlySet<string> = new Set([
  "sentence", "text", "wanted", "because", "message", "cause", "fix", "admission", "raise", "how", "note", "consequence", "title", "notApplicableBecause",
]);
const LISTS_OF_SENTENCES: ReadonlySet<string> = new Set(["remarks", "notCovered"]);

/** A sentence in which no name can turn around its neighbours. */
export function isolated(sentence: string): string {
  return ANY_FROM_RIGHT.test(sentence) ? sentence.replaceAll(NAME, (name) => `${ISOLATE}${name}${END}`) : sentence;
}

function revived(field: string, value: unknown): unknown {
  if (typeof value === "string") return SENTENCES.has(field) ? isolated(value) : value;
  if (LISTS_OF_SENTENCES.has(field) && Array.isArray(value)) return value.map((one: unknown) => (typeof one === "string" ? isolated(one) : one));
  return value;
}

/** What the server told, with its sentences isolated; almost never is there anything to do. */
export function readJson(json: string): unknown {
  return ANY_FROM_RIGHT.test(json) ? JSON.parse(json, revived) : JSON.parse(json);
}
