// Every configuration on which Kiali (v2.31, its own functions executed) is wrong or silent about mTLS, and the right answer: the engine's verdict,
// or a finding, or that there is none.
import { describe, expect, it } from "vitest";
import { judgeMesh, serviceHost, type MeshObject } from "#mesh";
import {
  ambientControlPlane, authorizationPolicy, authorizationRule, controlPlane, destinationRule, mesh, meshConfig, namespace, peerAuthentication, pod, second, service, source, tls, trafficPolicy,
} from "../../support/mesh.ts";
import { cards, HOST, httpbin, httpbinService, QUIET, rulesOf, sleep } from "./found.ts";

const APP = { app: "httpbin" } as const;
const ROOT = "istio-system";
const server = { namespace: "bar", name: "httpbin" };
const client = { namespace: "foo", name: "sleep" };
const strictMesh = peerAuthentication(ROOT, "default", "STRICT");
const strictInBar = peerAuthentication("bar", "default", "STRICT");
const disableRule = (namespace_: string, host: string) => destinationRule(namespace_, "plain", host, { trafficPolicy: trafficPolicy(tls("DISABLE")) });

function value<T>(verdict: { readonly kind: "known"; readonly value: T } | { readonly kind: "unknown" }): T | "unknown" {
  return verdict.kind === "known" ? verdict.value : "unknown";
}

function mode(objects: readonly MeshObject[], port = 8080): string {
  return value(judgeMesh(mesh(objects)).serverMode(server, port));
}

function transport(objects: readonly MeshObject[], from = client): string {
  return value(judgeMesh(mesh(objects)).connection({ client: from, server, port: 80, via: { type: "service", host: serviceHost(HOST) } }).transport);
}

describe("mesh and namespace modes", () => {
  it("K1, K2, K3: no policy, PERMISSIVE and UNSET are one and the same PERMISSIVE, and nothing is found", () => {
    for (const policies of [[], [peerAuthentication(ROOT, "default", "PERMISSIVE")], [peerAuthentication(ROOT, "default", "UNSET")]]) {
      expect(mode([...QUIET, ...policies])).toBe("PERMISSIVE");
      expect(transport([...QUIET, ...policies])).toBe("mTLS");
      expect(rulesOf([...QUIET, ...policies])).toEqual([]);
    }
  });

  it("K0: the mesh's DISABLE is plaintext, auto mTLS or not", () => {
    const objects = [...QUIET, peerAuthentication(ROOT, "default", "DISABLE")];
    expect(mode(objects)).toBe("DISABLE");
    expect(transport(objects)).toBe("plaintext");
  });

  it("K4 [FND-44]: STRICT and a DISABLE for `*.local` in the root namespace: every call breaks", () => {
    const objects = [...QUIET, strictMesh, disableRule(ROOT, "*.local")];
    expect(transport(objects)).toBe("blocked");
    expect(cards("FND-44", objects)).toMatchObject([{ severity: "breaks traffic", object: "DestinationRule istio-system/plain", affected: ["bar/httpbin"], consequence: { clients: { kind: "all" } } }]);
  });

  it.each(["*", "*.svc.cluster.local", "*.cluster.local"])("K5 [FND-44]: STRICT and a DISABLE for `%s` in a client's namespace: its calls break", (host) => {
    const objects = [...QUIET, strictMesh, disableRule("foo", host)];
    expect(transport(objects)).toBe("blocked");
    expect(cards("FND-44", objects)).toMatchObject([{ object: "DestinationRule foo/plain", consequence: { clients: { kind: "namespace", namespace: "foo" } } }]);
  });

  it("K6: another root namespace: STRICT there is STRICT everywhere, in istio-system nowhere", () => {
    const config = meshConfig({ rootNamespace: "istio-config" });
    expect(mode([...QUIET, config, peerAuthentication("istio-config", "default", "STRICT")])).toBe("STRICT");
    expect(mode([...QUIET, config, strictMesh])).toBe("PERMISSIVE");
  });

  it("K7 [FND-2]: two policies of the mesh: the oldest counts, and the younger is told to be ignored", () => {
    const younger = peerAuthentication(ROOT, "second", "STRICT", { createdAtMs: second(2) });
    const older = peerAuthentication(ROOT, "first", "PERMISSIVE", { createdAtMs: second(1) });
    expect(mode([...QUIET, younger, older])).toBe("PERMISSIVE");
    expect(cards("FND-2", [...QUIET, younger, older])).toMatchObject([{ severity: "weaker than it seems", object: "PeerAuthentication istio-system/second", because: "PeerAuthentication istio-system/first" }]);
  });

  it("K8 [FND-2]: two policies of a namespace: the same", () => {
    const younger = peerAuthentication("bar", "a", "PERMISSIVE", { createdAtMs: second(2) });
    const older = peerAuthentication("bar", "z", "STRICT", { createdAtMs: second(1) });
    expect(mode([...QUIET, younger, older])).toBe("STRICT");
    expect(cards("FND-2", [...QUIET, younger, older])).toMatchObject([{ severity: "breaks traffic", object: "PeerAuthentication bar/a" }]);
  });

  it("K9, K10: `selector: {}` selects everything: STRICT for the namespace, and for the mesh", () => {
    for (const place of ["bar", ROOT]) {
      const objects = [...QUIET, peerAuthentication(place, "default", "STRICT", { selector: {} })];
      expect(mode(objects)).toBe("STRICT");
      expect(rulesOf(objects)).toEqual([]);
    }
  });

  it("K11: a workload's DISABLE under the namespace's STRICT is plaintext", () => {
    const objects = [...QUIET, strictInBar, peerAuthentication("bar", "httpbin", "DISABLE", { selector: APP })];
    expect(mode(objects)).toBe("DISABLE");
    expect(transport(objects)).toBe("plaintext");
  });

  it("K12: policies with selectors only, all STRICT: those workloads are STRICT, the others are not", () => {
    const judge = judgeMesh(mesh([...QUIET, pod("bar", "other", { proxy: "sidecar" }), service("bar", "other"), peerAuthentication("bar", "httpbin", "STRICT", { selector: APP })]));
    expect(value(judge.serverMode(server, 8080))).toBe("STRICT");
    expect(value(judge.serverMode({ namespace: "bar", name: "other" }, 8080))).toBe("PERMISSIVE");
  });

  it("K13: STRICT with a port that is DISABLE: that port is plaintext", () => {
    const objects = [...QUIET, peerAuthentication("bar", "httpbin", "STRICT", { selector: APP, portLevelMtls: { "8080": "DISABLE" } })];
    expect([mode(objects), mode(objects, 9090), transport(objects)]).toEqual(["DISABLE", "STRICT", "plaintext"]);
  });

  it.each(["DISABLE", "SIMPLE"])("K14 [FND-43, FND-44]: STRICT and one service's DestinationRule with %s: calls to it break", (tlsMode) => {
    const objects = [...QUIET, strictInBar, destinationRule("bar", "httpbin", HOST, { trafficPolicy: trafficPolicy(tls(tlsMode)) })];
    expect(transport(objects)).toBe("blocked");
    expect(cards(tlsMode === "DISABLE" ? "FND-44" : "FND-43", objects)).toMatchObject([{ severity: "breaks traffic", affected: ["bar/httpbin"] }]);
  });

  it("K15: a DISABLE in another client's namespace concerns that namespace's clients only", () => {
    const other = pod("other", "caller", { proxy: "sidecar" });
    const objects = [...QUIET, other, disableRule("other", "*.bar.svc.cluster.local")];
    expect(transport(objects)).toBe("mTLS");
    expect(transport(objects, { namespace: "other", name: "caller" })).toBe("plaintext");
  });

  it("K16 [FND-43], K20 [FND-45]: STRICT with SIMPLE, and DISABLE with ISTIO_MUTUAL, are broken and nothing else", () => {
    const simple = [...QUIET, strictMesh, destinationRule(ROOT, "simple", "*.local", { trafficPolicy: trafficPolicy(tls("SIMPLE")) })];
    const mutual = [...QUIET, peerAuthentication(ROOT, "default", "DISABLE"), destinationRule(ROOT, "mutual", "*.local", { trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL")) })];
    expect([transport(simple), transport(mutual)]).toEqual(["blocked", "blocked"]);
    expect(cards("FND-43", simple)).toMatchObject([{ severity: "breaks traffic", because: "PeerAuthentication istio-system/default" }]);
    expect(cards("FND-45", mutual)).toMatchObject([{ severity: "breaks traffic", because: "PeerAuthentication istio-system/default" }]);
  });

  it("K19 [FND-10]: DISABLE in an ambient namespace is ignored: HBONE goes on, and that is told", () => {
    const objects = [ambientControlPlane(), pod("foo", "sleep", { proxy: "ambient" }), pod("bar", "httpbin", { proxy: "ambient" }), httpbinService, peerAuthentication("bar", "default", "DISABLE")];
    expect(transport(objects)).toBe("mTLS");
    expect(cards("FND-10", objects)).toMatchObject([{ severity: "no effect", affected: ["bar/httpbin"] }]);
  });

  it("K21: the mesh's STRICT is not enforced where there are no proxies", () => {
    const objects = [sleep, pod("bar", "httpbin"), httpbinService, strictMesh];
    expect(mode(objects)).toBe("NONE");
    expect(transport(objects)).toBe("plaintext");
  });
});

describe("rows without a number", () => {
  it("[FND-1] a policy with a selector in the root namespace is ignored, and that is told", () => {
    const objects = [...QUIET, peerAuthentication(ROOT, "httpbin", "STRICT", { selector: APP })];
    expect(mode(objects)).toBe("PERMISSIVE");
    expect(rulesOf(objects)).toEqual(["FND-1"]);
  });

  it("several control planes: UNSET goes by the mesh of the workload's own revision", () => {
    const revisions = ["blue", "green"].flatMap((revision) => [controlPlane({ revision, name: `istiod-${revision}` }), meshConfig({ revision, name: `istio-${revision}`, rootNamespace: `root-${revision}` })]);
    const pods = ["blue", "green"].flatMap((revision) => [namespace(revision, { "istio.io/rev": revision }), pod(revision, "app", { proxy: "sidecar" }), service(revision, "app")]);
    const judge = judgeMesh(mesh([...revisions, ...pods, peerAuthentication("root-green", "default", "STRICT")]));
    expect(["blue", "green"].map((revision) => value(judge.serverMode({ namespace: revision, name: "app" }, 8080)))).toEqual(["PERMISSIVE", "STRICT"]);
  });

  it("a DestinationRule's subset and port count, by what is dialled", () => {
    const entry = { port: 80, tls: tls("DISABLE"), loadBalancerSimple: null, hasLoadBalancer: false };
    expect(transport([...QUIET, destinationRule("bar", "httpbin", HOST, { trafficPolicy: trafficPolicy(null, { portLevelSettings: [entry] }) })])).toBe("plaintext");
    const subsets = [{ name: "v1", labels: {}, trafficPolicy: trafficPolicy(tls("DISABLE")) }];
    const objects = [...QUIET, destinationRule("bar", "httpbin", HOST, { subsets })];
    const judge = judgeMesh(mesh(objects));
    const dial = (subset: string | null) => value(judge.connection({ client, server, port: 80, via: { type: "service", host: serviceHost(HOST), ...(subset === null ? {} : { subset }) } }).transport);
    expect([dial(null), dial("v1")]).toEqual(["mTLS", "plaintext"]);
  });

  it("a DestinationRule's exportTo and workloadSelector count", () => {
    const plain = { trafficPolicy: trafficPolicy(tls("DISABLE")) };
    expect(transport([...QUIET, destinationRule("bar", "httpbin", HOST, { ...plain, exportTo: ["."] })])).toBe("mTLS");
    expect(transport([...QUIET, destinationRule("bar", "httpbin", HOST, { ...plain, exportTo: ["foo"] })])).toBe("plaintext");
    expect(transport([...QUIET, destinationRule("foo", "httpbin", HOST, { ...plain, workloadSelector: { app: "other" } })])).toBe("mTLS");
    expect(transport([...QUIET, destinationRule("foo", "httpbin", HOST, { ...plain, workloadSelector: { app: "sleep" } })])).toBe("plaintext");
  });

  it("the client's DestinationRule beats the service's, and the service's the root namespace's", () => {
    const mutual = { trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL")) };
    expect(transport([...QUIET, disableRule("foo", HOST), destinationRule("bar", "httpbin", HOST, mutual)])).toBe("plaintext");
    expect(transport([...QUIET, disableRule(ROOT, HOST), destinationRule("bar", "httpbin", HOST, mutual)])).toBe("mTLS");
  });

  it("[FND-14, FND-16] the label and the excluded port decide, and both are told", () => {
    const labelled = [sleep, pod("bar", "httpbin", { labels: { "security.istio.io/tlsMode": "istio" } }), httpbinService];
    const excluded = [sleep, pod("bar", "httpbin", { proxy: "sidecar", annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } }), httpbinService];
    expect([labelled, excluded].map((objects) => [transport(objects), ...rulesOf(objects)])).toEqual([["blocked", "FND-14"], ["blocked", "FND-16"]]);
  });
});

describe("validations", () => {
  const allow = authorizationPolicy("bar", "policy", { selector: APP, rules: [authorizationRule({ from: [source({ principals: ["cluster.local/ns/foo/sa/sleep"] })] })] });

  it("V1 [FND-71]: the policies meet in the pod, not in each other's selectors", () => {
    const versioned = pod("bar", "httpbin", { proxy: "sidecar", labels: { version: "v1" } });
    const objects = [sleep, versioned, httpbinService, allow, peerAuthentication("bar", "v1", "DISABLE", { selector: { version: "v1" } })];
    expect(cards("FND-71", objects)).toMatchObject([{ severity: "breaks traffic", object: "AuthorizationPolicy bar/policy", because: "PeerAuthentication bar/v1", affected: ["bar/httpbin"] }]);
  });

  it("V2 [FND-71]: a policy of the namespace and one DISABLE workload in it", () => {
    const other = [pod("bar", "other", { proxy: "sidecar" }), service("bar", "other")];
    const objects = [...QUIET, ...other, { ...allow, selector: null }, peerAuthentication("bar", "httpbin", "DISABLE", { selector: APP })];
    expect(cards("FND-71", objects)).toMatchObject([{ affected: ["bar/httpbin"] }]);
  });

  it("V3 [FND-71]: a DISABLE port", () => {
    const objects = [...QUIET, allow, peerAuthentication("bar", "httpbin", "STRICT", { selector: APP, portLevelMtls: { "8080": "DISABLE" } })];
    expect(cards("FND-71", objects)).toMatchObject([{ affected: ["bar/httpbin"], ports: [8080] }]);
  });

  it("V5: a PERMISSIVE workload under the namespace's DISABLE takes mTLS: nothing is found", () => {
    const objects = [...QUIET, allow, peerAuthentication("bar", "default", "DISABLE"), peerAuthentication("bar", "httpbin", "PERMISSIVE", { selector: APP })];
    expect(mode(objects)).toBe("PERMISSIVE");
    expect(rulesOf(objects)).toEqual([]);
  });

  it("V6 [FND-71]: service accounts need mTLS too", () => {
    const accounts = { ...allow, rules: [authorizationRule({ from: [source({ serviceAccounts: ["foo/sleep"] })] })] };
    expect(cards("FND-71", [...QUIET, accounts, peerAuthentication("bar", "httpbin", "DISABLE", { selector: APP })])).toHaveLength(1);
    const condition = { ...allow, rules: [authorizationRule({ when: [{ key: "source.namespace", values: ["foo"], notValues: [] }] })] };
    expect(cards("FND-71", [...QUIET, condition, peerAuthentication("bar", "httpbin", "DISABLE", { selector: APP })])).toHaveLength(1);
  });

  it("V7: two policies of namespace foo that both match a workload in bar: nothing is found", () => {
    const both = pod("bar", "both", { proxy: "sidecar", labels: { app: "httpbin", version: "v1" } });
    const alike = [pod("foo", "httpbin", { proxy: "sidecar" }), pod("foo", "v1", { proxy: "sidecar", labels: { version: "v1" } })];
    const policies = [peerAuthentication("foo", "app", "STRICT", { selector: APP }), peerAuthentication("foo", "version", "PERMISSIVE", { selector: { version: "v1" } })];
    expect(rulesOf([sleep, httpbin, httpbinService, both, ...alike, ...policies])).toEqual([]);
  });
});
