import { ClientScopes } from "./clientScope.ts";
import { Revisions } from "./controlPlane.ts";
import { ServiceIdentities } from "./identity.ts";
import { Inbound } from "./inbound.ts";
import type { InstanceClass } from "./instances.ts";
import { Instances } from "./instances.ts";
import { IstiodView } from "./istiodView.ts";
import { Knowledge } from "./knowledge.ts";
import { SendingClasses } from "./sendingClass.ts";
import type { Configuration } from "./snapshot.ts";

/** What one istiod's proxies go by. */
export interface Revision {
  readonly view: IstiodView;
  readonly inbound: Inbound;
  readonly scopes: ClientScopes;
  readonly identities: ServiceIdentities;
  readonly sending: SendingClasses;
}

/** A configuration, indexed once; everything in it is computed on demand and remembered. */
export class Engine {
  readonly configuration: Configuration;
  readonly knowledge: Knowledge;
  readonly instances: Instances;
  readonly #revisions: Revisions;
  readonly #byRevision = new Map<string, Revision>();

  constructor(configuration: Configuration) {
    const { objects, unread } = configuration;
    this.configuration = configuration;
    this.knowledge = new Knowledge(unread);
    this.instances = new Instances(configuration);
    this.#revisions = new Revisions(objects.MeshConfig, objects.ControlPlane, this.knowledge);
  }

  seenBy({ revision }: InstanceClass): Revision {
    const key = this.#revisions.key(revision);
    const found = this.#byRevision.get(key) ?? this.#open(revision);
    this.#byRevision.set(key, found);
    return found;
  }

  #open(revision: string): Revision {
    const { configuration, knowledge, instances } = this;
    const view = new IstiodView({ configuration, knowledge, instances, settings: this.#revisions.settings(revision) });
    return { view, inbound: new Inbound(view), scopes: new ClientScopes(view), identities: new ServiceIdentities(view), sending: new SendingClasses(view) };
  }
}
