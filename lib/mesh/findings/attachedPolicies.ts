import { destinationAtAddress } from "../joining/destination.ts";
import type { Instance } from "../instances/instances.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import { isEmptySelector, label } from "../order.ts";
import type { RegistryService } from "../registry/service.ts";
import type { AuthorizationPolicy } from "../snapshot.ts";
import { waypointFor } from "../joining/waypoint.ts";
import { remove, set } from "./fixes.ts";
import { selectorText } from "./ignoredPolicies.ts";
import type { Ledger } from "./ledger.ts";
import type { Resident } from "./resident.ts";
import type { Survey } from "./survey.ts";

function isLive({ action, annotations }: AuthorizationPolicy): boolean {
  return action !== "AUDIT" && label(annotations, "istio.io/dry-run") !== "true";
}

/** FND-77: selected, and not heard. */
function unheard(survey: Survey, ledger: Ledger, { resident, policies }: { readonly resident: Resident; readonly policies: readonly AuthorizationPolicy[] }): void {
  const { ignored, gaps } = resident.view.authorizationPolicies.of(resident.one);
  if (gaps.length > 0) return;
  const gateway = label(resident.one.told.labels, "gateway.networking.k8s.io/gateway-name") ?? "";
  for (const { rule, object } of ignored) {
    const policy = rule === "AP-11" ? policies.find(({ namespace, name }) => namespace === object?.namespace && name === object.name) : undefined;
    if (policy === undefined || isEmptySelector(policy.selector)) continue;
    const fixes = [set(policy, "spec.targetRefs", `Gateway ${gateway}, in place of the selector`)] as const;
    ledger.add({ rule: "FND-77", severity: "weaker than it seems", object: policy, field: "spec.selector", value: selectorText(policy.selector), consequence: { kind: "not enforced" }, workloads: survey.workloadsOf(resident), fixes });
  }
}

type TargetRef = AuthorizationPolicy["targetRefs"][number];

interface Target {
  readonly policy: AuthorizationPolicy;
  readonly ref: TargetRef;
  readonly field: string;
}

function named({ policy, ref }: Target, { source, meta, namespace }: RegistryService): boolean {
  return source.kind === ref.kind && meta.name === ref.name && namespace === policy.namespace;
}

/** Whether what a policy names exists; `null` where that was not read. */
function exists(survey: Survey, target: Target): boolean | null {
  const { policy, ref } = target;
  const { objects } = survey.engine.configuration;
  const { namespace } = policy;
  switch (ref.kind) {
    case "Gateway":
      return survey.hasRead(["KubernetesGateway"], namespace) ? objects.KubernetesGateway.some((one) => one.namespace === namespace && one.name === ref.name) : null;
    case "GatewayClass":
      return ref.name === "istio-waypoint" && survey.engine.rootNamespaces.includes(namespace);
    case "Service":
    case "ServiceEntry":
      return survey.hasRead([ref.kind], namespace) ? objects[ref.kind].some((one) => one.namespace === namespace && one.name === ref.name) : null;
  }
  return null;
}

interface Behind {
  readonly view: IstiodView;
  readonly service: RegistryService;
  readonly instance: Instance;
  readonly targetPort: number;
}

/** Where a Service leads, as each control plane sees it. */
function behind(survey: Survey, target: Target): readonly Behind[] {
  return survey.revisions.flatMap(({ view }) =>
    view.registry.services.filter((one) => named(target, one)).flatMap((service) =>
      service.ports.flatMap((port) => view.registry.endpoints.of(service, port)).flatMap(({ instance, targetPort }) => (instance === null ? [] : [{ view, service, instance, targetPort }])),
    ),
  );
}

/** FND-78: a Service in front of which no waypoint stands. */
function unguardedService(survey: Survey, ledger: Ledger, target: Target): void {
  const { policy, field, ref } = target;
  for (const { view, service, instance, targetPort } of behind(survey, target)) {
    const waypoint = waypointFor(view, { ...destinationAtAddress(instance, { port: targetPort, ip: "", isOwnAddress: false }), service });
    if (waypoint.value !== null || waypoint.gaps.length > 0) continue;
    const fixes = [set(service.ref, "metadata.labels.istio.io/use-waypoint", "the name of a waypoint"), set(policy, "spec.selector", "the labels of its pods, in place of targetRefs")] as const;
    ledger.add({ rule: "FND-78", severity: "weaker than it seems", object: policy, field, value: `${ref.kind} ${ref.name}`, consequence: { kind: "not enforced" }, workloads: [instance.told.workload], host: service.host, ports: [targetPort], fixes });
  }
}

function targetsOf(policy: AuthorizationPolicy): readonly Target[] {
  return policy.targetRefs.map((ref, at) => ({ policy, ref, field: `spec.targetRefs[${at}]` }));
}

function attached(survey: Survey, ledger: Ledger, target: Target): void {
  const { policy, ref, field } = target;
  const found = exists(survey, target);
  if (found === true && (ref.kind === "Service" || ref.kind === "ServiceEntry")) unguardedService(survey, ledger, target);
  if (found !== false) return;
  const fixes = [set(policy, field, ref.kind === "GatewayClass" ? "a Gateway or a Service of its own namespace" : `a ${ref.kind} of namespace ${policy.namespace}`), remove(policy)] as const;
  ledger.add({ rule: "FND-78", severity: "no effect", object: policy, field, value: `${ref.kind} ${ref.name}`, consequence: { kind: "matches nothing", meant: null }, fixes });
}

/** FND-77, FND-78: policies that no gateway and no waypoint asks. */
export function attachedPolicies(survey: Survey, ledger: Ledger): void {
  const policies = survey.engine.configuration.objects.AuthorizationPolicy.filter(isLive);
  if (policies.length === 0) return;
  for (const resident of survey.residents.filter(({ of }) => of.dataPlaneMode === "waypoint" || of.dataPlaneMode === "gateway")) unheard(survey, ledger, { resident, policies });
  for (const target of policies.flatMap(targetsOf)) attached(survey, ledger, target);
}
