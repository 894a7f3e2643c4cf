import type { Engine } from "./engine.ts";
import { verdictOf } from "./deduction.ts";
import type { Instance } from "./instances.ts";
import { authorized } from "./judgement.ts";
import { groupBy } from "./order.ts";
import type { ConfiguredPath } from "./traffic/edge.ts";
import { unknown } from "./verdict.ts";
import type { WorkloadId } from "./vocabulary.ts";
import type { Aim, MeshWays, Way } from "./ways.ts";

export interface Asked extends Aim {
  readonly client: WorkloadId | null;
}

function sameAnswer({ port, targetPort, verdict: v }: ConfiguredPath): string {
  const facts = [v.clientMode, v.serverMode, v.transport, v.authorization].map((one) => (one.kind === "known" ? one.value : one));
  return JSON.stringify([port, targetPort, facts]);
}

/** Equal answers told once. */
function merged(paths: readonly ConfiguredPath[]): readonly ConfiguredPath[] {
  if (paths.length < 2) return paths;
  return [...groupBy(paths, sameAnswer).values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, pairs: group.reduce((sum, { pairs }) => sum + pairs, 0) }];
  });
}

const NAMELESS = unknown({ wanted: "what the client sends", because: "nothing names the client" });

function nameless(engine: Engine, { dialled: { port, portName, targetPort, server, servers } }: Way): ConfiguredPath {
  const serverMode = verdictOf(engine.seenBy(server.class).inbound.mode(server, targetPort));
  return { port, targetPort, portName, pairs: servers, clientInstance: null, serverInstance: server.told.ref.name, verdict: { clientMode: NAMELESS, serverMode, transport: NAMELESS, authorization: NAMELESS } };
}

/** @param clients are alike */
function pathsFrom(ways: MeshWays, aim: Aim, clients: readonly Instance[]): readonly ConfiguredPath[] {
  const [client] = clients;
  if (client === undefined) return [];
  return ways.to(aim, client).map((way) => {
    const { port, targetPort, portName, server, servers } = way.dialled;
    return {
      port,
      targetPort,
      portName,
      pairs: clients.length * servers,
      clientInstance: client.told.ref.name,
      serverInstance: server.told.ref.name,
      verdict: authorized(ways.engine, { client, server }, way.judgement(client)),
    };
  });
}

/** Every way a client workload reaches a server workload. */
export function configuredPaths(ways: MeshWays, asked: Asked): readonly ConfiguredPath[] {
  const { engine } = ways;
  const server = engine.instances.of(asked.server)[0];
  if (server === undefined) return [];
  if (asked.client === null) return merged(ways.to(asked, server).map((way) => nameless(engine, way)));
  const [clients, ...others] = engine.instances.classesOf(asked.client);
  if (clients === undefined) return [];
  return merged(others.length === 0 ? pathsFrom(ways, asked, clients) : [clients, ...others].flatMap((one) => pathsFrom(ways, asked, one)));
}
