import type { ConfiguredPath, Configuration, Edge, MeshChange, MeshJudge, MeshObject, MeshVerdicts, PeerAuthentication } from "#mesh";
import { alteration, applyChange, judgeMesh, keptWith, waysOfEdge } from "#mesh";

/** Ways that are more than so many times those of the picture are forgotten. */
const MOST_UNUSED = 2;
const FEW = 1_000;

interface Before {
  readonly ways: WaysAfter;
  readonly isAltered: (edge: Edge) => boolean;
}

/** What configuration would say of edges after a change: asked once for each, however many pictures show it. */
export class WaysAfter {
  readonly change: MeshChange;
  readonly judge: MeshJudge;
  readonly #known = new Map<string, readonly ConfiguredPath[]>();
  #before: Before | null;

  /** @param before after a change of a configuration before: what differs in nothing is taken over from it */
  constructor(change: MeshChange, judge: MeshJudge, before: WaysAfter | null) {
    this.change = change;
    this.judge = judge;
    this.#before = before === null ? null : { ways: before, isAltered: alteration(before.judge, judge) };
  }

  readonly of = (edge: Edge): readonly ConfiguredPath[] => {
    const known = this.#known.get(edge.key) ?? this.#asBefore(edge) ?? waysOfEdge(this.judge, edge);
    this.#known.set(edge.key, known);
    return known;
  };

  #asBefore(edge: Edge): readonly ConfiguredPath[] | undefined {
    return this.#before === null || this.#before.isAltered(edge) ? undefined : this.#before.ways.#known.get(edge.key);
  }

  /** A picture of so many edges is done: what came before is let go, and names that nobody shows any more. */
  settle(edges: number): void {
    this.#before = null;
    if (this.#known.size > FEW + MOST_UNUSED * edges) this.#known.clear();
  }
}

/** By what an object is found again after a change. */
export function objectKey({ kind, namespace, name }: MeshObject): string {
  return `${kind} ${namespace} ${name}`;
}

function isPolicy(object: MeshObject): object is PeerAuthentication {
  return object.kind === "PeerAuthentication";
}

/** Whether both write the same; the age of what is added says only that it is the newest of all. */
function isAlike(one: PeerAuthentication, other: PeerAuthentication, configuration: Configuration): boolean {
  const sameAge = one.createdAtMs === other.createdAtMs || isNewest(one, configuration);
  return sameAge && JSON.stringify({ ...one, createdAtMs: null }) === JSON.stringify({ ...other, createdAtMs: null });
}

function isNewest({ createdAtMs }: PeerAuthentication, { objects }: Configuration): boolean {
  return createdAtMs !== null && objects.PeerAuthentication.every((policy) => (policy.createdAtMs ?? 0) < createdAtMs);
}

/** The change with the very objects of the one before, where it writes the same: what was worked out for these holds. */
function withObjectsOf(before: MeshChange, change: MeshChange, configuration: Configuration): MeshChange {
  const written = [...before.add, ...before.update.map(([, to]) => to)].filter(isPolicy);
  const known = new Map(written.map((policy) => [objectKey(policy), policy]));
  const same = (object: MeshObject): MeshObject => {
    const one = isPolicy(object) ? known.get(objectKey(object)) : undefined;
    return one !== undefined && isPolicy(object) && isAlike(one, object, configuration) ? one : object;
  };
  return { ...change, add: change.add.map(same), update: change.update.map(([from, to]) => [from, same(to)] as const) };
}

// Telemetry changes far more often than configuration: the changed configuration is judged once.
const judged = keptWith<Configuration, readonly never[], Map<string, WaysAfter>>(() => new Map());

/**
 * What would be said after a change, which goes by a name in its picture.
 *
 * @param before the picture before: what the same change says there of what is the same is taken over
 */
export function waysAfter({ snapshot: { configuration }, judge }: MeshVerdicts, { name, change }: { readonly name: string; readonly change: MeshChange }, before: MeshVerdicts | null): WaysAfter {
  const memo = judged(configuration);
  const known = memo.get(name);
  if (known !== undefined) return known;
  const last = before === null ? null : (judged(before.snapshot.configuration).get(name) ?? null);
  const own = last === null ? change : withObjectsOf(last.change, change, configuration);
  const ways = new WaysAfter(own, judgeMesh(applyChange(configuration, own), last?.judge ?? judge), last);
  memo.set(name, ways);
  return ways;
}
