import { describe, expect, it } from "vitest";
import type { IstioGateway, KubernetesGateway, MeshObject } from "#mesh";
import { judgeMesh } from "#mesh";
import { describeChains, flattened, question, wholeOf } from "../support/judging.ts";
import { controlPlane, destinationRule, gateway, mesh, meshConfig, pod, second, service, tls, trafficPolicy, unread } from "../support/mesh.ts";

// What a gateway's servers take, and who proves to be whom.

const client = pod("foo", "client", { proxy: "sidecar" });
const NAME = "gateway.networking.k8s.io/gateway-name";
const gate = pod("bar", "server", { proxy: "gateway", labels: { [NAME]: "api" } });
const web = service("bar", "server");
const rule = (mode: string) => destinationRule("foo", "own", "*", { trafficPolicy: trafficPolicy(tls(mode)) });

type Server = readonly [protocol: string, tlsMode: string | null];

function listening(name: string, ...servers: readonly Server[]): IstioGateway {
  return gateway("bar", name, { selector: { app: "server" }, servers: servers.map(([protocol, tlsMode]) => ({ port: 80, protocol, hosts: ["*"], tlsMode })) });
}

function api(options: Partial<KubernetesGateway> = {}): KubernetesGateway {
  const listeners = [{ name: "a", port: 99, protocol: "HTTP", tlsMode: null }, { name: "b", port: 80, protocol: "TLS", tlsMode: "PASSTHROUGH" }];
  return { kind: "KubernetesGateway", namespace: "bar", name: "api", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio", listeners, ...options };
}

function transport(...objects: readonly MeshObject[]): readonly string[] {
  const configuration = mesh([client, gate, web, ...objects]);
  return wholeOf(judgeMesh(configuration).connection(question(configuration)).transport);
}

describe("a gateway's server", () => {
  const HTTP = ["plaintext", "blocked", "blocked"];
  const RAW = ["plaintext", "blocked", "tls"];
  const TLS = ["blocked", "blocked", "tls"];
  const MUTUAL = ["blocked", "mTLS", "blocked"];

  it.each([
    ["HTTP", null, HTTP], ["http", null, HTTP], ["HTTP2", null, HTTP], ["GRPC", null, HTTP], ["UNHEARD-OF", null, HTTP], ["HTTP", "", HTTP], ["HTTP", "SIMPLE", TLS],
    ["HTTPS", null, TLS], ["https", null, TLS], ["TLS", null, TLS], ["HTTPS", "", TLS], ["TLS", "PASSTHROUGH", TLS], ["HTTPS", "MUTUAL", TLS], ["HTTPS", "OPTIONAL_MUTUAL", TLS], ["HTTPS", "UNHEARD_OF", TLS],
    ["TLS", "AUTO_PASSTHROUGH", MUTUAL], ["HTTPS", "ISTIO_MUTUAL", MUTUAL], ["TCP", null, RAW], ["tcp", null, RAW], ["MONGO", null, RAW], ["MYSQL", null, RAW], ["REDIS", null, RAW], ["TCP", "", RAW], ["TCP", "ISTIO_MUTUAL", MUTUAL],
  ] as const)("[GW-3, GW-4] %s %s takes of plaintext, mTLS and other TLS: %j", (protocol, tlsMode, expected) => {
    const listens = listening("gate", [protocol, tlsMode]);
    expect([transport(listens), transport(listens, rule("ISTIO_MUTUAL")), transport(listens, rule("SIMPLE"))].map(([value]) => value)).toEqual(expected);
  });

  it("[GW-3] is named, with what is written there", () => {
    expect(transport(listening("gate", ["HTTPS", "SIMPLE"], ["HTTP", null]))).toEqual(["plaintext", "GW-3 Gateway bar/gate spec.servers[1] = HTTP"]);
    expect(transport(listening("gate", ["HTTPS", "ISTIO_MUTUAL"]), rule("ISTIO_MUTUAL"))).toEqual(["mTLS", "GW-3 Gateway bar/gate spec.servers[0] = HTTPS ISTIO_MUTUAL"]);
    expect(transport(api(), rule("SIMPLE"))).toEqual(["tls", "GW-3 KubernetesGateway bar/api spec.listeners[1] = TLS PASSTHROUGH"]);
  });

  it("[GW-3] is for every gateway without a selector", () => {
    expect(transport(gateway("foo", "all", { selector: {}, servers: [{ port: 80, protocol: "HTTP", hosts: ["*"], tlsMode: null }] }))[0]).toBe("plaintext");
  });

  it("[GW-3] listens on the target port of the oldest Service that has its port, literally without one", () => {
    const server = (port: number) => gateway("bar", "gate", { selector: { app: "server" }, servers: [{ port, protocol: "HTTP", hosts: ["*"], tlsMode: null }] });
    const other = (seconds: number) => service("bar", "other", { createdAtMs: second(seconds), selector: { app: "server" }, ports: [{ port: 80, name: "http", targetPort: 9000 }] });
    const young = { ...web, createdAtMs: second(5) };
    const asked = (...objects: readonly MeshObject[]) => wholeOf(judgeMesh(mesh([client, gate, ...objects])).connection(question(mesh([client, gate, web]))).transport)[0];
    expect([asked(young, server(80), other(9)), asked(young, server(80), other(1)), asked(young, server(8080))]).toEqual(["plaintext", "blocked", "plaintext"]);
  });

  it("[GW-4] is named by the first of them where none is for it, by name", () => {
    expect(transport(listening("z", ["HTTPS", "SIMPLE"]), listening("a", ["HTTPS", "MUTUAL"]))).toEqual(["blocked", "GW-4 Gateway bar/a spec.servers[0] = HTTPS MUTUAL"]);
  });

  it("[GW-2] is none where no Gateway selects the pod, or has its name", () => {
    expect(transport()).toEqual(["blocked", "GW-2 Pod bar/server"]);
    expect(transport(gateway("bar", "other", { selector: { app: "other" }, servers: [{ port: 80, protocol: "HTTP", hosts: ["*"], tlsMode: null }] }))[0]).toBe("blocked");
    expect(transport(api({ name: "other" }), rule("SIMPLE"))[0]).toBe("blocked");
    expect(transport(api({ namespace: "foo" }), rule("SIMPLE"))[0]).toBe("blocked");
  });

  it("may be one that was not read", () => {
    const objects = [client, gate, web, listening("gate", ["HTTP", null])];
    const known = (namespace: string) => flattened(judgeMesh(mesh(objects, { unread: [unread("KubernetesGateway", { namespace })] })).connection(question(mesh(objects)))).transport;
    expect([known("bar"), known("foo")]).toEqual(["unknown", "plaintext"]);
  });
});

const server = pod("bar", "server", { proxy: "sidecar" });
const names = (mode: string, ...subjectAltNames: readonly string[]) => destinationRule("bar", "names", "server", { trafficPolicy: trafficPolicy(tls(mode, { subjectAltNames })) });
const OWN = "spiffe://cluster.local/ns/bar/sa/server";
const canary = pod("foo", "client", { proxy: "sidecar", annotations: { "istio.io/rev": "canary" } });
const foreign: readonly MeshObject[] = [canary, server, web, meshConfig({ name: "istio-canary", revision: "canary", trustDomain: "other.example" }), controlPlane({ name: "istiod-canary", revision: "canary" })];

describeChains("identities", [
  {
    name: "[ID-2] none of the names that are wanted",
    objects: [client, server, web, names("ISTIO_MUTUAL", "spiffe://cluster.local/ns/x/sa/y", "spiffe://cluster.local/ns/x/sa/z")],
    says: { transport: ["blocked", "ID-2 DestinationRule bar/names spec.trafficPolicy.tls.subjectAltNames = spiffe://cluster.local/ns/x/sa/y, spiffe://cluster.local/ns/x/sa/z"] },
  },
  { name: "[ID-2] one of the names that are wanted", objects: [client, server, web, names("ISTIO_MUTUAL", "spiffe://cluster.local/ns/x/sa/y", OWN)], says: { transport: ["mTLS", "JOIN-6 Pod bar/server"] } },
  { name: "[ID-2] names of other TLS are not the mesh's", objects: [client, server, service("bar", "server", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] }), names("SIMPLE", "spiffe://x")], says: { transport: ["tls"] } },
  { name: "[ID-2] an account without name is `default`", objects: [client, pod("bar", "server", { proxy: "sidecar", serviceAccountName: "" }), web, names("ISTIO_MUTUAL", "spiffe://cluster.local/ns/bar/sa/default")], says: { transport: ["mTLS"] } },
  { name: "[ID-3] a trust domain that the server does not know", objects: [...foreign, meshConfig(), controlPlane()], says: { transport: ["blocked", "ID-3 Pod bar/server = other.example"] } },
  { name: "[ID-3] one whose authority it trusts", objects: [...foreign, meshConfig({ caTrustDomains: ["other.example"] }), controlPlane()], says: { transport: ["mTLS"] } },
  {
    name: "[CP-1] istiod is told not to ask",
    objects: [...foreign, meshConfig(), controlPlane({ env: { PILOT_SKIP_VALIDATE_TRUST_DOMAIN: "true" } })],
    says: { transport: ["mTLS", "CP-1 ControlPlane istio-system/istiod env.PILOT_SKIP_VALIDATE_TRUST_DOMAIN = true"] },
  },
]);
