import type { MeshJudge } from "../judge.ts";
import type { Authorization, Transport, WorkloadId } from "../vocabulary.ts";
import type { ConfiguredPath } from "./edge.ts";
import type { DraftEnds } from "./draft.ts";
import { workloadOf } from "./party.ts";

/** What configuration says of an edge as a whole: the set of its answers over ports and endpoints. */
export interface ConfiguredAnswer {
  readonly paths: readonly ConfiguredPath[];
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

function isBlocked({ verdict }: ConfiguredPath): boolean {
  return verdict.transport.kind === "known" && verdict.transport.value === "blocked";
}

function isDenied({ verdict }: ConfiguredPath): boolean {
  return verdict.authorization.kind === "known" && verdict.authorization.value === "deny";
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return values.length < 2 ? values : [...new Set(values)];
}

export function configuredAnswer(paths: readonly ConfiguredPath[]): ConfiguredAnswer {
  const transports = distinct(paths.flatMap(({ verdict: { transport } }) => (transport.kind === "known" ? [transport.value] : [])));
  const authorizations = distinct(paths.flatMap(({ verdict: { authorization } }) => (authorization.kind === "known" ? [authorization.value] : [])));
  return {
    paths,
    known: paths.length > 0 && paths.every(({ verdict }) => verdict.transport.kind === "known"),
    transports,
    authorizations,
    allRefused: paths.length > 0 && paths.every((path) => isBlocked(path) || isDenied(path)),
    someBlocked: transports.includes("blocked"),
    allDenied: paths.length > 0 && paths.every(isDenied),
  };
}

const NOTHING = configuredAnswer([]);

function isAmbient(judge: MeshJudge, workload: WorkloadId | null): boolean {
  return workload !== null && judge.workloads.get(workload)?.instances.some((instance) => instance.dataPlaneMode === "ambient") === true;
}

/** Asks the engine once per edge. A client that is gone has no configuration any more: what it sends is unknown. */
export function configuredFor(judge: MeshJudge, ends: DraftEnds): ConfiguredAnswer {
  const server = workloadOf(ends.server.party);
  if (server === null || !judge.workloads.has(server)) return NOTHING;
  const client = workloadOf(ends.client.party);
  const known = client !== null && judge.workloads.has(client) ? client : null;
  const paths = judge.paths(known, server, ends.host, ends.family);
  // ztunnel reports connections whatever they carry: they can have reached HTTP ports, too
  if (ends.family === "http" || !(isAmbient(judge, server) || isAmbient(judge, known))) return configuredAnswer(paths);
  return configuredAnswer([...paths, ...judge.paths(known, server, ends.host, "http")]);
}
