import { describe, expect, it } from "vitest";
import type { Configuration, WorkloadId } from "#mesh";
import {
  ambientControlPlane, authorizationPolicy, authorizationRule, controlPlane, destinationRule, egress, gateway, mesh, meshConfig, namespace, peerAuthentication, pod, service, serviceEntry, sidecar, source, tls, trafficPolicy, virtualService,
  type PodOptions, type ServiceOptions,
} from "../support/mesh.ts";
import { expectAlike } from "../support/ways.ts";

// Servers and clients that are alike share what is judged of them. Here they are alike but for one thing each.

const DISABLE = { trafficPolicy: trafficPolicy(tls("DISABLE")) };

function served(name: string, options: PodOptions = {}, of: ServiceOptions = {}, ns = "bar") {
  return [pod(ns, name, { proxy: "sidecar", serviceAccountName: name, ...options }), service(ns, name, of)];
}

function hostOf(name: string): string {
  return `${name}.bar.svc.cluster.local`;
}

const servers = [
  ...served("one"), ...served("two"), ...served("disabled"), ...served("port"), ...served("unlabelled", { labels: { "security.istio.io/tlsMode": "disabled" } }), ...served("ruled"), ...served("partly"),
  ...served("hidden", {}, { annotations: { "networking.istio.io/exportTo": "foo" } }), ...served("headless", {}, { clusterIPs: ["None"] }), ...served("routed"), ...served("ambient", { proxy: "ambient" }), pod("bar", "bare"), service("bar", "bare"), ...served("guarded"),
  ...served("excluded", { annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } }), ...served("udp", {}, { ports: [{ port: 80, name: "udp", targetPort: 8080 }] }), ...served("raw", {}, { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] }),
  ...served("through", { proxy: "ambient" }, { labels: { "istio.io/use-waypoint": "way" } }), ...served("nameless", { serviceAccountName: "" }), ...served("plain", {}, {}, "baz"), ...served("plain-too", {}, {}, "baz"), ...served("gate", { proxy: "gateway" }),
  ...served("dns", { annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "5353" } }, { ports: [{ port: 53, name: "dns", targetPort: 5353, protocol: "UDP" }, { port: 53, name: "dns-tcp", targetPort: 5353, protocol: "TCP" }] }),
  ...served("tunnelled", { labels: { "networking.istio.io/tunnel": "http" } }), ...served("grpc", { proxy: "grpc-agent" }), pod("bar", "named", { proxy: "sidecar", ips: ["10.44.0.1"] }),
];

const clients = [
  pod("foo", "first", { proxy: "sidecar" }), pod("foo", "second", { proxy: "sidecar" }), pod("foo", "third", { proxy: "sidecar" }), pod("foo", "bare"), pod("foo", "ambient", { proxy: "ambient" }), pod("foo", "edge", { proxy: "gateway" }), pod("foo", "grpc", { proxy: "grpc-agent" }),
  pod("foo", "host", { hostNetwork: true }), pod("foo", "past", { proxy: "sidecar", annotations: { "traffic.sidecar.istio.io/excludeOutboundPorts": "80" } }), pod("qux", "first", { proxy: "sidecar" }), pod("canary", "first", { proxy: "sidecar" }), pod("istio-system", "first", { proxy: "sidecar" }),
  pod("scoped", "first", { proxy: "sidecar" }),
];

const configured = [
  ambientControlPlane(), controlPlane({ name: "istiod-canary", revision: "canary" }), meshConfig(), meshConfig({ name: "istio-canary", revision: "canary", trustDomain: "other.example" }), namespace("canary", { "istio.io/rev": "canary" }),
  serviceEntry("bar", "named", "named.example", { endpoints: [{ address: "10.44.0.1", ports: {}, labels: {}, serviceAccount: "other", network: null }] }), serviceEntry("foo", "shadow", hostOf("two"), { location: "MESH_EXTERNAL", exportTo: ["."] }),
  peerAuthentication("bar", "disabled", "DISABLE", { selector: { app: "disabled" } }), peerAuthentication("bar", "port", "STRICT", { selector: { app: "port" }, portLevelMtls: { 8080: "DISABLE" } }), peerAuthentication("baz", "default", "DISABLE"),
  destinationRule("bar", "ruled", hostOf("ruled"), DISABLE), destinationRule("bar", "partly", hostOf("partly"), { ...DISABLE, exportTo: ["foo"] }), destinationRule("qux", "own", hostOf("one"), DISABLE),
  destinationRule("foo", "some", hostOf("one"), { ...DISABLE, workloadSelector: { app: "third" } }), destinationRule("bar", "routed", hostOf("routed"), { subsets: [{ name: "v1", labels: {}, ...DISABLE }] }),
  virtualService("bar", "routed", { hosts: [hostOf("routed")], http: [{ conditional: false, destinations: [{ host: hostOf("routed"), subset: "v1", port: null }] }] }),
  authorizationPolicy("bar", "guarded", { selector: { app: "guarded" }, rules: [authorizationRule({ from: [source({ principals: ["*/sa/first"] })] })] }),
  gateway("bar", "gate", { selector: { app: "gate" }, servers: [{ port: 80, protocol: "HTTP", hosts: ["*"], tlsMode: null }] }),
  { kind: "KubernetesGateway", namespace: "bar", name: "way", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio-waypoint", listeners: [] },
  sidecar("scoped", "default", { egress: egress(`bar/${hostOf("one")}`) }),
] as const;

function peculiarMesh(): Configuration {
  return mesh([...servers, ...clients, ...configured]);
}

describe("what is shared between those that are alike", () => {
  it.each([["in order", (ids: readonly WorkloadId[]) => ids], ["in reverse", (ids: readonly WorkloadId[]) => ids.toReversed()]] as const)("is what each is told alone, asked %s", (_order, ordered) => {
    expect(expectAlike(peculiarMesh(), ordered)).toBeGreaterThan(1000);
  });
});
