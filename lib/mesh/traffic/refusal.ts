import type { MeshJudge, PortVerdict, WorkloadInstance } from "../judge.ts";
import { appended } from "../order.ts";
import type { ProtocolFamily, ServiceHost } from "../vocabulary.ts";
import { draftOf, edgeKey, type DraftEnds, type EdgeDraft } from "./draft.ts";
import type { Observation } from "./edge.ts";
import type { Meaning } from "./observation.ts";
import { keyed, type KeyedParty } from "./party.ts";
import type { RefusalRow } from "./telemetry.ts";

/** What a line means. An SNI shows that the sender spoke TLS; Istio's own form of it, that the sender is in the mesh. */
export function meaningOfRefusal(row: RefusalRow): Meaning {
  if (row.detail.includes("rbac_access_denied")) return { rule: "OBS-13", counts: "refused", refusal: "authorization", detail: row.detail };
  if (row.requestedServerName === null) return { rule: "OBS-12", counts: "refused", refusal: "transport", detail: `plaintext refused: ${row.detail}` };
  const who = row.requestedServerName.startsWith("outbound_") ? "TLS of a mesh client" : "TLS of the application";
  return { rule: "OBS-12", counts: "refused", refusal: "transport", detail: `${who} refused (SNI \`${row.requestedServerName}\`): ${row.detail}` };
}

/** What a line of an access log adds to its edge. */
export function observationOfRefusal(row: RefusalRow): Observation {
  const meaning = meaningOfRefusal(row);
  return {
    rule: meaning.rule,
    counts: "refused",
    count: row.count,
    bytes: 0,
    reporter: "log",
    proxy: "envoy",
    connectionSecurityPolicy: null,
    refusal: meaning.refusal ?? "transport",
    extrapolated: false,
    lastSeenMs: row.lastSeenMs,
    ...(meaning.detail === undefined ? {} : { detail: meaning.detail }),
  };
}

/** The client's inferred refusals less those that the server's log tells as well: both saw the same attempts. @see rule OBS-22 */
export function beyondLog(observations: readonly Observation[], lines: readonly RefusalRow[]): readonly Observation[] {
  let told = lines.reduce((sum, row) => sum + (meaningOfRefusal(row).refusal === "transport" ? row.count : 0), 0);
  if (told === 0) return observations;
  return observations.flatMap((observation) => {
    if (observation.refusal !== "inferred") return [observation];
    const count = Math.max(0, observation.count - told);
    told -= observation.count - count;
    return count === 0 ? [] : [{ ...observation, count }];
  });
}

/** What lines are read with. */
export interface Finder {
  readonly judge: MeshJudge;
  /** how lines were read, by the same ports of the same instances */
  readonly memo: WeakMap<RefusalRow, LineEnds>;
}

/** Between whom a line may be. */
export interface LineEnds {
  readonly servers: readonly WorkloadInstance[];
  readonly clients: readonly WorkloadInstance[];
  /** likeliest first */
  readonly possible: readonly [DraftEnds, ...DraftEnds[]];
}

/** Who has an address; one seen before its pod existed belonged to another. */
function holders(judge: MeshJudge, address: string, seenAtMs: number): readonly WorkloadInstance[] {
  return judge.instancesByAddress(address).filter(({ createdAtMs }) => (createdAtMs ?? 0) <= seenAtMs);
}

/** One owner is the party. Several share the node's address: the node is, where they agree on it. */
function partyOf(instances: readonly WorkloadInstance[], address: string): KeyedParty {
  const owners = new Set(instances.map((instance) => instance.workload));
  const [owner] = owners;
  return owners.size === 1 && owner !== undefined ? keyed({ kind: "workload", id: owner }) : sharedBy(instances, address);
}

/** A pod that writes lines is itself; who sends from its node's address may be the kubelet, what a NodePort leads on, or a pod that was not read. @see rule SND-9 */
function senderAt(instances: readonly WorkloadInstance[], address: string): KeyedParty {
  return instances.some(({ hostNetwork }) => hostNetwork) ? sharedBy(instances, address) : partyOf(instances, address);
}

function sharedBy(instances: readonly WorkloadInstance[], address: string): KeyedParty {
  const nodes = new Set(instances.map((instance) => instance.nodeName));
  const [node] = nodes;
  return keyed(nodes.size === 1 && node !== undefined && node !== null ? { kind: "node", name: node } : { kind: "address", address });
}

function familyOf(port: PortVerdict | undefined): ProtocolFamily | null {
  if (port === undefined || port.protocol === "AUTO") return null;
  return port.protocol === "HTTP" ? "http" : "tcp";
}

/** A line names a target port: the edges it can belong to, likeliest first. */
function possibleEnds(ends: Pick<DraftEnds, "client" | "server">, port: PortVerdict | undefined): readonly [DraftEnds, ...DraftEnds[]] {
  const declared = familyOf(port);
  const families: readonly ProtocolFamily[] = declared === null ? ["tcp", "http"] : [declared];
  const hosts: readonly (ServiceHost | null)[] = [...new Set(port?.services.map((service) => service.host)), null];
  const only = port?.services.length === 1 ? (port.services[0]?.host ?? null) : null;
  const all = hosts.flatMap((host) => families.map((family) => ({ ...ends, host, family })));
  return [{ ...ends, host: only, family: declared ?? "tcp" }, ...all];
}

/** The edges that traffic makes by itself, by key, and the lines about refused connections that are to be put to them. */
export interface Drawn {
  readonly lines: readonly RefusalRow[];
  get(key: string): EdgeDraft | undefined;
}

/** Edges with the lines that belong to them, by key. */
export type Refused = Map<string, EdgeDraft>;

/** The draft of an edge with room for lines: what traffic drew of it stays as it is. */
function refusedDraft(intoRefused: Refused, ends: DraftEnds, drawn: Drawn): EdgeDraft {
  const key = edgeKey(ends);
  const known = intoRefused.get(key);
  if (known !== undefined) return known;
  const draft = { ...(drawn.get(key) ?? draftOf(ends, key)) };
  intoRefused.set(key, draft);
  return draft;
}

function sameInstances(one: readonly WorkloadInstance[], other: readonly WorkloadInstance[]): boolean {
  return one.length === other.length && one.every((instance, at) => instance === other[at]);
}

function endsOf(row: RefusalRow, { judge, memo }: Finder): LineEnds {
  const servers = holders(judge, row.serverAddress, row.lastSeenMs);
  const clients = holders(judge, row.clientAddress, row.lastSeenMs);
  const known = memo.get(row);
  if (known !== undefined && sameInstances(known.servers, servers) && sameInstances(known.clients, clients)) return known;
  const port = servers[0] === undefined ? undefined : judge.ports(servers[0].ref).find((one) => one.targetPort === row.targetPort);
  const ends = { servers, clients, possible: possibleEnds({ client: senderAt(clients, row.clientAddress), server: partyOf(servers, row.serverAddress) }, port) };
  memo.set(row, ends);
  return ends;
}

/** Edges with the lines that belong to them: each to one that traffic already drew where there is one, in the window or before it. */
export function draftRefusals(drawnBy: Drawn, finder: Finder): Refused {
  const refused: Refused = new Map();
  for (const row of drawnBy.lines) {
    const { clients, possible } = endsOf(row, finder);
    const drawn = possible.find((ends) => refused.has(edgeKey(ends)) || drawnBy.get(edgeKey(ends)) !== undefined);
    const intoDraft = refusedDraft(refused, drawn ?? possible[0], drawnBy);
    intoDraft.refusals = appended(intoDraft.refusals, { row, candidates: clients.map((instance) => instance.workload) });
  }
  return refused;
}
