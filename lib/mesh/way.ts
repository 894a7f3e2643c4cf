import type { ServiceAndPort } from "./clientScope.ts";
import type { ConnectionAnswer, ConnectionQuestion } from "./connection.ts";
import type { Ends } from "./connectionVerdict.ts";
import type { Deduction } from "./deduction.ts";
import type { Destination } from "./destination.ts";
import { destination } from "./destination.ts";
import type { Dialled } from "./dials.ts";
import type { Instance } from "./instances.ts";
import type { Judgement, Judging } from "./judgement.ts";
import type { Revision } from "./revision.ts";
import type { SendingClass } from "./sendingClass.ts";
import type { WayKind, WayKinds } from "./wayKind.ts";

/** What the clients of one control plane go by. */
export type Seen = Pick<Revision, "view" | "sending">;

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
  /** `undefined`: not asked yet; `null`: of its own */
  #kind: WayKind | null | undefined = undefined;
  #judged: Map<SendingClass, Judgement> | null = null;

  constructor(by: Judges, dialled: Dialled) {
    this.#by = by;
    this.dialled = dialled;
  }

  /** What is answered to a client; AuthorizationPolicies may tell it from others that send the same. */
  answer(client: Instance): ConnectionAnswer {
    const ends = { client, server: this.dialled.server };
    // what a pod sends to itself is special to it
    if (client === ends.server) return this.#told(this.#judge(ends, destination(this.#by.seen.view, this.#question(ends), client)), client, null);
    if (this.#kind === undefined) this.#kind = this.#by.kinds.of(this.dialled.to);
    return this.#told(this.#ofKind(ends) ?? this.#own(ends), client, this.#kind);
  }

  #told({ answer, sent, enforcement }: Judgement, client: Instance, kind: WayKind | null): ConnectionAnswer {
    return enforcement === null ? answer : this.#by.judging.answer(answer, kind?.enforcement ?? enforcement, { client, sent });
  }

  #ofKind(ends: Ends): Judgement | null {
    const at = this.#kind == null ? null : this.#named;
    const sending = at === null ? null : this.#by.seen.sending.anywhere(ends.client.class, at);
    if (this.#kind == null || sending === null) return null;
    return this.#judgedIn(this.#kind.judged, sending, ends);
  }

  #own(ends: Ends): Judgement {
    this.#judged ??= new Map<SendingClass, Judgement>();
    return this.#judgedIn(this.#judged, this.#by.seen.sending.of(ends.client.class, this.#named), ends);
  }

  #judgedIn(memo: Map<SendingClass, Judgement>, sending: SendingClass, ends: Ends): Judgement {
    const known = memo.get(sending);
    if (known !== undefined) return known;
    const judgement = this.#judge(ends, this.dialled.to);
    memo.set(sending, judgement);
    return judgement;
  }

  #judge(ends: Ends, to: Deduction<Destination>): Judgement {
    return this.#by.judging.judgement({ question: this.#question(ends), ends, to });
  }

  #question({ client, server }: Ends): ConnectionQuestion {
    const { port, via } = this.dialled;
    return { client: client.told.ref, server: server.told.ref, port, via };
  }

  /** The service, where it is dialled by its own name. */
  get #named(): ServiceAndPort | null {
    const { service, port, host } = this.dialled.to.value;
    return service !== null && port !== null && service.host === host ? { service, port } : null;
  }
}
