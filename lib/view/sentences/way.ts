import type { ConfiguredPath, ConnectionVerdict, Edge, MeshJudge, ServerMode, Verdict } from "#mesh";
import { memoised, pathVerdict, unknown, workloadIdParts } from "#mesh";

type Ends = Pick<Edge, "client" | "server" | "host">;

const NO_WORKLOAD = unknown({ wanted: "the workload that serves", because: "nothing names it" });

/** What a way's server accepts, with the reasons. */
export function servedBy({ server }: Ends, { serverInstance, targetPort }: ConfiguredPath, judge: MeshJudge): Verdict<ServerMode> {
  if (server.kind !== "workload") return NO_WORKLOAD;
  return judge.serverMode({ namespace: workloadIdParts(server.id).namespace, name: serverInstance }, targetPort);
}

/** All answers of a way, with the reasons. */
export function wayVerdict({ client, server, host }: Ends, path: ConfiguredPath, judge: MeshJudge): ConnectionVerdict {
  if (server.kind !== "workload") return { clientMode: NO_WORKLOAD, serverMode: NO_WORKLOAD, transport: NO_WORKLOAD, authorization: NO_WORKLOAD };
  return pathVerdict(judge, { client: client.kind === "workload" ? client.id : null, server: server.id, host }, path);
}

/** What is answered on the ways of one edge, with the reasons: each is asked once, and most clauses go by the same. */
export interface WayAnswers {
  readonly all: (path: ConfiguredPath) => ConnectionVerdict;
  readonly served: (path: ConfiguredPath) => Verdict<ServerMode>;
}

export function wayAnswers(ends: Ends, judge: MeshJudge): WayAnswers {
  return { all: memoised((path) => wayVerdict(ends, path, judge)), served: memoised((path) => servedBy(ends, path, judge)) };
}
