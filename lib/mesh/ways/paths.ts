import type { ConnectionVerdict, Via } from "../connection.ts";
import type { Engine } from "../engine.ts";
import { answerOf } from "../deduction.ts";
import type { MeshJudge } from "../judge.ts";
import type { ConfiguredPath } from "../traffic/edge.ts";
import type { Answer } from "../verdict.ts";
import { unknown } from "../verdict.ts";
import type { ServiceHost, WorkloadId } from "../vocabulary.ts";
import { workloadIdParts } from "../vocabulary.ts";
import type { Way } from "./way.ts";
import type { Aim, MeshWays, Travellers } from "./ways.ts";

/** What an edge leads from and to. */
export interface PathEnds {
  readonly client: WorkloadId | null;
  readonly server: WorkloadId;
  /** `null`: dialled by address */
  readonly host: ServiceHost | null;
}

const FACTS = ["clientMode", "serverMode", "transport", "authorization"] as const;

export interface Asked extends Aim {
  readonly client: WorkloadId | null;
}

function isSame(one: Answer<string>, other: Answer<string>): boolean {
  if (one.kind === "known" || other.kind === "known") return one === other;
  return JSON.stringify(one.gaps) === JSON.stringify(other.gaps);
}

function sameAnswer(one: ConfiguredPath, other: ConfiguredPath): boolean {
  const [a, b] = [one.verdict, other.verdict];
  if (one.port !== other.port || one.targetPort !== other.targetPort) return false;
  return a === b || FACTS.every((fact) => isSame(a[fact], b[fact]));
}

/** Equal answers told once. */
function merged(paths: readonly ConfiguredPath[]): readonly ConfiguredPath[] {
  if (paths.length < 2) return paths;
  const told: ConfiguredPath[] = [];
  for (const path of paths) {
    const at = told.findIndex((one) => sameAnswer(one, path));
    const same = told[at];
    if (same === undefined) told.push(path);
    else told[at] = { ...same, pairs: same.pairs + path.pairs };
  }
  return told.length === paths.length ? paths : told;
}

const NAMELESS = unknown({ wanted: "what the client sends", because: "nothing names the client" });

function nameless(engine: Engine, { dialled: { port, portName, targetPort, server, serverName, servers } }: Way): ConfiguredPath {
  const serverMode = answerOf(engine.seenBy(server.class).inbound.mode(server, targetPort));
  return { port, targetPort, portName, pairs: servers, clientInstance: null, serverInstance: serverName, verdict: { clientMode: NAMELESS, serverMode, transport: NAMELESS, authorization: NAMELESS } };
}

function pathsOf(travellers: Travellers, aim: Aim): readonly ConfiguredPath[] {
  return travellers.ways.to(aim).map((way) => {
    const { port, targetPort, portName, serverName, servers } = way.dialled;
    return { port, targetPort, portName, pairs: travellers.number * servers, clientInstance: travellers.name, serverInstance: serverName, verdict: way.answer(travellers) };
  });
}

/** Every way a client workload reaches a server workload. */
export function configuredPaths(ways: MeshWays, asked: Asked): readonly ConfiguredPath[] {
  if (asked.client === null) return merged(ways.toServer(asked).map((way) => nameless(ways.engine, way)));
  const clients = ways.travellers(asked.client);
  const [only] = clients;
  if (only === undefined) return [];
  return merged(clients.length === 1 ? pathsOf(only, asked) : clients.flatMap((some) => pathsOf(some, asked)));
}

/**
 * The answers of a way that an edge can go, with all their reasons.
 *
 * @param ends of the edge that the way is one of
 */
export function pathVerdict(judge: MeshJudge, { client, server, host }: PathEnds, path: ConfiguredPath): ConnectionVerdict {
  const ref = { namespace: workloadIdParts(server).namespace, name: path.serverInstance };
  if (client === null || path.clientInstance === null) return { clientMode: NAMELESS, serverMode: judge.serverMode(ref, path.targetPort), transport: NAMELESS, authorization: NAMELESS };
  const instance = judge.workloads.get(server)?.instances.find(({ ref: { name } }) => name === ref.name);
  const via: Via = host === null ? { type: "podIP", ip: instance?.addresses[0] ?? "" } : { type: "service", host };
  return judge.connection({ client: { namespace: workloadIdParts(client).namespace, name: path.clientInstance }, server: ref, port: path.port, via });
}
