import type { Deduction } from "../deduction.ts";
import { BY_DEFAULT, Trail } from "../deduction.ts";
import type { PeerAuthentications, PolicySubject } from "./peerAuthentication.ts";
import { isUnset } from "./peerAuthentication.ts";
import type { PeerAuthentication, WrittenMode } from "../snapshot.ts";

/** What decides whether ztunnel refuses plaintext. Istiod turns PeerAuthentications into policies for it, with four differences from sidecars. */
interface AmbientScope {
  readonly mesh: PeerAuthentication | null;
  readonly namespace: PeerAuthentication | null;
  readonly workload: PeerAuthentication | null;
  /** the general policies as the conversion of a workload's policy sees them: without any selector at all */
  readonly bareNamespace: PeerAuthentication | null;
  readonly bareMesh: PeerAuthentication | null;
}

/** What ztunnel does with plaintext to a port: it refuses it or lets it in, and knows no DISABLE. */
export type PlaintextAdmission = "STRICT" | "PERMISSIVE";

function isStrict(policy: PeerAuthentication | null): boolean {
  return policy?.mode === "STRICT";
}

function opensUp(mode: WrittenMode | null): boolean {
  return mode === "PERMISSIVE" || mode === "DISABLE";
}

function portModes(policy: PeerAuthentication): readonly (readonly [number, WrittenMode | null])[] {
  return Object.entries(policy.portLevelMtls).map(([port, mode]) => [Number(port), mode] as const);
}

/** Of equal age any may be the one: istiod compares timestamps alone, and lists them in no order. More than a few say nothing new. */
const MOST_OF_ONE_AGE = 4;

function oldest(policies: readonly PeerAuthentication[]): readonly (PeerAuthentication | null)[] {
  const [first] = policies;
  if (first === undefined) return [null];
  return policies.filter(({ createdAtMs }) => (createdAtMs ?? 0) === (first.createdAtMs ?? 0)).slice(0, MOST_OF_ONE_AGE);
}

/** All that istiod may take for the policies in scope; one, where no two that compete are of one second. */
function ambientScopes(policies: PeerAuthentications, subject: PolicySubject): readonly AmbientScope[] {
  const root = policies.rootNamespace;
  const inRoot = subject.namespace === root;
  const bare = (namespace: string): readonly (PeerAuthentication | null)[] => oldest(policies.general(namespace).filter(({ selector }) => selector === null));
  const scopes = {
    mesh: inRoot ? oldest(policies.general(root)) : bare(root),
    namespace: inRoot ? [null] : oldest(policies.general(subject.namespace)),
    workload: inRoot ? [null] : oldest(policies.selecting(subject)),
    bareNamespace: bare(subject.namespace),
    bareMesh: bare(root),
  };
  return scopes.mesh.flatMap((mesh) => scopes.namespace.flatMap((namespace) => scopes.workload.flatMap((workload) =>
    scopes.bareNamespace.flatMap((bareNamespace) => scopes.bareMesh.map((bareMesh) => ({ mesh, namespace, workload, bareNamespace, bareMesh }))))));
}

function inheritedStrict({ mesh, namespace }: AmbientScope): { readonly strict: boolean; readonly by: PeerAuthentication | null } {
  const by = namespace !== null && !isUnset(namespace.mode) ? namespace : mesh;
  return { strict: isStrict(by), by };
}

/** Whether the workload is pointed to its own converted policy, instead of the one that refuses all plaintext. */
function refersToOwnPolicy(workload: PeerAuthentication, inheritsStrict: boolean): boolean {
  const modes = Object.values(workload.portLevelMtls);
  if (workload.mode === "STRICT") return modes.some(opensUp);
  if (!opensUp(workload.mode) && inheritsStrict) return modes.includes("PERMISSIVE");
  return modes.includes("STRICT");
}

/** Strict by the wording of istiod's condition, in which `&&` binds before `||`. */
function leavesStrictPortsToParent(workload: PeerAuthentication, { bareNamespace, bareMesh }: AmbientScope): boolean {
  const byNamespace = isUnset(workload.mode) && isStrict(bareNamespace);
  const byMesh = isUnset(bareNamespace?.mode) && isStrict(bareMesh);
  return isStrict(workload) || byNamespace || byMesh;
}

function ignoresOpenPorts(workload: PeerAuthentication, { bareNamespace, bareMesh }: AmbientScope): boolean {
  if (opensUp(workload.mode)) return true;
  const parent = bareNamespace ?? bareMesh;
  return isUnset(workload.mode) && !isStrict(parent);
}

interface ConvertedPolicy {
  readonly strictPorts: readonly number[];
  /** all other ports are refused, if there is any */
  readonly openPorts: readonly number[];
}

/** The policy istiod derives from a workload's PeerAuthentication; `null`: it derives none, though it may refer to one. */
function converted(workload: PeerAuthentication, scope: AmbientScope): ConvertedPolicy | null {
  const modes = portModes(workload);
  const strictPorts = leavesStrictPortsToParent(workload, scope) ? [] : modes.filter(([, mode]) => mode === "STRICT").map(([port]) => port);
  const openPorts = ignoresOpenPorts(workload, scope) ? [] : modes.filter(([, mode]) => opensUp(mode)).map(([port]) => port);
  return strictPorts.length === 0 && openPorts.length === 0 ? null : { strictPorts, openPorts };
}

function unreadModes(scope: AmbientScope): readonly { readonly wanted: string; readonly because: string }[] {
  const known = new Set<WrittenMode | null>(["STRICT", "PERMISSIVE", "DISABLE", "UNSET", "", null]);
  return [scope.mesh, scope.namespace, scope.workload]
    .filter((policy) => policy !== null)
    .flatMap((policy) =>
      [policy.mode, ...Object.values(policy.portLevelMtls)]
        .filter((mode) => !known.has(mode))
        .map((mode) => ({ wanted: `the mode of \`PeerAuthentication\` \`${policy.namespace}/${policy.name}\``, because: `\`${mode ?? ""}\` is no mode that Istio knows` })),
    );
}

function field(port: number): string {
  return `spec.portLevelMtls.${port}.mode`;
}

/** Whether plaintext to a port of an ambient workload is refused. mTLS always arrives: through the tunnel. */
export function plaintextAdmission(policies: PeerAuthentications, subject: PolicySubject, port: number): Deduction<PlaintextAdmission> {
  const [first, ...others] = ambientScopes(policies, subject).map((scope) => admissionBy(policies, subject, { scope, port }));
  if (first === undefined || others.every(({ value }) => value === first.value)) return first ?? new Trail().found("PERMISSIVE");
  const trail = new Trail();
  const value = trail.follow(first);
  return trail.lacks([{ wanted: "which PeerAuthentication decides for ztunnel", because: `of several that are for one scope and were created in one second (namespaces \`${subject.namespace}\` and \`${policies.rootNamespace}\`) istiod takes any` }]).found(value);
}

function admissionBy(policies: PeerAuthentications, subject: PolicySubject, { scope, port }: { readonly scope: AmbientScope; readonly port: number }): Deduction<PlaintextAdmission> {
  const trail = new Trail().lacks(policies.gaps(subject.namespace));
  const { strict, by } = inheritedStrict(scope);
  if (scope.namespace === null || isUnset(scope.namespace.mode)) trail.lacks(policies.gaps(policies.rootNamespace));
  trail.lacks(unreadModes(scope));
  const { workload } = scope;
  if (workload !== null && refersToOwnPolicy(workload, strict)) return byOwnPolicy(trail, { workload, scope, port });
  const deciding = workload !== null && !isUnset(workload.mode) ? workload : by;
  if (isStrict(deciding)) return trail.because("AMB-1", { object: deciding, field: "spec.mtls.mode", value: "STRICT" }).found("STRICT");
  const evidence = deciding === null ? BY_DEFAULT : { object: deciding, field: "spec.mtls.mode", value: deciding.mode ?? "UNSET" };
  return trail.because("AMB-2", evidence).found("PERMISSIVE");
}

function byOwnPolicy(trail: Trail, asked: { readonly workload: PeerAuthentication; readonly scope: AmbientScope; readonly port: number }): Deduction<PlaintextAdmission> {
  const { workload, scope, port } = asked;
  const policy = converted(workload, scope);
  if (policy === null) return trail.because("AMB-5", { object: workload, field: "spec.portLevelMtls" }).found("PERMISSIVE");
  if (policy.strictPorts.includes(port)) return trail.because("AMB-3", { object: workload, field: field(port), value: "STRICT" }).found("STRICT");
  if (policy.openPorts.length === 0) return trail.because("AMB-2", { object: workload, field: "spec.mtls.mode", value: workload.mode ?? "UNSET" }).found("PERMISSIVE");
  if (policy.openPorts.includes(port)) {
    const value = workload.portLevelMtls[String(port)] ?? "";
    return trail.because("AMB-4", { object: workload, field: field(port), value }).found("PERMISSIVE");
  }
  return trail.because("AMB-1", { object: workload, field: "spec.portLevelMtls" }).found("STRICT");
}
