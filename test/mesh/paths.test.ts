import { describe, expect, it } from "vitest";
import type { Answer, Configuration, ConfiguredPath, ConnectionAnswer, ConnectionVerdict, MeshJudge, ServiceHost, Verdict, WorkloadId } from "#mesh";
import { judgeMesh, pathVerdict, PROTOCOL_FAMILIES, serviceHost, workloadIdParts } from "#mesh";
import { sampledCorpus } from "../support/corpus.ts";
import { generatedMesh } from "../support/generated.ts";

const SEED = Number(process.env["MTLSCOPE_SEED"] ?? 20_260_822);

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

/** Every way that exists says what is said to one who asks for that connection alone, of a judge that shares nothing with the first. */
function expectAlike(configuration: Configuration): number {
  const [judge, alone] = [judgeMesh(configuration), judgeMesh(configuration)];
  const { Service, ServiceEntry } = configuration.objects;
  const named = new Set([...Service.map(({ name, namespace }) => `${name}.${namespace}.svc.cluster.local`), ...ServiceEntry.flatMap(({ hosts }) => hosts)]);
  const hosts = [null, ...[...named].map(serviceHost)];
  const ids = [...judge.workloads.keys()];
  const ends = ids.flatMap((server) => ids.flatMap((client) => hosts.map((host): Ends => ({ client, server, host }))));
  let ways = 0;
  for (const end of ends) {
    for (const path of PROTOCOL_FAMILIES.flatMap((family) => judge.paths(end.client, end.server, end.host, family))) {
      const verdict = asked(alone, end, path);
      expect(path.verdict, JSON.stringify(end)).toEqual(answers(verdict));
      expect(pathVerdict(judge, end, path), JSON.stringify(end)).toEqual(verdict);
      ways += 1;
    }
  }
  return ways;
}

describe(`ways of workloads, seed ${SEED}`, () => {
  it.each(Array.from({ length: 25 }, (_, n) => SEED + n))("clients that send alike are told what each is told when asked alone (%i)", (seed) => {
    expect(expectAlike(generatedMesh(seed))).toBeGreaterThan(0);
  });
});

describe("ways of meshes that Istio answered for", () => {
  it("are told what is told of each connection alone", () => {
    const ways = sampledCorpus().map(({ configuration }) => expectAlike(configuration));
    expect(ways.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(10_000);
  });
});
