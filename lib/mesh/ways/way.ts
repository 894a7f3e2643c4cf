import type { ServiceAndPort } from "../client/clientScope.ts";
import type { ConnectionAnswer, ConnectionQuestion } from "../connection.ts";
import type { Deduction } from "../deduction.ts";
import type { Destination } from "../joining/destination.ts";
import { destination } from "../joining/destination.ts";
import type { Dialled } from "./dials.ts";
import type { Instance } from "../instances/instances.ts";
import type { Judgement, Judging } from "./judgement.ts";
import type { Revision } from "../controlPlane/revision.ts";
import type { Sending, SendingClass } from "./sendingClass.ts";
import type { WayKind, WayKinds } from "./wayKind.ts";

/** What the clients of one control plane go by. */
export type Seen = Pick<Revision, "view" | "sending">;

/** What ways are judged with. */
export interface Judges {
  readonly seen: Seen;
  readonly judging: Judging;
  readonly kinds: WayKinds;
}

/** Clients that are alike, and who sends as they do. */
export interface Clients {
  /** one of them */
  readonly instance: Instance;
  readonly name: string;
  readonly number: number;
  readonly sending: Sending;
}

/** What a way has in common with others. */
interface Shared {
  /** the service that it leads to, where a dial of it means the same to all readers */
  readonly forAll: ServiceAndPort | null;
  /** `null`: of its own */
  readonly kind: WayKind | null;
}

/** A way of dialling, judged once for all clients that send alike. */
export class Way {
  readonly dialled: Dialled;
  readonly #by: Judges;
  /** `null`: not asked yet */
  #shared: Shared | null = null;
  #judged: Map<SendingClass, Judgement> | null = null;

  constructor(by: Judges, dialled: Dialled) {
    this.#by = by;
    this.dialled = dialled;
  }

  /** What is answered to clients; AuthorizationPolicies may tell it from others that send the same. */
  answer({ instance, sending }: Clients): ConnectionAnswer {
    // what a pod sends to itself is special to it
    if (instance === this.dialled.server) return this.#told(this.#judge(instance, destination(this.#by.seen.view, this.#question(instance), instance)), instance, null);
    this.#shared ??= this.#find();
    return this.#told(this.#judgement(sending, instance, this.#shared), instance, this.#shared.kind);
  }

  #told({ answer, sent, enforcement }: Judgement, client: Instance, kind: WayKind | null): ConnectionAnswer {
    return enforcement === null ? answer : this.#by.judging.answer(answer, kind?.enforcement ?? enforcement, { client, sent });
  }

  #find(): Shared {
    const { seen, kinds } = this.#by;
    const { service, port, host } = this.dialled.to.value;
    const isForAll = service !== null && port !== null && service.host === host && seen.sending.isForAll(service);
    if (!isForAll) return { forAll: null, kind: null };
    const forAll = { service, port };
    return { forAll, kind: kinds.of(this.dialled.to, forAll) };
  }

  #judgement(sending: Sending, client: Instance, { forAll, kind }: Shared): Judgement {
    const shared = forAll === null ? null : this.#by.seen.sending.onKind(sending, forAll);
    if (shared !== null && kind !== null) return this.#judgedIn(kind.judged, shared, client);
    this.#judged ??= new Map<SendingClass, Judgement>();
    return this.#judgedIn(this.#judged, shared ?? sending.here, client);
  }

  #judgedIn(memo: Map<SendingClass, Judgement>, sending: SendingClass, client: Instance): Judgement {
    const known = memo.get(sending);
    if (known !== undefined) return known;
    const judgement = this.#judge(client, this.dialled.to);
    memo.set(sending, judgement);
    return judgement;
  }

  #judge(client: Instance, to: Deduction<Destination>): Judgement {
    const { server } = this.dialled;
    return this.#by.judging.judgement({ question: this.#question(client), ends: { client, server }, to });
  }

  #question(client: Instance): ConnectionQuestion {
    const { port, via, server } = this.dialled;
    return { client: client.told.ref, server: server.told.ref, port, via };
  }
}
