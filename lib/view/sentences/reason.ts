import type { Gap, ObjectRef, Overridden, Reason, RuleId, Verdict } from "#mesh";
import { RULES } from "#mesh";
import type { GapView, ObjectRefView, SentenceView, VerdictView } from "../meshView.ts";

/** Kinds whose fields set something; of the others (a Pod, a Service) it is said what they show. */
const SETTING = new Set(["PeerAuthentication", "DestinationRule", "Sidecar", "ServiceEntry", "AuthorizationPolicy", "VirtualService", "MeshConfig", "Gateway", "WorkloadEntry"]);

interface Step {
  readonly rule: RuleId;
  readonly object: ObjectRef | null;
  readonly field: string | null;
  readonly value?: string;
}

/** `PeerAuthentication foo/default`; a cluster-scoped object has no namespace. */
export function objectName({ kind, namespace, name }: ObjectRef): string {
  const path = [namespace, name].filter((part) => part !== "").join("/");
  return path === "" ? kind : `${kind} ${path}`;
}

/** `PeerAuthentication foo/default sets STRICT (spec.mtls.mode)`, where the object sets a value. */
function deed({ object, field, value }: Step): string | null {
  if (object === null || field === null || value === undefined || !SETTING.has(object.kind)) return null;
  return `${objectName(object)} sets ${value} (${field})`;
}

/** What the rule says, and where that was seen. */
function seen({ rule, object, field, value }: Step): string {
  const { says } = RULES[rule];
  if (object === null) return `${says} (a default of Istio)`;
  const where = [objectName(object), ...(field === null ? [] : [field])].join(", ");
  return `${says} (${where}${value === undefined ? "" : ` = ${value}`})`;
}

function stepText(step: Step): string {
  const done = deed(step);
  return done === null ? seen(step) : `${done}: ${RULES[step.rule].says}`;
}

function overriddenText(step: Overridden): string {
  const { says } = RULES[step.rule];
  const subject = step.object === null ? "Istio's default" : objectName(step.object);
  const value = step.value === undefined ? "" : ` with ${step.value}`;
  return `${subject}${value} does not count: ${says}`;
}

function overrides(overrode: readonly Overridden[] | undefined): string {
  const names = (overrode ?? []).map(({ object, value }) => `${object === null ? "Istio's default" : objectName(object)}${value === undefined ? "" : ` (${value})`}`);
  return names.length === 0 ? "" : `; it overrides ${names.join(", ")}`;
}

function view(step: Step, text: string, overrode: readonly SentenceView[]): SentenceView {
  return { text: `${text.charAt(0).toUpperCase()}${text.slice(1)}.`, rule: step.rule, object: step.object, field: step.field, value: step.value ?? null, overrode };
}

/** The short form: `PeerAuthentication foo/default sets STRICT (spec.mtls.mode)`, or the rule where nothing is set. */
export function reasonClause(reason: Reason): string {
  return deed(reason) ?? seen(reason);
}

export function reasonSentence(reason: Reason): SentenceView {
  const overrode = (reason.overrode ?? []).map((step) => view(step, overriddenText(step), []));
  return view(reason, `${stepText(reason)}${overrides(reason.overrode)}`, overrode);
}

export function gapView({ wanted, because }: Gap): GapView {
  return { wanted, because };
}

export function objectView({ kind, namespace, name }: ObjectRef): ObjectRefView {
  return { kind, namespace, name };
}

export function verdictView<T extends string>(verdict: Verdict<T>): VerdictView<T> {
  if (verdict.kind === "unknown") return { kind: "unknown", gaps: verdict.gaps.map(gapView) };
  return { kind: "known", value: verdict.value, sentences: verdict.reasons.map(reasonSentence) };
}
