import type { Settings } from "./controlPlane.ts";
import type { Deduction } from "./deduction.ts";
import { Trail } from "./deduction.ts";
import { matchesHost } from "./host.ts";
import type { InstanceClass } from "./instances.ts";
import type { Knowledge } from "./knowledge.ts";
import { byAge, groupBy, isEmptySelector, selects } from "./order.ts";
import type { Sidecar } from "./snapshot.ts";
import type { ServiceHost } from "./vocabulary.ts";

/** The Sidecar resource that is in force for a client, if any. */
export class Sidecars {
  readonly #byNamespace: ReadonlyMap<string, readonly Sidecar[]>;
  readonly #knowledge: Knowledge;
  readonly #rootNamespace: string;

  constructor(sidecars: readonly Sidecar[], settings: Settings, knowledge: Knowledge) {
    this.#byNamespace = groupBy([...sidecars].sort(byAge), ({ namespace }) => namespace);
    this.#knowledge = knowledge;
    this.#rootNamespace = settings.mesh.rootNamespace;
  }

  /** One with a matching selector first, then one without, then the root namespace's; gateways and waypoints have none. */
  of(client: InstanceClass): Deduction<Sidecar | null> {
    const trail = new Trail();
    if (client.dataPlaneMode === "gateway" || client.dataPlaneMode === "waypoint") return trail.found(null);
    trail.lacks(this.#knowledge.gaps("Sidecar", client.namespace));
    const own = this.#byNamespace.get(client.namespace) ?? [];
    const selected = own.find(({ workloadSelector: s }) => s !== null && !isEmptySelector(s) && selects(s, client.labels));
    if (selected !== undefined) return trail.because("REG-7", { object: selected, field: "spec.workloadSelector" }).found(selected);
    const general = own.find(({ workloadSelector }) => isEmptySelector(workloadSelector));
    if (general !== undefined) return trail.because("REG-8", { object: general }).found(general);
    trail.lacks(this.#knowledge.gaps("Sidecar", this.#rootNamespace));
    const root = (this.#byNamespace.get(this.#rootNamespace) ?? []).find(({ workloadSelector }) => isEmptySelector(workloadSelector));
    return root === undefined ? trail.found(null) : trail.because("REG-9", { object: root }).found(root);
  }
}

type Egress = NonNullable<Sidecar["egress"]>[number];

interface EgressHosts {
  readonly imports: ReadonlyMap<string, readonly string[]>;
  readonly excludes: ReadonlyMap<string, readonly string[]>;
}

function push(into: Map<string, string[]>, namespace: string, host: string): void {
  into.set(namespace, [...(into.get(namespace) ?? []), host]);
}

/** `namespace/host` entries; a leading `~` on the namespace excludes. */
function egressHosts(egress: Egress, own: string): EgressHosts {
  const imports = new Map<string, string[]>();
  const excludes = new Map<string, string[]>();
  for (const entry of egress.hosts) {
    const slash = entry.indexOf("/");
    if (slash < 0) continue;
    const [namespace, host] = [entry.slice(0, slash), entry.slice(slash + 1)];
    if (namespace === "~") continue;
    if (namespace.startsWith("~")) push(excludes, namespace.slice(1) === "." ? own : namespace.slice(1), host);
    else push(imports, namespace === "." ? own : namespace, host);
  }
  return { imports, excludes };
}

function listed(hosts: ReadonlyMap<string, readonly string[]>, namespace: string, host: string): boolean {
  const patterns = [...(hosts.get(namespace) ?? []), ...(hosts.get("*") ?? [])];
  return patterns.some((pattern) => matchesHost(pattern, host));
}

export interface Imported {
  readonly namespace: string;
  readonly host: ServiceHost | string;
}

/** Whether a Sidecar's egress lists name something, on a port; a listener with a port of its own speaks for that port only. */
export function isImported(sidecar: Sidecar, reader: string, what: Imported & { readonly port: number | null; readonly settings: Settings }): Deduction<boolean> {
  const trail = new Trail();
  const listeners = (sidecar.egress ?? []).filter(({ port }) => port === null || what.port === null || port === what.port);
  if (sidecar.egress === null || sidecar.egress.length === 0) return trail.found(true);
  const answers = listeners.map((listener) => {
    const { imports, excludes } = egressHosts(listener, reader);
    const named = listed(imports, what.namespace, what.host);
    const excluded = listed(excludes, what.namespace, what.host);
    return trail.follow(what.settings.since("1.31", named && !excluded, named));
  });
  return trail.found(answers.includes(true));
}
