import { lacking, verdictOf } from "../deduction.ts";
import type { Engine } from "../engine.ts";
import type { InstanceClass } from "../instances/instances.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import type { PolicyScope, ScopeMode } from "../judge.ts";
import { Knowledge } from "../controlPlane/knowledge.ts";
import { memoised, under } from "../order.ts";
import type { PolicySubject } from "./peerAuthentication.ts";
import type { Labels, PeerAuthentication } from "../snapshot.ts";
import type { Answer, Gap } from "../verdict.ts";
import type { DataPlaneMode } from "../vocabulary.ts";
import { workloadId } from "../vocabulary.ts";

const NO_LABELS: Labels = {};
const NO_GAPS: readonly Gap[] = [];

/** Whether a PeerAuthentication changes what such an instance accepts. */
export function obeysPolicies(mode: DataPlaneMode): boolean {
  switch (mode) {
    case "sidecar":
    case "ambient":
    case "grpc-proxyless":
      return true;
    case "gateway":
    case "waypoint":
    case "none":
      return false;
  }
}

function answer<T>(value: T, [first, ...others]: readonly Gap[]): Answer<T> {
  return first === undefined ? { kind: "known", value } : { kind: "unknown", gaps: [first, ...others] };
}

/** What PeerAuthentications say of scopes, by control plane: revisions may go by other root namespaces, and look into other namespaces. */
export class ScopeModes {
  readonly #engine: Engine;
  readonly #unread = memoised((namespace: string) => this.#unreadIn(namespace));
  readonly #rootGaps = memoised((view: IstiodView) => this.#rootGapsOf(view));
  readonly #ofMesh = memoised((view: IstiodView) => this.#mode(view, { kind: "mesh" }, { namespace: view.peerAuthentications.rootNamespace, labels: NO_LABELS }));
  readonly #ofNamespace = new Map<IstiodView, Map<string, ScopeMode>>();
  readonly #ofUnselected = new Map<IstiodView, Map<string, ScopeMode>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** One for each control plane, and of a workload one for each policy that its instances obey. */
  of(scope: PolicyScope): readonly ScopeMode[] {
    const classes = this.#classes(scope);
    if (scope.kind !== "workload") {
      const views = [...new Set(classes.map((of) => this.#viewOf(of)))];
      return views.map((view) => (scope.kind === "mesh" ? this.#ofMesh(view) : this.#general(view, scope.namespace)));
    }
    return [...new Set(classes.map((of) => this.#ofClass(this.#viewOf(of), of)))];
  }

  #viewOf(of: InstanceClass): IstiodView {
    return this.#engine.seenBy(of).view;
  }

  #classes(scope: PolicyScope): readonly InstanceClass[] {
    const { instances } = this.#engine;
    const workloads = scope.kind === "namespace" ? (instances.in(scope.namespace)?.byWorkload ?? new Map<string, never>()) : instances.workloads;
    const alike = scope.kind === "workload" ? instances.classesOf(workloadId(scope.namespace, scope.name)) : [...workloads.values()].flatMap((one) => one.alike);
    return alike.flatMap(([first]) => (first !== undefined && obeysPolicies(first.class.dataPlaneMode) ? [first.class] : []));
  }

  #general(view: IstiodView, namespace: string): ScopeMode {
    const known = under(this.#ofNamespace, view);
    const found = known.get(namespace) ?? this.#mode(view, { kind: "namespace", namespace }, { namespace, labels: NO_LABELS });
    known.set(namespace, found);
    return found;
  }

  /** Most workloads are selected by nothing: what is said of one is said of all in its namespace. */
  #ofClass(view: IstiodView, of: InstanceClass): ScopeMode {
    const scope = { kind: "workload", namespace: of.namespace, name: "" } as const;
    if (view.peerAuthentications.selecting(of).length > 0) return this.#mode(view, scope, of);
    const known = under(this.#ofUnselected, view);
    const found = known.get(of.namespace) ?? this.#mode(view, scope, of);
    known.set(of.namespace, found);
    return found;
  }

  #mode(view: IstiodView, { kind }: PolicyScope, subject: PolicySubject): ScopeMode {
    const { peerAuthentications, settings: { mesh: { rootNamespace } } } = view;
    const rootGaps = this.#rootGaps(view);
    const scope = peerAuthentications.scope(subject);
    return {
      rootNamespace: answer(rootNamespace, rootGaps),
      mode: verdictOf(lacking(rootGaps, peerAuthentications.modeBesidePorts(subject))),
      decidedBy: peerAuthentications.deciding(subject),
      own: answer(scope[kind], [...rootGaps, ...this.#unread(subject.namespace)]),
      isRead: view.reads(subject.namespace),
    };
  }

  /** Why it is not known which namespace is the root: the mesh configuration was not read, or it is not known which of several that differ holds. */
  #rootGapsOf({ settings }: IstiodView): readonly Gap[] {
    const { mesh, meshRef, revision } = settings;
    const isOwn = meshRef !== null && mesh.revision === revision;
    return isOwn ? NO_GAPS : [...settings.meshDoubtOn("rootNamespace"), ...this.#engine.knowledge.gapsAnywhere("MeshConfig")];
  }

  /** PeerAuthentications that may be there without having been read. One that was read, but for a field, is there. */
  #unreadIn(namespace: string): readonly Gap[] {
    const { knowledge, unread, configuration: { objects } } = this.#engine;
    if (knowledge.gaps("PeerAuthentication", namespace).length === 0) return NO_GAPS;
    const isThere = (name: string, policy: PeerAuthentication): boolean => policy.namespace === namespace && policy.name === name;
    return new Knowledge(unread.filter(({ name }) => name === null || !objects.PeerAuthentication.some((policy) => isThere(name, policy)))).gaps("PeerAuthentication", namespace);
  }
}
