import type { ConnectionAnswer } from "../connection.ts";
import type { MeshJudge } from "../judge.ts";
import type { Answer } from "../verdict.ts";
import { unknown } from "../verdict.ts";
import type { Authorization, ProtocolFamily, Transport, WorkloadId } from "../vocabulary.ts";
import type { ConfiguredPath, Edge } from "./edge.ts";
import type { DraftEnds } from "./draft.ts";
import { workloadOf } from "./party.ts";

/** What answers come to as a whole: the set of them over ports and endpoints. */
export interface Summary {
  /** there is an answer for every way */
  readonly known: boolean;
  readonly transports: readonly Transport[];
  readonly authorizations: readonly Authorization[];
  /** every way is refused, by transport or by authorization */
  readonly allRefused: boolean;
  /** at least one way is refused by transport */
  readonly someBlocked: boolean;
  /** every way is refused by authorization */
  readonly allDenied: boolean;
}

/** What configuration says of an edge. */
export interface ConfiguredAnswer {
  readonly paths: readonly ConfiguredPath[];
  readonly summary: Summary;
}

function isBlocked({ transport }: ConnectionAnswer): boolean {
  return transport.kind === "known" && transport.value === "blocked";
}

function isDenied({ authorization }: ConnectionAnswer): boolean {
  return authorization.kind === "known" && authorization.value === "deny";
}

function values<T>(answers: readonly Answer<T>[]): readonly T[] {
  return [...new Set(answers.flatMap((answer) => (answer.kind === "known" ? [answer.value] : [])))];
}

function summed(all: readonly ConnectionAnswer[]): Summary {
  const transports = values(all.map(({ transport }) => transport));
  return {
    known: all.length > 0 && all.every(({ transport }) => transport.kind === "known"),
    transports,
    authorizations: values(all.map(({ authorization }) => authorization)),
    allRefused: all.length > 0 && all.every((one) => isBlocked(one) || isDenied(one)),
    someBlocked: transports.includes("blocked"),
    allDenied: all.length > 0 && all.every(isDenied),
  };
}

/** Equal answers are one object: most edges have one way, and it is one of a few. */
const known = new WeakMap<ConnectionAnswer, Summary>();

function summaryOf(paths: readonly ConfiguredPath[]): Summary {
  const [first] = paths;
  if (first === undefined) return summed([]);
  for (const { verdict } of paths) if (verdict !== first.verdict) return summed(paths.map((path) => path.verdict));
  const found = known.get(first.verdict);
  if (found !== undefined) return found;
  const summary = summed([first.verdict]);
  known.set(first.verdict, summary);
  return summary;
}

function configuredAnswer(paths: readonly ConfiguredPath[]): ConfiguredAnswer {
  return { paths, summary: summaryOf(paths) };
}

function sameAnswer(a: ConfiguredPath, b: ConfiguredPath): boolean {
  const [one, other] = [a.verdict, b.verdict];
  const sameVerdict = one === other || FACTS.every((fact) => one[fact].kind === "known" && one[fact] === other[fact]);
  return sameVerdict && DESCRIPTION.every((field) => a[field] === b[field]);
}

const FACTS = ["clientMode", "serverMode", "transport", "authorization"] as const;
const DESCRIPTION = ["port", "targetPort", "portName", "pairs", "clientInstance", "serverInstance"] as const;

/** Whether two readings of configuration surely say the same; what is unknown in both may lack different things. */
export function sameAnswers(one: readonly ConfiguredPath[], other: readonly ConfiguredPath[]): boolean {
  return one.length === other.length && one.every((path, at) => sameAnswer(path, other[at] as ConfiguredPath));
}

const NOWHERE: readonly never[] = [];
const NOTHING = configuredAnswer(NOWHERE);

function isAmbient(judge: MeshJudge, workload: WorkloadId | null): boolean {
  return workload !== null && judge.workloads.get(workload)?.instances.some(({ dataPlaneMode }) => dataPlaneMode === "ambient") === true;
}

/** What an edge is, and not what was seen on it. */
export type EdgeIdentity = Pick<Edge, "client" | "server" | "host" | "family">;

/** What a client sends of which no pod is there to ask. */
function ofGone(path: ConfiguredPath, client: WorkloadId): ConfiguredPath {
  const gone = unknown({ wanted: "what the client sends", because: `no pod of \`${client}\` is there now` });
  return { ...path, verdict: { ...path.verdict, clientMode: gone, transport: gone, authorization: gone } };
}

/** Every way that the traffic of an edge can go. A client that is gone has no configuration any more: what it sends is unknown. */
export function waysOfEdge(judge: MeshJudge, edge: EdgeIdentity): readonly ConfiguredPath[] {
  const server = workloadOf(edge.server);
  if (server === null || !judge.workloads.has(server)) return NOWHERE;
  const named = workloadOf(edge.client);
  const client = named !== null && judge.workloads.has(named) ? named : null;
  const ways = (family: ProtocolFamily): readonly ConfiguredPath[] => {
    const paths = judge.paths(client, server, edge.host, family);
    return client !== null || named === null ? paths : paths.map((path) => ofGone(path, named));
  };
  // ztunnel reports connections whatever they carry: they can have reached HTTP ports, too
  const reachesHttp = edge.family === "tcp" && (isAmbient(judge, server) || isAmbient(judge, client));
  return reachesHttp ? [...ways("tcp"), ...ways("http")] : ways(edge.family);
}

/** Asks the engine once per edge. */
export function configuredFor(judge: MeshJudge, { client, server, host, family }: DraftEnds): ConfiguredAnswer {
  const paths = waysOfEdge(judge, { client: client.party, server: server.party, host, family });
  return paths.length === 0 ? NOTHING : configuredAnswer(paths);
}
