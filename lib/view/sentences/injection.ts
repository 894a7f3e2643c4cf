import type { InjectionLabel, Labels, MeshVerdicts, ObjectRef, Pod, Workload, WorkloadId, WorkloadInstance } from "#mesh";
import { DATA_PLANE_MODE, INJECT, injectionLabel, injectionRefusal, isNeverInjected, keptWith, memoised, workloadIdParts } from "#mesh";
import { listText } from "./quantity.ts";
import { objectName } from "./reason.ts";

/** What keeps the instances of a workload without a proxy, as far as labels say. */
export interface Injection {
  /** what injects the namespace's new pods, where something does */
  readonly on: InjectionLabel | null;
  /** the namespace says `istio-injection: disabled`, or another word that is not `enabled` */
  readonly offBy: string | null;
  /** `INJECT` is "false" on its pods: among which of their fields */
  readonly refusal: "label" | "annotation" | null;
  readonly isAmbient: boolean;
  /** its pods stay out of ambient */
  readonly staysOut: boolean;
  /** the revisions of the istiods that were read */
  readonly revisions: readonly string[];
}

/** Who may be told to join the mesh, and what labels say of it. Looked up when a fix needs it, and only then. */
export interface Injections {
  readonly workloads: ReadonlyMap<WorkloadId, Workload>;
  of(workload: Workload): Injection;
  /** workloads of a namespace that a label of the namespace would give a sidecar, ascending */
  injectable(namespace: string): readonly WorkloadId[];
  /** `undefined` where the object is no instance of a workload */
  instance(object: ObjectRef): WorkloadInstance | undefined;
}

function valueOf(labels: Labels, key: string): string | null {
  return Object.hasOwn(labels, key) ? (labels[key] ?? null) : null;
}

function couldBeInjected({ instances }: Workload): boolean {
  return instances.some(({ kind, dataPlaneMode, hostNetwork }) => kind === "Pod" && dataPlaneMode === "none" && !hostNetwork);
}

function readInjections({ judge: { workloads }, snapshot: { configuration: { objects } } }: MeshVerdicts): Injections {
  let pods: ReadonlyMap<string, Pod> | null = null;
  const podsByName = (): ReadonlyMap<string, Pod> => (pods ??= new Map(objects.Pod.map((pod) => [`${pod.namespace}/${pod.name}`, pod])));
  let instances: ReadonlyMap<string, WorkloadInstance> | null = null;
  const instancesByName = (): ReadonlyMap<string, WorkloadInstance> =>
    (instances ??= new Map([...workloads.values()].flatMap((workload) => workload.instances.map((instance) => [`${instance.kind} ${instance.ref.namespace}/${instance.ref.name}`, instance]))));
  const revisions = [...new Set(objects.ControlPlane.map(({ revision }) => revision))].sort();
  const of = (workload: Workload): Injection => {
    const { namespace: home } = workloadIdParts(workload.id);
    const namespace = objects.Namespace.find(({ name }) => name === home);
    const bare = workload.instances.filter(({ dataPlaneMode }) => dataPlaneMode === "none").flatMap(({ ref }) => podsByName().get(`${ref.namespace}/${ref.name}`) ?? []);
    const on = namespace === undefined ? null : injectionLabel(namespace);
    return {
      on,
      offBy: namespace === undefined || on !== null ? null : valueOf(namespace.labels, "istio-injection"),
      refusal: bare.map(injectionRefusal).find((refusal) => refusal !== null) ?? null,
      isAmbient: namespace !== undefined && valueOf(namespace.labels, DATA_PLANE_MODE) === "ambient",
      staysOut: bare.some(({ labels }) => valueOf(labels, DATA_PLANE_MODE) === "none"),
      revisions,
    };
  };
  const injectable = memoised((namespace: string) => {
    const own = [...workloads.values()].filter((workload) => workloadIdParts(workload.id).namespace === namespace && couldBeInjected(workload) && of(workload).refusal === null);
    return own.map(({ id }) => id).sort();
  });
  return { workloads, of, injectable, instance: ({ kind, namespace, name }) => instancesByName().get(`${kind} ${namespace}/${name}`) };
}

/** What of a mesh is needed to say how pods get a sidecar, read once per picture. */
export const injectionsIn = keptWith(readInjections);

const RUNS_AGAIN: ReadonlySet<string> = new Set(["CronJob", "Job"]);

/** Who is to join the mesh, and what else can be done; `null` where nothing else can. */
export interface Joining {
  readonly name: string;
  readonly workload: Workload | undefined;
  readonly otherwise: string | null;
  /** who joins with it */
  readonly together?: readonly WorkloadId[];
}

function or(otherwise: string | null): string {
  return otherwise === null ? "" : `, or ${otherwise}`;
}

function thenRestart(name: string, { ownerKind }: Workload): string {
  return RUNS_AGAIN.has(ownerKind) ? "then the next run has a sidecar" : `then restart ${name}`;
}

/** Injection is on, and nothing refuses it: time alone explains it. */
function newPods(name: string, { id, ownerKind }: Workload, { on: { key, value }, revisions }: Pick<Injection, "revisions"> & { readonly on: InjectionLabel }): string {
  const { namespace } = workloadIdParts(id);
  if (RUNS_AGAIN.has(ownerKind)) return `wait for the next run of ${name}: namespace ${namespace} is labelled ${key}=${value} already, and a pod that is made now has a sidecar`;
  const isUnseen = key === "istio.io/rev" && revisions.length > 0 && !revisions.includes(value);
  const doubt = isUnseen ? "; no istiod of that revision was seen, so see first that it is the tag of one" : "";
  return `restart ${name}: namespace ${namespace} is labelled ${key}=${value} already, so pods without a proxy are older than that label, or were made while the injection webhook did not answer${doubt}`;
}

function ambientFix(name: string, { id }: Workload, { staysOut }: Injection): string {
  const { namespace } = workloadIdParts(id);
  if (staysOut) return `take the label ${DATA_PLANE_MODE}: none off the pods of ${name}: namespace ${namespace} is in ambient`;
  return `see why istio-cni has not enrolled the pods of ${name}: namespace ${namespace} is in ambient, and they lack the annotation ambient.istio.io/redirection`;
}

/** The label that injects: of the istiods that run, one must be asked. */
function wantedLabel({ revisions }: Injection): { readonly label: string; readonly onPods: string } {
  const [only, ...others] = revisions;
  if (only === undefined || others.length > 0 || only === "default") return { label: "istio-injection=enabled", onPods: `${INJECT}=true` };
  return { label: `istio.io/rev=${only}`, onPods: `${INJECT}=true and istio.io/rev=${only}` };
}

/** A namespace's label reaches whoever else runs there without a proxy. */
function wideFix({ workload, together = [] }: Joining & { readonly workload: Workload }, injection: Injection, injections: Injections): string {
  const { namespace } = workloadIdParts(workload.id);
  const others = injections.injectable(namespace).filter((id) => id !== workload.id && !together.includes(id));
  const also = others.length === 0 ? "" : `, which would also inject ${listText(others)}`;
  return `label namespace ${namespace} ${wantedLabel(injection).label}${injection.offBy === null ? "" : ` in place of ${injection.offBy}`}${also}`;
}

/** By the pods' own label first, which touches nobody else; a namespace that is labelled otherwise does not let it count. */
function labelFix(joining: Joining & { readonly workload: Workload }, injection: Injection, injections: Injections): string {
  const { name, workload } = joining;
  const { on, offBy, refusal } = injection;
  const restart = thenRestart(name, workload);
  const takeOff = refusal === null ? [] : [`take the ${refusal} ${INJECT}: "false" off the pods of ${name}`];
  if (on !== null) return [...takeOff, restart].join(", ");
  const wide = wideFix(joining, injection, injections);
  if (offBy !== null) return [wide, ...takeOff, restart].join(", ");
  const own = `label the pods of ${name} ${wantedLabel(injection).onPods}${refusal === "label" ? ' in place of "false"' : ""}, ${restart}`;
  return refusal === null ? `${own}; or ${wide}` : own;
}

const SCRAPERS = /prometheus|vmagent|victoria-?metrics|grafana-agent|alloy|opentelemetry|otel|telegraf|metricbeat|datadog/i;

/** Whoever collects metrics has another way in, which no proxy captures. */
function scraperHint({ id, instances }: Workload): string {
  const labels = instances.flatMap(({ labels }) => [labels["app"] ?? "", labels["app.kubernetes.io/name"] ?? ""]);
  return [id, ...labels].some((name) => SCRAPERS.test(name)) ? " (a scraper can read merged metrics on port 15020)" : "";
}

/** What labels say keeps it without a proxy. */
function byLabels(joining: Joining & { readonly workload: Workload }, injection: Injection, injections: Injections): string {
  const { name, workload, otherwise } = joining;
  const { on, refusal, revisions } = injection;
  if (on !== null && refusal === null) return newPods(name, workload, { on, revisions });
  const mend = labelFix(joining, injection, injections);
  return on !== null || otherwise === null ? mend : `${mend}; or, if it has to stay outside, ${otherwise}${scraperHint(workload)}`;
}

/** How a workload is brought into the mesh, in words; where it cannot be, what comes before that. */
export function joinFix(joining: Joining, injections: Injections): string {
  const { name, workload, otherwise } = joining;
  if (workload === undefined) return `bring ${name} into the mesh${or(otherwise)}`;
  if (workload.instances.some(({ hostNetwork }) => hostNetwork)) return `move ${name} off the host network, where a pod can have no sidecar${or(otherwise)}`;
  if (workload.instances.every(({ kind }) => kind === "WorkloadEntry")) return `install Istio's sidecar on the machine of ${name}${or(otherwise)}`;
  const { namespace } = workloadIdParts(workload.id);
  if (isNeverInjected(namespace)) return `move ${name} to another namespace (Istio injects nothing into ${namespace})${or(otherwise)}`;
  const injection = injections.of(workload);
  return injection.isAmbient ? ambientFix(name, workload, injection) : byLabels({ ...joining, workload }, injection, injections);
}

/** Several into the mesh: those for whom it is the same are told of together. */
export function joinAllFix(ids: readonly WorkloadId[], injections: Injections): string {
  const joining = (name: string, id: WorkloadId): string => joinFix({ name, workload: injections.workloads.get(id), otherwise: null, together: ids }, injections);
  const alike = [...Map.groupBy(ids, (id) => joining("", id)).values()];
  return listText(alike.flatMap((group) => (group[0] === undefined ? [] : [joining(listText(group), group[0])])), "; ");
}

/** So that clients see one endpoint as part of the mesh: `object` says that it is none. */
export function endpointFix(object: ObjectRef, injections: Injections): string {
  const instance = injections.instance(object);
  if (instance === undefined) return `if what ${objectName(object)} tells of runs a proxy, label it security.istio.io/tlsMode: istio there; else bring it into the mesh`;
  switch (instance.dataPlaneMode) {
    case "none":
      return joinAllFix([instance.workload], injections);
    case "ambient":
    case "waypoint":
      return `give the Service an address of its own, since ${instance.workload} is in ambient and takes mTLS in a tunnel only`;
    case "gateway":
      return `give the gateway ${instance.workload} a Service of its own, since no gateway says of itself that it takes mTLS`;
    case "sidecar":
    case "grpc-proxyless":
      return `see that the pods of ${instance.workload} carry the label security.istio.io/tlsMode=istio`;
  }
}
