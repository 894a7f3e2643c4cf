import type { ServiceAndPort } from "./clientScope.ts";
import type { ConnectionAnswer, ConnectionQuestion, Via } from "./connection.ts";
import type { Ends } from "./connectionVerdict.ts";
import type { Deduction } from "./deduction.ts";
import type { Candidate, Destination } from "./destination.ts";
import { destination, destinationAt } from "./destination.ts";
import type { Revision } from "./engine.ts";
import type { Instance } from "./instances.ts";
import type { Judgement, Judging } from "./judgement.ts";
import type { SendingClass } from "./sendingClass.ts";
import type { WayKind, WayKinds } from "./wayKind.ts";

/** What the clients of one control plane go by. */
export type Seen = Pick<Revision, "view" | "sending">;

/** One port of one kind of server instance, and how it is dialled. */
export interface Dialled {
  readonly port: number;
  readonly portName: string | null;
  readonly targetPort: number;
  /** one of `servers` that are alike */
  readonly server: Instance;
  readonly servers: number;
  readonly via: Via;
  /** what is dialled, where nothing else has the name and number; `null`: it is to be looked for */
  readonly at: Candidate | null;
}

/** What ways are judged with. */
export interface Judges {
  readonly seen: Seen;
  readonly judging: Judging;
  readonly kinds: WayKinds;
}

/** A way of dialling, judged once for all clients that send alike. */
export class Way {
  readonly dialled: Dialled;
  readonly #by: Judges;
  #to: Deduction<Destination> | null = null;
  #kind: WayKind | null = null;
  #judged: Map<SendingClass, Judgement> | null = null;

  constructor(by: Judges, dialled: Dialled) {
    this.#by = by;
    this.dialled = dialled;
  }

  /** What is answered to a client; AuthorizationPolicies may tell it from others that send the same. */
  answer(client: Instance): ConnectionAnswer {
    const ends = { client, server: this.dialled.server };
    const { answer, sent, enforcement } = this.#judgement(ends);
    if (enforcement === null) return answer;
    const ofKind = ends.client === ends.server ? null : (this.#kind?.enforcement ?? null);
    return this.#by.judging.answer(answer, ofKind ?? enforcement, { client, sent });
  }

  #judgement(ends: Ends): Judgement {
    // what a pod sends to itself is special to it
    if (ends.client === ends.server) return this.#judge(ends, this.#destination(ends));
    const to = (this.#to ??= this.#open(ends));
    return this.#ofKind(ends, to) ?? this.#own(ends, to);
  }

  #open(ends: Ends): Deduction<Destination> {
    const to = this.#destination(ends);
    this.#kind = this.#by.kinds.of(to);
    return to;
  }

  #ofKind(ends: Ends, to: Deduction<Destination>): Judgement | null {
    const at = this.#named(to.value);
    const sending = this.#kind === null || at === null ? null : this.#by.seen.sending.anywhere(ends.client.class, at);
    if (this.#kind === null || sending === null) return null;
    const { judged } = this.#kind;
    const found = judged.get(sending) ?? this.#judge(ends, to);
    judged.set(sending, found);
    return found;
  }

  #own(ends: Ends, to: Deduction<Destination>): Judgement {
    const judged = (this.#judged ??= new Map<SendingClass, Judgement>());
    const sending = this.#by.seen.sending.of(ends.client.class, this.#named(to.value));
    const found = judged.get(sending) ?? this.#judge(ends, to);
    judged.set(sending, found);
    return found;
  }

  #judge(ends: Ends, to: Deduction<Destination>): Judgement {
    return this.#by.judging.judgement({ question: this.#question(ends), ends, to });
  }

  #destination(ends: Ends): Deduction<Destination> {
    const { view } = this.#by.seen;
    const { at, via } = this.dialled;
    const question = this.#question(ends);
    if (at === null || via.type !== "service") return destination(view, question, ends.server);
    return destinationAt(view, { question, server: ends.server, host: via.host }, at);
  }

  #question({ client, server }: Ends): ConnectionQuestion {
    const { port, via } = this.dialled;
    return { client: client.told.ref, server: server.told.ref, port, via };
  }

  /** The service, where it is dialled by its own name. */
  #named({ service, port, host }: Destination): ServiceAndPort | null {
    return service !== null && port !== null && service.host === host ? { service, port } : null;
  }
}
