import type { Pod } from "#mesh";
import type { ApiServer } from "./apiServer.ts";
import type { Discovery } from "./discovery.ts";
import { type Istiod, meshConfigScopes } from "./istiod.ts";
import type { Owned } from "./owners.ts";
import { type Projected, projection } from "./projection.ts";
import { Reflector, type Timing } from "./reflector.ts";
import { API_SERVER_CALLS, CONFIG_MAPS, ISTIODS, NAMESPACES, RESOURCES, type OwnerKind, type Resource, type Scope } from "./resources.ts";

export interface CollectionsOptions {
  readonly api: ApiServer;
  readonly discovery: Discovery;
  readonly namespaces: readonly string[] | null;
  readonly istioNamespace: string;
  readonly timing: Timing;
  readonly onChange: () => void;
}

function keyOf(resource: Resource, { namespace, name }: Scope): string {
  return JSON.stringify([resource.group, resource.plural, namespace, name]);
}

function isIstiod(value: Projected): value is Istiod {
  return value.kind === "Istiod";
}

function isOwned(value: Projected | undefined): value is Owned {
  return value !== undefined && (value.kind === "ReplicaSet" || value.kind === "Job") && !("because" in value);
}

function isPod(value: Projected): value is Pod {
  return value.kind === "Pod" && "containers" in value;
}

/** The revision whose injector wrote the proxy into a pod. */
function proxyRevision({ annotations, labels }: Pod): string | undefined {
  if (Object.hasOwn(annotations, "istio.io/rev")) return annotations["istio.io/rev"];
  return Object.hasOwn(labels, "istio.io/rev") ? labels["istio.io/rev"] : undefined;
}

/** All collections that are followed. The mesh's ConfigMaps join when it is known which istiods there are. */
export class Collections {
  readonly #options: CollectionsOptions;
  readonly #reflectors = new Map<string, Reflector<Projected>>();

  constructor(options: CollectionsOptions) {
    this.#options = options;
    for (const [resource, scope] of this.#always()) this.#follow(resource, scope);
  }

  /** the namespaces that are read; `null`: all */
  get namespaces(): readonly string[] | null {
    const { namespaces, istioNamespace } = this.#options;
    return namespaces === null ? null : [...new Set([...namespaces, istioNamespace])];
  }

  all(): readonly Reflector<Projected>[] {
    return [...this.#reflectors.values()];
  }

  ofKind(kind: Resource["kind"]): readonly Reflector<Projected>[] {
    return this.all().filter(({ resource }) => resource.kind === kind);
  }

  istiods(): readonly Istiod[] {
    return this.ofKind("ControlPlane").flatMap((reflector) => [...reflector.values()].filter(isIstiod));
  }

  owned(kind: OwnerKind, namespace: string, name: string): Owned | undefined {
    return this.ofKind(kind).map((reflector) => reflector.get(namespace, name)).find(isOwned);
  }

  /** Follows the ConfigMaps that the istiods (or, in their absence, the proxies) read, and no longer those they do not. */
  followMeshConfigs(): void {
    const deployments = this.ofKind("ControlPlane");
    if (deployments.some(({ sight }) => sight.state === "starting")) return;
    const istiods = this.istiods();
    const scopes = meshConfigScopes({ istiods, proxyRevisions: istiods.length > 0 ? [] : this.#proxyRevisions(), istioNamespace: this.#options.istioNamespace });
    const wanted = new Map(scopes.map((scope) => [keyOf(CONFIG_MAPS, scope), scope]));
    for (const reflector of this.ofKind("MeshConfig")) {
      const key = keyOf(CONFIG_MAPS, reflector.scope);
      if (wanted.has(key)) continue;
      this.#reflectors.delete(key);
      void reflector.stop();
    }
    for (const [key, scope] of wanted) if (!this.#reflectors.has(key)) this.#follow(CONFIG_MAPS, scope);
  }

  async settled(): Promise<void> {
    await Promise.all(this.all().map((reflector) => reflector.settled));
  }

  async stop(): Promise<void> {
    await Promise.all(this.all().map((reflector) => reflector.stop()));
  }

  #proxyRevisions(): readonly string[] {
    const pods = this.ofKind("Pod").flatMap((reflector) => [...reflector.values()].filter(isPod));
    return [...new Set(pods.map(proxyRevision))].filter((revision) => revision !== undefined);
  }

  #always(): readonly (readonly [Resource, Scope])[] {
    const whole = { namespace: null, name: null };
    const some = this.namespaces;
    if (some === null) return [NAMESPACES, ISTIODS, ...RESOURCES, ...API_SERVER_CALLS].map((resource) => [resource, whole]);
    return [
      ...some.map((name) => [NAMESPACES, { namespace: null, name }] as const),
      [ISTIODS, { namespace: this.#options.istioNamespace, name: null }],
      ...RESOURCES.flatMap((resource) => some.map((namespace) => [resource, { namespace, name: null }] as const)),
    ];
  }

  #follow(resource: Resource, scope: Scope): void {
    const { api, discovery, timing, onChange } = this.#options;
    this.#reflectors.set(keyOf(resource, scope), new Reflector({ api, discovery, timing, onChange, resource, scope, project: projection(resource) }));
  }
}
