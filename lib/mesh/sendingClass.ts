import { interceptsNothing } from "./capture.ts";
import type { ClientScopes } from "./clientScope.ts";
import type { InstanceClass } from "./instances.ts";
import type { IstiodView } from "./istiodView.ts";
import { label, memoised } from "./order.ts";
import type { RegistryService } from "./registry/service.ts";
import { isForAllReaders } from "./readers.ts";
import type { Configuration } from "./snapshot.ts";

/** All classes of clients that send the same to a server: a judgement of one holds for all. */
export interface SendingClass {
  /** one of them */
  readonly representative: InstanceClass;
}

/** How far the clients of one class are alike: to every server, or to those alone that tell no namespace from another. */
interface Sending {
  readonly here: SendingClass;
  readonly anywhere: SendingClass | null;
}

/** Label keys by which a rule tells one client of a namespace from another. */
function clientKeys({ objects }: Configuration): readonly string[] {
  const selectors = [objects.DestinationRule, objects.EnvoyFilter, objects.Sidecar].flatMap((kind) => kind.map(({ workloadSelector }) => workloadSelector ?? {}));
  return [...new Set(selectors.flatMap((selector) => Object.keys(selector)))].sort();
}

/** Where the client's own arguments or annotations decide what its proxy sees. */
function isOfItsOwn(view: IstiodView, client: InstanceClass): boolean {
  const { representative } = client;
  return representative.kind === "Pod" && (interceptsNothing(representative) || view.outboundCapture(client) !== null);
}

/** Which clients of one control plane send alike. */
export class SendingClasses {
  readonly #view: IstiodView;
  readonly #scopes: ClientScopes;
  readonly #keys: readonly string[];
  readonly #byClass = new Map<InstanceClass, Sending>();
  readonly #byKey = new Map<string, SendingClass>();
  readonly #isForAll = memoised((service: RegistryService) => isForAllReaders(this.#view, service));

  constructor(view: IstiodView, scopes: ClientScopes) {
    this.#view = view;
    this.#scopes = scopes;
    this.#keys = clientKeys(view.configuration);
  }

  /** @param service that is dialled by its own name; `null`: nothing is known of what the dial means to one namespace or another */
  of(client: InstanceClass, service: RegistryService | null): SendingClass {
    const found = this.#byClass.get(client) ?? this.#find(client);
    if (found.anywhere === null || service === null || !this.#isForAll(service)) return found.here;
    return this.#view.destinationRules.hasOwn(client.namespace, service) ? found.here : found.anywhere;
  }

  #find(client: InstanceClass): Sending {
    const found = this.#sending(client);
    this.#byClass.set(client, found);
    return found;
  }

  /** ztunnel goes by the server alone, and without a proxy everything leaves as it is. */
  #sending(client: InstanceClass): Sending {
    const { dataPlaneMode } = client;
    if (dataPlaneMode === "ambient" || dataPlaneMode === "none") {
      const alike = this.#keyed(dataPlaneMode, client);
      return { here: alike, anywhere: alike };
    }
    if (isOfItsOwn(this.#view, client)) return { here: { representative: client }, anywhere: null };
    const facts = this.#factsOf(client);
    const here = this.#keyed(JSON.stringify([client.namespace, ...facts]), client);
    return { here, anywhere: this.#isAnywhere(client) ? this.#keyed(JSON.stringify(facts), client) : null };
  }

  #keyed(key: string, client: InstanceClass): SendingClass {
    const found = this.#byKey.get(key) ?? { representative: client };
    this.#byKey.set(key, found);
    return found;
  }

  #factsOf({ dataPlaneMode, network, labels, representative }: InstanceClass): readonly unknown[] {
    return [dataPlaneMode, network, this.#keys.map((key) => label(labels, key) ?? null), label(representative.annotations, "proxy.istio.io/config") ?? null];
  }

  /** Nothing in its namespace, nor of what is not known, is for that namespace alone. */
  #isAnywhere(client: InstanceClass): boolean {
    const { knowledge, settings } = this.#view;
    const isPlain = knowledge.isComplete && client.namespace !== settings.mesh.rootNamespace && !this.#view.hasEnvoyFilters(client.namespace);
    return isPlain && this.#scopes.of(client).value.sidecar === null;
  }
}
