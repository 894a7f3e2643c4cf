import type { AuthorizationPolicy, AuthorizationRule, MeshObject, ServiceEntry } from "#mesh";
import {
  ambientControlPlane, authorizationPolicy, authorizationRule, destinationRule, egress, namespace, operation, peerAuthentication, pod, second, service, serviceEntry, sidecar, source, trafficPolicy, virtualService,
} from "../../support/mesh.ts";
import { describeFindings, HOST, httpbin, httpbinService, QUIET, sleep, type Whole } from "./found.ts";

// Findings about routes, scope, entries and AuthorizationPolicies, in full.

const APP = { app: "httpbin" } as const;
const SLEEP = "cluster.local/ns/foo/sa/sleep";
const AT_HTTPBIN = ["  at bar/httpbin", "  port 8080"];
const VIA_HOST = ["  at bar/httpbin", `  host ${HOST}`, "  port 8080"];
const strictInBar = peerAuthentication("bar", "default", "STRICT");
const to = (host: string, subset: string | null = null) => ({ conditional: false, destinations: [{ host: HOST, subset: null, port: null }, { host, subset, port: null }] });
const versions = destinationRule("bar", "httpbin", HOST, { subsets: [{ name: "v1", labels: APP, trafficPolicy: null }, { name: "v2", labels: { version: "v2" }, trafficPolicy: null }] });

const routes: readonly Whole[] = [
  {
    name: "[FND-50] a subset that is not defined, beside some that are",
    objects: [...QUIET, versions, virtualService("bar", "httpbin", { hosts: [HOST], tcp: [to(HOST), to(HOST, "v3")] })],
    says: [
      "FND-50 breaks traffic: VirtualService bar/httpbin spec.tcp[1].route[1].destination.subset = v3", "  no endpoint", `  host ${HOST}`, "  fix: set VirtualService bar/httpbin spec.tcp[1].route[1].destination.subset = v1 or v2",
      "  fix: add DestinationRule bar/httpbin spec.subsets = v3",
    ],
  },
  {
    name: "[FND-50] without any DestinationRule",
    objects: [...QUIET, virtualService("foo", "httpbin", { hosts: [HOST], tls: [{ ...to(HOST, "v3"), sniHosts: [HOST] }] })],
    says: ["FND-50 breaks traffic: VirtualService foo/httpbin spec.tls[0].route[1].destination.subset = v3", "  no endpoint", `  host ${HOST}`, "  fix: add DestinationRule bar/httpbin spec.subsets = v3"],
  },
  {
    name: "[FND-51] a subset whose labels no pod has",
    objects: [...QUIET, versions, virtualService("bar", "httpbin", { hosts: [HOST], http: [to(HOST, "v2")] })],
    says: [
      "FND-51 breaks traffic: VirtualService bar/httpbin spec.http[0].route[1].destination.subset = v2 because of DestinationRule bar/httpbin", "  no endpoint", `  host ${HOST}`, "  fix: set DestinationRule bar/httpbin spec.subsets[1].labels = labels that the service's pods have",
    ],
  },
  {
    name: "[FND-52] a host that no service has, and that can be guessed",
    objects: [...QUIET, virtualService("foo", "httpbin", { hosts: [HOST], http: [to("httpbin.bar")] })],
    says: ["FND-52 breaks traffic: VirtualService foo/httpbin spec.http[0].route[1].destination.host = httpbin.bar", "  no endpoint", "  host httpbin.bar", `  fix: set VirtualService foo/httpbin spec.http[0].route[1].destination.host = ${HOST}`],
  },
  {
    name: "[FND-52] or not",
    objects: [...QUIET, virtualService("foo", "httpbin", { hosts: [HOST], http: [to("nothing")] })],
    says: [
      "FND-52 breaks traffic: VirtualService foo/httpbin spec.http[0].route[1].destination.host = nothing", "  no endpoint", "  host nothing.foo.svc.cluster.local",
      "  fix: set VirtualService foo/httpbin spec.http[0].route[1].destination.host = the full name of a service",
    ],
  },
];

const about = destinationRule("foo", "httpbin", HOST, { trafficPolicy: trafficPolicy(null, { loadBalancerSimple: "RANDOM" }) });

const sidecars: readonly Whole[] = [
  {
    name: "[FND-53] the younger for the namespace",
    objects: [...QUIET, sidecar("foo", "a", { egress: egress("./*", "bar/*"), createdAtMs: second(1) }), sidecar("foo", "b", { egress: egress("*/*"), createdAtMs: second(2) })],
    says: ["FND-53 no effect: Sidecar foo/b metadata.creationTimestamp because of Sidecar foo/a", "  ignored", "  at foo/sleep", "  fix: merge Sidecar foo/b into Sidecar foo/a"],
  },
  {
    name: "[FND-53] the younger of those that select, not the general one",
    objects: [
      ...QUIET, sidecar("foo", "all", { egress: egress("*/*"), createdAtMs: second(0) }), sidecar("foo", "a", { workloadSelector: { app: "sleep" }, egress: egress("./*", "bar/*"), createdAtMs: second(1) }),
      sidecar("foo", "b", { workloadSelector: { app: "sleep" }, egress: egress("*/*"), createdAtMs: second(2) }),
    ],
    says: ["FND-53 no effect: Sidecar foo/b metadata.creationTimestamp because of Sidecar foo/a", "  ignored", "  at foo/sleep", "  fix: merge Sidecar foo/b into Sidecar foo/a"],
  },
  {
    name: "[FND-54] a selector for nobody",
    objects: [...QUIET, sidecar("foo", "slep", { workloadSelector: { app: "slep" }, egress: egress("*/*") })],
    says: ["FND-54 no effect: Sidecar foo/slep spec.workloadSelector.labels = app=slep", "  matches nothing", "  fix: set Sidecar foo/slep spec.workloadSelector.labels = labels that the workload's pods have", "  fix: remove Sidecar foo/slep"],
  },
  {
    name: "[FND-55] an entry that imports nothing, guessed",
    objects: [...QUIET, sidecar("foo", "default", { egress: [{ hosts: ["./*"], port: null, captureMode: null }, { hosts: [`bar/${HOST}`, "bar/httpbin"], port: null, captureMode: null }] })],
    says: ["FND-55 no effect: Sidecar foo/default spec.egress[1].hosts[1] = bar/httpbin", `  matches nothing, meant ${HOST}`, `  host ${HOST}`, `  fix: set Sidecar foo/default spec.egress[1].hosts[1] = bar/${HOST}`],
  },
  {
    name: "[FND-55] of one's own namespace",
    objects: [sleep, service("foo", "sleep"), httpbin, httpbinService, sidecar("foo", "default", { egress: egress("./*", "bar/*", "./sleep") })],
    says: [
      "FND-55 no effect: Sidecar foo/default spec.egress[0].hosts[2] = ./sleep", "  matches nothing, meant sleep.foo.svc.cluster.local", "  host sleep.foo.svc.cluster.local", "  fix: set Sidecar foo/default spec.egress[0].hosts[2] = ./sleep.foo.svc.cluster.local",
    ],
  },
  {
    name: "[FND-55] without a namespace, and of the wrong one",
    objects: [...QUIET, sidecar("foo", "default", { egress: egress("*/*", "nothing.example", `third/${HOST}`) })],
    says: [
      "FND-55 no effect: Sidecar foo/default spec.egress[0].hosts[1] = nothing.example", "  matches nothing", "  fix: set Sidecar foo/default spec.egress[0].hosts[1] = namespace/full name of a service",
      `FND-55 no effect: Sidecar foo/default spec.egress[0].hosts[2] = third/${HOST}`, "  matches nothing", "  fix: set Sidecar foo/default spec.egress[0].hosts[2] = namespace/full name of a service",
    ],
  },
  {
    name: "[FND-55] wildcards and hosts of VirtualServices import something",
    objects: [...QUIET, virtualService("bar", "alias", { hosts: ["alias.example"] }), sidecar("foo", "default", { egress: egress("~/*", "*/*.svc.cluster.local", "bar/*.bar.svc.cluster.local", "bar/alias.example", "*/alias.example") })],
    says: [],
  },
  {
    name: "[FND-56] what the namespace writes about and does not import",
    objects: [...QUIET, sidecar("foo", "default", { egress: egress("./*") }), about],
    says: [
      "FND-56 weaker than it seems: Sidecar foo/default spec.egress = does not name it", "  selected foo: PASSTHROUGH plaintext, otherwise AUTO_MTLS", ...VIA_HOST, `  fix: add Sidecar foo/default spec.egress[].hosts = bar/${HOST}`,
      "  fix: set Sidecar foo/default spec.outboundTrafficPolicy.mode = REGISTRY_ONLY",
    ],
  },
  {
    name: "[FND-56] a service of the namespace itself",
    objects: [sleep, pod("foo", "own", { proxy: "sidecar" }), service("foo", "own"), sidecar("foo", "default", { egress: egress("istio-system/*") })],
    says: [
      "FND-56 weaker than it seems: Sidecar foo/default spec.egress = does not name it", "  selected foo: PASSTHROUGH plaintext, otherwise AUTO_MTLS", "  at foo/own", "  host own.foo.svc.cluster.local", "  port 8080",
      "  fix: add Sidecar foo/default spec.egress[].hosts = ./own.foo.svc.cluster.local", "  fix: set Sidecar foo/default spec.outboundTrafficPolicy.mode = REGISTRY_ONLY",
    ],
  },
  {
    name: "[FND-56] a route's destination is written about too",
    objects: [...QUIET, sidecar("foo", "default", { egress: egress("./*") }), virtualService("foo", "alias", { hosts: ["alias.example"], http: [to(HOST)] })],
    says: [
      "FND-56 weaker than it seems: Sidecar foo/default spec.egress = does not name it", "  selected foo: PASSTHROUGH plaintext, otherwise AUTO_MTLS", ...VIA_HOST, `  fix: add Sidecar foo/default spec.egress[].hosts = bar/${HOST}`,
      "  fix: set Sidecar foo/default spec.outboundTrafficPolicy.mode = REGISTRY_ONLY",
    ],
  },
  { name: "[FND-56] a Sidecar for some workloads may mean it", objects: [...QUIET, sidecar("foo", "default", { workloadSelector: { app: "sleep" }, egress: egress("./*") }), about], says: [] },
  { name: "[FND-56] plaintext is all that the server gets anyway", objects: [sleep, pod("bar", "httpbin"), httpbinService, sidecar("foo", "default", { egress: egress("./*") }), about], says: [] },
  {
    name: "[FND-57] not exported, and reached in plaintext",
    objects: [sleep, httpbin, service("bar", "httpbin", { annotations: { "networking.istio.io/exportTo": ".,third" } })],
    says: ["FND-57 weaker than it seems: Service bar/httpbin metadata.annotations.networking.istio.io/exportTo = .,third", "  all: PASSTHROUGH plaintext, otherwise -", ...VIA_HOST, "  fix: strict"],
  },
  { name: "[FND-57] exported to all who have clients", objects: [sleep, httpbin, service("bar", "httpbin", { annotations: { "networking.istio.io/exportTo": "foo,bar" } })], says: [] },
];

const address = httpbin.ips[0] ?? "";

function entry(options: Partial<Omit<ServiceEntry, "kind" | "namespace" | "name">>, account: string | null = "httpbin"): ServiceEntry {
  const endpoint = { address: "10.99.0.1", ports: {}, labels: {}, serviceAccount: null, network: null };
  return serviceEntry("bar", "entry", "entry.example", { endpoints: [endpoint, { ...endpoint, address, serviceAccount: account }], ...options });
}

const AT_ENTRY = ["  at bar/httpbin", "  host entry.example", "  port 8080"];

const entries: readonly Whole[] = [
  {
    name: "[FND-60] outside the mesh by its location",
    objects: [...QUIET, entry({ location: null })],
    says: ["FND-60 weaker than it seems: ServiceEntry bar/entry spec.location = (absent)", "  all: AUTO_PLAINTEXT plaintext, otherwise AUTO_MTLS", ...AT_ENTRY, "  fix: set ServiceEntry bar/entry spec.location = MESH_INTERNAL"],
  },
  {
    name: "[FND-60] that only its own namespace sees",
    objects: [...QUIET, strictInBar, entry({ location: "MESH_EXTERNAL", exportTo: ["."] })],
    says: ["FND-60 breaks traffic: ServiceEntry bar/entry spec.location = MESH_EXTERNAL", "  all: AUTO_PLAINTEXT blocked, otherwise AUTO_MTLS", ...AT_ENTRY, "  fix: set ServiceEntry bar/entry spec.location = MESH_INTERNAL"],
  },
  {
    name: "[FND-61] an endpoint without identity",
    objects: [...QUIET, entry({}, null)],
    says: ["FND-61 weaker than it seems: ServiceEntry bar/entry spec.endpoints[1].serviceAccount = (absent)", "  all: AUTO_PLAINTEXT plaintext, otherwise AUTO_MTLS", ...AT_ENTRY, "  fix: set ServiceEntry bar/entry spec.endpoints[1].serviceAccount = httpbin"],
  },
  { name: "[FND-60] is none without clients", objects: [pod("bar", "httpbin", { ips: [address] }), entry({ location: null })], says: [] },
  {
    name: "[FND-62] two entries for one host",
    objects: [
      ...QUIET, serviceEntry("bar", "a", "api.example", { location: null, resolution: "DNS", createdAtMs: second(1) }),
      serviceEntry("bar", "b", "api.example", { location: null, resolution: "DNS", createdAtMs: second(2), ports: [{ number: 81, name: "tcp-x", protocol: "TCP", targetPort: null }, { number: 80, name: "raw", protocol: "TCP", targetPort: null }] }),
    ],
    says: ["FND-62 weaker than it seems: ServiceEntry bar/b spec.ports = raw because of ServiceEntry bar/a", "  protocol HTTP, not TCP", "  host api.example", "  fix: set ServiceEntry bar/b spec.ports = the same protocol in both, or another port"],
  },
  {
    name: "[FND-62] an entry for the host of a Service, though it is older",
    objects: [sleep, httpbin, service("bar", "httpbin", { createdAtMs: second(2) }), serviceEntry("bar", "a", HOST, { createdAtMs: second(1), ports: [{ number: 80, name: "raw", protocol: "TCP", targetPort: null }] })],
    says: ["FND-62 weaker than it seems: ServiceEntry bar/a spec.ports = raw because of Service bar/httpbin", "  protocol HTTP, not TCP", `  host ${HOST}`, "  fix: set ServiceEntry bar/a spec.ports = the same protocol in both, or another port"],
  },
];

function policy(action: AuthorizationPolicy["action"], one: Partial<AuthorizationRule>, options: Partial<AuthorizationPolicy> = {}): AuthorizationPolicy {
  return authorizationPolicy("bar", "policy", { action, rules: [authorizationRule({ to: [operation({ ports: ["1"] })] }), authorizationRule(one)], ...options });
}

const who = { from: [source({ principals: [SLEEP] })] };
const paths = { to: [operation({ paths: ["/x"] })] };
const disabled = peerAuthentication("bar", "httpbin", "DISABLE", { selector: APP });
const database: readonly MeshObject[] = [sleep, httpbin, service("bar", "httpbin", { ports: [{ port: 5432, name: "tcp", targetPort: 8080 }] })];
const AMBIENT: readonly MeshObject[] = [ambientControlPlane(), pod("bar", "httpbin", { proxy: "ambient" }), httpbinService];
const NOT_PORTS = ['  fix: add AuthorizationPolicy bar/policy spec.rules[1].to[].operation.notPorts = "8080"', "  fix: add AuthorizationPolicy bar/policy spec.selector = the workloads it is for"];
const WAYPOINT = ["  fix: set AuthorizationPolicy bar/policy spec.targetRefs = the Service, behind a waypoint"];

const authorization: readonly Whole[] = [
  {
    name: "[FND-70] a selector for nobody",
    objects: [...QUIET, policy("ALLOW", who, { selector: { app: "htpbin" } })],
    says: ["FND-70 no effect: AuthorizationPolicy bar/policy spec.selector.matchLabels = app=htpbin", "  matches nothing", "  fix: set AuthorizationPolicy bar/policy spec.selector.matchLabels = labels that the workload's pods have", "  fix: remove AuthorizationPolicy bar/policy"],
  },
  {
    name: "[FND-71] who the caller is, on a port without mTLS",
    objects: [...QUIET, disabled, policy("ALLOW", who)],
    says: ["FND-71 breaks traffic: AuthorizationPolicy bar/policy spec.rules[1] = ALLOW because of PeerAuthentication bar/httpbin", "  lets nobody in", ...AT_HTTPBIN, "  fix: set PeerAuthentication bar/httpbin spec.mtls.mode = STRICT, or PERMISSIVE first"],
  },
  {
    name: "[FND-71] a DENY",
    objects: [...QUIET, disabled, policy("DENY", { when: [{ key: "source.principal", values: [SLEEP], notValues: [] }] })],
    says: ["FND-71 weaker than it seems: AuthorizationPolicy bar/policy spec.rules[1] = DENY because of PeerAuthentication bar/httpbin", "  refuses nobody", ...AT_HTTPBIN, "  fix: set PeerAuthentication bar/httpbin spec.mtls.mode = STRICT, or PERMISSIVE first"],
  },
  {
    name: "[FND-72] a DENY on a PERMISSIVE port",
    objects: [...QUIET, policy("DENY", who)],
    says: ["FND-72 weaker than it seems: AuthorizationPolicy bar/policy spec.rules[1] = DENY", "  lets plaintext in", ...AT_HTTPBIN, "  fix: strict", '  fix: add AuthorizationPolicy bar/policy spec.rules = a DENY of notPrincipals ["*"]'],
  },
  {
    name: "[FND-72] an ALLOW of all but one, by a condition",
    objects: [...QUIET, peerAuthentication("bar", "default", "PERMISSIVE"), policy("ALLOW", { when: [{ key: "source.namespace", values: [], notValues: ["foo"] }] })],
    says: ["FND-72 weaker than it seems: AuthorizationPolicy bar/policy spec.rules[1] = ALLOW because of PeerAuthentication bar/default", "  lets plaintext in", ...AT_HTTPBIN, "  fix: strict"],
  },
  {
    name: "[FND-73] paths on a TCP port",
    objects: [...database, policy("ALLOW", paths)],
    says: ["FND-73 breaks traffic: AuthorizationPolicy bar/policy spec.rules[1] = ALLOW", "  lets nobody in", ...AT_HTTPBIN, ...NOT_PORTS],
  },
  {
    name: "[FND-73] a DENY of headers there",
    objects: [...database, policy("DENY", { when: [{ key: "request.headers[x]", values: ["y"], notValues: [] }] })],
    says: ["FND-73 breaks traffic: AuthorizationPolicy bar/policy spec.rules[1] = DENY", "  refuses more", ...AT_HTTPBIN, ...NOT_PORTS],
  },
  {
    name: "[FND-73] no harm where another rule lets all in",
    objects: [...database, policy("ALLOW", { from: [source({ requestPrincipals: ["*"] })] }), authorizationPolicy("bar", "open", { rules: [authorizationRule()] })],
    says: ["FND-73 no effect: AuthorizationPolicy bar/policy spec.rules[1] = ALLOW", "  lets nobody in", ...AT_HTTPBIN, ...NOT_PORTS],
  },
  { name: "[FND-74] paths at ztunnel", objects: [...AMBIENT, policy("ALLOW", paths)], says: ["FND-74 breaks traffic: AuthorizationPolicy bar/policy spec.rules[1] = ALLOW", "  lets nobody in", ...AT_HTTPBIN, ...WAYPOINT] },
  { name: "[FND-74] a DENY of methods", objects: [...AMBIENT, policy("DENY", { to: [operation({ methods: ["GET"] })] })], says: ["FND-74 weaker than it seems: AuthorizationPolicy bar/policy spec.rules[1] = DENY", "  refuses nobody", ...AT_HTTPBIN, ...WAYPOINT] },
  {
    name: "[FND-74] CUSTOM",
    objects: [...AMBIENT, authorizationPolicy("bar", "policy", { action: "CUSTOM", rules: [authorizationRule()] })],
    says: ["FND-74 weaker than it seems: AuthorizationPolicy bar/policy spec.rules[0] = CUSTOM", "  refuses nobody", ...AT_HTTPBIN, ...WAYPOINT],
  },
  {
    name: "[FND-75] nothing to enforce it",
    objects: [sleep, pod("bar", "httpbin"), httpbinService, policy("ALLOW", who, { selector: APP }), authorizationPolicy("bar", "audit", { action: "AUDIT", rules: [authorizationRule()] })],
    says: ["FND-75 weaker than it seems: AuthorizationPolicy bar/policy spec.selector = app=httpbin", "  not enforced", ...AT_HTTPBIN, "  fix: inject"],
  },
  { name: "[FND-75] is not held against the mesh's own", objects: [sleep, pod("bar", "httpbin"), httpbinService, { ...policy("ALLOW", who), namespace: "istio-system" }], says: [] },
  {
    name: "[FND-76] namespaces that do not exist",
    objects: [...QUIET, strictInBar, namespace("foo"), policy("DENY", { from: [source({ principals: ["*"] }), source({ namespaces: ["foo", "bar", "nowhere", "no-*", "gone"] })] })],
    says: ["FND-76 no effect: AuthorizationPolicy bar/policy spec.rules[1].from[1].source.namespaces = nowhere,gone", "  refuses nobody", "  fix: set AuthorizationPolicy bar/policy spec.rules[1].from[1].source.namespaces = a namespace that exists"],
  },
];

describeFindings("VirtualServices, in full", routes);
describeFindings("Sidecars and exportTo, in full", sidecars);
describeFindings("ServiceEntries, in full", entries);
describeFindings("AuthorizationPolicies, in full", authorization);
