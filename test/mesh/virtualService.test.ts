import type { Destination, DestinationRule, Service, VirtualService } from "#mesh";
import { byHost, describeChains, type Whole } from "../support/judging.ts";
import { destinationRule, pod, service, tls, trafficPolicy, virtualService } from "../support/mesh.ts";

// Where a VirtualService sends: `second` has the same pods as `server`, and a DestinationRule that shows which of them was meant.

const client = pod("foo", "client", { proxy: "sidecar" });
const server = pod("bar", "server", { proxy: "sidecar" });
const HOST = "server.bar.svc.cluster.local";

function ported(name: string, ports: Service["ports"] | readonly { readonly port: number; readonly name: string }[]): Service {
  return service("bar", name, { selector: { app: "server" }, ports: ports.map((port) => ({ ...port, targetPort: 8080 })) });
}

const web = ported("server", [{ port: 80, name: "http" }]);
const second = ported("second", [{ port: 80, name: "http" }]);
const plain = destinationRule("bar", "plain", "second", { trafficPolicy: trafficPolicy(tls("DISABLE")) });

function onPort(host: string, port: number): DestinationRule {
  return destinationRule("bar", "port", host, { trafficPolicy: trafficPolicy(null, { portLevelSettings: [{ port, tls: tls("DISABLE"), loadBalancerSimple: null, hasLoadBalancer: false }] }) });
}

const to = (host: string, port: number | null = null): Destination => ({ host, subset: null, port });
const always = (...destinations: readonly Destination[]) => ({ conditional: false, destinations });
const sometimes = (...destinations: readonly Destination[]) => ({ conditional: true, destinations });
const route = (options: Partial<VirtualService>) => virtualService("bar", "route", { hosts: ["server"], ...options });
const on = (port: number, sniHosts: readonly string[] = []) => ({ port, gateways: [], sniHosts, conditional: false });
const secure = ported("server", [{ port: 80, name: "https" }]);
const raw = ported("server", [{ port: 80, name: "tcp" }]);
const headless = (name: string): Service => ({ ...ported("server", [{ port: 80, name }]), clusterIPs: ["None"] });
const SECOND: readonly [string, ...string[]] = ["DR_DISABLE", "REG-16 VirtualService bar/route spec.http", "DR-10 DestinationRule bar/plain spec.trafficPolicy.tls.mode = DISABLE"];
const MANY: readonly [string, ...string[]] = ["unknown", "? which way the request takes: `VirtualService` `bar/route` has several, and they differ"];
const NOWHERE: readonly [string, ...string[]] = ["unknown", `? where \`VirtualService\` \`bar/route\` sends \`${HOST}\`: one of its destinations is no service that the client knows`];

const rows: readonly Whole[] = [
  { name: "[REG-16] to another Service", objects: [client, server, web, second, plain, route({ http: [always(to("second"))] })], says: { clientMode: SECOND, transport: ["plaintext"] } },
  { name: "[REG-16] to itself", objects: [client, server, web, second, plain, route({ http: [always(to("server"))] })], says: { clientMode: ["AUTO_MTLS", "REG-16 VirtualService bar/route spec.http", "REG-4 Service bar/server"] } },
  { name: "[REG-16] what follows a route that takes everything is never reached", objects: [client, server, web, second, plain, route({ http: [sometimes(to("server")), always(to("server")), always(to("second"))] })], says: { clientMode: ["AUTO_MTLS"] } },
  { name: "[REG-16] by request to one or another", objects: [client, server, web, second, plain, route({ http: [sometimes(to("second")), always(to("server"))] })], says: { clientMode: MANY } },
  { name: "[REG-16] split between both", objects: [client, server, web, second, plain, route({ http: [always(to("server"), to("second"))] })], says: { clientMode: MANY } },
  { name: "[REG-16] by request only", objects: [client, server, web, second, plain, route({ http: [sometimes(to("second")), sometimes(to("second"))] })], says: { clientMode: SECOND } },
  { name: "[REG-4] without a route it is where it was dialled", objects: [client, server, web, second, plain, route({})], says: { clientMode: ["AUTO_MTLS", "REG-4 Service bar/server"] } },
  {
    name: "[REG-16] TCP goes by the routes for TCP",
    objects: [client, server, ported("server", [{ port: 80, name: "tcp" }]), second, plain, route({ http: [always(to("server"))], tcp: [always(to("second"))] })],
    says: { clientMode: ["DR_DISABLE", "REG-16 VirtualService bar/route spec.tcp"] },
  },
  {
    name: "[REG-16] TLS goes by the routes for its server name",
    objects: [
      client, server, ported("server", [{ port: 80, name: "https" }]), second, plain,
      route({ http: [always(to("server"))], tls: [{ sniHosts: ["other.example"], destinations: [to("server")] }, { sniHosts: ["one.example", HOST], destinations: [to("second")] }] }),
    ],
    says: { clientMode: ["DR_DISABLE", "REG-16 VirtualService bar/route spec.tls"] },
  },
  {
    name: "[REG-19] and by no other",
    objects: [client, server, secure, second, plain, route({ hosts: ["*.bar.svc.cluster.local"], http: [always(to("second"))], tls: [{ sniHosts: ["second.bar.svc.cluster.local"], destinations: [to("second")] }] })],
    says: { clientMode: ["PASSTHROUGH", "REG-19 VirtualService bar/route spec.tls"] },
  },
  { name: "[REG-16] of names that begin with anything", objects: [client, server, secure, second, plain, route({ tls: [{ sniHosts: ["*.bar.svc.cluster.local"], destinations: [to("second")] }] })], says: { clientMode: ["DR_DISABLE"] } },
  { name: "[REG-4] on another port", objects: [client, server, secure, second, plain, route({ tls: [{ sniHosts: [HOST], matches: [on(81, [HOST])], destinations: [to("second")] }] })], says: { clientMode: ["AUTO_MTLS", "REG-4 Service bar/server"] } },
  { name: "[REG-16] on its port", objects: [client, server, secure, second, plain, route({ tls: [{ sniHosts: [HOST], matches: [on(80, [HOST])], destinations: [to("second")] }] })], says: { clientMode: ["DR_DISABLE"] } },
  { name: "[REG-16] TCP on its port", objects: [client, server, raw, second, plain, route({ tcp: [{ ...sometimes(to("second")), matches: [on(81), on(80)] }] })], says: { clientMode: ["DR_DISABLE"] } },
  { name: "[REG-4] TCP on another port", objects: [client, server, raw, second, plain, route({ tcp: [{ ...sometimes(to("second")), matches: [on(81)] }] })], says: { clientMode: ["AUTO_MTLS", "REG-4 Service bar/server"] } },
  { name: "[REG-4] TCP that comes through a gateway", objects: [client, server, raw, second, plain, route({ gateways: ["mesh", "gate"], tcp: [{ ...sometimes(to("second")), matches: [{ ...on(80), gateways: ["gate"] }] }] })], says: { clientMode: ["AUTO_MTLS", "REG-4 Service bar/server"] } },
  { name: "[REG-16] TCP of some who dial", objects: [client, server, raw, second, plain, route({ tcp: [{ ...sometimes(to("second")), matches: [{ ...on(80), conditional: true }] }, always(to("server"))] })], says: { clientMode: MANY } },
  { name: "[REG-16] TCP to a headless Service", objects: [client, server, headless("tcp"), second, plain, route({ tcp: [always(to("second"))] })], says: { clientMode: ["DR_DISABLE", "REG-16 VirtualService bar/route spec.tcp"] } },
  { name: "[REG-16] TCP to an address of one", objects: [client, server, headless("tcp"), second, plain, route({ tcp: [always(to("second"))] })], asked: { port: 80, via: "podIP" }, says: { clientMode: ["DR_DISABLE", "REG-10 Service bar/server spec.clusterIP = None", "REG-16 VirtualService bar/route spec.tcp"] } },
  { name: "[REG-16] bytes to an address of one that is told from its bytes", objects: [client, server, headless("x"), second, plain, route({ tcp: [always(to("second"))], http: [always(to("server"))] })], asked: { port: 80, via: "podIP" }, says: { clientMode: ["DR_DISABLE"] } },
  { name: "[REG-19] TLS to an address asks for no name", objects: [client, server, headless("tls"), second, plain, route({ tls: [{ sniHosts: [HOST], destinations: [to("second")] }] })], asked: { port: 80, via: "podIP" }, says: { clientMode: ["PASSTHROUGH", "REG-19 VirtualService bar/route spec.tls"] } },
  { name: "[REG-16] a port that is told from its bytes is routed as either", objects: [client, server, ported("server", [{ port: 80, name: "x" }]), second, plain, route({ http: [always(to("second"))], tcp: [always(to("second"))] })], says: { clientMode: SECOND } },
  { name: "[REG-16] a port that is told from its bytes may be routed or not", objects: [client, server, ported("server", [{ port: 80, name: "x" }]), second, plain, route({ http: [always(to("second"))] })], says: { clientMode: MANY } },
  { name: "[REG-16] where both come to the same it is known", objects: [client, server, ported("server", [{ port: 80, name: "x" }]), second, route({ http: [always(to("second"))] })], says: { clientMode: ["AUTO_MTLS"] } },
  {
    name: "[REG-16] to a port of another Service",
    objects: [client, server, web, ported("second", [{ port: 80, name: "http" }, { port: 81, name: "http-b" }]), onPort("second", 81), route({ http: [always(to("second", 81))] })],
    says: { clientMode: ["DR_DISABLE", "DR-10 DestinationRule bar/port spec.trafficPolicy.portLevelSettings[0].tls.mode = DISABLE"] },
  },
  {
    name: "[REG-16] without a port to the one that was dialled",
    objects: [client, server, web, ported("second", [{ port: 81, name: "http-b" }, { port: 80, name: "http" }]), onPort("second", 81), route({ http: [always(to("second"))] })],
    says: { clientMode: ["AUTO_MTLS", "DR-15 DestinationRule bar/port spec.host = second"] },
  },
  {
    name: "[REG-16] without a port to the only one there is",
    objects: [client, server, web, ported("second", [{ port: 81, name: "http-b" }]), onPort("second", 81), route({ http: [always(to("second"))] })],
    says: { clientMode: ["DR_DISABLE"] },
  },
  {
    name: "[REG-16] to another port of its own",
    objects: [client, server, ported("server", [{ port: 80, name: "http" }, { port: 90, name: "http-b" }]), onPort("server", 90), route({ http: [always(to("server", 90))] })],
    says: { clientMode: ["DR_DISABLE"] },
  },
  {
    name: "[REG-16] to a port of its own that it does not have",
    objects: [client, server, ported("server", [{ port: 80, name: "http" }, { port: 90, name: "http-b" }]), onPort("server", 90), route({ http: [always(to("server", 99))] })],
    says: { clientMode: ["AUTO_MTLS"] },
  },
  { name: "[REG-16] to nowhere", objects: [client, server, web, route({ http: [always(to("nothing"))] })], says: { clientMode: NOWHERE } },
  { name: "[REG-16] to a port that is none", objects: [client, server, web, second, route({ http: [always(to("second", 99))] })], says: { clientMode: NOWHERE } },
  { name: "[REG-16] to nowhere sometimes", objects: [client, server, web, route({ http: [always(to("server"), to("nothing"))] })], says: { clientMode: NOWHERE } },
  {
    name: "[REG-16] under the name of an alias",
    objects: [
      client, server, web, second, plain, service("foo", "alias", { type: "ExternalName", externalName: HOST, selector: {}, clusterIPs: [], ports: [] }),
      virtualService("foo", "route", { hosts: ["alias"], http: [always(to("alias"))] }),
    ],
    asked: { via: byHost("alias.foo.svc.cluster.local") },
    says: { clientMode: ["AUTO_MTLS", "REG-16 VirtualService foo/route spec.http"] },
  },
];

describeChains("VirtualServices", rows);
