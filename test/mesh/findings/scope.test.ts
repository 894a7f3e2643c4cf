import { describe, expect, it } from "vitest";
import { destinationRule, egress, peerAuthentication, pod, second, service, serviceEntry, sidecar, trafficPolicy, virtualService } from "../../support/mesh.ts";
import { cards, HOST, httpbin, httpbinService, QUIET, rulesOf, sleep } from "./found.ts";

const strictInBar = peerAuthentication("bar", "default", "STRICT");
const route = (host: string, subset: string | null = null) => [{ conditional: false, destinations: [{ host, subset, port: null }] }];

describe("VirtualServices that lead nowhere", () => {
  const versions = destinationRule("bar", "httpbin", HOST, { subsets: [{ name: "v1", labels: { app: "httpbin" }, trafficPolicy: null }, { name: "v2", labels: { version: "v2" }, trafficPolicy: null }] });

  it("[FND-50] a subset that nothing defines (IST0101)", () => {
    expect(cards("FND-50", [...QUIET, versions, virtualService("bar", "httpbin", { hosts: [HOST], http: route(HOST, "v3") })])).toMatchObject([
      { severity: "breaks traffic", object: "VirtualService bar/httpbin", field: "spec.http[0].route[0].destination.subset", value: "v3", consequence: { kind: "no endpoint" }, hosts: [HOST] },
    ]);
  });

  it("[FND-51] a subset whose labels no pod has (IST0173)", () => {
    expect(cards("FND-51", [...QUIET, versions, virtualService("bar", "httpbin", { hosts: [HOST], http: route(HOST, "v2") })])).toMatchObject([{ severity: "breaks traffic", value: "v2", because: "DestinationRule bar/httpbin" }]);
    expect(rulesOf([...QUIET, versions, virtualService("bar", "httpbin", { hosts: [HOST], http: route(HOST, "v1") })])).toEqual([]);
    expect(rulesOf([...QUIET, versions])).toEqual([]);
  });

  it("[FND-52] a host that no service has (IST0101)", () => {
    expect(cards("FND-52", [...QUIET, virtualService("foo", "httpbin", { hosts: [HOST], http: route("httpbin") })])).toMatchObject([{ severity: "breaks traffic", field: "spec.http[0].route[0].destination.host", value: "httpbin" }]);
    expect(rulesOf([...QUIET, virtualService("bar", "httpbin", { hosts: [HOST], http: route("httpbin") })])).toEqual([]);
  });
});

describe("Sidecars", () => {
  it("[FND-53] two for one workload: the older counts (IST0110, IST0111)", () => {
    const older = sidecar("foo", "a", { egress: egress("./*", "bar/*"), createdAtMs: second(1) });
    expect(cards("FND-53", [...QUIET, older, sidecar("foo", "b", { egress: egress("*/*"), createdAtMs: second(2) })])).toMatchObject([{ severity: "no effect", object: "Sidecar foo/b", because: "Sidecar foo/a", affected: ["foo/sleep"], consequence: { kind: "ignored" } }]);
    const selecting = sidecar("foo", "c", { workloadSelector: { app: "sleep" }, egress: egress("./*", "bar/*"), createdAtMs: second(1) });
    expect(cards("FND-53", [...QUIET, selecting, sidecar("foo", "d", { workloadSelector: { app: "sleep" }, egress: egress("*/*"), createdAtMs: second(2) })])).toMatchObject([{ object: "Sidecar foo/d", because: "Sidecar foo/c" }]);
    expect(rulesOf([...QUIET, older, selecting])).toEqual([]);
    expect(rulesOf([...QUIET, older, { ...older, name: "b", createdAtMs: second(2) }])).toEqual([]);
  });

  it("[FND-54] a selector for nobody of the namespace (IST0127)", () => {
    expect(cards("FND-54", [...QUIET, sidecar("istio-system", "sleep", { workloadSelector: { app: "sleep" }, egress: egress("*/*") })])).toMatchObject([{ severity: "no effect", object: "Sidecar istio-system/sleep", value: "app=sleep" }]);
    expect(rulesOf([...QUIET, sidecar("foo", "sleep", { workloadSelector: { app: "sleep" }, egress: egress("*/*") })])).toEqual([]);
  });

  it("[FND-55] an egress host that is no service's (IST0101)", () => {
    expect(cards("FND-55", [...QUIET, sidecar("foo", "default", { egress: egress("bar/httpbin") })])).toMatchObject([{ severity: "no effect", field: "spec.egress[0].hosts[0]", value: "bar/httpbin", consequence: { kind: "matches nothing", meant: HOST } }]);
    expect(rulesOf([...QUIET, sidecar("foo", "default", { egress: egress(`bar/${HOST}`, "./*", "istio-system/*", "*/*.bar.svc.cluster.local") })])).toEqual([]);
  });

  it("[FND-56] a service that the client's own namespace writes about, and its Sidecar leaves out (L 18, J 15)", () => {
    const hidden = sidecar("foo", "default", { egress: egress("./*") });
    const about = destinationRule("foo", "httpbin", HOST, { trafficPolicy: trafficPolicy(null, { loadBalancerSimple: "RANDOM" }) });
    expect(cards("FND-56", [...QUIET, hidden, about])).toMatchObject([
      { severity: "weaker than it seems", object: "Sidecar foo/default", field: "spec.egress", affected: ["bar/httpbin"], hosts: [HOST], consequence: { clients: { kind: "selected", namespace: "foo" }, sends: "PASSTHROUGH", transport: "plaintext", otherwise: "AUTO_MTLS" } },
    ]);
    expect(cards("FND-56", [...QUIET, strictInBar, hidden, about])).toMatchObject([{ severity: "breaks traffic" }]);
    expect(rulesOf([...QUIET, hidden])).toEqual([]);
    expect(rulesOf([...QUIET, { ...hidden, outboundTrafficPolicyMode: "REGISTRY_ONLY" }, about])).toEqual([]);
  });

  it("[FND-57] a service that is not exported is reached all the same, in plaintext (L 18, J 15)", () => {
    const hidden = service("bar", "httpbin", { annotations: { "networking.istio.io/exportTo": "." } });
    expect(cards("FND-57", [sleep, httpbin, hidden])).toMatchObject([{ severity: "weaker than it seems", object: "Service bar/httpbin", value: ".", affected: ["bar/httpbin"], consequence: { sends: "PASSTHROUGH", transport: "plaintext" } }]);
    expect(rulesOf([sleep, httpbin, hidden, strictInBar])).toEqual([]);
  });

  it("[FND-58] TLS of an ingress listener that PeerAuthentication beats", () => {
    const own = sidecar("bar", "httpbin", { ingress: [{ port: 8080, protocol: "HTTPS", captureMode: null, tlsMode: "SIMPLE" }] });
    expect(cards("FND-58", [...QUIET, own])).toMatchObject([{ severity: "weaker than it seems", object: "Sidecar bar/httpbin", field: "spec.ingress[0].tls", value: "SIMPLE", consequence: { kind: "mode", is: "PERMISSIVE", wanted: "SIMPLE" } }]);
    expect(rulesOf([...QUIET, { ...own, ingress: [{ port: 8080, protocol: "HTTP", captureMode: null, tlsMode: null }] }])).toEqual([]);
  });
});

describe("ServiceEntries", () => {
  const address = httpbin.ips[0] ?? "";
  const entry = (location: string | null, serviceAccount: string | null = "httpbin") => serviceEntry("bar", "entry", "entry.example", { location, endpoints: [{ address, ports: {}, labels: {}, serviceAccount, network: null }] });

  it("[FND-60] no location means outside the mesh (L 19, J 16)", () => {
    expect(cards("FND-60", [...QUIET, entry(null)])).toMatchObject([
      { severity: "weaker than it seems", object: "ServiceEntry bar/entry", field: "spec.location", value: "(absent)", affected: ["bar/httpbin"], hosts: ["entry.example"], consequence: { sends: "AUTO_PLAINTEXT", transport: "plaintext", otherwise: "AUTO_MTLS" } },
    ]);
    expect(cards("FND-60", [...QUIET, strictInBar, entry("MESH_EXTERNAL")])).toMatchObject([{ severity: "breaks traffic", value: "MESH_EXTERNAL" }]);
    expect(rulesOf([...QUIET, entry("MESH_INTERNAL")])).toEqual([]);
    expect(rulesOf([...QUIET, serviceEntry("bar", "outside", "api.example", { location: null, resolution: "DNS" })])).toEqual([]);
  });

  it("[FND-61] an endpoint without identity, with a proxy behind it (J 17)", () => {
    expect(cards("FND-61", [...QUIET, entry("MESH_INTERNAL", null)])).toMatchObject([{ severity: "weaker than it seems", field: "spec.endpoints[0].serviceAccount", consequence: { sends: "AUTO_PLAINTEXT" } }]);
  });

  it("[FND-62] two entries, one host and port, two protocols (IST0177)", () => {
    const older = serviceEntry("bar", "a", "api.example", { location: null, resolution: "DNS", createdAtMs: second(1) });
    const younger = serviceEntry("bar", "b", "api.example", { location: null, resolution: "DNS", createdAtMs: second(2), ports: [{ number: 80, name: "tcp", protocol: "TCP", targetPort: null }] });
    expect(cards("FND-62", [...QUIET, older, younger])).toMatchObject([{ severity: "weaker than it seems", object: "ServiceEntry bar/b", because: "ServiceEntry bar/a", consequence: { kind: "protocol", is: "HTTP", wanted: "TCP" } }]);
    expect(rulesOf([...QUIET, older, { ...younger, exportTo: ["."] }])).toEqual([]);
  });

  it("[FND-60] a pod of another plane behind the entry is no surprise: it takes no mTLS", () => {
    const bare = pod("bar", "bare");
    const external = serviceEntry("bar", "entry", "entry.example", { location: null, endpoints: [{ address: bare.ips[0] ?? "", ports: {}, labels: {}, serviceAccount: null, network: null }] });
    expect(rulesOf([sleep, bare, external, httpbinService])).toEqual([]);
  });
});
