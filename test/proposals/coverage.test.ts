import { expect, it } from "vitest";
import { EMPTY_CONFIGURATION, known } from "#mesh";
import type { EnvoyFilter, Gap, MeshJudge, MeshVerdicts, PeerAuthentication, Pod } from "#mesh";
import { doubtsAbout, limitsOf, proposeStrict } from "#proposals";
import type { Limit, Proposal, ProposalPreview, ProposalScope } from "#proposals";
import { AT_MS, CLASSIC_EDGES, CLASSIC_WORKLOADS, TELEMETRY, namespace, policy, reason, verdicts } from "../view/picture.ts";
import type { MeshSpec, WorkloadSpec } from "../view/picture.ts";

const FOO: ProposalScope = { kind: "namespace", namespace: "foo" };

function propose(picture: MeshVerdicts, scope: ProposalScope): Proposal {
  const proposal = proposeStrict(picture, scope);
  if (proposal.kind !== "proposal") throw new Error(proposal.because);
  return proposal;
}

function limits(policies: readonly PeerAuthentication[], scope: ProposalScope = FOO, workloads: readonly WorkloadSpec[] = CLASSIC_WORKLOADS): readonly Limit[] {
  const picture = verdicts({ workloads, edges: [], policies });
  return limitsOf(picture, propose(picture, scope));
}

function ref(name: string, at = "foo"): { readonly kind: "PeerAuthentication"; readonly namespace: string; readonly name: string } {
  return { kind: "PeerAuthentication", namespace: at, name };
}

const PROXY_PORTS: Limit = { kind: "ports of the proxy", ports: [15020, 15021, 15090, 15008] };

it("says that the proxy's own ports are never covered", () => {
  expect(limits([])).toEqual([PROXY_PORTS]);
});

it("names policies of workloads that keep their mode, field by field", () => {
  const own = policy("foo", { name: "x", selector: { app: "httpbin" }, mode: "UNSET", portLevelMtls: { "8080": "PERMISSIVE", "9090": "STRICT" } });
  const open = policy("foo", { name: "y", selector: { app: "sleep" }, mode: "DISABLE" });
  expect(limits([own, open])).toEqual([
    { kind: "policy keeps", object: ref("x"), field: "spec.portLevelMtls.8080.mode", value: "PERMISSIVE", workloads: ["foo/httpbin"] },
    { kind: "policy keeps", object: ref("y"), field: "spec.mtls.mode", value: "DISABLE", workloads: ["foo/sleep"] },
    PROXY_PORTS,
  ]);
});

it("says nothing of a policy that an older one keeps from counting", () => {
  const old = policy("foo", { name: "old", selector: { app: "httpbin" }, mode: "STRICT", createdAtMs: AT_MS - 90_000 });
  const young = policy("foo", { name: "young", selector: { app: "httpbin" }, mode: "PERMISSIVE", createdAtMs: AT_MS - 1_000 });
  expect(limits([young, old])).toEqual([PROXY_PORTS]);
});

it("names the port exceptions of the very policy that it changes, and other workloads that it selects", () => {
  const shared = policy("foo", { name: "shared", selector: { tier: "back" }, portLevelMtls: { "8080": "DISABLE" } });
  const workloads: readonly WorkloadSpec[] = [{ id: "foo/a", labels: { tier: "back" } }, { id: "foo/b", labels: { tier: "back" } }];
  expect(limits([shared], { kind: "workload", namespace: "foo", name: "a" }, workloads)).toEqual([
    { kind: "policy keeps", object: ref("shared"), field: "spec.portLevelMtls.8080.mode", value: "DISABLE", workloads: ["foo/a"] },
    { kind: "also selects", object: ref("shared"), workloads: ["foo/b"] },
    PROXY_PORTS,
  ]);
});

it("names policies that Istio ignores: younger ones, and selectors in the root namespace", () => {
  const [old, young] = [policy("foo", { createdAtMs: AT_MS - 90_000 }), policy("foo", { name: "young" })];
  const rooted = policy("istio-system", { name: "exception", selector: { app: "httpbin" } });
  expect(limits([young, old, rooted])).toEqual([
    { kind: "policy ignored", object: ref("young"), because: "an older one decides" },
    { kind: "policy ignored", object: ref("exception", "istio-system"), because: "selector in the root namespace" },
    PROXY_PORTS,
  ]);
});

it("stops a mesh-wide change at namespaces with a policy of their own", () => {
  expect(limits([policy("foo")], { kind: "mesh" })).toEqual([
    { kind: "policy keeps", object: ref("default"), field: "spec.mtls.mode", value: "PERMISSIVE", workloads: ["foo/httpbin", "foo/sleep"] },
    { kind: "no proxy", workloads: ["legacy/sleep"] },
    PROXY_PORTS,
  ]);
});

it("names workloads without a proxy, gateways, and ports that pass the proxy by", () => {
  const workloads: readonly WorkloadSpec[] = [{ id: "foo/httpbin" }, { id: "foo/batch", dataPlaneMode: "none" }, { id: "foo/edge", dataPlaneMode: "gateway", accepts: "GATEWAY" }, { id: "foo/old", accepts: "UNCAPTURED" }];
  const picture = verdicts({ workloads, edges: [] });
  const dns = { instance: { namespace: "foo", name: "httpbin-1" }, targetPort: 53, protocol: "UDP" as const, services: [], serverMode: known("PERMISSIVE" as const, reason()) };
  const plain = picture.judge;
  const ports: MeshJudge["ports"] = (server) => (server.name === "httpbin-1" ? [...plain.ports(server), dns] : plain.ports(server));
  const withDns = { ...picture, judge: { ...plain, ports } };
  expect(limitsOf(withDns, propose(withDns, FOO))).toEqual([
    { kind: "no proxy", workloads: ["foo/batch"] },
    { kind: "gateway", workloads: ["foo/edge"] },
    { kind: "ports not TCP", workload: "foo/httpbin", ports: [53] },
    { kind: "ports not captured", workload: "foo/old", ports: [8080] },
    PROXY_PORTS,
  ]);
});

function doubts(spec: Partial<MeshSpec>, consequences: ProposalPreview["consequences"] = []): readonly Gap[] {
  const picture = verdicts({ workloads: CLASSIC_WORKLOADS, edges: [], ...spec });
  return doubtsAbout(picture, { proposal: propose(picture, FOO), consequences });
}

function wanted(gaps: readonly Gap[]): readonly string[] {
  return gaps.map((gap) => gap.wanted);
}

it("always doubts silence and what is never read", () => {
  expect(doubts({})).toEqual([
    { wanted: "clients that call less often than every 1 h 15 min", because: "traffic is known for 1 h 15 min: the window (15 min) and the look-back before it" },
    { wanted: "plaintext to `foo/httpbin`, `foo/sleep`", because: "nobody told of any traffic to or from there, so it is not known whether its proxies are scraped" },
    { wanted: "calls of `legacy/sleep`", because: "they run without a proxy and can only send plaintext, but were not seen calling here" },
    { wanted: "health checks of load balancers that call pods directly", because: "mtlscope does not read Ingresses and what a cloud makes of them; STRICT refuses such a check, and the balancer takes the pod for dead" },
    { wanted: "scrapers that are told of their targets elsewhere", because: "mtlscope reads no ServiceMonitors, PodMonitors or configuration of Prometheus; STRICT refuses a scraper without a certificate of the mesh on every port but the proxy's own" },
    { wanted: "conversion webhooks that the API server calls", because: "mtlscope does not read CustomResourceDefinitions, which name them; the API server has no proxy, and STRICT refuses it" },
  ]);
});

it("speaks of the part of the window that is known", () => {
  const windowStartMs = AT_MS - 7 * 86_400_000;
  const telemetry = { windowStartMs, windowEndMs: AT_MS, lookBackStartMs: windowStartMs - 86_400_000, covered: [{ startMs: AT_MS - 3_600_000, endMs: AT_MS }] };
  expect(doubts({ telemetry })[0]).toEqual({ wanted: "clients that call less often than every 1 h", because: "traffic is known for 1 h of 7 d" });
});

it("does not call a sender unseen that the preview shows", () => {
  const picture = verdicts({ workloads: CLASSIC_WORKLOADS, edges: CLASSIC_EDGES });
  const edge = picture.edges.find(({ client }) => client.kind === "workload" && client.id === "legacy/sleep");
  if (edge === undefined) throw new Error("legacy sends in the classic mesh");
  const preview = { proposal: propose(picture, FOO), consequences: [{ edge, consequence: "becomes blocked" as const, affected: 450, others: [], after: [], judge: picture.judge, gaps: [] }] };
  expect(wanted(doubtsAbout(picture, preview))).not.toContain("calls of `legacy/sleep`");
});

it("doubts jobs that may run less often than the window is long", () => {
  const gaps = doubts({ workloads: [...CLASSIC_WORKLOADS, { id: "legacy/nightly", dataPlaneMode: "none", ownerKind: "CronJob" }] });
  expect(gaps).toContainEqual({ wanted: "calls of the jobs `legacy/nightly`", because: "they run without a proxy, and perhaps less often than the window is long" });
});

it("doubts what was not read, once, and what telemetry could not say", () => {
  const gap = { wanted: "`istio_tcp_connections_opened_total`", because: "the server answered 503" };
  const gaps = doubts({
    configuration: { unread: [{ kind: "DestinationRule", namespace: "bar", name: null, field: null, because: "forbidden" }] },
    telemetry: { ...TELEMETRY, gaps: [gap] },
  });
  expect(gaps).toContainEqual({ wanted: "`DestinationRule` objects in namespace `bar`", because: "forbidden" });
  expect(gaps.filter(({ wanted: text }) => text === gap.wanted)).toHaveLength(1);
});

it("doubts probes that are not rewritten and filters that change the listener", () => {
  const pod: Pod = {
    kind: "Pod", namespace: "foo", name: "httpbin-1", labels: {}, annotations: { "sidecar.istio.io/rewriteAppHTTPProbers": "false" }, createdAtMs: AT_MS, owner: { kind: "Deployment", name: "httpbin" },
    serviceAccountName: "default", hostNetwork: false, nodeName: null, phase: "Running", deleting: false, ready: true, ips: [], containers: [],
  };
  const filter: EnvoyFilter = { kind: "EnvoyFilter", namespace: "foo", name: "tls", labels: {}, annotations: {}, createdAtMs: AT_MS, workloadSelector: { app: "httpbin" }, patches: [{ applyTo: "FILTER_CHAIN", context: "SIDECAR_INBOUND", touchesTransport: true }] };
  const elsewhere = { ...filter, namespace: "bar", name: "other" };
  const objects = { ...EMPTY_CONFIGURATION.objects, Namespace: [namespace("foo")], Pod: [pod], EnvoyFilter: [filter, elsewhere] };
  const names = wanted(doubts({ configuration: { objects } }));
  expect(names).toContain("the kubelet's probes of `foo/httpbin`");
  expect(names).toContain("what EnvoyFilter `foo/tls` makes of the listeners");
  expect(names.join()).not.toContain("bar/other");
});

it("warns that another program puts its own version back", () => {
  const managed = policy("foo", { labels: { "kustomize.toolkit.fluxcd.io/name": "apps" } });
  expect(doubts({ policies: [managed] })[0]).toEqual({ wanted: "that PeerAuthentication `foo/default` stays as it is written", because: "Flux manages it and may put its own version back: make the change there" });
});
