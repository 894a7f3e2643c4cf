import type { ConnectionQuestion, ConnectionVerdict, Via } from "./connection.ts";
import type { Ends } from "./connectionVerdict.ts";
import { concrete } from "./destination.ts";
import type { Engine } from "./engine.ts";
import { verdictOf } from "./deduction.ts";
import type { Instance, InstanceClass } from "./instances.ts";
import type { InboundProtocol } from "./judge.ts";
import { groupBy } from "./order.ts";
import type { ConfiguredPath } from "./traffic/edge.ts";
import { unknown } from "./verdict.ts";
import type { ProtocolFamily, ServiceHost, WorkloadId } from "./vocabulary.ts";

interface Asked {
  readonly client: WorkloadId | null;
  readonly server: WorkloadId;
  readonly host: ServiceHost | null;
  readonly family: ProtocolFamily;
}

type Ask = (question: ConnectionQuestion, ends: Ends) => ConnectionVerdict;

/** One port of one kind of server instance, and how it is dialled. */
interface Way {
  readonly port: number;
  readonly portName: string | null;
  readonly targetPort: number;
  readonly server: Instance;
  readonly servers: number;
  readonly via: Via;
}

function speaks(protocol: InboundProtocol, family: ProtocolFamily): boolean {
  switch (protocol) {
    case "HTTP":
      return family === "http";
    case "TCP":
      return family === "tcp";
    case "AUTO":
      return true;
    case "UDP":
      return false;
  }
}

function byHost(engine: Engine, { server, host, family }: Asked, client: InstanceClass): readonly Way[] {
  const instances = engine.instances.byWorkload.get(server) ?? [];
  if (host === null) return [];
  const { view } = engine.seenBy(client);
  return concrete(view, host).flatMap((service) =>
    service.ports
      .filter(({ protocol }) => speaks(protocol.class, family))
      .flatMap((port) => {
        const serving = instances.flatMap((instance) => {
          const endpoint = view.everything.endpoints.find(service, port, instance);
          return endpoint === null ? [] : [{ instance, endpoint }];
        });
        const groups = groupBy(serving, ({ instance, endpoint }) => `${instance.class.id}:${endpoint.targetPort}`);
        return [...groups.values()].flatMap((group) => {
          const [first] = group;
          if (first === undefined) return [];
          return [{ port: port.number, portName: port.name === "" ? null : port.name, targetPort: first.endpoint.targetPort, server: first.instance, servers: group.length, via: { type: "service", host } as const }];
        });
      }),
  );
}

function byAddress(engine: Engine, { server, family }: Asked): readonly Way[] {
  const instances = (engine.instances.byWorkload.get(server) ?? []).filter(({ told }) => told.addresses.length > 0);
  return [...groupBy(instances, (instance) => instance.class).values()].flatMap((group) => {
    const [first] = group;
    const ip = first?.told.addresses[0];
    if (first === undefined || ip === undefined) return [];
    const declared = engine.seenBy(first.class).inbound.declared(first).value;
    return [...declared.values()]
      .filter(({ protocol }) => speaks(protocol.class, family))
      .map(({ targetPort, services }) => {
        const name = services[0]?.port.name ?? "";
        return { port: targetPort, portName: name === "" ? null : name, targetPort, server: first, servers: group.length, via: { type: "podIP", ip } as const };
      });
  });
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

function nameless(engine: Engine, way: Way): ConfiguredPath {
  const { port, portName, targetPort, server, servers } = way;
  const sender = unknown({ wanted: "what the client sends", because: "nothing names the client" });
  const serverMode = verdictOf(engine.seenBy(server.class).inbound.mode(server, targetPort));
  return { port, targetPort, portName, pairs: servers, clientInstance: null, serverInstance: server.told.ref.name, verdict: { clientMode: sender, serverMode, transport: sender, authorization: sender } };
}

function ways(engine: Engine, asked: Asked, client: InstanceClass): readonly Way[] {
  return asked.host === null ? byAddress(engine, asked) : byHost(engine, asked, client);
}

/** Every way a client workload reaches a server workload, judged once per pair of classes. */
export function configuredPaths(engine: Engine, asked: Asked, ask: Ask): readonly ConfiguredPath[] {
  const anyServer = engine.instances.byWorkload.get(asked.server)?.[0];
  if (anyServer === undefined) return [];
  if (asked.client === null) return merged(ways(engine, asked, anyServer.class).map((way) => nameless(engine, way)));
  const clients = groupBy(engine.instances.byWorkload.get(asked.client) ?? [], (instance) => instance.class);
  const paths = [...clients].flatMap(([of, group]) => {
    const [client] = group;
    if (client === undefined) return [];
    return ways(engine, asked, of).map(({ port, portName, targetPort, server, servers, via }) => ({
      port,
      targetPort,
      portName,
      pairs: group.length * servers,
      clientInstance: client.told.ref.name,
      serverInstance: server.told.ref.name,
      verdict: ask({ client: client.told.ref, server: server.told.ref, port, via }, { client, server }),
    }));
  });
  return merged(paths);
}
