import type { Edge } from "#mesh";
import type { Limit } from "#proposals";
import { objectName } from "./reason.ts";
import { partyName } from "./party.ts";
import { listText, plural } from "./quantity.ts";

const SUBJECT = { STRICT: "STRICT", PERMISSIVE: "PERMISSIVE" } as const;

/** Every port by number: a count of ports helps nobody. */
function portsText(ports: readonly number[]): string {
  const last = ports[ports.length - 1] ?? "";
  return ports.length === 1 ? `port ${last}` : `ports ${ports.slice(0, -1).join(", ")} and ${last}`;
}

/** What the change does not reach, though one might think so. `undefined` for what is a remark and not a hole. */
export function limitSentence(limit: Limit, mode: keyof typeof SUBJECT): string | undefined {
  switch (limit.kind) {
    case "policy keeps":
      return `Not reached: ${objectName(limit.object)} sets ${limit.value} (${limit.field}), which counts for ${listText(limit.workloads)}.`;
    case "not told to ztunnel":
      return `Not reached: the empty selector of ${objectName(limit.object)} counts as none for sidecars, and ztunnel is not told of the policy: nothing changes for ${listText(limit.workloads)} until the selector is taken away.`;
    case "ports of the proxy":
      return `${portsText(limit.ports).replace(/^p/, "P")} of every pod belong to the proxy and are never captured: ${SUBJECT[mode]} is not enforced there.`;
    case "ports not captured":
      return `${limit.workload}, ${portsText(limit.ports)}: excluded from capture, so the proxy enforces nothing there.`;
    case "ports not TCP":
      return `${limit.workload}, ${portsText(limit.ports)}: UDP passes no proxy and stays unencrypted.`;
    case "no proxy":
      return `${plural(limit.workloads.length, "workload")} without a proxy (${listText(limit.workloads)}): nothing enforces a PeerAuthentication there.`;
    case "gateway":
      return `${plural(limit.workloads.length, "gateway")} (${listText(limit.workloads)}): a gateway's own servers decide what it accepts, not PeerAuthentication.`;
    case "policy ignored":
    case "also selects":
      return undefined;
  }
}

/** What the reader should know of other policies before changing this one. */
export function limitRemark(limit: Limit): string | undefined {
  if (limit.kind === "also selects") return `${objectName(limit.object)} also selects ${listText(limit.workloads)}: the change reaches ${limit.workloads.length === 1 ? "it" : "them"} too.`;
  if (limit.kind !== "policy ignored") return undefined;
  switch (limit.because) {
    case "an older one decides":
      return `${objectName(limit.object)} is ignored: Istio keeps only the oldest policy without a selector, and that is the one changed here.`;
    case "selector in the root namespace":
      return `${objectName(limit.object)} is ignored: Istio does not apply a PeerAuthentication with a selector from the root namespace.`;
  }
}

/** What no preview judges, though its clients are of the scope. */
export function outgoingSentence(edges: readonly Edge[]): readonly string[] {
  if (edges.length === 0) return [];
  const hosts = [...new Set(edges.map(({ server }) => partyName(server, server)))].sort();
  return [`${plural(edges.length, "connection")} to outside the mesh (${listText(hosts)}) ${edges.length === 1 ? "is" : "are"} not judged: a PeerAuthentication says what servers accept, and does not change what is sent there.`];
}
