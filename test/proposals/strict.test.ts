import { expect, it } from "vitest";
import { EMPTY_CONFIGURATION } from "#mesh";
import type { MeshVerdicts, PeerAuthentication } from "#mesh";
import { proposalId, proposalScope, proposeStrict } from "#proposals";
import type { NoProposal, Proposal, ProposalScope } from "#proposals";
import { AT_MS, CLASSIC_WORKLOADS, policy, verdicts } from "../view/picture.ts";
import type { WorkloadSpec } from "../view/picture.ts";

const FOO: ProposalScope = { kind: "namespace", namespace: "foo" };
const HTTPBIN: ProposalScope = { kind: "workload", namespace: "foo", name: "httpbin" };

function mesh(policies: readonly PeerAuthentication[], workloads: readonly WorkloadSpec[] = CLASSIC_WORKLOADS): MeshVerdicts {
  return verdicts({ workloads, edges: [], policies });
}

function proposed(policies: readonly PeerAuthentication[], scope: ProposalScope, workloads: readonly WorkloadSpec[] = CLASSIC_WORKLOADS): Proposal {
  const proposal = proposeStrict(mesh(policies, workloads), scope);
  if (proposal.kind !== "proposal") throw new Error(proposal.because);
  return proposal;
}

function refused(policies: readonly PeerAuthentication[], scope: ProposalScope, workloads: readonly WorkloadSpec[] = CLASSIC_WORKLOADS): NoProposal["because"] | null {
  const proposal = proposeStrict(mesh(policies, workloads), scope);
  return proposal.kind === "no proposal" ? proposal.because : null;
}

const AGED = { old: AT_MS - 100_000, young: AT_MS - 1_000 } as const;

it("adds the policy named default where a namespace has none", () => {
  const { change, mode } = proposed([], FOO);
  expect(mode).toBe("STRICT");
  expect(change).toEqual({ add: [policy("foo", { mode: "STRICT", createdAtMs: AT_MS })], update: [], remove: [] });
});

it("changes the oldest policy of a namespace, for the younger one is ignored", () => {
  const [old, young] = [policy("foo", { name: "b", createdAtMs: AGED.old }), policy("foo", { name: "a", createdAtMs: AGED.young })];
  expect(proposed([young, old], FOO).change).toEqual({ add: [], update: [[old, { ...old, mode: "STRICT" }]], remove: [] });
});

it("takes the smaller name where two are equally old", () => {
  const [left, right] = [policy("foo", { name: "b" }), policy("foo", { name: "a" })];
  expect(proposed([left, right], FOO).change.update[0]?.[0]).toBe(right);
});

it("counts an empty selector as none", () => {
  const everything = policy("foo", { selector: {} });
  expect(proposed([everything], FOO).change.update[0]?.[0]).toBe(everything);
});

it("does not take the name of a policy that is there", () => {
  const selecting = policy("foo", { selector: { app: "sleep" } });
  expect(proposed([selecting], FOO).change.add[0]?.name).toBe("default-2");
});

it("leaves what is STRICT alone, by itself or by inheritance", () => {
  const strict = CLASSIC_WORKLOADS.map((spec): WorkloadSpec => (spec.dataPlaneMode === "none" ? spec : { ...spec, accepts: "STRICT" }));
  expect(refused([policy("foo", { mode: "STRICT" })], FOO, strict)).toBe("is STRICT already");
  expect(refused([policy("istio-system", { mode: "STRICT" })], FOO, strict)).toBe("is STRICT already");
  expect(refused([policy("istio-system", { mode: "STRICT" }), policy("foo", { mode: "UNSET" })], FOO, strict)).toBe("is STRICT already");
  expect(refused([policy("istio-system", { mode: "STRICT" }), policy("foo", { mode: null })], { kind: "mesh" })).toBe("is STRICT already");
  expect(refused([policy("istio-system", { mode: "STRICT" }), policy("foo", { mode: "PERMISSIVE" })], FOO)).toBeNull();
});

it("goes from DISABLE to PERMISSIVE first", () => {
  const disabled = policy("foo", { mode: "DISABLE" });
  expect(proposed([disabled], FOO)).toMatchObject({ mode: "PERMISSIVE", change: { update: [[disabled, { ...disabled, mode: "PERMISSIVE" }]] } });
  expect(proposed([policy("istio-system", { mode: "DISABLE" })], FOO).mode).toBe("PERMISSIVE");
});

it("writes the mesh's policy into the root namespace", () => {
  expect(proposed([], { kind: "mesh" }).change.add[0]).toMatchObject({ namespace: "istio-system", name: "default", selector: null, mode: "STRICT" });
});

it("keeps the port exceptions of the policy that it changes", () => {
  const own = policy("foo", { name: "httpbin", selector: { app: "httpbin" }, portLevelMtls: { "8080": "PERMISSIVE" } });
  expect(proposed([own], HTTPBIN).change.update[0]?.[1]).toEqual({ ...own, mode: "STRICT" });
});

it("selects a workload by the fewest customary labels that select nothing else", () => {
  const workloads: readonly WorkloadSpec[] = [
    { id: "foo/httpbin", labels: { app: "httpbin", version: "v1", "pod-template-hash": "abc" } },
    { id: "foo/httpbin-v2", labels: { app: "httpbin", version: "v2", "pod-template-hash": "def" } },
  ];
  expect(proposed([], HTTPBIN, workloads).change.add[0]).toMatchObject({ namespace: "foo", name: "httpbin", selector: { app: "httpbin", version: "v1" }, mode: "STRICT" });
  expect(refused([], HTTPBIN, [{ id: "foo/httpbin", labels: { app: "x" } }, { id: "foo/other", labels: { app: "x" } }])).toBe("nothing selects it alone");
});

it("never proposes a selector for the root namespace, where Istio ignores it", () => {
  const workloads: readonly WorkloadSpec[] = [{ id: "istio-system/kiali" }];
  expect(refused([], { kind: "workload", namespace: "istio-system", name: "kiali" }, workloads)).toBe("is the root namespace");
  expect(refused([], { kind: "namespace", namespace: "istio-system" }, workloads)).toBe("is the root namespace");
});

it("proposes nothing where no proxy would obey, or nothing exists", () => {
  expect(refused([], { kind: "namespace", namespace: "legacy" })).toBe("nothing to protect");
  expect(refused([], { kind: "namespace", namespace: "nowhere" })).toBe("no such scope");
  expect(refused([], { kind: "workload", namespace: "foo", name: "nobody" })).toBe("no such scope");
  expect(refused([], { kind: "mesh" }, [{ id: "legacy/sleep", dataPlaneMode: "none" }])).toBe("nothing to protect");
});

it("proposes nothing where a policy that may decide could not be read", () => {
  const unread = { kind: "PeerAuthentication", namespace: null, name: null, field: null, because: "forbidden" };
  const blind = verdicts({ workloads: CLASSIC_WORKLOADS, edges: [], configuration: { unread: [unread] } });
  expect(proposeStrict(blind, FOO)).toMatchObject({ kind: "no proposal", because: "policies are unread" });
  const elsewhere = verdicts({ workloads: CLASSIC_WORKLOADS, edges: [], configuration: { unread: [{ ...unread, namespace: "bar" }] } });
  expect(proposeStrict(elsewhere, FOO).kind).toBe("proposal");
  const except = verdicts({ workloads: CLASSIC_WORKLOADS, edges: [], configuration: { unread: [{ ...unread, exceptNamespaces: ["foo"] }] } });
  expect(proposeStrict(except, FOO).kind).toBe("proposal");
  expect(proposeStrict(except, { kind: "mesh" })).toMatchObject({ because: "policies are unread" });
});

it("takes nothing for STRICT that inherits from a mesh whose policies could not all be read", () => {
  const unread = { kind: "PeerAuthentication", namespace: "istio-system", name: "older", field: null, because: "it does not parse" };
  const objects = { ...EMPTY_CONFIGURATION.objects, PeerAuthentication: [policy("istio-system", { mode: "STRICT" })] };
  const partly = verdicts({ workloads: CLASSIC_WORKLOADS, edges: [], configuration: { objects, unread: [unread] } });
  expect(proposeStrict(partly, FOO)).toMatchObject({ kind: "proposal", mode: "STRICT" });
});

it("proposes nothing for a namespace that may be the root", () => {
  const unread = { kind: "MeshConfig", namespace: null, name: null, field: null, because: "forbidden" };
  const blind = verdicts({ workloads: CLASSIC_WORKLOADS, edges: [], configuration: { unread: [unread] } });
  for (const scope of [FOO, HTTPBIN, { kind: "mesh" } as const]) expect(proposeStrict(blind, scope)).toMatchObject({ because: "root namespace is unclear" });
});

it("takes a mode that Istio does not know for no STRICT", () => {
  const odd = policy("foo", { mode: "MUTUAL" });
  expect(proposed([policy("istio-system", { mode: "STRICT" }), odd], FOO).change.update[0]?.[1]).toEqual({ ...odd, mode: "STRICT" });
});

it("writes v1beta1 where a control plane is older than 1.22", () => {
  const at = (version: string): Proposal["apiVersion"] | undefined => {
    const plane = { kind: "ControlPlane" as const, namespace: "istio-system", name: "istiod", revision: "default", version, env: {} };
    const objects = { ...EMPTY_CONFIGURATION.objects, ControlPlane: [plane] };
    const proposal = proposeStrict(verdicts({ workloads: CLASSIC_WORKLOADS, edges: [], configuration: { objects } }), FOO);
    return proposal.kind === "proposal" ? proposal.apiVersion : undefined;
  };
  expect([at("1.21.6"), at("1.22.0"), at("1.30.3")]).toEqual(["security.istio.io/v1beta1", "security.istio.io/v1", "security.istio.io/v1"]);
});

it("gives scopes ids, and reads them back", () => {
  for (const scope of [{ kind: "mesh" } as const, FOO, HTTPBIN]) expect(proposalScope(proposalId(scope))).toEqual(scope);
  for (const text of ["", "mesh:foo", "namespace:", "workload:foo", "workload:/x", "workload:foo/", "__proto__"]) expect(proposalScope(text)).toBeUndefined();
});
