import type { ConnectionQuestion, ConnectionVerdict, InstanceRef } from "./connection.ts";
import { destination } from "./joining/destination.ts";
import { Engine } from "./engine.ts";
import { verdictOf } from "./deduction.ts";
import type { Finding } from "./findings/finding.ts";
import { findingsOf } from "./findings/findings.ts";
import type { MeshJudge } from "./judge.ts";
import { verdictsOf } from "./ways/judgement.ts";
import { configuredPaths } from "./ways/paths.ts";
import { pastProxy } from "./server/pastProxy.ts";
import { policiesInForce } from "./server/policies.ts";
import { alteredBy } from "./change/policyReach.ts";
import { portVerdicts, WorkloadPorts } from "./server/portVerdict.ts";
import type { Reach } from "./change/reach.ts";
import { EVERYTHING } from "./change/reach.ts";
import { ScopeModes } from "./server/scopeMode.ts";
import type { Configuration } from "./snapshot.ts";
import { gapOf } from "./snapshot.ts";
import { reachOf } from "./change/touch.ts";
import type { Gap, Unknown } from "./verdict.ts";
import { eachOnce, unknown } from "./verdict.ts";
import { MeshWays } from "./ways/ways.ts";

/** An instance that was asked about and is not there. */
function missing(engine: Engine, { namespace, name }: InstanceRef): Unknown {
  const unread = [...engine.knowledge.gapsOf("Pod", namespace, name), ...engine.knowledge.gapsOf("WorkloadEntry", namespace, name)];
  const [first, ...others] = unread;
  if (first !== undefined) return unknown(first, ...others);
  return unknown({ wanted: `workload instance \`${namespace}/${name}\``, because: "no Pod or WorkloadEntry of that name exists" });
}

function connection(engine: Engine, question: ConnectionQuestion): ConnectionVerdict {
  const client = engine.instances.get(question.client);
  const server = engine.instances.get(question.server);
  if (client === undefined || server === undefined) {
    const answer = missing(engine, client === undefined ? question.client : question.server);
    return { clientMode: answer, serverMode: server === undefined ? answer : missing(engine, question.client), transport: answer, authorization: answer };
  }
  const ends = { client, server };
  const to = destination(engine.seenBy(client.class).view, question, server);
  return verdictsOf(engine, { question, ends, to });
}

function gaps({ unread }: Engine): readonly Gap[] {
  return eachOnce(unread.map(gapOf));
}

interface Behind {
  readonly engine: Engine;
  readonly ports: WorkloadPorts;
  /** from engines before */
  readonly reaches: WeakMap<Engine, Reach>;
}

const behind = new WeakMap<MeshJudge, Behind>();

/** What the difference of two judges' configurations can alter. */
export function reachBetween(before: MeshJudge, after: MeshJudge): Reach {
  const [was, is] = [behind.get(before), behind.get(after)];
  return was === undefined || is === undefined ? EVERYTHING : (is.reaches.get(was.engine) ?? reachOf(was.engine, is.engine));
}

/** The engine and what is kept of the one before. */
function open(configuration: Configuration, before: Behind | null): Behind {
  const engine = new Engine(configuration, before?.engine ?? null);
  const reaches = new WeakMap<Engine, Reach>();
  if (before === null) return { engine, reaches, ports: new WorkloadPorts(engine, null) };
  const reach = reachOf(before.engine, engine);
  reaches.set(before.engine, reach);
  return { engine, reaches, ports: new WorkloadPorts(engine, { ports: before.ports, reach }) };
}

/**
 * The engine over one configuration: Istio's answer, with its reasons, for any connection, workload and port.
 *
 * @param configuration is indexed once and must not be changed afterwards
 * @param before of the configuration before: indexes of what did not change are taken over from it, so that one changed object costs little
 * @returns never throws for what the configuration holds; what cannot be known is `unknown` with its gaps
 * @see SPEC.md beside this file
 */
export function judgeMesh(configuration: Configuration, before: MeshJudge | null = null): MeshJudge {
  const opened = open(configuration, before === null ? null : (behind.get(before) ?? null));
  const { engine, ports } = opened;
  const ways = new MeshWays(engine);
  const scopeModes = new ScopeModes(engine);
  let surprises: readonly Finding[] | null = null;
  const judge: MeshJudge = {
    workloads: engine.instances.workloads,
    gaps: gaps(engine),
    rootNamespaces: [...new Set(engine.rootNamespaces)],
    connection: (question) => connection(engine, question),
    serverMode: (server, targetPort) => {
      const instance = engine.instances.get(server);
      return instance === undefined ? missing(engine, server) : verdictOf(engine.seenBy(instance.class).inbound.mode(instance, targetPort));
    },
    ports: (server) => portVerdicts(engine, server),
    workloadPorts: (workload) => ports.of(workload),
    pastProxy: (workload) => pastProxy(engine, workload, ports.of(workload)),
    policies: (workload) => policiesInForce(engine, workload),
    peerModes: (scope) => scopeModes.of(scope),
    instancesByAddress: (address) => engine.instances.at(address).map(({ told }) => told),
    paths: (...[client, server, host, family]) => configuredPaths(ways, { client, server, host, family }),
    alteredBy: (change) => alteredBy(engine, change, (host, server, family) => configuredPaths(ways, { client: null, server, host, family }).length > 0),
    findings: () => (surprises ??= findingsOf(engine)),
  };
  behind.set(judge, opened);
  return judge;
}
