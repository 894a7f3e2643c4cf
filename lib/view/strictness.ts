import type { MeshVerdicts } from "#mesh";
import { areWorkloadsUnread, coverOf } from "#proposals";
import type { NamespaceView, ReadinessView } from "./meshView.ts";
import { listText, plural } from "./sentences/quantity.ts";

/** What is known of a namespace without asking what a change would do. */
export type Line = Pick<NamespaceView, "name" | "accepts" | "incoming">;

export function answer(kind: ReadinessView["kind"], sentence: string, rest: Partial<ReadinessView> = {}): ReadinessView {
  return { kind, sentence, blockers: 0, uncertain: 0, proposal: null, ...rest };
}

export function portsThat({ accepts }: Line, ...modes: readonly Line["accepts"][number]["mode"][]): number {
  return accepts.reduce((sum, { mode, ports }) => sum + (modes.includes(mode) ? ports : 0), 0);
}

/** Through a port that is open or past the proxy, before the policy came, or against what configuration says: it arrived. */
function plaintextText({ incoming: { requests, connections } }: Line, window: string): string {
  if (requests.plaintext + connections.plaintext === 0) return "";
  return `; in ${window} ${arrivedText([requests.plaintext, connections.plaintext])} arrived as plaintext`;
}

/** What the policy says is one thing, and what the ports accept another. @see rule PRE-24 */
export function strictAlready(line: Line, verdicts: MeshVerdicts): ReadinessView {
  const { name, accepts } = line;
  const arrived = plaintextText(line, coverOf(verdicts.snapshot.telemetry).text);
  const [strict, open, past] = [portsThat(line, "STRICT"), portsThat(line, "PERMISSIVE", "DISABLE"), portsThat(line, "NONE", "UNCAPTURED")];
  const all = accepts.reduce((sum, { ports }) => sum + ports, 0);
  if (areWorkloadsUnread(verdicts.snapshot.configuration, name)) return answer("unknown", podsUnread(line));
  if (portsThat(line, "unknown") > 0) return acceptsUnknown(line, arrived);
  if (strict === all && strict > 0) return answer("is STRICT", `${name} is STRICT${arrived}.`);
  const others = [
    ...(open === 0 ? [] : [`${plural(open, "port")} that policies of single workloads keep open`]),
    ...(past === 0 ? [] : [`${plural(past, "port")} that no proxy guards`]),
  ];
  const except = others.length === 0 ? "" : `, except ${listText(others)}`;
  return answer("STRICT in part", `${strict === 0 ? `The policy for ${name} says STRICT, and no port of it is known to be` : `${name} is STRICT on ${plural(strict, "port")}`}${except}${arrived}.`);
}

export function acceptsUnknown(line: Line, rest: string): ReadinessView {
  const ports = portsThat(line, "unknown");
  return answer("unknown", `What ${plural(ports, "port")} of ${line.name} ${ports === 1 ? "accepts" : "accept"} is not known: the workloads say what is missing${rest}.`);
}

export function podsUnread({ name }: Line): string {
  return `Pods of ${name} could not all be read: what they accept, and who calls them, is not known.`;
}

/** `1,080 requests and 1 TCP connection`: what is not zero. */
export function arrivedText([requests, connections]: readonly [requests: number, connections: number]): string {
  return [...(requests > 0 ? [plural(requests, "request")] : []), ...(connections > 0 ? [plural(connections, "TCP connection")] : [])].join(" and ");
}
