import { isEmptySelector } from "../order.ts";
import type { PeerAuthentication, WrittenMode } from "../snapshot.ts";
import { remove, set, severityOfMode } from "./fixes.ts";
import type { Ledger, Sighting } from "./ledger.ts";
import type { Resident } from "./resident.ts";
import type { Survey, Way } from "./survey.ts";
import { isPeerMode, written } from "./wantedMode.ts";

interface Ignored {
  readonly policy: PeerAuthentication;
  readonly by: PeerAuthentication | null;
  /** where it would have to be to count */
  readonly as: "workload" | "namespace" | "mesh";
  readonly sighting: Pick<Sighting, "rule" | "field" | "fixes">;
}

function younger(all: readonly PeerAuthentication[], as: Ignored["as"]): readonly Ignored[] {
  const [oldest, ...others] = all;
  if (oldest === undefined) return [];
  return others.map((policy) => ({
    policy,
    by: oldest,
    as,
    sighting: { rule: "FND-2", field: "metadata.creationTimestamp", fixes: [{ kind: "merge", object: policy, into: oldest }, remove(oldest)] },
  }));
}

function inRoot(policy: PeerAuthentication, of: Resident["of"], root: string): Ignored {
  const fix = of.namespace === root ? remove(policy) : ({ kind: "move", object: policy, to: of.namespace } as const);
  return { policy, by: null, as: "workload", sighting: { rule: "FND-1", field: "spec.selector", fixes: [fix] } };
}

function portsWithoutSelector(policy: PeerAuthentication | null): readonly Ignored[] {
  if (policy === null || Object.keys(policy.portLevelMtls).length === 0) return [];
  const sighting = { rule: "FND-4", field: "spec.portLevelMtls", fixes: [{ kind: "add", object: policy, field: "spec.selector", value: "the labels of the workload meant" }] } as const;
  return [{ policy: { ...policy, mode: null }, by: null, as: "workload", sighting }];
}

/** Policies that are about a workload and are not asked. */
function ignored({ of, view, scope }: Resident): readonly Ignored[] {
  const { peerAuthentications: policies } = view;
  const root = policies.rootNamespace;
  const isRoot = of.namespace === root;
  return [
    ...(isRoot || scope.workload === null || scope.ignored.length === 0 ? [] : younger(policies.selecting(of), "workload")),
    ...(isRoot ? [] : younger(policies.general(of.namespace), "namespace")),
    ...younger(policies.general(root), "mesh"),
    ...(scope.ignored.length === 0 ? [] : policies.selecting({ namespace: root, labels: of.labels })).map((policy) => inRoot(policy, of, root)),
    ...(scope.workload === null ? [...portsWithoutSelector(scope.namespace), ...portsWithoutSelector(scope.mesh)] : []),
  ];
}

function compare(ledger: Ledger, survey: Survey, asked: { readonly resident: Resident; readonly ignored: Ignored; readonly port: number }): void {
  const { resident, port } = asked;
  const { policy, by, as, sighting } = asked.ignored;
  const is = survey.mode(resident, port);
  const value = written(policy, port);
  if (!isPeerMode(is) || value === null) return;
  const wanted = survey.wantedModes.of(resident, { [as]: policy }, port);
  if (wanted === null || wanted === is) return;
  const consequence = { kind: "mode", is, wanted: value } as const;
  ledger.add({ ...sighting, object: policy, value, because: by, severity: severityOfMode(is, wanted), consequence, workloads: survey.workloadsOf(resident), ports: [port] });
}

/** FND-1, FND-2, FND-4: policies that lose, or are never asked, and would have made a difference. */
export function ignoredPolicies(survey: Survey, ledger: Ledger): void {
  for (const resident of survey.residents) {
    for (const one of ignored(resident)) {
      const ports = new Set([...survey.ports(resident), ...Object.keys(one.policy.portLevelMtls).map(Number)]);
      for (const port of ports) compare(ledger, survey, { resident, ignored: one, port });
    }
  }
}

interface Key {
  readonly policy: PeerAuthentication;
  readonly key: string;
  readonly value: WrittenMode;
}

/** Entries for a port that the workload does not have. */
function strayKeys({ scope: { workload } }: Resident, ways: readonly Way[]): readonly Key[] {
  if (workload === null) return [];
  return Object.entries(workload.portLevelMtls).flatMap(([key, value]) => (value === null || ways.some(({ targetPort }) => String(targetPort) === key) ? [] : [{ policy: workload, key, value }]));
}

function strayKey(survey: Survey, ledger: Ledger, { resident, targetPort, policy, key, value }: Key & { readonly resident: Resident; readonly targetPort: number }): void {
  const is = survey.mode(resident, targetPort);
  const meant = { ...policy, portLevelMtls: { ...policy.portLevelMtls, [String(targetPort)]: value } };
  const wanted = survey.wantedModes.of(resident, { workload: meant }, targetPort);
  if (!isPeerMode(is) || wanted === null || wanted === is) return;
  const field = `spec.portLevelMtls.${key}`;
  const fixes = [{ kind: "rename", object: policy, field, to: `spec.portLevelMtls.${targetPort}` }] as const;
  ledger.add({ rule: "FND-3", severity: severityOfMode(is, wanted), object: policy, field, value, consequence: { kind: "mode", is, wanted: value }, workloads: survey.workloadsOf(resident), ports: [targetPort], fixes });
}

/** FND-3: a Service's port where the workload's is meant. */
export function servicePortKeys(survey: Survey, ledger: Ledger): void {
  for (const resident of survey.residents.filter(({ scope }) => scope.workload !== null)) {
    if (!survey.hasRead(["Service", "ServiceEntry"], resident.of.namespace)) continue;
    const ways = survey.ways(resident) ?? [];
    for (const stray of strayKeys(resident, ways)) {
      for (const { targetPort } of ways.filter(({ port }) => String(port.number) === stray.key)) strayKey(survey, ledger, { ...stray, resident, targetPort });
    }
  }
}

/** FND-5: a selector that matches nothing that runs, of a policy that says something its namespace does not. */
export function unmatchedPolicies(survey: Survey, ledger: Ledger): void {
  const matched = new Set(survey.residents.flatMap(({ of, view }) => view.peerAuthentications.selecting(of)));
  const [view] = survey.revisions.map((revision) => revision.view);
  if (view === undefined) return;
  const { rootNamespace } = view.peerAuthentications;
  for (const policy of view.configuration.objects.PeerAuthentication) {
    const { namespace } = policy;
    if (isEmptySelector(policy.selector) || matched.has(policy) || namespace === rootNamespace || !survey.hasRead(["Pod", "WorkloadEntry"], namespace)) continue;
    const general = view.peerAuthentications.namespaceMode(namespace);
    const says = [policy.mode, ...Object.values(policy.portLevelMtls)].filter((mode) => mode !== null && mode !== "UNSET" && mode !== general.value);
    if (general.gaps.length > 0 || says.length === 0) continue;
    const fixes = [set(policy, "spec.selector.matchLabels", "labels that the workload's pods have"), remove(policy)] as const;
    ledger.add({ rule: "FND-5", severity: "no effect", object: policy, field: "spec.selector.matchLabels", value: selectorText(policy.selector), consequence: { kind: "matches nothing", meant: null }, fixes });
  }
}

export function selectorText(selector: Readonly<Record<string, string>> | null): string {
  return Object.entries(selector ?? {}).map(([key, value]) => `${key}=${value}`).join(",");
}
