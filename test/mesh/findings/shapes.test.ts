import { describe, expect, it } from "vitest";
import type { AuthorizationPolicy, AuthorizationRule, ClientTLSSettings, DestinationRule, MeshObject, ObjectKind } from "#mesh";
import {
  ambientControlPlane, authorizationPolicy, authorizationRule, controlPlane, destinationRule, egress, envoyFilter, namespace, operation, peerAuthentication, pod, second, service, serviceEntry, sidecar, source, tls, trafficPolicy,
  unread, virtualService, workloadEntry, type DestinationRuleOptions,
} from "../../support/mesh.ts";
import { cards, describeFindings, HOST, httpbin, httpbinService, QUIET, rulesOf, sleep, type Whole } from "./found.ts";

// More of what is almost a finding: shapes of rules, kinds that were not read, several workloads beside each other.

const APP = { app: "httpbin" } as const;
const BALANCED = trafficPolicy(null, { loadBalancerSimple: "LEAST_REQUEST" });
const VIA_HOST = ["  at bar/httpbin", `  host ${HOST}`, "  port 8080"];
const strictInBar = peerAuthentication("bar", "default", "STRICT");
const raw = service("bar", "httpbin", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] });
const RAW: readonly MeshObject[] = [sleep, httpbin, raw];
const AMBIENT: readonly MeshObject[] = [ambientControlPlane(), pod("bar", "httpbin", { proxy: "ambient" }), httpbinService];
const OLD = controlPlane({ version: "1.20.8" });
const entry = (port: number, settings: ClientTLSSettings | null) => ({ port, tls: settings, loadBalancerSimple: null, hasLoadBalancer: false });

function rule(name: string, settings: ClientTLSSettings | null, options: DestinationRuleOptions & { readonly host?: string } = {}): DestinationRule {
  const [ns = "", own = ""] = name.split("/");
  const { host = HOST, ...rest } = options;
  return destinationRule(ns, own, host, { ...(settings === null ? {} : { trafficPolicy: trafficPolicy(settings) }), ...rest });
}

function policy(action: AuthorizationPolicy["action"], one: Partial<AuthorizationRule>, options: Partial<AuthorizationPolicy> = {}): AuthorizationPolicy {
  return authorizationPolicy("bar", "policy", { action, rules: [authorizationRule(one)], ...options });
}

const WHO = { principals: ["cluster.local/ns/foo/sa/sleep"] };
const NOT_WHO = { notPrincipals: ["cluster.local/ns/foo/sa/sleep"] };

describe("shapes of rules", () => {
  const named = [WHO, { namespaces: ["foo"] }, { serviceAccounts: ["foo/sleep"] }, { trustDomains: ["cluster.local"] }];
  const excepted = [NOT_WHO, { notNamespaces: ["foo"] }, { notServiceAccounts: ["foo/sleep"] }, { notTrustDomains: ["cluster.local"] }];
  const addresses = [{ ipBlocks: ["10.0.0.0/8"] }, { notIpBlocks: ["10.0.0.0/8"] }, { remoteIpBlocks: ["10.0.0.0/8"] }, { notRemoteIpBlocks: ["10.0.0.0/8"] }];
  const tokens = [{ requestPrincipals: ["*"] }, { notRequestPrincipals: ["*"] }];
  const requests = [{ hosts: ["a"] }, { notHosts: ["a"] }, { methods: ["GET"] }, { notMethods: ["GET"] }, { paths: ["/x"] }, { notPaths: ["/x"] }];
  const KEYS = ["source.principal", "source.namespace", "source.serviceAccount", "source.trustDomain"];

  it.each([
    ...named.map((who) => ["DENY", { from: [source(who)] }, ["FND-72"]] as const),
    ...KEYS.map((key) => ["DENY", { when: [{ key, values: ["x"], notValues: [] }] }, ["FND-72"]] as const),
    ...KEYS.map((key) => ["DENY", { when: [{ key, values: [], notValues: ["x"] }] }, []] as const),
    ["DENY", { when: [{ key: "source.ip", values: ["10.0.0.1"], notValues: [] }] }, []],
    ["DENY", { from: [source(WHO), source({ ipBlocks: ["10.0.0.1"] })] }, ["FND-72"]],
    ...[...excepted, ...addresses, ...tokens].map((who) => ["DENY", { from: [source(who)] }, []] as const),
    ...excepted.map((who) => ["ALLOW", { from: [source(who)] }, ["FND-72"]] as const),
    ...KEYS.map((key) => ["ALLOW", { when: [{ key, values: [], notValues: ["x"] }] }, ["FND-72"]] as const),
    ["ALLOW", { when: [{ key: "source.ip", values: [], notValues: ["10.0.0.1"] }] }, []],
    ...named.map((who) => ["ALLOW", { from: [source({ ...who, ...NOT_WHO })] }, []] as const),
    ["ALLOW", { from: [source(WHO), source(NOT_WHO)] }, ["FND-72"]],
    ["AUDIT", { from: [source(NOT_WHO)] }, []],
  ] as const)("[FND-72] who is named, and who is excepted: %s %j", (action, one, expected) => {
    expect(rulesOf([...QUIET, policy(action, one)])).toEqual(expected);
  });

  it.each([
    ...tokens.map((who) => [{ from: [source(who)] }, ["FND-73"]] as const),
    ...requests.map((what) => [{ to: [operation(what)] }, ["FND-73"]] as const),
    [{ when: [{ key: "request.auth.claims[x]", values: ["y"], notValues: [] }] }, ["FND-73"]],
    [{ when: [{ key: "source.ip", values: ["10.0.0.1"], notValues: [] }] }, []],
    ...addresses.map((who) => [{ from: [source(who)] }, []] as const),
    [{ to: [operation({ ports: ["8080"] })] }, []],
    [{ to: [operation({ notPorts: ["9090"] })] }, []],
    [{ to: [operation({ paths: ["/x"], ports: ["9090"] })] }, []],
    [{ to: [operation({ paths: ["/x"], notPorts: ["8080"] })] }, []],
    [{ to: [operation({ paths: ["/x"], ports: ["9090"] }), operation({ ports: ["8080"] })] }, ["FND-73"]],
    [{ to: [operation({ paths: ["/x"] })], when: [{ key: "destination.port", values: ["9090"], notValues: [] }] }, []],
    [{ to: [operation({ paths: ["/x"] })], when: [{ key: "destination.port", values: ["8080"], notValues: [] }] }, ["FND-73"]],
    [{ to: [operation({ paths: ["/x"] })], when: [{ key: "destination.port", values: [], notValues: ["9090"] }] }, ["FND-73"]],
  ] as const)("[FND-73] what only requests have: %j", (one, expected) => {
    expect(rulesOf([...RAW, policy("DENY", one)])).toEqual(expected);
  });

  it.each([
    ...tokens.map((who) => [{ from: [source(who)] }, ["FND-74"]] as const),
    ...requests.map((what) => [{ to: [operation(what)] }, ["FND-74"]] as const),
    [{ when: [{ key: "request.headers[x]", values: ["y"], notValues: [] }] }, ["FND-74"]],
    ...[...excepted, ...addresses].map((who) => [{ from: [source({ ...who, requestPrincipals: ["*"] })] }, []] as const),
    ...[...excepted, ...addresses].map((who) => [{ from: [source(who)] }, []] as const),
    [{ from: [source({ requestPrincipals: ["*"] }), source({ ipBlocks: ["10.0.0.1"] })] }, []],
    [{ to: [operation({ paths: ["/x"], ports: ["8080"] })] }, []],
    [{ to: [operation({ paths: ["/x"], notPorts: ["9090"] })] }, []],
    [{ to: [operation({ paths: ["/x"] }), operation({ ports: ["8080"] })] }, []],
    [{}, []],
  ] as const)("[FND-74] what ztunnel cannot read: %j", (one, expected) => {
    expect(rulesOf([...AMBIENT, policy("DENY", one)])).toEqual(expected);
  });

  it("[FND-74] an ALLOW of paths at ztunnel is no harm where another lets all in", () => {
    expect(cards("FND-74", [...AMBIENT, policy("ALLOW", { to: [operation({ paths: ["/x"] })] }), authorizationPolicy("bar", "open", { rules: [authorizationRule()] })])).toMatchObject([{ severity: "no effect", consequence: { kind: "lets nobody in" } }]);
  });
});

describe("what was not read", () => {
  const route = (host: string) => virtualService("bar", "httpbin", { hosts: [HOST], http: [{ conditional: false, destinations: [{ host, subset: null, port: null }] }] });
  const rivals = [serviceEntry("bar", "a", "api.example", { createdAtMs: second(1) }), serviceEntry("bar", "b", "api.example", { createdAtMs: second(2), ports: [{ number: 80, name: "tcp", protocol: "TCP", targetPort: null }] })];
  const two = [sleep, httpbin, service("bar", "httpbin", { createdAtMs: second(1) }), service("bar", "raw", { selector: APP, createdAtMs: second(2), ports: [{ port: 9000, name: "tcp", targetPort: 8080 }] })];
  const rows: readonly (readonly [string, readonly ObjectKind[], readonly MeshObject[]])[] = [
    ["FND-3", ["Service", "ServiceEntry"], [...QUIET, strictInBar, peerAuthentication("bar", "httpbin", null, { selector: APP, portLevelMtls: { "80": "DISABLE" } })]],
    ["FND-5", ["Pod", "WorkloadEntry"], [...QUIET, peerAuthentication("bar", "typo", "STRICT", { selector: { app: "x" } })]],
    ["FND-19", ["Service", "ServiceEntry"], two],
    ["FND-32", ["Pod", "WorkloadEntry", "Service", "ServiceEntry"], [...QUIET, rule("third/far", tls("DISABLE"))]],
    ["FND-33", ["Pod", "WorkloadEntry"], [...QUIET, rule("foo/some", tls("DISABLE"), { workloadSelector: { app: "x" } })]],
    ["FND-52", ["Service", "ServiceEntry"], [...QUIET, route("nothing")]],
    ["FND-62", ["Service", "ServiceEntry"], [...QUIET, ...rivals]],
    ["FND-70", ["Pod", "WorkloadEntry"], [...QUIET, policy("ALLOW", {}, { selector: { app: "x" } })]],
    ["FND-76", ["Namespace"], [...QUIET, strictInBar, namespace("foo"), policy("DENY", { from: [source({ namespaces: ["nowhere"] })] })]],
  ];

  it.each(rows.flatMap(([id, kinds, objects]) => kinds.map((kind) => [id, kind, objects] as const)))("%s is not told where a %s may be missing", (id, kind, objects) => {
    expect(rulesOf(objects)).toContain(id);
    expect(rulesOf(objects, { unread: [unread(kind)] })).not.toContain(id);
  });

  it("[FND-70] of one namespace does not depend on another's pods; the mesh's does", () => {
    const own = policy("ALLOW", {}, { selector: { app: "x" } });
    const options = { unread: [unread("Pod", { namespace: "third" })] };
    expect(rulesOf([...QUIET, own], options)).toEqual(["FND-70"]);
    expect(rulesOf([...QUIET, { ...own, namespace: "istio-system" }], options)).toEqual([]);
  });

  it("[FND-76] is not told where no Namespace is known at all, nor of one that only pods show", () => {
    const objects = [...QUIET, strictInBar, policy("DENY", { from: [source({ namespaces: ["nowhere"] })] })];
    expect(rulesOf(objects)).toEqual([]);
    expect(rulesOf([...objects, namespace("foo"), pod("nowhere", "app")])).toEqual([]);
    expect(rulesOf([...objects, namespace("nowhere")])).toEqual([]);
  });
});

const twice = pod("bar", "second", { proxy: "sidecar", labels: { ...APP, version: "v2" } });
const v2Strict = peerAuthentication("bar", "v2", "STRICT", { selector: { version: "v2" } });

const several: readonly Whole[] = [
  {
    name: "[FND-1] workloads and ports in their order",
    objects: [
      sleep, pod("bar", "zebra", { proxy: "sidecar", labels: APP }), pod("bar", "ant", { proxy: "sidecar", labels: APP }), peerAuthentication("istio-system", "x", "STRICT", { selector: APP }),
      service("bar", "httpbin", { ports: [{ port: 1, name: "http-a", targetPort: 10_000 }, { port: 2, name: "http-b", targetPort: 9090 }, { port: 3, name: "http-c", targetPort: 8080 }] }),
    ],
    says: ["FND-1 weaker than it seems: PeerAuthentication istio-system/x spec.selector = STRICT", "  mode PERMISSIVE, not STRICT", "  at bar/ant bar/zebra", "  port 8080 9090 10000", "  fix: move PeerAuthentication istio-system/x to bar"],
  },
  {
    name: "[FND-1] selectors of the root namespace are told one by one, not as rivals",
    objects: [
      sleep, pod("istio-system", "httpbin", { proxy: "sidecar" }), service("istio-system", "httpbin"), peerAuthentication("istio-system", "a", "PERMISSIVE", { selector: APP, createdAtMs: second(1) }),
      peerAuthentication("istio-system", "b", "STRICT", { selector: APP, createdAtMs: second(2) }),
    ],
    says: ["FND-1 weaker than it seems: PeerAuthentication istio-system/b spec.selector = STRICT", "  mode PERMISSIVE, not STRICT", "  at istio-system/httpbin", "  port 8080", "  fix: remove PeerAuthentication istio-system/b"],
  },
  { name: "[FND-4] the workload's own policy decides", objects: [...QUIET, peerAuthentication("bar", "default", "PERMISSIVE", { portLevelMtls: { "8080": "STRICT" } }), peerAuthentication("bar", "own", "PERMISSIVE", { selector: APP })], says: [] },
  {
    name: "[FND-44] of two endpoints one is STRICT",
    objects: [...QUIET, twice, v2Strict, rule("bar/httpbin", tls("DISABLE"))],
    says: [
      "FND-44 breaks traffic: DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = DISABLE because of PeerAuthentication bar/v2", "  all: DR_DISABLE blocked, otherwise AUTO_MTLS", "  at bar/second", `  host ${HOST}`, "  port 8080",
      "  fix: set DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL", "  fix: remove DestinationRule bar/httpbin spec.trafficPolicy.tls",
    ],
  },
  {
    name: "[FND-44] of two Services of one pod, both in their order",
    objects: [...QUIET, service("bar", "alias", { selector: APP }), strictInBar, rule("bar/all", tls("DISABLE"), { host: "*.bar.svc.cluster.local" })],
    says: [
      "FND-44 breaks traffic: DestinationRule bar/all spec.trafficPolicy.tls.mode = DISABLE because of PeerAuthentication bar/default", "  all: DR_DISABLE blocked, otherwise AUTO_MTLS", "  at bar/httpbin", `  host alias.bar.svc.cluster.local ${HOST}`, "  port 8080",
      "  fix: remove DestinationRule bar/all spec.trafficPolicy.tls",
    ],
  },
  {
    name: "[FND-43] of many hosts is not made mTLS for all of them",
    objects: [...QUIET, rule("bar/all", tls("SIMPLE"), { host: "*.bar.svc.cluster.local" })],
    says: [
      "FND-43 breaks traffic: DestinationRule bar/all spec.trafficPolicy.tls.mode = SIMPLE", "  all: DR_SIMPLE blocked, otherwise AUTO_MTLS", "  at bar/httpbin", `  host ${HOST}`, "  port 8080",
      "  fix: set DestinationRule bar/all spec.host = only the hosts it is for", "  fix: remove DestinationRule bar/all spec.trafficPolicy.tls",
    ],
  },
  {
    name: "[FND-35] told for everybody, and for a namespace where it is about more",
    objects: [
      ...QUIET, pod("bar", "other", { proxy: "sidecar" }), service("bar", "other"), pod("third", "app", { proxy: "sidecar" }), rule("istio-system/default", tls("DISABLE"), { host: "*.local" }), rule("bar/httpbin", null, { trafficPolicy: BALANCED }),
      rule("third/own", null, { host: "*.local", trafficPolicy: BALANCED }),
    ],
    says: [
      "FND-35 no effect: DestinationRule istio-system/default spec.trafficPolicy = DISABLE because of DestinationRule third/own", "  namespace third: AUTO_MTLS mTLS, otherwise DR_DISABLE", "  at bar/httpbin bar/other", `  host ${HOST} other.bar.svc.cluster.local`, "  port 8080",
      "  fix: merge DestinationRule istio-system/default into DestinationRule third/own",
      "FND-35 no effect: DestinationRule istio-system/default spec.trafficPolicy = DISABLE because of DestinationRule bar/httpbin", "  all: AUTO_MTLS mTLS, otherwise DR_DISABLE", ...VIA_HOST,
      "  fix: merge DestinationRule istio-system/default into DestinationRule bar/httpbin",
    ],
  },
  {
    name: "[FND-42] a gateway can read the credential, a sidecar beside it cannot",
    objects: [pod("foo", "edge", { proxy: "gateway" }), ...RAW, rule("foo/httpbin", tls("SIMPLE", { credentialName: "ca", caCertificates: "/ca" }))],
    says: [
      "FND-42 weaker than it seems: DestinationRule foo/httpbin spec.trafficPolicy.tls.mode = SIMPLE", "  namespace foo: DR_DROPPED plaintext, otherwise DR_SIMPLE", ...VIA_HOST,
      "  fix: add DestinationRule foo/httpbin spec.workloadSelector = the clients that may read the secret", "  fix: set DestinationRule foo/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL",
    ],
  },
  { name: "[FND-42] a namespace of gateways", objects: [pod("foo", "edge", { proxy: "gateway" }), httpbin, raw, rule("foo/httpbin", tls("SIMPLE", { credentialName: "ca" }))], says: [] },
  {
    name: "[FND-41] of a subset's port",
    objects: [...QUIET, rule("bar/httpbin", null, { subsets: [{ name: "v1", labels: {}, trafficPolicy: trafficPolicy(null, { portLevelSettings: [entry(80, tls(null))] }) }] })],
    says: [
      "FND-41 weaker than it seems: DestinationRule bar/httpbin spec.subsets[0].trafficPolicy.portLevelSettings[0].tls.mode = (absent)", "  all: DR_DISABLE plaintext, otherwise AUTO_MTLS", ...VIA_HOST,
      "  fix: set DestinationRule bar/httpbin spec.subsets[0].trafficPolicy.portLevelSettings[0].tls.mode = ISTIO_MUTUAL", "  fix: remove DestinationRule bar/httpbin spec.subsets[0].trafficPolicy.portLevelSettings[0].tls",
    ],
  },
  {
    name: "[FND-39] an entry without TLS in a subset",
    objects: [...RAW, rule("bar/httpbin", null, { subsets: [{ name: "v1", labels: {}, trafficPolicy: trafficPolicy(tls("SIMPLE"), { portLevelSettings: [entry(80, null)] }) }] })],
    says: [
      "FND-39 weaker than it seems: DestinationRule bar/httpbin spec.subsets[0].trafficPolicy.portLevelSettings[0] = no tls", "  all: AUTO_PLAINTEXT plaintext, otherwise DR_SIMPLE", ...VIA_HOST,
      "  fix: add DestinationRule bar/httpbin spec.subsets[0].trafficPolicy.portLevelSettings[0].tls.mode = SIMPLE",
    ],
  },
  {
    name: "[FND-43] a PERMISSIVE policy is not what the TLS runs into",
    objects: [...QUIET, peerAuthentication("bar", "default", "PERMISSIVE"), rule("bar/httpbin", tls("SIMPLE"))],
    says: [
      "FND-43 breaks traffic: DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = SIMPLE", "  all: DR_SIMPLE blocked, otherwise AUTO_MTLS", ...VIA_HOST, "  fix: set DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL",
      "  fix: remove DestinationRule bar/httpbin spec.trafficPolicy.tls",
    ],
  },
  { name: "[FND-46] of plaintext nothing is verified anyway", objects: [OLD, ...RAW, rule("bar/httpbin", null, { trafficPolicy: trafficPolicy(null, { portLevelSettings: [entry(80, tls("DISABLE"))] }) })], says: [] },
  { name: "[FND-46] the CA is given at the port", objects: [OLD, ...RAW, rule("bar/httpbin", null, { trafficPolicy: trafficPolicy(null, { portLevelSettings: [entry(80, tls("SIMPLE", { caCertificates: "/ca" }))] }) })], says: [] },
  {
    name: "[FND-19] a ServiceEntry for the workloads of a Service",
    objects: [sleep, httpbin, service("bar", "httpbin", { createdAtMs: second(1) }), serviceEntry("bar", "raw", "raw.example", { workloadSelector: APP, createdAtMs: second(2), ports: [{ number: 9000, name: "bytes", protocol: "TCP", targetPort: 8080 }] })],
    says: [
      "FND-19 breaks traffic: ServiceEntry bar/raw spec.ports = bytes because of Service bar/httpbin", "  protocol HTTP, not TCP", "  at bar/httpbin", "  host raw.example", "  port 8080",
      "  fix: set ServiceEntry bar/raw spec.ports = the protocol that Service bar/httpbin gives it",
    ],
  },
  {
    name: "[FND-19] without a proxy nobody reads the protocol",
    objects: [sleep, pod("bar", "httpbin"), service("bar", "httpbin", { createdAtMs: second(1) }), service("bar", "raw", { selector: APP, createdAtMs: second(2), ports: [{ port: 9000, name: "tcp", targetPort: 8080 }] })],
    says: [],
  },
  { name: "[FND-20] a machine is not injected", objects: [namespace("bar", { "istio-injection": "enabled" }), workloadEntry("bar", "machine")], says: [] },
  {
    name: "[FND-21] the user of the proxy, in a pod that nobody owns",
    objects: [
      pod("bar", "httpbin", {
        proxy: "sidecar", owner: { kind: "Pod", name: "httpbin" },
        containers: [{ name: "app", init: "app", args: [], ports: [], runAsUser: 1337 }, { name: "istio-proxy", init: "app", args: ["proxy", "sidecar"], ports: [], runAsUser: 1337 }],
      }),
    ],
    says: [
      "FND-21 weaker than it seems: Pod bar/httpbin spec.containers.app.securityContext.runAsUser = 1337", "  selected bar: BYPASS plaintext, otherwise AUTO_MTLS", "  at bar/httpbin", "  fix: set Pod bar/httpbin spec.containers.app.securityContext.runAsUser = another user",
    ],
  },
  { name: "[FND-21] without a proxy nothing is spared", objects: [pod("bar", "httpbin", { containers: [{ name: "app", init: "app", args: [], ports: [], runAsUser: 1337 }] })], says: [] },
  {
    name: "[FND-22] ports that are none, and pods without proxy",
    objects: [
      strictInBar, ...["0", "9090.5", "-1"].map((port, at) => pod("bar", `p${at}`, { proxy: "sidecar", annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": port } })),
      pod("bar", "bare", { annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9090" } }),
    ],
    says: [],
  },
  {
    name: "[FND-25] patches for any proxy, and for what a sidecar sends",
    objects: [...QUIET, pod("edge", "edge", { proxy: "gateway" }), envoyFilter("istio-system", "any", { patches: [{ applyTo: "CLUSTER", context: "ANY", touchesTransport: true }] }), envoyFilter("foo", "out", { patches: [{ applyTo: "CLUSTER", context: "SIDECAR_OUTBOUND", touchesTransport: true }] })],
    says: [
      "FND-25 cannot be told: EnvoyFilter istio-system/any spec.configPatches[0] = CLUSTER", "  unknown", "  at bar/httpbin edge/edge foo/sleep", "  fix: remove EnvoyFilter istio-system/any spec.configPatches[0]",
      "FND-25 cannot be told: EnvoyFilter foo/out spec.configPatches[0] = CLUSTER", "  unknown", "  at foo/sleep", "  fix: remove EnvoyFilter foo/out spec.configPatches[0]",
    ],
  },
  { name: "[FND-30] a host under the wildcard of an entry", objects: [...QUIET, serviceEntry("bar", "wild", "*.wild.example", { resolution: "NONE", location: "MESH_EXTERNAL" }), rule("foo/x", null, { host: "x.wild.example" })], says: [] },
  {
    name: "[FND-56] headless Services, aliases, entries and wildcards are not missed",
    objects: [
      sleep, pod("foo", "own", { proxy: "sidecar" }), service("foo", "own", { clusterIPs: ["None"] }), service("foo", "alias", { type: "ExternalName", externalName: HOST, selector: {}, clusterIPs: [] }), httpbin, httpbinService,
      serviceEntry("foo", "entry", "entry.example", { workloadSelector: { app: "own" } }), rule("foo/wild", null, { host: "*.bar.svc.cluster.local", trafficPolicy: BALANCED }), sidecar("foo", "default", { egress: egress("istio-system/*") }),
    ],
    says: [],
  },
  { name: "[FND-56] a gateway does not go by the namespace's Sidecar", objects: [pod("foo", "edge", { proxy: "gateway" }), httpbin, httpbinService, rule("foo/x", null, { trafficPolicy: BALANCED }), sidecar("foo", "default", { egress: egress("./*") })], says: [] },
  { name: "[FND-70] a policy for a Service, or on trial, is not idle", objects: [...QUIET, policy("ALLOW", {}, { selector: { app: "x" }, annotations: { "istio.io/dry-run": "true" } })], says: [] },
  {
    name: "[FND-73] nothing is refused where nothing is captured, nor at gateways",
    objects: [
      sleep, pod("bar", "httpbin", { proxy: "sidecar", annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } }), raw, peerAuthentication("bar", "default", "DISABLE"), pod("bar", "edge", { proxy: "gateway" }),
      service("bar", "edge", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] }), policy("DENY", { to: [operation({ paths: ["/x"] })] }),
    ],
    says: [],
  },
];

describeFindings("several beside each other", several);
