import { authorizationOf } from "./authorization/enforcement.ts";
import type { ConnectionQuestion, ConnectionVerdict, InstanceRef } from "./connection.ts";
import type { Ends } from "./connectionVerdict.ts";
import { connectionFacts } from "./connectionVerdict.ts";
import { Engine } from "./engine.ts";
import type { Deduction } from "./deduction.ts";
import { verdictOf } from "./deduction.ts";
import type { Finding } from "./findings/finding.ts";
import { findingsOf } from "./findings/findings.ts";
import type { MeshJudge } from "./judge.ts";
import { configuredPaths } from "./paths.ts";
import { policiesInForce } from "./policies.ts";
import { portVerdicts } from "./portVerdict.ts";
import type { Configuration } from "./snapshot.ts";
import { gapOf } from "./snapshot.ts";
import type { ConfiguredPath } from "./traffic/edge.ts";
import type { Gap, Unknown, Verdict } from "./verdict.ts";
import { unknown } from "./verdict.ts";
import type { ServerMode } from "./vocabulary.ts";

/** An instance that was asked about and is not there. */
function missing(engine: Engine, { namespace, name }: InstanceRef): Unknown {
  const unread = [...engine.knowledge.gapsOf("Pod", namespace, name), ...engine.knowledge.gapsOf("WorkloadEntry", namespace, name)];
  const [first, ...others] = unread;
  if (first !== undefined) return unknown(first, ...others);
  return unknown({ wanted: `workload instance \`${namespace}/${name}\``, because: "no Pod or WorkloadEntry of that name exists" });
}

const modeVerdicts = new WeakMap<Deduction<ServerMode>, Verdict<ServerMode>>();

/** A mode is shared by all connections to its port, and so is its verdict. */
function modeVerdict(mode: Deduction<ServerMode>): Verdict<ServerMode> {
  const verdict = modeVerdicts.get(mode) ?? verdictOf(mode);
  modeVerdicts.set(mode, verdict);
  return verdict;
}

function judge(engine: Engine, question: ConnectionQuestion, ends: Ends): ConnectionVerdict {
  const facts = connectionFacts(engine, question, ends);
  const sent = verdictOf(facts.sent);
  return {
    clientMode: sent.kind === "known" ? { ...sent, value: sent.value.mode } : sent,
    serverMode: modeVerdict(facts.serverMode),
    transport: verdictOf(facts.transport),
    authorization: verdictOf(authorizationOf(engine, ends, facts)),
  };
}

function connection(engine: Engine, question: ConnectionQuestion): ConnectionVerdict {
  const client = engine.instances.get(question.client);
  const server = engine.instances.get(question.server);
  if (client === undefined || server === undefined) {
    const answer = missing(engine, client === undefined ? question.client : question.server);
    return { clientMode: answer, serverMode: server === undefined ? answer : missing(engine, question.client), transport: answer, authorization: answer };
  }
  return judge(engine, question, { client, server });
}

function gaps({ unread }: Configuration): readonly Gap[] {
  return [...new Map(unread.map(gapOf).map((gap) => [`${gap.wanted}\n${gap.because}`, gap])).values()];
}

/**
 * The engine over one configuration: Istio's answer, with its reasons, for any connection, workload and port.
 *
 * @param configuration is indexed once and must not be changed afterwards
 * @returns never throws for what the configuration holds; what cannot be known is `unknown` with its gaps
 * @see SPEC.md beside this file
 */
export function judgeMesh(configuration: Configuration): MeshJudge {
  const engine = new Engine(configuration);
  const paths = new Map<string, readonly ConfiguredPath[]>();
  let surprises: readonly Finding[] | null = null;
  const ask = (question: ConnectionQuestion, ends: Ends): ConnectionVerdict => judge(engine, question, ends);
  return {
    workloads: engine.instances.workloads,
    gaps: gaps(configuration),
    connection: (question) => connection(engine, question),
    serverMode: (server, targetPort) => {
      const instance = engine.instances.get(server);
      return instance === undefined ? missing(engine, server) : modeVerdict(engine.seenBy(instance.class).inbound.mode(instance, targetPort));
    },
    ports: (server) => portVerdicts(engine, server),
    policies: (workload) => policiesInForce(engine, workload),
    instancesByAddress: (address) => engine.instances.at(address).map(({ told }) => told),
    paths: (...[client, server, host, family]) => {
      const key = `${client ?? ""} ${server} ${host ?? ""} ${family}`;
      const found = paths.get(key) ?? configuredPaths(engine, { client, server, host, family }, ask);
      paths.set(key, found);
      return found;
    },
    findings: () => (surprises ??= findingsOf(engine)),
  };
}
