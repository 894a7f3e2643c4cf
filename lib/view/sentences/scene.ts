import type { ConfiguredPath, Edge, MeshJudge, MeshVerdicts, ObjectRef, Reason, RuleId, ServerMode, Workload, WorkloadInstance } from "#mesh";
import { objectName, reasonClause } from "./reason.ts";
import type { WayAnswers } from "./way.ts";

/** One connection that is to be explained: who, and to whom. */
export interface Parties {
  readonly client: string;
  readonly server: string;
  readonly clientWorkload: Workload | undefined;
  readonly serverWorkload: Workload | undefined;
  readonly edge: Edge;
  readonly answers: WayAnswers;
}

/** A connection that is to be explained, and the way it goes. */
export interface Scene extends Parties {
  readonly path: ConfiguredPath;
  /** other ways with the same cause */
  readonly also: readonly ConfiguredPath[];
  readonly judge: MeshJudge;
}

/** A part of a sentence: no capital, no full stop. */
export type Clause = (scene: Scene) => string;
/** What labels and other objects say is asked only where it matters. */
export type FixClause = (scene: Scene, verdicts: MeshVerdicts) => string;

/** Rules that only lead on to others: which policy of the mesh applies to what nobody matched. */
const LEADING: ReadonlySet<RuleId> = new Set(["REG-5", "REG-6"]);
/** Rules that carry out what a PeerAuthentication named before them says. */
const BY_POLICY: ReadonlySet<RuleId> = new Set(["AUTO-3", "AUTO-4"]);

/** Why the client sends what it sends. */
export function sentBecause({ path, answers }: Scene): readonly Reason[] {
  const { clientMode } = answers.all(path);
  return clientMode.kind === "known" ? clientMode.reasons : [];
}

/** Why the server accepts what it accepts. */
export function servedBecause({ path, answers }: Scene): readonly Reason[] {
  const serverMode = answers.served(path);
  return serverMode.kind === "known" ? serverMode.reasons : [];
}

/** Why client and server together come to what they come to. */
export function joinedBecause({ path, answers }: Scene): readonly Reason[] {
  const { transport } = answers.all(path);
  return transport.kind === "known" ? transport.reasons : [];
}

/** The last reason that decided something: others only lead on to the next. */
export function lastStep(scene: Scene): Reason | undefined {
  return sentBecause(scene).findLast(({ rule }) => !LEADING.has(rule));
}

/** The step that decided: a chain ends with it, save where it carries out what an earlier one said. */
export function decisive(scene: Scene): Reason | undefined {
  const last = lastStep(scene);
  if (last === undefined || !BY_POLICY.has(last.rule)) return last;
  return sentBecause(scene).findLast(({ object }) => object?.kind === "PeerAuthentication") ?? last;
}

export function why(scene: Scene): string {
  const step = decisive(scene);
  return step === undefined ? "it is not known why" : reasonClause(step);
}

/** The object that decided what the client sends. */
export function decider(scene: Scene, otherwise: string): string {
  const object = decisive(scene)?.object ?? null;
  return object === null ? otherwise : objectName(object);
}

/** The Service that is meant: the one that is dialled, unless a VirtualService leads elsewhere. */
export function dialledService(scene: Scene): ObjectRef | null {
  const steps = sentBecause(scene);
  return steps.some(({ rule }) => rule === "REG-16") ? null : (steps.findLast(({ rule }) => rule === "REG-4")?.object ?? null);
}

export function modeOf({ path: { verdict } }: Scene): ServerMode | null {
  return verdict.serverMode.kind === "known" ? verdict.serverMode.value : null;
}

/** The pod or WorkloadEntry that stands for those that the way leads to. */
export function servingInstance({ serverWorkload, path }: Scene): WorkloadInstance | undefined {
  return serverWorkload?.instances.find(({ ref: { name } }) => name === path.serverInstance);
}

function numbers(ports: readonly number[]): string {
  const distinct = [...new Set(ports)];
  return distinct.length === 1 ? String(distinct[0]) : `${distinct.slice(0, -1).join(", ")} and ${distinct.at(-1) ?? ""}`;
}

/** `port 80`, or `ports 80 and 81` */
export function ported(ports: readonly number[]): string {
  return `${new Set(ports).size === 1 ? "port" : "ports"} ${numbers(ports)}`;
}

/** The server's ports, which PeerAuthentication knows. */
export function targetPorts({ path, also }: Scene): string {
  return ported([path, ...also].map(({ targetPort }) => targetPort));
}

/** The ports that the client dials, which DestinationRules and its redirection know. */
export function dialledPorts({ path, also }: Scene): string {
  return ported([path, ...also].map(({ port }) => port));
}
