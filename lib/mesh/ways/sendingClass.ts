import { interceptsNothing, sparesOwnInterface } from "../server/capture.ts";
import type { ClientScope, ClientScopes, ServiceAndPort } from "../client/clientScope.ts";
import { YES } from "../client/clientScope.ts";
import type { InstanceClass } from "../instances/instances.ts";
import type { Settings } from "../controlPlane/controlPlane.ts";
import type { DestinationRules } from "../client/destinationRule.ts";
import type { Knowledge } from "../controlPlane/knowledge.ts";
import type { OutboundCapture } from "../client/outboundCapture.ts";
import type { Registry } from "../registry/registry.ts";
import type { ConfigurationObjects, EnvoyFilter } from "../snapshot.ts";
import type { VirtualServices } from "../client/virtualServices.ts";
import { label, memoised, under } from "../order.ts";
import type { RegistryService } from "../registry/service.ts";
import { isForAllReaders } from "./readers.ts";
import type { DataPlaneMode } from "../vocabulary.ts";

/** All classes of clients that send the same to a server: a judgement of one holds for all. */
export interface SendingClass {
  /** one of them */
  readonly representative: InstanceClass;
}

/** How far clients are alike that nothing in their namespace tells apart: to every server, or to those alone that tell no namespace from another. */
export interface Sending {
  /** one of them */
  readonly client: InstanceClass;
  readonly here: SendingClass;
  readonly anywhere: SendingClass | null;
  /** what they see of the mesh; `null` where that makes no difference */
  readonly scope: ClientScope | null;
}

/** Label keys by which a rule tells one client of a namespace from another. */
export function clientKeys(objects: Pick<ConfigurationObjects, "DestinationRule" | "EnvoyFilter" | "Sidecar">): readonly string[] {
  const selectors = [objects.DestinationRule, objects.EnvoyFilter, objects.Sidecar].flatMap((kind) => kind.map(({ workloadSelector }) => workloadSelector ?? {}));
  return [...new Set(selectors.flatMap((selector) => Object.keys(selector)))].sort();
}

/** What decides who sends alike. */
interface SendingSource {
  readonly registry: Registry;
  readonly destinationRules: DestinationRules;
  readonly virtualServices: VirtualServices;
  readonly envoyFilters: ReadonlyMap<string, readonly EnvoyFilter[]>;
  readonly settings: Settings;
  readonly knowledge: Knowledge;
  readonly outboundCapture: (of: InstanceClass) => OutboundCapture | null;
}

/** Where the client's own arguments or annotations decide what its proxy sees. */
function isOfItsOwn({ outboundCapture }: SendingSource, client: InstanceClass): boolean {
  const { representative } = client;
  return representative.kind === "Pod" && (interceptsNothing(representative) || sparesOwnInterface(representative) !== null || outboundCapture(client) !== null);
}

/** Their clients go by the server alone. */
const PROXYLESS: ReadonlySet<DataPlaneMode> = new Set(["ambient", "none"]);

/** Which clients of one control plane send alike. */
export class SendingClasses {
  readonly #source: SendingSource;
  readonly #scopes: ClientScopes;
  readonly #keys: readonly string[];
  readonly #byClass = new Map<InstanceClass, Sending>();
  /** by namespace, and what else tells its clients apart */
  readonly #byFacts = new Map<string, Map<string, Sending>>();
  /** of all namespaces */
  readonly #anywhere = new Map<string, SendingClass>();
  /** whether a dial of a service by its name means the same to all readers */
  readonly isForAll = memoised((service: RegistryService) => isForAllReaders(this.#source, service));

  /** @param keys by which a rule tells one client of a namespace from another */
  constructor(source: SendingSource, scopes: ClientScopes, keys: readonly string[]) {
    this.#source = source;
    this.#scopes = scopes;
    this.#keys = keys;
  }

  of(client: InstanceClass): Sending {
    const found = this.#byClass.get(client);
    if (found !== undefined) return found;
    const sending = this.#find(client);
    this.#byClass.set(client, sending);
    return sending;
  }

  /**
   * The class that is answered alike on all ways of one kind: of all namespaces, where the client's own tells nothing of the service;
   * its own, where the service does not exist for it. `null`: there is none.
   *
   * @param at is for all readers
   */
  onKind({ client, here, anywhere, scope }: Sending, at: ServiceAndPort): SendingClass | null {
    if (anywhere === null || scope === null) return anywhere;
    const { value: sees, gaps } = scope.sidecar === null ? YES : scope.sees(at);
    if (gaps.length > 0) return null;
    // no VirtualService is for its name either: the proxy passes it on or refuses it, whichever it is
    if (!sees) return here;
    if (scope.listensOnItsOwn(at.port.number)) return null;
    return this.#source.destinationRules.isReader(client.namespace, at.service) ? anywhere : null;
  }

  /** ztunnel goes by the server alone, and without a proxy everything leaves as it is. */
  #find(client: InstanceClass): Sending {
    const { dataPlaneMode, namespace } = client;
    if (PROXYLESS.has(dataPlaneMode)) {
      const alike = this.#alikeAnywhere(dataPlaneMode, client);
      return { client, here: alike, anywhere: alike, scope: null };
    }
    if (isOfItsOwn(this.#source, client)) return { client, here: { representative: client }, anywhere: null, scope: null };
    const facts = this.#factsOf(client);
    const inNamespace = under(this.#byFacts, namespace);
    const sending = inNamespace.get(facts) ?? this.#ofNamespace(client, facts);
    inNamespace.set(facts, sending);
    return sending;
  }

  #ofNamespace(client: InstanceClass, facts: string): Sending {
    const anywhere = this.#isAnywhere(client) ? this.#alikeAnywhere(facts, client) : null;
    return { client, here: { representative: client }, anywhere, scope: this.#scopes.of(client).value };
  }

  #alikeAnywhere(facts: string, client: InstanceClass): SendingClass {
    const found = this.#anywhere.get(facts) ?? { representative: client };
    this.#anywhere.set(facts, found);
    return found;
  }

  #factsOf({ dataPlaneMode, network, labels, representative }: InstanceClass): string {
    const config = label(representative.annotations, "proxy.istio.io/config") ?? null;
    const isPlain = network === "" && config === null && this.#keys.length === 0;
    return isPlain ? dataPlaneMode : JSON.stringify([dataPlaneMode, network, this.#keys.map((key) => label(labels, key) ?? null), config]);
  }

  /** Nothing in its namespace, nor of what is not known, is for that namespace alone, but what says which services it sees. */
  #isAnywhere({ namespace }: InstanceClass): boolean {
    const { knowledge, settings, envoyFilters } = this.#source;
    return knowledge.isComplete && namespace !== settings.mesh.rootNamespace && !envoyFilters.has(namespace);
  }
}
