import { describe, expect, it } from "vitest";
import type { IstioGateway, KubernetesGateway, MeshObject } from "#mesh";
import { judgeMesh } from "#mesh";
import { describeChains, flattened, question, wholeOf } from "../support/judging.ts";
import { authorizationPolicy, authorizationRule, controlPlane, destinationRule, gateway, mesh, meshConfig, operation, pod, second, service, tls, trafficPolicy, unread, virtualService } from "../support/mesh.ts";

// What a gateway's servers take, and who proves to be whom.

const client = pod("foo", "client", { proxy: "sidecar" });
const NAME = "gateway.networking.k8s.io/gateway-name";
const gate = pod("bar", "server", { proxy: "gateway", labels: { [NAME]: "api" } });
const web = service("bar", "server");
const rule = (mode: string) => destinationRule("foo", "own", "*", { trafficPolicy: trafficPolicy(tls(mode)) });

type Server = readonly [protocol: string, tlsMode: string | null, ...hosts: readonly string[]];

function listening(name: string, ...servers: readonly Server[]): IstioGateway {
  return gateway("bar", name, { selector: { app: "server" }, servers: servers.map(([protocol, tlsMode, ...hosts]) => ({ port: 80, protocol, hosts: hosts.length === 0 ? ["*"] : hosts, tlsMode })) });
}

const HOST = "server.bar.svc.cluster.local";
const destinations = [{ host: HOST, subset: null, port: null }];
const leadsOn = virtualService("bar", "on", { hosts: ["*"], gateways: ["gate"], tcp: [{ conditional: false, destinations }], tls: [{ sniHosts: ["*"], destinations }] });

function api(options: Partial<KubernetesGateway> = {}): KubernetesGateway {
  const listeners = [{ name: "a", port: 99, protocol: "HTTP", tlsMode: null }, { name: "b", port: 80, protocol: "TLS", tlsMode: "PASSTHROUGH" }];
  return { kind: "KubernetesGateway", namespace: "bar", name: "api", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio", listeners, ...options };
}

/** What becomes of plaintext, of mTLS and of other TLS. */
function fates(...objects: readonly MeshObject[]): readonly (string | undefined)[] {
  return [transport(...objects), transport(...objects, rule("ISTIO_MUTUAL")), transport(...objects, rule("SIMPLE"))].map(([value]) => value);
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
  const NONE = ["blocked", "blocked", "blocked"];

  it.each([
    ["HTTP", null, HTTP], ["http", null, HTTP], ["HTTP2", null, HTTP], ["GRPC", null, HTTP], ["UNHEARD-OF", null, RAW], ["HTTP", "", HTTP], ["HTTP", "SIMPLE", HTTP],
    ["HTTPS", null, RAW], ["https", null, RAW], ["TLS", null, RAW], ["HTTPS", "", RAW], ["TLS", "PASSTHROUGH", RAW], ["HTTPS", "MUTUAL", TLS], ["HTTPS", "OPTIONAL_MUTUAL", TLS], ["TLS", "SIMPLE", TLS], ["HTTPS", "UNHEARD_OF", TLS],
    ["TLS", "AUTO_PASSTHROUGH", MUTUAL], ["HTTPS", "ISTIO_MUTUAL", MUTUAL], ["TCP", null, RAW], ["tcp", null, RAW], ["MONGO", null, RAW], ["MYSQL", null, RAW], ["REDIS", null, RAW], ["TCP", "", RAW], ["TCP", "ISTIO_MUTUAL", MUTUAL],
  ] as const)("[GW-3, GW-4] %s %s takes of plaintext, mTLS and other TLS: %j", (protocol, tlsMode, expected) => {
    expect(fates(listening("gate", [protocol, tlsMode]), leadsOn)).toEqual(expected);
  });

  it("[GW-3] is named, with what is written there", () => {
    expect(transport(listening("gate", ["HTTPS", "SIMPLE", "a.example"], ["HTTP", null]))).toEqual(["plaintext", "GW-3 Gateway bar/gate spec.servers[1] = HTTP"]);
    expect(transport(listening("gate", ["HTTPS", "ISTIO_MUTUAL"]), rule("ISTIO_MUTUAL"))).toEqual(["mTLS", "GW-3 Gateway bar/gate spec.servers[0] = HTTPS ISTIO_MUTUAL"]);
    expect(transport(api({ listeners: [{ name: "a", port: 99, protocol: "HTTP", tlsMode: null }, { name: "b", port: 80, protocol: "HTTPS", tlsMode: "SIMPLE", hostname: HOST }] }), rule("SIMPLE"))).toEqual(["tls", "GW-3 KubernetesGateway bar/api spec.listeners[1] = HTTPS SIMPLE"]);
  });

  it.each<readonly [string, readonly IstioGateway[], readonly string[]]>([
    ["TLS after HTTP", [listening("a", ["HTTP", null]), listening("b", ["HTTPS", "SIMPLE"])], HTTP],
    ["mTLS after HTTP", [listening("a", ["HTTP", null], ["HTTPS", "ISTIO_MUTUAL"])], HTTP],
    ["HTTP after TCP", [listening("gate", ["TCP", null]), listening("h", ["HTTP", null])], RAW],
    ["TCP after HTTP", [listening("a", ["HTTP", null]), listening("gate", ["TCP", null])], HTTP],
    ["HTTP after HTTP", [listening("a", ["HTTP", null, "a.example"]), listening("b", ["GRPC", null, "b.example"])], HTTP],
    ["other TLS after mTLS for the same host", [listening("a", ["HTTPS", "ISTIO_MUTUAL"]), listening("b", ["HTTPS", "SIMPLE"])], MUTUAL],
    ["mTLS after other TLS for the same host", [listening("a", ["HTTPS", "SIMPLE"]), listening("b", ["HTTPS", "ISTIO_MUTUAL"])], TLS],
  ])("[GW-5] %s", (_, gateways, expected) => {
    expect(fates(...gateways, leadsOn)).toEqual(expected);
  });

  it("[GW-5] counts by age, then by name, and says what was left out", () => {
    const [tcp, http] = [listening("gate", ["TCP", null]), listening("z", ["HTTP", null])];
    expect(fates({ ...tcp, createdAtMs: second(2) }, http, leadsOn)).toEqual(HTTP);
    expect(transport({ ...tcp, createdAtMs: second(2) }, http, leadsOn)).toEqual(["plaintext", "GW-3 Gateway bar/z spec.servers[0] = HTTP", "  GW-5 Gateway bar/gate spec.servers[0] = TCP"]);
  });

  it.each<readonly [string, Parameters<typeof virtualService>[2] & { readonly of?: string }, string, string]>([
    ["of another namespace, by its namespace", { of: "foo", gateways: ["bar/gate"] }, "*", "plaintext"],
    ["of another namespace, by a name of its own", { of: "foo", gateways: ["gate"] }, "*", "blocked"],
    ["by `./`", { gateways: ["./gate"] }, "*", "plaintext"],
    ["by the beginning of a host", { of: "foo", gateways: ["gate.bar.svc.cluster.local"] }, "*", "plaintext"],
    ["that is not exported to the gateway", { of: "foo", gateways: ["bar/gate"], exportTo: ["."] }, "*", "blocked"],
    ["for the mesh only", { gateways: [] }, "*", "blocked"],
    ["for a host of the server", { hosts: ["x.example"] }, "*.example", "plaintext"],
    ["for more hosts than the server's", { hosts: ["*.example"] }, "y.example", "plaintext"],
    ["for another host", { hosts: ["x.example"] }, "y.example", "blocked"],
    ["of the namespace that the server is for", { hosts: ["x.example"] }, "bar/*.example", "plaintext"],
    ["of another namespace than the server is for", { hosts: ["x.example"] }, "foo/*.example", "blocked"],
    ["of the Gateway's namespace", { hosts: ["x.example"] }, "./*.example", "plaintext"],
    ["of any namespace", { hosts: ["x.example"] }, "*/x.example", "plaintext"],
    ["for a short name", { hosts: ["x"] }, "x.bar.svc.cluster.local", "plaintext"],
    ["for the server's port", { tcp: [{ conditional: true, destinations, matches: [{ port: 80, gateways: [], sniHosts: [], conditional: false }] }] }, "*", "plaintext"],
    ["for the port behind it", { tcp: [{ conditional: true, destinations, matches: [{ port: 8080, gateways: [], sniHosts: [], conditional: false }] }] }, "*", "blocked"],
    ["whose route is for the mesh", { tcp: [{ conditional: true, destinations, matches: [{ port: null, gateways: ["mesh"], sniHosts: [], conditional: false }] }] }, "*", "blocked"],
    ["one of whose routes is for it", { tcp: [{ conditional: true, destinations, matches: [{ port: 81, gateways: ["mesh"], sniHosts: [], conditional: false }, { port: 80, gateways: ["bar/gate"], sniHosts: [], conditional: false }] }] }, "*", "plaintext"],
    ["for requests", { tcp: [], http: [{ conditional: false, destinations }] }, "*", "blocked"],
  ])("[GW-6] a VirtualService %s", (_, { of = "bar", ...options }, host, expected) => {
    const leads = virtualService(of, "v", { hosts: ["*"], gateways: ["gate"], tcp: [{ conditional: false, destinations }], ...options });
    expect(transport(listening("gate", ["TCP", null, host]), leads)[0]).toBe(expected);
  });

  it("[GW-6] names the server for which there is none", () => {
    expect(fates(listening("gate", ["TCP", null]))).toEqual(NONE);
    expect(fates(listening("gate", ["TLS", "PASSTHROUGH"]))).toEqual(NONE);
    expect(fates(listening("gate", ["TCP", "ISTIO_MUTUAL"]))).toEqual(NONE);
    expect(transport(listening("gate", ["TCP", null]))).toEqual(["blocked", "GW-6 Gateway bar/gate spec.servers[0] = TCP"]);
  });

  it("[GW-6] may have one that was not read", () => {
    const asked = (protocol: string) => {
      const objects = [client, gate, web, listening("gate", [protocol, null])];
      return flattened(judgeMesh(mesh(objects, { unread: [unread("VirtualService")] })).connection(question(mesh(objects)))).transport;
    };
    expect(asked("TCP")).toBe("unknown");
  });

  it.each<readonly [string, Server, readonly string[]]>([
    ["mTLS for the dialled host is asked for a cluster", ["HTTPS", "ISTIO_MUTUAL", HOST], NONE],
    ["mTLS for any host of a namespace", ["HTTPS", "ISTIO_MUTUAL", "*.bar.svc.cluster.local"], MUTUAL],
    ["other TLS for the dialled host is asked for it", ["HTTPS", "SIMPLE", HOST], TLS],
    ["other TLS for another host", ["HTTPS", "SIMPLE", "a.example"], NONE],
    ["mTLS that is passed on, for the cluster's host", ["TLS", "AUTO_PASSTHROUGH", "*.local"], MUTUAL],
    ["mTLS that is passed on, for another host", ["TLS", "AUTO_PASSTHROUGH", "a.example"], NONE],
  ])("[GW-7] %s", (_, server, expected) => {
    expect(fates(listening("gate", server))).toEqual(expected);
  });

  const PASSING = listening("gate", ["TLS", "AUTO_PASSTHROUGH", "*.local"]);
  const asked = (...objects: readonly MeshObject[]) => {
    const configuration = mesh([client, gate, PASSING, rule("ISTIO_MUTUAL"), ...objects]);
    return wholeOf(judgeMesh(configuration).connection(question(configuration)).transport);
  };
  const exported = (exportTo: string) => service("bar", "server", { annotations: { "networking.istio.io/exportTo": exportTo } });

  it.each([["*", "mTLS"], ["foo,.", "mTLS"], ["foo", "blocked"]])("[GW-10] mTLS is passed on for what is exported to the gateway (%s)", (exportTo, expected) => {
    expect(asked(exported(exportTo))[0]).toBe(expected);
  });

  it("[GW-10] says what is hidden from it", () => {
    expect(asked(exported("foo"))).toEqual(expect.arrayContaining([expect.stringContaining("GW-10 Service bar/server")]));
  });

  it("[GW-10] goes by the mesh's default, as Istio's own code was seen to", () => {
    expect(asked(web, meshConfig({ defaultServiceExportTo: ["foo"] }))[0]).toBe("blocked");
  });

  it("[GW-7] a DestinationRule says which name is asked for", () => {
    const asking = (sni: string | null) => transport(listening("gate", ["HTTPS", "ISTIO_MUTUAL", "a.example"]), destinationRule("foo", "own", "*", { trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL", { sni })) }));
    expect(asking("a.example")[0]).toBe("mTLS");
    expect(asking(null)).toEqual(["blocked", "GW-7 Gateway bar/gate spec.servers[0] = HTTPS ISTIO_MUTUAL"]);
  });

  it("[GW-7] bytes that are no request ask for no name, and nobody knows of either", () => {
    const asked = (name: string) => {
      const objects = [client, gate, service("bar", "server", { ports: [{ port: 80, name, targetPort: 8080 }] }), listening("gate", ["HTTPS", "SIMPLE", HOST]), rule("SIMPLE")];
      return flattened(judgeMesh(mesh(objects)).connection(question(mesh(objects)))).transport;
    };
    expect([asked("http"), asked("tcp"), asked("web")]).toEqual(["tls", "blocked", "unknown"]);
  });

  it("[GW-8] plaintext after TLS for any host, and after TLS for one", () => {
    expect(fates(listening("gate", ["HTTPS", "SIMPLE"], ["HTTP", null]))).toEqual(NONE);
    expect(transport(listening("gate", ["HTTPS", "SIMPLE"], ["HTTP", null]))).toEqual(["blocked", "GW-8 Gateway bar/gate spec.servers[1] = HTTP"]);
    expect(fates(listening("gate", ["HTTPS", "ISTIO_MUTUAL", "*.local"], ["HTTP", null]))).toEqual(["plaintext", "mTLS", "blocked"]);
    expect(fates(listening("gate", ["TLS", "AUTO_PASSTHROUGH"], ["HTTP", null]))).toEqual(["plaintext", "mTLS", "blocked"]);
  });

  // The Gateway API: a listener of TCP or TLS answers nobody while no route is attached to it; `hostname` is what the name (SNI) is matched against.
  const listener = (protocol: string, tlsMode: string | null, hostname?: string | null) => api({ listeners: [{ name: "b", port: 80, protocol, tlsMode, ...(hostname === undefined ? {} : { hostname }) }] });
  const UNKNOWN = "unknown";

  it.each<readonly [string, KubernetesGateway, readonly string[]]>([
    ["HTTP", listener("HTTP", null, null), HTTP],
    ["HTTP for one host, which a request names, and no listener asks for", listener("HTTP", null, "a.example"), HTTP],
    ["HTTPS for any host", listener("HTTPS", "SIMPLE", null), TLS],
    ["HTTPS for the dialled host", listener("HTTPS", "SIMPLE", HOST), TLS],
    ["HTTPS for hosts with the dialled one", listener("HTTPS", "MUTUAL", "*.svc.cluster.local"), TLS],
    ["HTTPS for another host", listener("HTTPS", "SIMPLE", "a.example"), NONE],
    ["HTTPS for a host that was not read", listener("HTTPS", "SIMPLE"), ["blocked", "blocked", UNKNOWN]],
    ["mTLS for any host", listener("HTTPS", "ISTIO_MUTUAL", null), MUTUAL],
    ["mTLS for the Service's host, which is no cluster", listener("HTTPS", "ISTIO_MUTUAL", HOST), NONE],
    ["TCP", listener("TCP", null, null), [UNKNOWN, "blocked", UNKNOWN]],
    ["TLS that is ended", listener("TLS", "SIMPLE", null), ["blocked", "blocked", UNKNOWN]],
    ["TLS that is passed on", listener("TLS", "PASSTHROUGH", null), [UNKNOWN, "blocked", UNKNOWN]],
    ["TLS for another host that is passed on", listener("TLS", "PASSTHROUGH", "a.example"), NONE],
    ["mTLS that is passed on needs no route", listener("TLS", "AUTO_PASSTHROUGH", null), MUTUAL],
  ])("[GW-3, GW-4, GW-7] a listener of the Gateway API for %s", (_, gateway, expected) => {
    expect(fates(gateway)).toEqual(expected);
  });

  it("[GW-6] says which routes were not read, and only where they decide", () => {
    const routes = "? the TCPRoutes and TLSRoutes that lead on from `spec.listeners[0]` of `KubernetesGateway` `bar/api` (TCP): routes of the Gateway API are not read";
    expect(transport(listener("TCP", null, null))).toEqual([UNKNOWN, routes]);
    expect(transport(listener("TCP", null, null), rule("ISTIO_MUTUAL"))).toEqual(["blocked", "GW-4 KubernetesGateway bar/api spec.listeners[0] = TCP"]);
  });

  describe("with an address of its own", () => {
    const at = (name: string, bind: string | undefined, protocol = "HTTP", tlsMode: string | null = null) =>
      gateway("bar", name, { selector: { app: "server" }, servers: [{ port: 80, protocol, hosts: ["*"], tlsMode, ...(bind === undefined ? {} : { bind }) }] });
    const placed = (...ips: readonly string[]) => pod("bar", "server", { proxy: "gateway", labels: { [NAME]: "api" }, ips });
    const asked = (ips: readonly string[], ...gateways: readonly MeshObject[]) => {
      const configuration = mesh([client, placed(...ips), web, ...gateways]);
      return wholeOf(judgeMesh(configuration).connection(question(configuration)).transport);
    };
    const mixed = "? which servers of the gateway listen at the address that is dialled: `bind` of `Gateway` `bar/a` tells them apart";

    it.each<readonly [string, readonly string[], readonly MeshObject[], readonly string[]]>([
      ["that is the pod's", ["10.1.1.1"], [at("a", "10.1.1.1")], ["plaintext", "GW-3 Gateway bar/a spec.servers[0] = HTTP"]],
      ["that is any", ["10.1.1.1"], [at("a", "0.0.0.0")], ["plaintext", "GW-3 Gateway bar/a spec.servers[0] = HTTP"]],
      ["that is another", ["10.1.1.1"], [at("a", "127.0.0.1")], ["blocked", "GW-9 Gateway bar/a spec.servers[0].bind = 127.0.0.1"]],
      ["that is another, beside one without", ["10.1.1.1"], [at("a", "127.0.0.1", "TCP"), at("b", undefined)], ["plaintext", "GW-3 Gateway bar/b spec.servers[0] = HTTP"]],
      ["that is the pod's, beside one without", ["10.1.1.1"], [at("a", "10.1.1.1", "TCP"), at("b", undefined)], [UNKNOWN, mixed]],
      ["that is one of the pod's two", ["10.1.1.1", "fd00::1"], [at("a", "10.1.1.1")], [UNKNOWN, mixed]],
    ])("[GW-9] an address %s", (_, ips, gateways, expected) => {
      expect(asked(ips, ...gateways)).toEqual(expected);
    });
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
    expect(transport(listening("z", ["HTTPS", "SIMPLE"]), listening("a", ["HTTPS", "MUTUAL"]))).toEqual(["blocked", "GW-4 Gateway bar/a spec.servers[0] = HTTPS MUTUAL", "  GW-5 Gateway bar/z spec.servers[0] = HTTPS SIMPLE"]);
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

describe("policies at a gateway", () => {
  const denied = (listens: IstioGateway, rule: Parameters<typeof authorizationRule>[0], mode = "ISTIO_MUTUAL") => {
    const configuration = mesh([client, gate, web, leadsOn, listens, destinationRule("foo", "own", "*", { trafficPolicy: trafficPolicy(tls(mode)) }), authorizationPolicy("bar", "denies", { action: "DENY", rules: [authorizationRule(rule)] })]);
    return flattened(judgeMesh(configuration).connection(question(configuration))).authz;
  };
  const path = { to: [operation({ paths: ["/x"] })] };

  it.each([
    ["HTTP", null, "DISABLE", "conditional"], ["HTTPS", "ISTIO_MUTUAL", "ISTIO_MUTUAL", "conditional"], ["HTTPS", "SIMPLE", "SIMPLE", "conditional"],
    ["TCP", null, "DISABLE", "deny"], ["TCP", "ISTIO_MUTUAL", "ISTIO_MUTUAL", "deny"], ["TLS", "ISTIO_MUTUAL", "ISTIO_MUTUAL", "deny"], ["TLS", "PASSTHROUGH", "SIMPLE", "deny"],
  ] as const)("[AP-1, AP-6] a path, at a server for %s %s to which %s is sent: %s", (protocol, tlsMode, sent, expected) => {
    expect(denied(listening("gate", [protocol, tlsMode]), path, sent)).toBe(expected);
  });

  it("[AP-8] nothing is asked of mTLS that is passed on", () => {
    expect([denied(listening("gate", ["TLS", "AUTO_PASSTHROUGH"]), {}), denied(listening("gate", ["TLS", "ISTIO_MUTUAL"]), {})]).toEqual(["allow", "deny"]);
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
