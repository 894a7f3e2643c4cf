import { DEFAULT_MESH_CONFIG, Revisions } from "./controlPlane/controlPlane.ts";
import { Derivations } from "./change/derivations.ts";
import { selectorKeys } from "./instances/instanceClass.ts";
import type { InstanceClass } from "./instances/instances.ts";
import { Instances } from "./instances/instances.ts";
import type { IstiodView } from "./controlPlane/istiodView.ts";
import { Knowledge } from "./controlPlane/knowledge.ts";
import { selectingByNode } from "./instances/nodeLabels.ts";
import { API_SERVER_CALL_KINDS } from "./objects/read.ts";
import type { Revision } from "./controlPlane/revision.ts";
import { openRevision } from "./controlPlane/revision.ts";
import type { Configuration, UnreadObject } from "./snapshot.ts";

const ANY = { revision: DEFAULT_MESH_CONFIG.revision };

function unreadBy(derived: Derivations, configuration: Configuration): readonly UnreadObject[] {
  const { unread, objects } = configuration;
  const untold = derived.of("selecting by node", [objects.PeerAuthentication, objects.AuthorizationPolicy, objects.Sidecar, objects.EnvoyFilter, objects.DestinationRule], () => selectingByNode(configuration));
  return derived.of("unread", [unread, JSON.stringify(untold)], () => [...unread, ...untold]);
}

/** A configuration, indexed once; everything in it is computed on demand and remembered. */
export class Engine {
  readonly configuration: Configuration;
  /** what was not read, and what was and cannot be told */
  readonly unread: readonly UnreadObject[];
  readonly knowledge: Knowledge;
  readonly instances: Instances;
  readonly #revisions: Revisions;
  readonly #byRevision = new Map<string, Revision>();

  readonly #derived: Derivations;
  readonly #before: Map<string, Revision>;

  /** @param before of the configuration before: what did not change is kept */
  constructor(configuration: Configuration, before: Engine | null = null) {
    const { objects } = configuration;
    this.configuration = configuration;
    const derived = new Derivations(before === null ? null : before.#derived);
    this.#derived = derived;
    this.unread = unreadBy(derived, configuration);
    this.knowledge = derived.of("knowledge", [this.unread], () => new Knowledge(this.unread.filter(({ kind }) => !API_SERVER_CALL_KINDS.has(kind))));
    const keys = selectorKeys(derived, configuration);
    this.instances = derived.of("instances", [objects.Pod, objects.WorkloadEntry, objects.Namespace, keys], () => new Instances(configuration, { keys, before: before?.instances ?? null }));
    this.#revisions = derived.of("revisions", [objects.MeshConfig, objects.ControlPlane, this.knowledge], () => new Revisions(objects.MeshConfig, objects.ControlPlane, this.knowledge));
    this.#before = new Map(before === null ? [] : before.#byRevision);
    derived.close();
  }

  seenBy(of: Pick<InstanceClass, "revision">): Revision {
    const revision = this.#revisions.meant(of.revision);
    const found = this.#byRevision.get(revision) ?? this.#open(revision);
    this.#byRevision.set(revision, found);
    return found;
  }

  /** One control plane's view, where it does not matter whose. */
  get overview(): IstiodView {
    const [first] = this.#byRevision.values();
    return (first ?? this.seenBy(ANY)).view;
  }

  /** Namespaces whose policies are for the whole mesh. */
  get rootNamespaces(): readonly string[] {
    const written = this.configuration.objects.MeshConfig.map(({ rootNamespace }) => rootNamespace);
    return written.length === 0 ? [DEFAULT_MESH_CONFIG.rootNamespace] : written;
  }

  #open(revision: string): Revision {
    const { configuration, knowledge, instances } = this;
    const opened = openRevision({ configuration, knowledge, instances, settings: this.#revisions.settings(revision) }, this.#before.get(revision) ?? null);
    this.#before.delete(revision);
    return opened;
  }
}
