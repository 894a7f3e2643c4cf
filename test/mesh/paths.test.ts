import { describe, expect, it } from "vitest";
import type { Answer, ConfiguredPath, ConnectionAnswer, ConnectionVerdict, MeshJudge, ServiceHost, Verdict, WorkloadId } from "#mesh";
import { judgeMesh, pathVerdict, PROTOCOL_FAMILIES, serviceHost, workloadIdParts } from "#mesh";
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

describe(`ways of workloads, seed ${SEED}`, () => {
  it.each(Array.from({ length: 25 }, (_, n) => SEED + n))("clients that send alike are told what each is told when asked alone (%i)", (seed) => {
    const configuration = generatedMesh(seed);
    const [judge, alone] = [judgeMesh(configuration), judgeMesh(configuration)];
    const hosts = [null, ...configuration.objects.Service.map(({ name, namespace }) => serviceHost(`${name}.${namespace}.svc.cluster.local`))];
    const ids = [...judge.workloads.keys()];
    const ends = ids.flatMap((server) => ids.flatMap((client) => hosts.map((host): Ends => ({ client, server, host }))));
    for (const end of ends) {
      for (const path of PROTOCOL_FAMILIES.flatMap((family) => judge.paths(end.client, end.server, end.host, family))) {
        const verdict = asked(alone, end, path);
        expect(path.verdict, JSON.stringify(end)).toEqual(answers(verdict));
        expect(pathVerdict(judge, end, path), JSON.stringify(end)).toEqual(verdict);
      }
    }
  });
});
