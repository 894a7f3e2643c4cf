import type { KubernetesGateway, MeshObject } from "#mesh";
import { byHost, describeRules } from "../support/judging.ts";
import { controlPlane, destinationRule, egress, gateway, meshConfig, peerAuthentication, pod, second, service, serviceEntry, sidecar, tls, trafficPolicy } from "../support/mesh.ts";

const plain = pod("foo", "client");
const meshed = pod("foo", "client", { proxy: "sidecar" });
const server = pod("bar", "server", { proxy: "sidecar" });
const bare = pod("bar", "server");
const port = (name: string) => service("bar", "server", { ports: [{ port: 80, name, targetPort: 8080 }] });
const web = port("http");
const mode = (written: string) => peerAuthentication("bar", "default", written);
const rule = (written: string, options: Parameters<typeof tls>[1] = {}) => destinationRule("foo", "own", "*", { trafficPolicy: trafficPolicy(tls(written, options)) });

describeRules("client and server put together", [
  { rule: "JOIN-1", name: "plaintext to a pod without proxy", objects: [plain, bare, web, mode("STRICT")], expect: { transport: "plaintext" } },
  { rule: "JOIN-2", name: "mTLS to a pod without proxy", objects: [meshed, bare, web, rule("ISTIO_MUTUAL")], expect: { transport: "blocked" } },
  { rule: "JOIN-3", name: "other TLS to a pod without proxy", objects: [meshed, bare, web, rule("SIMPLE")], expect: { transport: "tls" } },
  { rule: "JOIN-3", name: "other TLS to a PERMISSIVE TCP port", objects: [meshed, server, port("tcp"), rule("SIMPLE")], expect: { transport: "tls" } },
  { rule: "JOIN-3", name: "other TLS to a DISABLE port that is told from its bytes", objects: [meshed, server, port("x"), mode("DISABLE"), rule("SIMPLE")], expect: { transport: "tls" } },
  { rule: "JOIN-4", name: "plaintext to STRICT", objects: [plain, server, web, mode("STRICT")], expect: { transport: "blocked" } },
  { rule: "JOIN-5", name: "plaintext to PERMISSIVE", objects: [plain, server, web], expect: { transport: "plaintext" } },
  { rule: "JOIN-5", name: "plaintext to DISABLE", objects: [plain, server, web, mode("DISABLE")], expect: { transport: "plaintext" } },
  { rule: "JOIN-6", name: "mTLS to STRICT", objects: [meshed, server, web, mode("STRICT")], expect: { transport: "mTLS" } },
  { rule: "JOIN-6", name: "mTLS to PERMISSIVE", objects: [meshed, server, web], expect: { transport: "mTLS" } },
  { rule: "JOIN-7", name: "mTLS to DISABLE", objects: [meshed, server, web, mode("DISABLE"), rule("ISTIO_MUTUAL")], expect: { transport: "blocked" } },
  { rule: "JOIN-8", name: "other TLS to STRICT", objects: [meshed, server, port("tcp"), mode("STRICT"), rule("SIMPLE")], expect: { transport: "blocked" } },
  { rule: "JOIN-9", name: "other TLS to a PERMISSIVE HTTP port", objects: [meshed, server, web, rule("SIMPLE")], expect: { transport: "blocked" } },
  { rule: "JOIN-9", name: "other TLS to a DISABLE HTTP port", objects: [meshed, server, web, mode("DISABLE"), rule("SIMPLE")], expect: { transport: "blocked" } },
  {
    rule: "JOIN-10",
    name: "a port that a Sidecar's ingress leaves out is told from its bytes",
    objects: [meshed, server, web, rule("SIMPLE"), sidecar("bar", "ports", { ingress: [{ port: 9999, protocol: "HTTP", captureMode: null, tlsMode: null }] })],
    expect: { transport: "tls" },
  },
  {
    rule: "JOIN-11",
    name: "the oldest Service says what a port speaks",
    objects: [
      meshed, server, rule("SIMPLE"),
      service("bar", "server", { createdAtMs: second(9), ports: [{ port: 80, name: "tcp", targetPort: 8080 }] }),
      service("bar", "older", { createdAtMs: second(1), selector: { app: "server" }, ports: [{ port: 81, name: "http", targetPort: 8080 }] }),
    ],
    expect: { transport: "blocked" },
  },
  { rule: "JOIN-12", name: "a tunnel to a STRICT ambient workload", objects: [pod("foo", "client", { proxy: "ambient" }), pod("bar", "server", { proxy: "ambient" }), web, mode("STRICT")], expect: { clientMode: "HBONE", transport: "mTLS" } },
  { rule: "JOIN-13", name: "plaintext to a STRICT ambient workload", objects: [plain, pod("bar", "server", { proxy: "ambient" }), web, mode("STRICT")], expect: { transport: "blocked" } },
  { rule: "JOIN-14", name: "what the client's proxy refuses", objects: [meshed, server, meshConfig({ outboundTrafficPolicyMode: "REGISTRY_ONLY" })], asked: { via: "podIP" }, expect: { clientMode: "BLACKHOLE", transport: "blocked" } },
]);

const strangers = serviceEntry("foo", "entry", "entry.example", { endpoints: [{ address: "10.3.3.3", ports: {}, labels: {}, serviceAccount: "server", network: null }] });
const elsewhere: MeshObject = pod("bar", "server", { proxy: "sidecar", ips: ["10.3.3.3"] });

describeRules("who is who", [
  { rule: "ID-1", name: "an account of the entry's namespace, a pod of another", objects: [meshed, elsewhere, strangers], asked: { via: byHost("entry.example") }, expect: { clientMode: "AUTO_MTLS", serverMode: "PERMISSIVE", transport: "blocked" } },
  { rule: "ID-2", name: "a DestinationRule that expects another", objects: [meshed, server, web, rule("ISTIO_MUTUAL", { subjectAltNames: ["spiffe://cluster.local/ns/x/sa/y"] })], expect: { transport: "blocked" } },
  { rule: "JOIN-6", name: "a DestinationRule that expects this one", objects: [meshed, server, web, rule("ISTIO_MUTUAL", { subjectAltNames: ["spiffe://cluster.local/ns/bar/sa/server"] })], expect: { transport: "mTLS" } },
  {
    rule: "ID-3",
    name: "a trust domain that the server's mesh does not know",
    objects: [
      pod("foo", "client", { proxy: "sidecar", annotations: { "istio.io/rev": "canary" } }), server, web,
      meshConfig(), meshConfig({ name: "istio-canary", revision: "canary", trustDomain: "other.example" }), controlPlane(), controlPlane({ name: "istiod-canary", revision: "canary" }),
    ],
    expect: { clientMode: "AUTO_MTLS", serverMode: "PERMISSIVE", transport: "blocked" },
  },
  {
    rule: "JOIN-6",
    name: "an alias makes it known",
    objects: [
      pod("foo", "client", { proxy: "sidecar", annotations: { "istio.io/rev": "canary" } }), server, web,
      meshConfig({ trustDomainAliases: ["other.example"] }), meshConfig({ name: "istio-canary", revision: "canary", trustDomain: "other.example" }), controlPlane(), controlPlane({ name: "istiod-canary", revision: "canary" }),
    ],
    expect: { transport: "mTLS" },
  },
]);

const gate = pod("bar", "server", { proxy: "gateway" });
const apiGate = pod("bar", "server", { proxy: "gateway", labels: { "gateway.networking.k8s.io/gateway-name": "gate" } });
const apiListens = (tlsMode: string | null): KubernetesGateway => ({
  kind: "KubernetesGateway", namespace: "bar", name: "gate", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio", listeners: [{ name: "https", port: 80, protocol: "HTTPS", tlsMode, hostname: null }],
});
const listens = (protocol: string, tlsMode: string | null, number = 80) => gateway("bar", "gate", { selector: { app: "server" }, servers: [{ port: number, protocol, hosts: ["*"], tlsMode }] });

describeRules("gateways as servers", [
  { rule: "GW-1", name: "PeerAuthentication is not asked", objects: [meshed, gate, web, listens("HTTP", null), peerAuthentication("istio-system", "default", "STRICT")], expect: { clientMode: "AUTO_PLAINTEXT", serverMode: "GATEWAY", transport: "plaintext" } },
  { rule: "GW-2", name: "nothing listens", objects: [meshed, gate, web], expect: { transport: "blocked" } },
  { rule: "GW-3", name: "a server's port that no Service has is the container's", objects: [meshed, gate, web, listens("HTTP", null, 8080)], expect: { transport: "plaintext" } },
  {
    rule: "GW-2",
    name: "one that a Service has is the Service's, and listens on its target port",
    objects: [meshed, gate, service("bar", "server", { ports: [{ port: 80, name: "http", targetPort: 8080 }, { port: 8080, name: "http-other", targetPort: 9090 }] }), listens("HTTP", null, 8080)],
    expect: { transport: "blocked" },
  },
  { rule: "GW-3", name: "ISTIO_MUTUAL takes mTLS", objects: [meshed, gate, web, listens("HTTPS", "ISTIO_MUTUAL"), rule("ISTIO_MUTUAL")], expect: { clientMode: "DR_ISTIO_MUTUAL", transport: "mTLS" } },
  { rule: "GW-3", name: "SIMPLE takes other TLS", objects: [meshed, gate, web, listens("HTTPS", "SIMPLE"), rule("SIMPLE")], expect: { transport: "tls" } },
  { rule: "GW-3", name: "a listener of the Gateway API takes mTLS where its option says so", objects: [meshed, apiGate, web, apiListens("ISTIO_MUTUAL"), rule("ISTIO_MUTUAL")], expect: { transport: "mTLS" } },
  { rule: "GW-4", name: "and else refuses it", objects: [meshed, apiGate, web, apiListens("SIMPLE"), rule("ISTIO_MUTUAL")], expect: { transport: "blocked" } },
  {
    rule: "GW-3",
    name: "of several servers on a port, the one that is for it",
    objects: [meshed, gate, web, gateway("bar", "a", { selector: { app: "server" }, servers: [{ port: 80, protocol: "HTTPS", hosts: ["*.example"], tlsMode: "SIMPLE" }, { port: 80, protocol: "HTTPS", hosts: ["*"], tlsMode: "ISTIO_MUTUAL" }] }), rule("ISTIO_MUTUAL")],
    expect: { transport: "mTLS" },
  },
  {
    rule: "JOIN-14",
    name: "what the client's proxy drops does not arrive",
    objects: [meshed, gate, web, listens("HTTP", null), sidecar("foo", "closed", { egress: egress("foo/*"), outboundTrafficPolicyMode: "REGISTRY_ONLY" })],
    expect: { clientMode: "BLACKHOLE", transport: "blocked" },
  },
  { rule: "GW-4", name: "ISTIO_MUTUAL refuses plaintext", objects: [plain, gate, web, listens("HTTPS", "ISTIO_MUTUAL")], expect: { transport: "blocked" } },
  { rule: "GW-4", name: "HTTP refuses mTLS", objects: [meshed, gate, web, listens("HTTP", null), rule("ISTIO_MUTUAL")], expect: { transport: "blocked" } },
]);

const grpc = (name: "client" | "server", options: Parameters<typeof pod>[2] = {}) => pod(name === "client" ? "foo" : "bar", name, { proxy: "grpc-agent", ...options });

describeRules("gRPC without proxy", [
  { rule: "GRPC-1", name: "STRICT is enforced", objects: [plain, grpc("server"), web, mode("STRICT")], expect: { serverMode: "STRICT", transport: "blocked" } },
  { rule: "GRPC-2", name: "PERMISSIVE with the label takes mTLS only", objects: [plain, grpc("server"), web], expect: { serverMode: "STRICT", transport: "blocked" } },
  { rule: "GRPC-2", name: "PERMISSIVE without takes plaintext only", objects: [plain, grpc("server", { labels: { "security.istio.io/tlsMode": "disabled" } }), web], expect: { serverMode: "DISABLE", transport: "plaintext" } },
  { rule: "GRPC-3", name: "ISTIO_MUTUAL turns mTLS on", objects: [grpc("client"), server, web, rule("ISTIO_MUTUAL")], expect: { clientMode: "DR_ISTIO_MUTUAL", transport: "mTLS" } },
  { rule: "GRPC-4", name: "nothing else does", objects: [grpc("client"), server, web, rule("SIMPLE")], expect: { clientMode: "AUTO_PLAINTEXT", transport: "plaintext" } },
]);
