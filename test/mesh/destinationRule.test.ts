import { describe, expect, it } from "vitest";
import type { MeshObject } from "#mesh";
import { judgeMesh } from "#mesh";
import { byHost, describeRules, flattened, question } from "../support/judging.ts";
import { controlPlane, destinationRule, mesh, meshConfig, peerAuthentication, pod, second, service, tls, trafficPolicy } from "../support/mesh.ts";

const HOST = "server.bar.svc.cluster.local";
const base: readonly MeshObject[] = [pod("foo", "client", { proxy: "sidecar" }), pod("bar", "server", { proxy: "sidecar" }), service("bar", "server"), peerAuthentication("istio-system", "default", "STRICT")];
const unmeshed: readonly MeshObject[] = [pod("foo", "client", { proxy: "sidecar" }), pod("bar", "server"), service("bar", "server")];
const DISABLE = trafficPolicy(tls("DISABLE"));
const MUTUAL = trafficPolicy(tls("ISTIO_MUTUAL"));
const SILENT = trafficPolicy(null, { loadBalancerSimple: "RANDOM", hasLoadBalancer: true });

describeRules("which DestinationRule", [
  {
    rule: "DR-1",
    name: "a wildcard in the client's namespace beats the exact host in the service's",
    objects: [...base, destinationRule("foo", "wide", "*.local", { trafficPolicy: DISABLE }), destinationRule("bar", "exact", HOST, { trafficPolicy: MUTUAL })],
    expect: { clientMode: "DR_DISABLE", transport: "blocked" },
  },
  {
    rule: "DR-1",
    name: "the longer wildcard wins",
    objects: [...base, destinationRule("foo", "wide", "*.local", { trafficPolicy: DISABLE }), destinationRule("foo", "narrow", "*.bar.svc.cluster.local", { trafficPolicy: MUTUAL })],
    expect: { clientMode: "DR_ISTIO_MUTUAL" },
  },
  { rule: "DR-15", name: "the service's namespace, by a bare name", objects: [...base, destinationRule("bar", "own", "server", { trafficPolicy: DISABLE })], expect: { clientMode: "DR_DISABLE" } },
  { rule: "DR-16", name: "the root namespace, where nothing else is", objects: [...base, destinationRule("istio-system", "all", "*.local", { trafficPolicy: DISABLE })], expect: { clientMode: "DR_DISABLE" } },
  {
    rule: "DR-15",
    name: "nothing is inherited: a rule without TLS hides the root namespace's",
    objects: [...base, destinationRule("istio-system", "all", "*.local", { trafficPolicy: DISABLE }), destinationRule("bar", "own", "server", { trafficPolicy: SILENT })],
    expect: { clientMode: "AUTO_MTLS", transport: "mTLS" },
  },
  {
    rule: "DR-15",
    name: "a client of the root namespace passes its own public rule by",
    objects: [
      pod("istio-system", "client", { proxy: "sidecar" }), ...base.slice(1), destinationRule("istio-system", "all", "*.local", { trafficPolicy: DISABLE }), destinationRule("bar", "own", "server", { trafficPolicy: MUTUAL }),
    ],
    asked: { client: "istio-system/client" },
    expect: { clientMode: "DR_ISTIO_MUTUAL" },
  },
  { rule: "DR-2", name: "`server.bar` is no host of this mesh", objects: [...base, destinationRule("bar", "typo", "server.bar", { trafficPolicy: DISABLE })], expect: { clientMode: "AUTO_MTLS" } },
  { rule: "DR-2", name: "a bare name belongs to the rule's own namespace", objects: [...base, destinationRule("foo", "short", "server", { trafficPolicy: DISABLE })], expect: { clientMode: "AUTO_MTLS" } },
  { rule: "DR-3", name: "a third namespace has no say", objects: [...base, destinationRule("qux", "far", HOST, { trafficPolicy: DISABLE, exportTo: ["*"] })], expect: { clientMode: "AUTO_MTLS" } },
  { rule: "DR-4", name: "a private rule of the service's namespace", objects: [...base, destinationRule("bar", "own", "server", { trafficPolicy: DISABLE, exportTo: ["."] })], expect: { clientMode: "AUTO_MTLS" } },
  { rule: "DR-4", name: "a rule exported elsewhere leaves its own namespace too", objects: [...base, destinationRule("foo", "out", HOST, { trafficPolicy: DISABLE, exportTo: ["qux"] })], expect: { clientMode: "AUTO_MTLS" } },
  {
    rule: "DR-4",
    name: "the exact host is chosen before it is asked who may see it: the wildcard beside it is not tried",
    objects: [...base, destinationRule("bar", "exact", HOST, { trafficPolicy: MUTUAL, exportTo: ["qux"] }), destinationRule("bar", "wide", "*.local", { trafficPolicy: DISABLE })],
    expect: { clientMode: "AUTO_MTLS" },
  },
  { rule: "DR-4", name: "the mesh's default list", objects: [...base, meshConfig({ defaultDestinationRuleExportTo: ["."] }), destinationRule("bar", "own", "server", { trafficPolicy: DISABLE })], expect: { clientMode: "AUTO_MTLS" } },
  {
    rule: "DR-5",
    name: "a rule that selects the client beats one that does not select",
    objects: [...base, destinationRule("foo", "all", HOST, { trafficPolicy: MUTUAL }), destinationRule("foo", "mine", HOST, { trafficPolicy: DISABLE, workloadSelector: { app: "client" }, createdAtMs: second(9) })],
    expect: { clientMode: "DR_DISABLE" },
  },
  {
    rule: "DR-6",
    name: "one that selects others ends the search all the same",
    objects: [...base, destinationRule("foo", "others", HOST, { trafficPolicy: DISABLE, workloadSelector: { app: "other" } }), destinationRule("bar", "own", "server", { trafficPolicy: DISABLE })],
    expect: { clientMode: "AUTO_MTLS" },
  },
  {
    rule: "DR-7",
    name: "the oldest that has a policy gives it whole",
    objects: [...base, destinationRule("bar", "old", "server", { trafficPolicy: SILENT, createdAtMs: second(1) }), destinationRule("bar", "young", "server", { trafficPolicy: DISABLE, createdAtMs: second(2) })],
    expect: { clientMode: "AUTO_MTLS" },
  },
  {
    rule: "DR-10",
    name: "an older one without policy takes the younger's",
    objects: [...base, destinationRule("bar", "old", "server", { createdAtMs: second(1) }), destinationRule("bar", "young", "server", { trafficPolicy: DISABLE, createdAtMs: second(2) })],
    expect: { clientMode: "DR_DISABLE" },
  },
  {
    rule: "DR-8",
    name: "different lists stay apart, and the youngest wins",
    objects: [...base, destinationRule("bar", "old", "server", { trafficPolicy: DISABLE, createdAtMs: second(1) }), destinationRule("bar", "young", "server", { trafficPolicy: MUTUAL, exportTo: ["*"], createdAtMs: second(2) })],
    expect: { clientMode: "DR_ISTIO_MUTUAL" },
  },
  {
    rule: "DR-7",
    name: "before 1.24 they were merged",
    objects: [
      ...base, controlPlane({ version: "1.23.4" }), destinationRule("bar", "old", "server", { trafficPolicy: DISABLE, createdAtMs: second(1) }),
      destinationRule("bar", "young", "server", { trafficPolicy: MUTUAL, exportTo: ["*"], createdAtMs: second(2) }),
    ],
    expect: { clientMode: "DR_DISABLE" },
  },
  { rule: "DR-9", name: "none at all", objects: base, expect: { clientMode: "AUTO_MTLS" } },
]);

const cert = { clientCertificate: "/c", privateKey: "/k", caCertificates: "/ca" };

describeRules("what a DestinationRule's TLS comes to", [
  { rule: "DR-10", name: "DISABLE", objects: [...base, destinationRule("bar", "own", "server", { trafficPolicy: DISABLE })], expect: { clientMode: "DR_DISABLE", transport: "blocked" } },
  { rule: "DR-11", name: "a block without mode", objects: [...base, destinationRule("bar", "own", "server", { trafficPolicy: trafficPolicy(tls(null, { sni: "x" })) })], expect: { clientMode: "DR_DISABLE" } },
  { rule: "DR-12", name: "ISTIO_MUTUAL to a pod without proxy", objects: [...unmeshed, destinationRule("bar", "own", "server", { trafficPolicy: MUTUAL })], expect: { clientMode: "DR_ISTIO_MUTUAL", serverMode: "NONE", transport: "blocked" } },
  { rule: "DR-13", name: "SIMPLE", objects: [...unmeshed, destinationRule("bar", "own", "server", { trafficPolicy: trafficPolicy(tls("SIMPLE")) })], expect: { clientMode: "DR_SIMPLE", transport: "tls" } },
  { rule: "DR-13", name: "MUTUAL with certificates", objects: [...unmeshed, destinationRule("bar", "own", "server", { trafficPolicy: trafficPolicy(tls("MUTUAL", cert)) })], expect: { clientMode: "DR_MUTUAL", transport: "tls" } },
  { rule: "DR-14", name: "MUTUAL without", objects: [...unmeshed, destinationRule("bar", "own", "server", { trafficPolicy: trafficPolicy(tls("MUTUAL")) })], expect: { clientMode: "DR_DROPPED", transport: "plaintext" } },
  { rule: "DR-14", name: "a credential that a sidecar cannot fetch", objects: [...base, destinationRule("foo", "own", HOST, { trafficPolicy: trafficPolicy(tls("SIMPLE", { credentialName: "secret" })) })], expect: { clientMode: "DR_DROPPED", transport: "blocked" } },
  {
    rule: "DR-13",
    name: "a credential it can fetch, by workloadSelector",
    objects: [...unmeshed, destinationRule("foo", "own", HOST, { workloadSelector: { app: "client" }, trafficPolicy: trafficPolicy(tls("SIMPLE", { credentialName: "secret" })) })],
    expect: { clientMode: "DR_SIMPLE" },
  },
  {
    rule: "DR-17",
    name: "a port entry takes the place of what stands above",
    objects: [...base, destinationRule("bar", "own", "server", { trafficPolicy: { ...MUTUAL, portLevelSettings: [{ port: 80, tls: tls("DISABLE"), loadBalancerSimple: null, hasLoadBalancer: false }] } })],
    expect: { clientMode: "DR_DISABLE" },
  },
  {
    rule: "DR-17",
    name: "a subset too",
    objects: [...base, destinationRule("bar", "own", "server", { trafficPolicy: MUTUAL, subsets: [{ name: "v1", labels: {}, trafficPolicy: DISABLE }] })],
    asked: { via: byHost(HOST, "v1") },
    expect: { clientMode: "DR_DISABLE" },
  },
  {
    rule: "DR-12",
    name: "a subset without TLS inherits",
    objects: [...unmeshed, destinationRule("bar", "own", "server", { trafficPolicy: MUTUAL, subsets: [{ name: "v1", labels: {}, trafficPolicy: SILENT }] })],
    asked: { via: byHost(HOST, "v1") },
    expect: { clientMode: "DR_ISTIO_MUTUAL" },
  },
  {
    rule: "DR-18",
    name: "an entry for the container's port speaks for another port",
    objects: [...base, destinationRule("bar", "own", "server", { trafficPolicy: { ...SILENT, portLevelSettings: [{ port: 8080, tls: tls("DISABLE"), loadBalancerSimple: null, hasLoadBalancer: false }] } })],
    expect: { clientMode: "AUTO_MTLS" },
  },
  {
    rule: "DR-19",
    name: "an entry without TLS leaves the port to auto mTLS",
    objects: [...base, destinationRule("bar", "own", "server", { trafficPolicy: { ...DISABLE, portLevelSettings: [{ port: 80, tls: null, loadBalancerSimple: "RANDOM", hasLoadBalancer: true }] } })],
    expect: { clientMode: "AUTO_PLAINTEXT", transport: "blocked" },
  },
]);

describe("DestinationRules that objects do not settle", () => {
  it("a mode that Istio does not know is a gap", () => {
    const configuration = mesh([...base, destinationRule("bar", "own", "server", { trafficPolicy: trafficPolicy(tls("STRICT")) })]);
    expect(judgeMesh(configuration).connection(question(configuration)).clientMode).toEqual({ kind: "unknown", gaps: [{ wanted: "the TLS mode of `DestinationRule` `bar/own`", because: "`STRICT` is no mode that Istio knows" }] });
  });

  it("a selector-less private rule folds into a selecting one, and clients that it does not select have none", () => {
    const configuration = mesh([...base, destinationRule("foo", "a", HOST, { workloadSelector: { app: "other" }, trafficPolicy: SILENT }), destinationRule("foo", "b", HOST, { exportTo: ["."], trafficPolicy: DISABLE })]);
    expect(flattened(judgeMesh(configuration).connection(question(configuration))).clientMode).toBe("AUTO_MTLS");
  });

  it("certificates mounted as files are a gap", () => {
    const [, ...rest] = base;
    const configuration = mesh([pod("foo", "client", { proxy: "sidecar", annotations: { "proxy.istio.io/config": "proxyMetadata: { TLS_CLIENT_CERT_CHAIN: /etc/certs/cert.pem }" } }), ...rest]);
    expect(judgeMesh(configuration).connection(question(configuration)).clientMode.kind).toBe("unknown");
  });
});
