import type { MeshJudge, MeshVerdicts, PastProxy, WorkloadId } from "#mesh";
import { keptWith, workloadIdParts } from "#mesh";
import { areWorkloadsUnread, coverOf } from "#proposals";
import type { NamespaceView, ReadinessView } from "./meshView.ts";
import { listText, plural } from "./sentences/quantity.ts";

/** A namespace as far as it is known without a preview. */
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

function pastText(id: WorkloadId, past: PastProxy): string {
  switch (past.kind) {
    case "no proxy":
      return `pods of ${id} without a proxy`;
    case "ports":
      return `${past.ports.length === 1 ? "port" : "ports"} ${past.ports.join(", ")} of ${id}, left out of capture`;
    case "undeclared ports":
      return `ports of ${id} that nothing declares and no proxy captures`;
    case "interfaces":
      return `what reaches ${id} by ${past.interfaces.join(", ")}, left out of capture`;
    case "UDP":
      return `UDP ${past.ports.length === 1 ? "port" : "ports"} ${past.ports.join(", ")} of ${id}`;
  }
}

/** By namespace, what no port tells of and no proxy guards. */
const pastProxies = keptWith(gather);

function gather(judge: MeshJudge): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const id of judge.workloads.keys()) {
    const texts = judge.pastProxy(id).map((past) => pastText(id, past));
    const { namespace } = workloadIdParts(id);
    if (texts.length > 0) found.set(namespace, [...(found.get(namespace) ?? []), ...texts]);
  }
  return found;
}

/** Where a policy that says STRICT does not hold, as clauses. */
function exceptions(line: Line, judge: MeshJudge): readonly string[] {
  const [open, past] = [portsThat(line, "PERMISSIVE", "DISABLE"), portsThat(line, "NONE", "UNCAPTURED")];
  return [
    ...(open === 0 ? [] : [`${plural(open, "port")} that policies of single workloads keep open`]),
    ...(past === 0 ? [] : [`${plural(past, "port")} that no proxy guards`]),
    ...(pastProxies(judge).get(line.name) ?? []),
  ];
}

/** What the policy says is one thing, and what the ports accept another; and some ways lead to no port that a proxy has. @see rule PRE-24 */
export function strictAlready(line: Line, { snapshot: { configuration, telemetry }, judge }: MeshVerdicts): ReadinessView {
  const { name, accepts } = line;
  const arrived = plaintextText(line, coverOf(telemetry).text);
  if (areWorkloadsUnread(configuration, name)) return answer("unknown", podsUnread(line));
  if (portsThat(line, "unknown") > 0) return acceptsUnknown(line, arrived);
  const strict = portsThat(line, "STRICT");
  const others = exceptions(line, judge);
  if (strict > 0 && others.length === 0 && accepts.every(({ mode }) => mode === "STRICT")) return answer("is STRICT", `${name} is STRICT${arrived}.`);
  const where = strict === 0 ? `The policy for ${name} says STRICT, and no port of it is known to be` : `${name} is STRICT on ${plural(strict, "port")}`;
  return answer("STRICT in part", `${where}${others.length === 0 ? "" : `, except ${listText(others)}`}${arrived}.`);
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
