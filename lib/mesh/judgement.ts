import { authorizationOf } from "./authorization/enforcement.ts";
import type { ConnectionVerdict } from "./connection.ts";
import type { ConnectionFacts, Dialled, Ends } from "./connectionVerdict.ts";
import { factsOf } from "./connectionVerdict.ts";
import { verdictOf } from "./deduction.ts";
import type { Engine } from "./engine.ts";
import type { Verdict } from "./verdict.ts";
import type { ClientMode, ServerMode, Transport } from "./vocabulary.ts";

/** What is judged of a connection before anybody asks who the client is: the same for all clients that send alike. */
export interface Judgement {
  readonly facts: ConnectionFacts;
  readonly clientMode: Verdict<ClientMode>;
  readonly serverMode: Verdict<ServerMode>;
  readonly transport: Verdict<Transport>;
}

export function judgement(engine: Engine, dialled: Dialled): Judgement {
  const facts = factsOf(engine, dialled);
  const sent = verdictOf(facts.sent);
  return {
    facts,
    clientMode: sent.kind === "known" ? { ...sent, value: sent.value.mode } : sent,
    serverMode: verdictOf(facts.serverMode),
    transport: verdictOf(facts.transport),
  };
}

/** With what AuthorizationPolicies say to this client. */
export function authorized(engine: Engine, ends: Ends, { facts, clientMode, serverMode, transport }: Judgement): ConnectionVerdict {
  return { clientMode, serverMode, transport, authorization: verdictOf(authorizationOf(engine, ends, facts)) };
}
