import type { Comer, Enforcement } from "../authorization/enforcement.ts";
import { authorizationOf, enforcementAt, isAskedOnTheWay } from "../authorization/enforcement.ts";
import type { ConnectionAnswer, ConnectionVerdict } from "../connection.ts";
import type { Dialled, Facts } from "../joining/connectionFacts.ts";
import { factsOf } from "../joining/connectionFacts.ts";
import type { Deduction } from "../deduction.ts";
import { answerOf, verdictOf, withoutReasons } from "../deduction.ts";
import type { Engine } from "../engine.ts";
import { under } from "../order.ts";
import type { Sent } from "../client/sent.ts";
import type { Answer, Verdict } from "../verdict.ts";
import type { Authorization, ClientMode } from "../vocabulary.ts";

/** What is judged of a connection once for all clients that send alike. */
export interface Judgement {
  readonly answer: ConnectionAnswer;
  readonly sent: Facts["sent"];
  /** where AuthorizationPolicies may tell one client from another; `null`: the answer is for all */
  readonly enforcement: Enforcement | null;
}

function sentVerdict(sent: Deduction<Sent>): Verdict<ClientMode> {
  const verdict = verdictOf(sent);
  return verdict.kind === "known" ? { ...verdict, value: verdict.value.mode } : verdict;
}

/** The answers of one connection with all their reasons. */
export function verdictsOf(engine: Engine, dialled: Dialled): ConnectionVerdict {
  const { client, server } = dialled.ends;
  const facts = factsOf(engine, dialled);
  return {
    clientMode: sentVerdict(facts.sent),
    serverMode: verdictOf(facts.serverMode),
    transport: verdictOf(facts.transport),
    authorization: verdictOf(authorizationOf(engine, enforcementAt(engine, server, facts), { client, sent: facts.sent })),
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

/** Whether it can matter who the client is: a proxy asks, and a policy is in force. */
function asksClient({ proxy, policies }: Enforcement): boolean {
  return proxy.value !== null && policies.silent === null;
}

/** Judges connections; equal answers are one object. */
export class Judging {
  readonly #engine: Engine;
  readonly #known = new Map<string, ConnectionAnswer>();
  readonly #variants = new Map<ConnectionAnswer, Map<Authorization, ConnectionAnswer>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  judgement(dialled: Dialled): Judgement {
    const { client, server } = dialled.ends;
    const facts = factsOf(this.#engine, dialled);
    const sent = withoutReasons(facts.sent);
    const enforcement = enforcementAt(this.#engine, server, { to: withoutReasons(facts.to), serverMode: withoutReasons(facts.serverMode) });
    const answer = this.#one({
      clientMode: answerOf({ value: sent.value.mode, gaps: sent.gaps }),
      serverMode: answerOf(facts.serverMode),
      transport: answerOf(facts.transport),
      authorization: answerOf(authorizationOf(this.#engine, enforcement, { client, sent })),
    });
    const isAsked = asksClient(enforcement) || isAskedOnTheWay(this.#engine, enforcement.to, { client, sent });
    return { answer, sent, enforcement: isAsked ? enforcement : null };
  }

  /** With what AuthorizationPolicies say to one of the clients. */
  answer(answer: ConnectionAnswer, at: Enforcement, comer: Comer): ConnectionAnswer {
    const authorization = answerOf(authorizationOf(this.#engine, at, comer));
    if (authorization === answer.authorization) return answer;
    return authorization.kind === "known" ? this.#variant(answer, authorization.value) : this.#one({ ...answer, authorization });
  }

  #variant(of: ConnectionAnswer, authorization: Authorization): ConnectionAnswer {
    const variants = under(this.#variants, of);
    const found = variants.get(authorization);
    if (found !== undefined) return found;
    const variant = this.#one({ ...of, authorization: answerOf({ value: authorization, gaps: [] }) });
    variants.set(authorization, variant);
    return variant;
  }

  #one(answer: ConnectionAnswer): ConnectionAnswer {
    const key = keyOf([answer.clientMode, answer.serverMode, answer.transport, answer.authorization]);
    if (key === null) return answer;
    const found = this.#known.get(key) ?? answer;
    this.#known.set(key, found);
    return found;
  }
}
