import { asksClient, authorizationOf } from "./authorization/enforcement.ts";
import type { ConnectionAnswer, ConnectionVerdict } from "./connection.ts";
import type { Dialled, Ends, Facts } from "./connectionVerdict.ts";
import { factsOf } from "./connectionVerdict.ts";
import type { Deduction } from "./deduction.ts";
import { answerOf, verdictOf, withoutReasons } from "./deduction.ts";
import type { Engine } from "./engine.ts";
import type { Sent } from "./sent.ts";
import type { Answer, Verdict } from "./verdict.ts";
import type { ClientMode } from "./vocabulary.ts";

/** What is judged of a connection once for all clients that send alike. */
export interface Judgement {
  readonly answer: ConnectionAnswer;
  /** what AuthorizationPolicies go by, where they may tell one client from another; `null`: the answer is for all */
  readonly facts: Facts | null;
}

function sentVerdict(sent: Deduction<Sent>): Verdict<ClientMode> {
  const verdict = verdictOf(sent);
  return verdict.kind === "known" ? { ...verdict, value: verdict.value.mode } : verdict;
}

/** The answers of one connection with all their reasons. */
export function verdictsOf(engine: Engine, dialled: Dialled): ConnectionVerdict {
  const facts = factsOf(engine, dialled);
  return {
    clientMode: sentVerdict(facts.sent),
    serverMode: verdictOf(facts.serverMode),
    transport: verdictOf(facts.transport),
    authorization: verdictOf(authorizationOf(engine, dialled.ends, facts)),
  };
}

function keyOf(answers: readonly Answer<string>[]): string | null {
  let key = "";
  for (const answer of answers) {
    if (answer.kind === "unknown") return null;
    key += `${answer.value} `;
  }
  return key;
}

/** Judges connections; equal answers are one object. */
export class Judging {
  readonly #engine: Engine;
  readonly #known = new Map<string, ConnectionAnswer>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  judgement(dialled: Dialled): Judgement {
    const { ends } = dialled;
    const { to, sent, serverMode, transport } = factsOf(this.#engine, dialled);
    const facts: Facts = { to: withoutReasons(to), sent: withoutReasons(sent), serverMode: withoutReasons(serverMode) };
    const answer = this.#one({
      clientMode: answerOf({ value: sent.value.mode, gaps: sent.gaps }),
      serverMode: answerOf(serverMode),
      transport: answerOf(transport),
      authorization: answerOf(authorizationOf(this.#engine, ends, facts)),
    });
    return { answer, facts: asksClient(this.#engine, ends.server, facts) ? facts : null };
  }

  /** With what AuthorizationPolicies say to one of the clients. */
  answer({ answer, facts }: Judgement, ends: Ends): ConnectionAnswer {
    if (facts === null) return answer;
    const authorization = answerOf(authorizationOf(this.#engine, ends, facts));
    return authorization === answer.authorization ? answer : this.#one({ ...answer, authorization });
  }

  #one(answer: ConnectionAnswer): ConnectionAnswer {
    const key = keyOf([answer.clientMode, answer.serverMode, answer.transport, answer.authorization]);
    if (key === null) return answer;
    const found = this.#known.get(key) ?? answer;
    this.#known.set(key, found);
    return found;
  }
}
