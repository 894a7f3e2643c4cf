import type { ClientTLSSettings, DestinationRule } from "#mesh";
import {
  ambientControlPlane, controlPlane, destinationRule, egress, meshConfig, namespace, peerAuthentication, pod, second, service, serviceEntry, sidecar, tls, trafficPolicy, unread, type DestinationRuleOptions,
} from "../../support/mesh.ts";
import { describeFindings, HOST, httpbin, httpbinService, QUIET, sleep, type Whole } from "./found.ts";

// What is almost a finding, and is none, or another; and meshes in which several stand beside each other.

const APP = { app: "httpbin" } as const;
const TLS_MODE = "security.istio.io/tlsMode";
const BALANCED = trafficPolicy(null, { loadBalancerSimple: "LEAST_REQUEST" });
const VIA_HOST = ["  at bar/httpbin", `  host ${HOST}`, "  port 8080"];
const strictInBar = peerAuthentication("bar", "default", "STRICT");
const disabledInBar = peerAuthentication("bar", "default", "DISABLE");
const unlabelled = pod("bar", "httpbin", { proxy: "sidecar", labels: { [TLS_MODE]: "disabled" } });
const excluded = pod("bar", "httpbin", { proxy: "sidecar", annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } });
const headless = service("bar", "httpbin", { clusterIPs: ["None"] });
const bare = pod("bar", "bare", { labels: APP });

function rule(name: string, settings: ClientTLSSettings | null, options: DestinationRuleOptions & { readonly host?: string } = {}): DestinationRule {
  const [ns = "", own = ""] = name.split("/");
  const { host = HOST, ...rest } = options;
  return destinationRule(ns, own, host, { ...(settings === null ? {} : { trafficPolicy: trafficPolicy(settings) }), ...rest });
}

const entry = (port: number, settings: ClientTLSSettings | null) => ({ port, tls: settings, loadBalancerSimple: null, hasLoadBalancer: false });
const unlabelledSays = [`FND-15 weaker than it seems: Deployment bar/httpbin spec.template.metadata.labels.${TLS_MODE} = disabled`, "  all: AUTO_PLAINTEXT plaintext, otherwise AUTO_MTLS", ...VIA_HOST, `  fix: set Deployment bar/httpbin spec.template.metadata.labels.${TLS_MODE} = istio`];

const policies: readonly Whole[] = [
  { name: "[FND-7] a gateway under PERMISSIVE", objects: [sleep, pod("bar", "edge", { proxy: "gateway" }), service("bar", "edge"), peerAuthentication("bar", "default", "PERMISSIVE")], says: [] },
  { name: "[FND-6] the mesh says STRICT, the namespace nothing", objects: [sleep, pod("bar", "httpbin"), httpbinService, peerAuthentication("istio-system", "default", "STRICT"), peerAuthentication("bar", "default", "UNSET")], says: [] },
  { name: "[FND-6] policies were not all read", objects: [sleep, pod("bar", "httpbin"), httpbinService, strictInBar], unread: [unread("PeerAuthentication")], says: [] },
  {
    name: "[FND-8] it is the label that makes clients send plaintext, not the namespace",
    objects: [sleep, unlabelled, httpbinService, peerAuthentication("bar", "httpbin", "STRICT", { selector: APP })],
    says: [
      `FND-15 breaks traffic: Deployment bar/httpbin spec.template.metadata.labels.${TLS_MODE} = disabled`, "  all: AUTO_PLAINTEXT blocked, otherwise AUTO_MTLS", ...VIA_HOST, `  fix: set Deployment bar/httpbin spec.template.metadata.labels.${TLS_MODE} = istio`,
    ],
  },
  {
    name: "[FND-8] it is a DestinationRule that makes clients send plaintext, though the namespace says DISABLE",
    objects: [...QUIET, disabledInBar, peerAuthentication("bar", "httpbin", "STRICT", { selector: APP }), rule("bar/httpbin", tls("DISABLE"))],
    says: [
      "FND-44 breaks traffic: DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = DISABLE because of PeerAuthentication bar/httpbin", "  all: DR_DISABLE blocked, otherwise AUTO_MTLS", ...VIA_HOST,
      "  fix: set DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL", "  fix: remove DestinationRule bar/httpbin spec.trafficPolicy.tls",
    ],
  },
  { name: "[FND-9] a DestinationRule makes the exception known", objects: [sleep, httpbin, headless, strictInBar, peerAuthentication("bar", "httpbin", "DISABLE", { selector: APP }), rule("bar/httpbin", tls("DISABLE"))], says: [] },
  { name: "[FND-10] in ambient, where the port says PERMISSIVE below DISABLE", objects: [ambientControlPlane(), pod("bar", "httpbin", { proxy: "ambient" }), httpbinService, disabledInBar, peerAuthentication("bar", "httpbin", "PERMISSIVE", { selector: APP })], says: [] },
];

const marks: readonly Whole[] = [
  { name: "[FND-14] a DestinationRule sends plaintext to the labelled pod without proxy", objects: [sleep, pod("bar", "httpbin", { labels: { [TLS_MODE]: "istio" } }), httpbinService, rule("bar/httpbin", tls("DISABLE"))], says: [] },
  { name: "[FND-15] without auto mTLS the label is not asked", objects: [meshConfig({ enableAutoMtls: false }), sleep, unlabelled, httpbinService], says: [] },
  {
    name: "[FND-15] seen from its own namespace, where nobody else may see it",
    objects: [sleep, unlabelled, service("bar", "httpbin", { annotations: { "networking.istio.io/exportTo": "." } })],
    says: [...unlabelledSays, "FND-57 weaker than it seems: Service bar/httpbin metadata.annotations.networking.istio.io/exportTo = .", "  all: PASSTHROUGH plaintext, otherwise -", ...VIA_HOST, "  fix: strict"],
  },
  { name: "[FND-15] nobody has a client's proxy", objects: [pod("foo", "sleep"), pod("bar", "httpbin", { labels: { [TLS_MODE]: "istio" } }), httpbinService], says: [] },
  { name: "[FND-16] an excluded port that clients are told to send plaintext to", objects: [sleep, excluded, httpbinService, disabledInBar], says: [] },
  {
    name: "[FND-16] it is a DestinationRule that sends the mTLS",
    objects: [sleep, excluded, httpbinService, rule("bar/httpbin", tls("ISTIO_MUTUAL"))],
    says: ["FND-45 breaks traffic: DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL", "  all: DR_ISTIO_MUTUAL blocked, otherwise AUTO_PLAINTEXT", ...VIA_HOST, "  fix: remove DestinationRule bar/httpbin spec.trafficPolicy.tls"],
  },
  { name: "[FND-17] a gateway behind the headless Service is no sidecar that is missed", objects: [sleep, pod("bar", "edge", { proxy: "gateway", labels: APP }), bare, headless], says: [] },
  { name: "[FND-17] a DestinationRule says what is sent", objects: [sleep, httpbin, bare, headless, rule("bar/httpbin", tls("DISABLE"))], says: [] },
  {
    name: "[FND-17] ambient workloads behind a headless Service",
    objects: [ambientControlPlane(), sleep, pod("bar", "httpbin", { proxy: "ambient" }), headless],
    says: ["FND-17 weaker than it seems: Service bar/httpbin spec.clusterIP = None because of Pod bar/httpbin", "  all: AUTO_PLAINTEXT plaintext, otherwise HBONE", ...VIA_HOST, "  fix: set Service bar/httpbin spec.clusterIP = an address of its own"],
  },
  { name: "[FND-18] nothing is lost where there is no proxy", objects: [sleep, pod("bar", "httpbin"), service("bar", "httpbin", { ports: [{ port: 80, name: "udp", targetPort: 8080 }] })], says: [] },
  {
    name: "[FND-23] one port is STRICT, the other is not, another workload has the tunnel",
    objects: [
      ambientControlPlane(), pod("foo", "wanderer", { proxy: "ambient" }), httpbin, pod("bar", "tunnelled", { proxy: "sidecar", labels: { "networking.istio.io/tunnel": "http" } }), service("bar", "tunnelled"),
      service("bar", "httpbin", { ports: [{ port: 80, name: "http", targetPort: 8080 }, { port: 81, name: "http-x", targetPort: 9090 }] }), peerAuthentication("bar", "httpbin", null, { selector: APP, portLevelMtls: { "9090": "STRICT" } }),
    ],
    says: [
      ...[["breaks traffic", "blocked", "9090"], ["weaker than it seems", "plaintext", "8080"]].flatMap(([severity, transport, port]) => [
        `FND-23 ${String(severity)}: Namespace bar pods: metadata.labels.networking.istio.io/tunnel = (absent)`, `  ambient: ZT_PLAINTEXT ${String(transport)}, otherwise HBONE`, "  at bar/httpbin", `  host ${HOST}`, `  port ${String(port)}`,
        '  fix: set Namespace bar the pods\' label networking.istio.io/tunnel = http: ISTIO_META_ENABLE_HBONE: "true" in proxyMetadata and a restart do it',
      ]),
    ],
  },
  {
    name: "[FND-24] the control plane of the client's revision is meant",
    objects: [
      ambientControlPlane(), controlPlane({ name: "istiod-blue", revision: "blue" }), meshConfig({ revision: "blue", name: "istio-blue" }), namespace("blue", { "istio.io/rev": "blue" }), pod("blue", "client", { proxy: "sidecar" }),
      pod("bar", "httpbin", { proxy: "ambient" }), httpbinService,
    ],
    says: [
      "FND-24 weaker than it seems: ControlPlane istio-system/istiod-blue env.PILOT_ENABLE_AMBIENT = (absent)", "  all: AUTO_PLAINTEXT plaintext, otherwise HBONE", ...VIA_HOST, "  fix: set ControlPlane istio-system/istiod-blue env.PILOT_ENABLE_AMBIENT = true",
    ],
  },
  {
    name: "[FND-24] ambient is on, and sending through the tunnel is off",
    objects: [ambientControlPlane({ env: { PILOT_ENABLE_AMBIENT: "true", PILOT_ENABLE_SENDING_HBONE: "false" } }), sleep, pod("bar", "httpbin", { proxy: "ambient" }), httpbinService],
    says: [
      "FND-24 weaker than it seems: ControlPlane istio-system/istiod env.PILOT_ENABLE_SENDING_HBONE = false", "  all: AUTO_PLAINTEXT plaintext, otherwise HBONE", ...VIA_HOST, "  fix: set ControlPlane istio-system/istiod env.PILOT_ENABLE_SENDING_HBONE = true",
    ],
  },
];

const FOO_WILD = rule("foo/wild", tls("DISABLE"), { host: "*.local" });
const balancedMesh = rule("istio-system/balanced", null, { host: "*.local", trafficPolicy: BALANCED });

const hidden: readonly Whole[] = [
  { name: "[FND-34] the client's own rule for the host, beside a wide one that says nothing", objects: [...QUIET, rule("foo/exact", tls("DISABLE")), rule("bar/httpbin", tls("ISTIO_MUTUAL")), balancedMesh], says: [] },
  {
    name: "[FND-34] what is hidden would have been blocked",
    objects: [...QUIET, FOO_WILD, rule("bar/httpbin", tls("SIMPLE"))],
    says: [
      "FND-43 breaks traffic: DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = SIMPLE", "  all: DR_SIMPLE blocked, otherwise AUTO_MTLS", ...VIA_HOST, "  fix: set DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL",
      "  fix: remove DestinationRule bar/httpbin spec.trafficPolicy.tls",
      "FND-34 no effect: DestinationRule bar/httpbin spec.trafficPolicy = SIMPLE because of DestinationRule foo/wild", "  namespace foo: DR_DISABLE plaintext, otherwise DR_SIMPLE", ...VIA_HOST,
      "  fix: set DestinationRule foo/wild spec.host = only the hosts it is for", "  fix: merge DestinationRule bar/httpbin into DestinationRule foo/wild",
    ],
  },
  { name: "[FND-34] the client's Sidecar does not import the service: nothing is hidden from it", objects: [...QUIET, sidecar("foo", "default", { egress: egress("./*") }), FOO_WILD, rule("bar/httpbin", tls("ISTIO_MUTUAL"))], says: [] },
  { name: "[FND-34] rules were not all read", objects: [...QUIET, FOO_WILD, rule("bar/httpbin", tls("ISTIO_MUTUAL"))], unread: [unread("DestinationRule", { namespace: "foo" })], says: [] },
  {
    name: "[FND-35] the rule in force has TLS for that port",
    objects: [...QUIET, rule("istio-system/default", tls("DISABLE"), { host: "*.local" }), rule("bar/httpbin", null, { trafficPolicy: { ...BALANCED, portLevelSettings: [entry(80, tls("ISTIO_MUTUAL"))] } })],
    says: [],
  },
  {
    name: "[FND-37] what is hidden is a port's",
    objects: [...QUIET, rule("bar/a", null, { trafficPolicy: BALANCED, createdAtMs: second(1) }), rule("bar/b", null, { trafficPolicy: trafficPolicy(null, { portLevelSettings: [entry(80, tls("DISABLE"))] }), createdAtMs: second(2) })],
    says: [
      "FND-37 no effect: DestinationRule bar/b spec.trafficPolicy = DISABLE because of DestinationRule bar/a", "  all: AUTO_MTLS mTLS, otherwise DR_DISABLE", ...VIA_HOST, "  fix: merge DestinationRule bar/b into DestinationRule bar/a",
    ],
  },
  {
    name: "[FND-37] of another port than the Service's",
    objects: [...QUIET, rule("bar/a", null, { trafficPolicy: BALANCED, createdAtMs: second(1) }), rule("bar/b", null, { trafficPolicy: trafficPolicy(null, { portLevelSettings: [entry(81, tls("DISABLE"))] }), createdAtMs: second(2) })],
    says: [],
  },
  {
    name: "[FND-38] in the client's namespace, for its own namespace",
    objects: [...QUIET, rule("foo/a", tls("DISABLE"), { exportTo: ["."], createdAtMs: second(1) }), rule("foo/b", null, { trafficPolicy: BALANCED, createdAtMs: second(2) })],
    says: [
      "FND-38 no effect: DestinationRule foo/a spec.exportTo = DISABLE because of DestinationRule foo/b", "  namespace foo: AUTO_MTLS mTLS, otherwise DR_DISABLE", ...VIA_HOST, "  fix: set DestinationRule foo/a spec.exportTo = the same list in both",
      "  fix: merge DestinationRule foo/a into DestinationRule foo/b",
    ],
  },
  { name: "[FND-38] one that is exported to others only was never the client's", objects: [...QUIET, rule("foo/a", tls("DISABLE"), { exportTo: ["bar"], createdAtMs: second(1) }), rule("foo/b", null, { trafficPolicy: BALANCED, createdAtMs: second(2) })], says: [] },
  {
    name: "[FND-35] told once for everybody, not again for each namespace",
    objects: [...QUIET, pod("third", "app", { proxy: "sidecar" }), rule("istio-system/default", tls("DISABLE"), { host: "*.local" }), rule("bar/httpbin", null, { trafficPolicy: BALANCED }), rule("foo/other", tls("DISABLE"), { host: "other.example" })],
    says: [
      "FND-35 no effect: DestinationRule istio-system/default spec.trafficPolicy = DISABLE because of DestinationRule bar/httpbin", "  all: AUTO_MTLS mTLS, otherwise DR_DISABLE", ...VIA_HOST,
      "  fix: merge DestinationRule istio-system/default into DestinationRule bar/httpbin",
      "FND-30 no effect: DestinationRule foo/other spec.host = other.example", "  matches nothing", "  fix: set DestinationRule foo/other spec.host = the full name of a service", "  fix: remove DestinationRule foo/other",
    ],
  },
];

const ingress = (tlsMode: string | null) => [{ port: 8080, protocol: "HTTPS", captureMode: null, tlsMode }];
const ingressSays = (mode: string) => [`FND-58 weaker than it seems: Sidecar bar/httpbin spec.ingress[0].tls = MUTUAL`, `  mode ${mode}, not MUTUAL`, "  at bar/httpbin", "  port 8080", "  fix: remove Sidecar bar/httpbin spec.ingress[0].tls"];
const ENABLED = controlPlane({ env: { ENABLE_TLS_ON_SIDECAR_INGRESS: "true" } });
const withIngress = sidecar("bar", "httpbin", { ingress: ingress("MUTUAL") });
const wild = serviceEntry("bar", "wild", "*.wild.example", { resolution: "NONE", location: "MESH_EXTERNAL" });

const sidecars: readonly Whole[] = [
  {
    name: "[FND-53] the younger stands first, and a gateway has no Sidecar",
    objects: [...QUIET, pod("foo", "edge", { proxy: "gateway" }), sidecar("foo", "b", { egress: egress("*/*"), createdAtMs: second(2) }), sidecar("foo", "a", { egress: egress("./*", "bar/*"), createdAtMs: second(1) })],
    says: ["FND-53 no effect: Sidecar foo/b metadata.creationTimestamp because of Sidecar foo/a", "  ignored", "  at foo/sleep", "  fix: merge Sidecar foo/b into Sidecar foo/a"],
  },
  { name: "[FND-53] of one kind each there is no rival", objects: [...QUIET, sidecar("foo", "a", { egress: egress("./*", "bar/*") }), sidecar("foo", "b", { workloadSelector: { app: "sleep" }, egress: egress("*/*") })], says: [] },
  { name: "[FND-54] of an empty selector, in an empty namespace", objects: [...QUIET, sidecar("third", "default", { egress: egress("*/*") }), sidecar("fourth", "all", { workloadSelector: {}, egress: egress("*/*") })], says: [] },
  { name: "[FND-54] pods were not read", objects: [...QUIET, sidecar("foo", "slep", { workloadSelector: { app: "slep" }, egress: egress("*/*") })], unread: [unread("Pod", { namespace: "foo" })], says: [] },
  { name: "[FND-54] machines were not read", objects: [...QUIET, sidecar("foo", "slep", { workloadSelector: { app: "slep" }, egress: egress("*/*") })], unread: [unread("WorkloadEntry", { namespace: "foo" })], says: [] },
  {
    name: "[FND-55] names under a wildcard host, in its namespace and in another",
    objects: [...QUIET, wild, sidecar("foo", "default", { egress: egress("bar/*.svc.cluster.local", "bar/x.wild.example", "third/x.wild.example", "bar/*.nothing.example") })],
    says: [
      "FND-55 no effect: Sidecar foo/default spec.egress[0].hosts[2] = third/x.wild.example", "  matches nothing", "  fix: set Sidecar foo/default spec.egress[0].hosts[2] = namespace/full name of a service",
      "FND-55 no effect: Sidecar foo/default spec.egress[0].hosts[3] = bar/*.nothing.example", "  matches nothing", "  fix: set Sidecar foo/default spec.egress[0].hosts[3] = namespace/full name of a service",
    ],
  },
  {
    name: "[FND-55] a host without namespace",
    objects: [...QUIET, sidecar("foo", "default", { egress: egress("*/*", HOST) })],
    says: [`FND-55 no effect: Sidecar foo/default spec.egress[0].hosts[1] = ${HOST}`, "  matches nothing", "  fix: set Sidecar foo/default spec.egress[0].hosts[1] = namespace/full name of a service"],
  },
  { name: "[FND-55] one's own, in full; and nothing at all on purpose", objects: [sleep, service("foo", "sleep"), httpbin, httpbinService, sidecar("foo", "default", { egress: egress("./sleep.foo.svc.cluster.local", "~/nothing.example", "bar/*") })], says: [] },
  { name: "[FND-55] services were not read", objects: [...QUIET, sidecar("foo", "default", { egress: egress("bar/*", "bar/nothing.example") })], unread: [unread("VirtualService", { namespace: "third" })], says: [] },
  { name: "[FND-58] istiod is told to end it, on a port that says DISABLE", objects: [ENABLED, ...QUIET, disabledInBar, withIngress], says: [] },
  { name: "[FND-58] istiod is told to, on a PERMISSIVE port", objects: [ENABLED, ...QUIET, withIngress], says: ingressSays("PERMISSIVE") },
  { name: "[FND-58] istiod is not told to, on a port that says DISABLE", objects: [...QUIET, disabledInBar, withIngress], says: ingressSays("DISABLE") },
  { name: "[FND-58] there is no proxy", objects: [sleep, pod("bar", "httpbin"), httpbinService, withIngress], says: [] },
  { name: "[FND-58] Sidecars were not read", objects: [...QUIET, withIngress], unread: [unread("Sidecar")], says: [] },
];

describeFindings("PeerAuthentications that do what they seem to", policies);
describeFindings("labels and ports that do what they seem to", marks);
describeFindings("DestinationRules that hide nothing, or something else", hidden);
describeFindings("Sidecars that do what they seem to", sidecars);
