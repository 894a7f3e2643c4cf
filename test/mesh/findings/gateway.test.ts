import { describe, expect, it } from "vitest";
import type { IstioGateway } from "#mesh";
import { gateway, pod, second, service, unread, virtualService } from "../../support/mesh.ts";
import { QUIET, rulesOf, told } from "./found.ts";

// Which servers Istio merges, and which it drops: `mergeGateways`; which chains it makes of them: `createGatewayTCPFilterChainOpts`.

const gate = pod("edge", "gate", { proxy: "gateway" });
const front = service("edge", "gate", { ports: [{ port: 443, name: "https", targetPort: 8443 }] });
const MESH = [...QUIET, gate, front];

type Server = readonly [protocol: string, tlsMode: string | null, ...hosts: readonly string[]];

function listening(name: string, age: number, ...servers: readonly Server[]): IstioGateway {
  return gateway("edge", name, { createdAtMs: second(age), selector: { app: "gate" }, servers: servers.map(([protocol, tlsMode, ...hosts]) => ({ port: 443, protocol, hosts: hosts.length === 0 ? ["*"] : hosts, tlsMode })) });
}

const destinations = [{ host: "httpbin.bar.svc.cluster.local", subset: null, port: null }];
const leading = (...gateways: readonly string[]) => virtualService("edge", "leads", { hosts: ["*"], gateways, tcp: [{ conditional: false, destinations }], tls: [{ sniHosts: ["*"], destinations }] });

describe("servers on one port", () => {
  it("[FND-63] TLS that comes after HTTP is refused", () => {
    expect(told([...MESH, listening("old", 1, ["HTTP", null]), listening("young", 2, ["HTTPS", "SIMPLE"])])).toEqual([
      "FND-63 breaks traffic: Gateway edge/young spec.servers[0] = HTTPS SIMPLE because of Gateway edge/old",
      "  refused",
      "  at edge/gate",
      "  port 8443",
      "  fix: set Gateway edge/young spec.servers[0].port.number = a port that no other server has",
      "  fix: remove Gateway edge/young spec.servers[0]",
    ]);
  });

  it("[FND-63] of TLS for one host that of the oldest Gateway ends it", () => {
    expect(told([...MESH, listening("a", 1, ["HTTPS", "ISTIO_MUTUAL", "x.example"]), listening("b", 2, ["HTTPS", "SIMPLE", "x.example"])])).toEqual([
      "FND-63 breaks traffic: Gateway edge/b spec.servers[0] = HTTPS SIMPLE because of Gateway edge/a",
      "  refused",
      "  at edge/gate",
      "  port 8443",
      "  fix: set Gateway edge/b spec.servers[0].hosts = hosts that no other server of the port has",
      "  fix: remove Gateway edge/b spec.servers[0]",
    ]);
  });

  it("[FND-63] bytes after HTTP are read as HTTP, requests after TCP are not read", () => {
    const lines = (...gateways: readonly IstioGateway[]) => told([...MESH, leading("old", "young"), ...gateways]).slice(0, 2);
    expect(lines(listening("old", 1, ["HTTP", null]), listening("young", 2, ["TCP", null]))).toEqual(["FND-63 breaks traffic: Gateway edge/young spec.servers[0] = TCP because of Gateway edge/old", "  protocol HTTP, not TCP"]);
    expect(lines(listening("old", 1, ["TCP", null]), listening("young", 2, ["HTTP", null]))).toEqual(["FND-63 weaker than it seems: Gateway edge/young spec.servers[0] = HTTP because of Gateway edge/old", "  protocol TCP, not HTTP"]);
  });

  it("[FND-63] is none where the other takes the same, or both stand", () => {
    expect(rulesOf([...MESH, listening("a", 1, ["HTTPS", "SIMPLE"]), listening("b", 2, ["HTTPS", "MUTUAL"])])).toEqual([]);
    expect(rulesOf([...MESH, listening("a", 1, ["HTTP", null, "x.example"]), listening("b", 2, ["HTTP", null, "y.example"])])).toEqual([]);
    expect(rulesOf([...MESH, listening("a", 1, ["HTTPS", "SIMPLE", "x.example"]), listening("b", 2, ["HTTPS", "ISTIO_MUTUAL", "y.example"])])).toEqual([]);
    expect(rulesOf([...MESH, listening("a", 1, ["HTTP", null]), gateway("edge", "other", { selector: { app: "other" }, servers: [{ port: 443, protocol: "HTTPS", hosts: ["*"], tlsMode: "SIMPLE" }] })])).toEqual([]);
  });

  it("[FND-63] is none where nothing leads on from the one that was left out", () => {
    expect(rulesOf([...MESH, listening("old", 1, ["HTTP", null]), listening("young", 2, ["TCP", null])])).toEqual([]);
  });

  it("[FND-65] plaintext beside TLS for any host refuses both", () => {
    expect(told([...MESH, listening("tls", 1, ["HTTPS", "SIMPLE"]), listening("plain", 2, ["HTTP", null])])).toEqual([
      "FND-65 breaks traffic: Gateway edge/plain spec.servers[0] = HTTP because of Gateway edge/tls",
      "  refused",
      "  at edge/gate",
      "  port 8443",
      "  fix: set Gateway edge/plain spec.servers[0].port.number = a port without TLS",
      "  fix: set Gateway edge/tls spec.servers[0].hosts = the hosts that it is for",
    ]);
    expect(rulesOf([...MESH, listening("tls", 1, ["HTTPS", "SIMPLE", "x.example"]), listening("plain", 2, ["HTTP", null])])).toEqual([]);
  });
});

describe("servers that need a route", () => {
  it("[FND-64] bytes have no listener while no VirtualService leads on from it", () => {
    expect(told([...MESH, listening("a", 1, ["TCP", null])])).toEqual([
      "FND-64 breaks traffic: Gateway edge/a spec.servers[0] = TCP",
      "  refused",
      "  at edge/gate",
      "  port 8443",
      "  fix: create VirtualService edge/a spec.tcp = a route from gateway edge/a to the service that it is for",
      "  fix: remove Gateway edge/a spec.servers[0]",
    ]);
    expect(told([...MESH, listening("leads", 1, ["TLS", "PASSTHROUGH"]), leading("other")])).toContain("  fix: add VirtualService edge/leads spec.tls = a route from gateway edge/leads to the service that it is for");
    expect(rulesOf([...MESH, listening("a", 1, ["TCP", null]), leading("a")])).toEqual([]);
  });

  it("[FND-64] requests need none, nor does mTLS that is passed on", () => {
    expect(rulesOf([...MESH, listening("a", 1, ["HTTP", null])])).toEqual([]);
    expect(rulesOf([...MESH, listening("a", 1, ["TLS", "AUTO_PASSTHROUGH"])])).toEqual([]);
  });

  it("[FND-64] is none where a VirtualService or a Service may be missing, or no gateway is there", () => {
    const objects = [...MESH, listening("a", 1, ["TCP", null])];
    expect(rulesOf(objects, { unread: [unread("VirtualService")] })).not.toContain("FND-64");
    expect(rulesOf(objects, { unread: [unread("Service", { namespace: "edge" })] })).not.toContain("FND-64");
    expect(rulesOf([...QUIET, listening("a", 1, ["TCP", null])])).toEqual([]);
  });
});
