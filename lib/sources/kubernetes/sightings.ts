import type { UnreadObject } from "#mesh";
import type { SourceStatus } from "../source.ts";
import type { Sight } from "./reflector.ts";
import { type Resource, resourceName, ruleFor, type Scope } from "./resources.ts";

/** One collection and how well it is seen. */
export interface Sighting {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly sight: Sight;
}

const SOURCE = "Kubernetes API";

function place({ namespace }: Scope): string {
  return namespace === null ? "" : ` in namespace \`${namespace}\``;
}

function instant(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

function grant({ resource, scope }: Sighting): string {
  const role = scope.namespace === null ? "its ClusterRole" : `a Role in namespace \`${scope.namespace}\``;
  return `add to ${role}: ${ruleFor(resource, scope.name)}`;
}

function because(sighting: Sighting): string {
  const { state, failure } = sighting.sight;
  const reason = failure?.message ?? "";
  if (state === "forbidden") return `the cluster forbids it (${reason}); ${grant(sighting)}`;
  if (state === "missing") return reason;
  return failure === null ? "not read yet" : `the API server could not be read: ${reason}`;
}

/** What engine rules are about where a resource only names owners or is known by another kind. */
function consequence({ kind }: Resource): string {
  if (kind === "ReplicaSet") return "; workloads are named by their ReplicaSet without its hash";
  if (kind === "Job") return "; CronJobs are told by the names of their Jobs";
  return "";
}

function isUnread({ resource, sight }: Sighting): boolean {
  if (sight.state === "forbidden") return true;
  if (sight.state === "missing") return !resource.optional;
  return sight.state === "starting";
}

/** Collections of which nothing is known. One that is merely out of date is not among them: its last picture stands, with its age. */
export function unreadCollections(sightings: readonly Sighting[]): readonly UnreadObject[] {
  return sightings.filter(isUnread).map((sighting) => ({
    kind: sighting.resource.kind,
    // an object of the cluster's own has the empty namespace, as in the snapshot
    namespace: sighting.scope.namespace ?? (sighting.scope.name === null ? null : ""),
    name: sighting.scope.name,
    field: null,
    because: because(sighting) + consequence(sighting.resource),
  }));
}

/** Resources of a source that reads some namespaces: what it reads there, and what is in no namespace. */
interface Chosen {
  readonly inNamespaces: readonly Resource[];
  readonly nowhere: readonly Resource[];
}

/** What the user chose not to read: unknown, and no fault of anybody. */
export function unreadElsewhere(namespaces: readonly string[] | null, { inNamespaces, nowhere }: Chosen): readonly UnreadObject[] {
  if (namespaces === null) return [];
  const because = `mtlscope was told to read only namespaces ${namespaces.map((name) => `\`${name}\``).join(", ")}`;
  const everywhere = { namespace: null, name: null, field: null, because };
  return [...inNamespaces.map(({ kind }) => ({ kind, ...everywhere, exceptNamespaces: namespaces })), ...nowhere.map(({ kind }) => ({ kind, ...everywhere }))];
}

function names(sightings: readonly Sighting[]): string {
  const all = [...new Set(sightings.map(({ resource, scope }) => `\`${resourceName(resource)}\`${place(scope)}`))];
  return all.length > 4 ? `${all.slice(0, 3).join(", ")} and ${all.length - 3} more` : all.join(", ");
}

function inState(sightings: readonly Sighting[], ...states: readonly Sight["state"][]): readonly Sighting[] {
  return sightings.filter(({ sight }) => states.includes(sight.state));
}

function earliest(sightings: readonly Sighting[], of: (sight: Sight) => number | null): number | null {
  const times = sightings.map(({ sight }) => of(sight)).filter((time) => time !== null);
  return times.length === 0 ? null : Math.min(...times);
}

function latestConfirmed(sightings: readonly Sighting[]): number | null {
  const times = sightings.map(({ sight }) => sight.confirmedAtMs).filter((time) => time !== null);
  return times.length === 0 ? null : Math.max(...times);
}

type Told = Omit<SourceStatus, "kind">;

function mainStatus(server: string, sightings: readonly Sighting[]): Told {
  const unread = inState(sightings, "starting");
  const failing = unread.filter(({ sight }) => sight.failure !== null);
  const stale = inState(sightings, "stale");
  const worst = failing[0] ?? stale[0];
  const seen = inState(sightings, "live", "polled");
  if (worst !== undefined) {
    const since = earliest([...failing, ...stale], ({ sinceMs }) => sinceMs) ?? 0;
    const message = `${names([...failing, ...stale])} cannot be read from ${server} since ${instant(since)}: ${worst.sight.failure?.message ?? ""}; mtlscope tries again by itself`;
    return { name: SOURCE, state: stale.length > 0 ? "stale" : "starting", readAtMs: earliest(stale, ({ confirmedAtMs }) => confirmedAtMs), message };
  }
  if (unread.length > 0) return { name: SOURCE, state: "starting", readAtMs: null, message: `reading ${names(unread)} from ${server}` };
  if (seen.length === 0) return { name: SOURCE, state: "absent", readAtMs: null, message: `${server} lets this account read nothing; deploy/rbac.yaml holds the rights mtlscope needs` };
  return { name: SOURCE, state: "live", readAtMs: latestConfirmed(seen), message: `${seen.length} collections of ${server} are followed` };
}

function forbiddenStatus(sighting: Sighting): Told {
  const name = `${sighting.resource.kind}${sighting.scope.namespace === null ? "" : ` in ${sighting.scope.namespace}`}`;
  return { name, state: "absent", readAtMs: null, message: because(sighting) + consequence(sighting.resource) };
}

function polledStatus(sightings: readonly Sighting[]): readonly Told[] {
  const [first] = sightings;
  if (first === undefined) return [];
  const message = `${names(sightings)} may be listed but not watched: read again from time to time, so changes arrive late; ${grant(first)}`;
  return [{ name: `${SOURCE} (watch)`, state: "live", readAtMs: earliest(sightings, ({ confirmedAtMs }) => confirmedAtMs), message }];
}

function missingStatus(sightings: readonly Sighting[], isGroupAbsent: (group: string) => boolean): readonly Told[] {
  return [...new Set(sightings.map(({ resource }) => resource.group))].map((group) => {
    const members = sightings.filter(({ resource }) => resource.group === group);
    const absent = isGroupAbsent(group) ? `the cluster does not serve \`${group}\`` : `the cluster does not serve ${names(members)}`;
    const advice = group.endsWith("istio.io") ? "; if Istio is meant to be here, its CRDs are not installed" : "";
    return { name: group, state: "absent", readAtMs: null, message: `${absent}: no such object can exist${advice}` };
  });
}

/** One line for the API server, then one for each thing that a person may want to change. */
export function statusOf(server: string, sightings: readonly Sighting[], isGroupAbsent: (group: string) => boolean): readonly SourceStatus[] {
  const all = [
    mainStatus(server, sightings),
    ...inState(sightings, "forbidden").map(forbiddenStatus),
    ...polledStatus(inState(sightings, "polled")),
    ...missingStatus(inState(sightings, "missing").filter(({ resource }) => resource.optional), isGroupAbsent),
  ];
  return all.map((told) => ({ kind: "configuration", ...told }));
}
