import { expect } from "vitest";
import type { Answer, Configuration, ConfiguredPath, ConnectionAnswer, ConnectionVerdict, MeshJudge, ServiceHost, Verdict, WorkloadId } from "#mesh";
import { judgeMesh, pathVerdict, PROTOCOL_FAMILIES, serviceHost, workloadIdParts } from "#mesh";

interface Ends {
  readonly client: WorkloadId;
  readonly server: WorkloadId;
  readonly host: ServiceHost | null;
}

/** The verdict of the very connection that a path says it stands for. */
function asked(judge: MeshJudge, { client, server, host }: Ends, path: ConfiguredPath): ConnectionVerdict {
  const [from, to] = [workloadIdParts(client).namespace, workloadIdParts(server).namespace];
  const ref = { namespace: to, name: path.serverInstance };
  const instance = judge.workloads.get(server)?.instances.find(({ ref: { name } }) => name === path.serverInstance);
  const via = host === null ? ({ type: "podIP", ip: instance?.addresses[0] ?? "" } as const) : ({ type: "service", host } as const);
  return judge.connection({ client: { namespace: from, name: path.clientInstance ?? "" }, server: ref, port: path.port, via });
}

function withoutReasons<T>(verdict: Verdict<T>): Answer<T> {
  return verdict.kind === "known" ? { kind: "known", value: verdict.value } : verdict;
}

function answers({ clientMode, serverMode, transport, authorization }: ConnectionVerdict): ConnectionAnswer {
  return { clientMode: withoutReasons(clientMode), serverMode: withoutReasons(serverMode), transport: withoutReasons(transport), authorization: withoutReasons(authorization) };
}

/** A comparison that can tell the difference takes its time: it is made where there is one. */
function expectSame(one: unknown, other: unknown, of: Ends): void {
  if (JSON.stringify(one) !== JSON.stringify(other)) expect(one, JSON.stringify(of)).toEqual(other);
}

/** Every way that exists says what is said to one who asks for that connection alone, of a judge that shares nothing with the first. */
export function expectAlike(configuration: Configuration, ordered: (ids: readonly WorkloadId[]) => readonly WorkloadId[] = (ids) => ids): number {
  const [judge, alone] = [judgeMesh(configuration), judgeMesh(configuration)];
  const { Service, ServiceEntry } = configuration.objects;
  const named = new Set([...Service.map(({ name, namespace }) => `${name}.${namespace}.svc.cluster.local`), ...ServiceEntry.flatMap(({ hosts }) => hosts)]);
  const hosts = [null, ...[...named].map(serviceHost)];
  const ids = ordered([...judge.workloads.keys()]);
  const ends = ids.flatMap((server) => ids.flatMap((client) => hosts.map((host): Ends => ({ client, server, host }))));
  let ways = 0;
  for (const end of ends) {
    for (const path of PROTOCOL_FAMILIES.flatMap((family) => judge.paths(end.client, end.server, end.host, family))) {
      const verdict = asked(alone, end, path);
      expectSame(path.verdict, answers(verdict), end);
      expectSame(pathVerdict(judge, end, path), verdict, end);
      ways += 1;
    }
  }
  return ways;
}
