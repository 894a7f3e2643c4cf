import type { Labels, MeshObject } from "#mesh";
import { ambientControlPlane, controlPlane, envoyFilter, gateway, namespace, peerAuthentication, pod, second, service, sidecar } from "../../support/mesh.ts";
import { describeFindings, HOST, httpbin, httpbinService, QUIET, sleep, type Whole } from "./found.ts";

// Findings about PeerAuthentications and about what runs, in full.

const APP = { app: "httpbin" } as const;
const TLS_MODE = "security.istio.io/tlsMode";
const AT_HTTPBIN = ["  at bar/httpbin", "  port 8080"];
const VIA_HOST = ["  at bar/httpbin", `  host ${HOST}`, "  port 8080"];
const strictInBar = peerAuthentication("bar", "default", "STRICT");
const strictMesh = peerAuthentication("istio-system", "default", "STRICT");
const ztunneled = pod("bar", "httpbin", { proxy: "ambient" });
const AMBIENT: readonly MeshObject[] = [ambientControlPlane(), ztunneled, httpbinService];

const ignored: readonly Whole[] = [
  {
    name: "[FND-1] a selector in the root namespace",
    objects: [...QUIET, peerAuthentication("istio-system", "exception", "STRICT", { selector: APP })],
    says: ["FND-1 weaker than it seems: PeerAuthentication istio-system/exception spec.selector = STRICT", "  mode PERMISSIVE, not STRICT", ...AT_HTTPBIN, "  fix: move PeerAuthentication istio-system/exception to bar"],
  },
  {
    name: "[FND-1] for a workload of the root namespace itself",
    objects: [sleep, pod("istio-system", "httpbin", { proxy: "sidecar" }), service("istio-system", "httpbin"), peerAuthentication("istio-system", "exception", "STRICT", { selector: APP })],
    says: [
      "FND-1 weaker than it seems: PeerAuthentication istio-system/exception spec.selector = STRICT", "  mode PERMISSIVE, not STRICT", "  at istio-system/httpbin", "  port 8080", "  fix: remove PeerAuthentication istio-system/exception",
    ],
  },
  {
    name: "[FND-2] the younger of the namespace, and of the mesh",
    objects: [
      ...QUIET, peerAuthentication("bar", "a", "PERMISSIVE", { createdAtMs: second(1) }), peerAuthentication("bar", "b", "DISABLE", { createdAtMs: second(2) }),
      peerAuthentication("istio-system", "a", "DISABLE", { createdAtMs: second(1) }), peerAuthentication("istio-system", "b", "STRICT", { createdAtMs: second(2) }),
    ],
    says: [
      "FND-2 no effect: PeerAuthentication bar/b metadata.creationTimestamp = DISABLE because of PeerAuthentication bar/a", "  mode PERMISSIVE, not DISABLE", ...AT_HTTPBIN, "  fix: merge PeerAuthentication bar/b into PeerAuthentication bar/a",
      "  fix: remove PeerAuthentication bar/a",
    ],
  },
  {
    name: "[FND-2] of the mesh, of one selector, at two workloads",
    objects: [
      ...QUIET, pod("foo", "other", { proxy: "sidecar" }), service("foo", "other"), peerAuthentication("istio-system", "a", "PERMISSIVE", { createdAtMs: second(1) }), peerAuthentication("istio-system", "b", "STRICT", { createdAtMs: second(2) }),
    ],
    says: [
      "FND-2 weaker than it seems: PeerAuthentication istio-system/b metadata.creationTimestamp = STRICT because of PeerAuthentication istio-system/a", "  mode PERMISSIVE, not STRICT", "  at bar/httpbin foo/other", "  port 8080",
      "  fix: merge PeerAuthentication istio-system/b into PeerAuthentication istio-system/a", "  fix: remove PeerAuthentication istio-system/a",
    ],
  },
  {
    name: "[FND-3] the Service's port",
    objects: [...QUIET, strictInBar, peerAuthentication("bar", "httpbin", null, { selector: APP, portLevelMtls: { "80": "DISABLE", "9090": "PERMISSIVE" } })],
    says: [
      "FND-3 breaks traffic: PeerAuthentication bar/httpbin spec.portLevelMtls.80 = DISABLE", "  mode STRICT, not DISABLE", ...AT_HTTPBIN, "  fix: rename PeerAuthentication bar/httpbin spec.portLevelMtls.80 to spec.portLevelMtls.8080",
    ],
  },
  { name: "[FND-3] is none where the port has that mode anyway", objects: [...QUIET, strictInBar, peerAuthentication("bar", "httpbin", null, { selector: APP, portLevelMtls: { "80": "STRICT" } })], says: [] },
  {
    name: "[FND-4] ports without a selector, of a namespace and of the mesh",
    objects: [...QUIET, peerAuthentication("bar", "default", "PERMISSIVE", { portLevelMtls: { "8080": "STRICT" } }), peerAuthentication("istio-system", "default", "PERMISSIVE", { portLevelMtls: { "9090": "STRICT" } })],
    says: [
      "FND-4 weaker than it seems: PeerAuthentication istio-system/default spec.portLevelMtls = STRICT", "  mode PERMISSIVE, not STRICT", "  at bar/httpbin foo/sleep", "  port 9090",
      "  fix: add PeerAuthentication istio-system/default spec.selector = the labels of the workload meant",
      "FND-4 weaker than it seems: PeerAuthentication bar/default spec.portLevelMtls = STRICT", "  mode PERMISSIVE, not STRICT", ...AT_HTTPBIN, "  fix: add PeerAuthentication bar/default spec.selector = the labels of the workload meant",
    ],
  },
  {
    name: "[FND-5] a selector for nobody",
    objects: [...QUIET, peerAuthentication("bar", "typo", null, { selector: { app: "htpbin", version: "v1" }, portLevelMtls: { "8080": "STRICT" } })],
    says: [
      "FND-5 no effect: PeerAuthentication bar/typo spec.selector.matchLabels = app=htpbin,version=v1", "  matches nothing", "  fix: set PeerAuthentication bar/typo spec.selector.matchLabels = labels that the workload's pods have",
      "  fix: remove PeerAuthentication bar/typo",
    ],
  },
  { name: "[FND-5] is none where it says nothing, or what its namespace says", objects: [...QUIET, strictInBar, peerAuthentication("bar", "a", "UNSET", { selector: { app: "a" } }), peerAuthentication("bar", "b", "STRICT", { selector: { app: "b" } })], says: [] },
  { name: "[FND-1] in the root namespace a selector for nobody is no finding", objects: [...QUIET, peerAuthentication("istio-system", "a", "STRICT", { selector: { app: "a" } })], says: [] },
];

const unread: readonly Whole[] = [
  {
    name: "[FND-6] nothing to enforce it: the namespace's policy, where the workload's own says nothing",
    objects: [sleep, pod("bar", "httpbin"), httpbinService, strictInBar, peerAuthentication("bar", "httpbin", "UNSET", { selector: APP })],
    says: ["FND-6 weaker than it seems: PeerAuthentication bar/default spec.mtls.mode = STRICT", "  not enforced", ...AT_HTTPBIN, "  fix: inject"],
  },
  {
    name: "[FND-6] the workload's own, on one port",
    objects: [sleep, pod("bar", "httpbin"), httpbinService, peerAuthentication("bar", "httpbin", null, { selector: APP, portLevelMtls: { "8080": "STRICT" } })],
    says: ["FND-6 weaker than it seems: PeerAuthentication bar/httpbin spec.mtls.mode = STRICT", "  not enforced", ...AT_HTTPBIN, "  fix: inject"],
  },
  {
    name: "[FND-7] a gateway, with its Gateway",
    objects: [
      sleep, pod("bar", "edge", { proxy: "gateway" }), service("bar", "edge"), strictInBar, gateway("bar", "everything", { selector: {} }),
      gateway("bar", "edge", { selector: { app: "edge" }, servers: [{ port: 8080, protocol: "HTTP", hosts: ["*"], tlsMode: null }] }),
    ],
    says: ["FND-7 weaker than it seems: PeerAuthentication bar/default spec.mtls.mode = STRICT", "  not enforced", "  at bar/edge", "  port 8080", "  fix: set Gateway bar/edge spec.servers[].tls.mode = MUTUAL or ISTIO_MUTUAL"],
  },
  {
    name: "[FND-7] a gateway without one",
    objects: [sleep, pod("bar", "edge", { proxy: "gateway" }), service("bar", "edge"), strictInBar],
    says: ["FND-7 weaker than it seems: PeerAuthentication bar/default spec.mtls.mode = STRICT", "  not enforced", "  at bar/edge", "  port 8080", "  fix: set Gateway bar/of this workload spec.servers[].tls.mode = MUTUAL or ISTIO_MUTUAL"],
  },
  {
    name: "[FND-8] STRICT below the namespace's DISABLE",
    objects: [...QUIET, peerAuthentication("bar", "default", "DISABLE"), peerAuthentication("bar", "httpbin", "STRICT", { selector: APP })],
    says: [
      "FND-8 breaks traffic: PeerAuthentication bar/httpbin spec.mtls.mode = STRICT because of PeerAuthentication bar/default", "  all: AUTO_PLAINTEXT blocked, otherwise AUTO_MTLS", ...VIA_HOST, "  fix: set PeerAuthentication bar/default spec.mtls.mode = PERMISSIVE",
      "  fix: set PeerAuthentication bar/httpbin spec.mtls.mode = DISABLE",
    ],
  },
  {
    name: "[FND-9] DISABLE behind a headless Service",
    objects: [sleep, httpbin, service("bar", "httpbin", { clusterIPs: ["None"] }), peerAuthentication("bar", "httpbin", "DISABLE", { selector: APP })],
    says: [
      "FND-9 breaks traffic: PeerAuthentication bar/httpbin spec.mtls.mode = DISABLE because of Service bar/httpbin", "  all: AUTO_MTLS blocked, otherwise AUTO_PLAINTEXT", ...VIA_HOST, "  fix: set PeerAuthentication bar/httpbin spec.mtls.mode = PERMISSIVE",
      "  fix: create DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = DISABLE",
    ],
  },
  {
    name: "[FND-10] DISABLE in ambient",
    objects: [...AMBIENT, peerAuthentication("bar", "default", "DISABLE")],
    says: [
      "FND-10 no effect: PeerAuthentication bar/default spec.mtls.mode = DISABLE", "  mode PERMISSIVE, not DISABLE", ...AT_HTTPBIN, "  fix: set PeerAuthentication bar/default spec.mtls.mode = PERMISSIVE", "  fix: remove PeerAuthentication bar/default",
    ],
  },
  {
    name: "[FND-11] a DISABLE port below STRICT",
    objects: [...AMBIENT, strictInBar, peerAuthentication("bar", "httpbin", null, { selector: APP, portLevelMtls: { "8080": "DISABLE" } })],
    says: ["FND-11 breaks traffic: PeerAuthentication bar/httpbin spec.portLevelMtls.8080 = DISABLE", "  mode STRICT, not DISABLE", ...AT_HTTPBIN, "  fix: set PeerAuthentication bar/httpbin spec.portLevelMtls.8080 = PERMISSIVE"],
  },
  {
    name: "[FND-12] a STRICT port below the mesh's STRICT",
    objects: [...AMBIENT, strictMesh, peerAuthentication("bar", "httpbin", "PERMISSIVE", { selector: APP, portLevelMtls: { "8080": "STRICT" } })],
    says: [
      "FND-12 weaker than it seems: PeerAuthentication bar/httpbin spec.portLevelMtls.8080 = STRICT because of PeerAuthentication istio-system/default", "  mode PERMISSIVE, not STRICT", ...AT_HTTPBIN,
      "  fix: create PeerAuthentication bar/default spec.mtls.mode = STRICT",
    ],
  },
  {
    name: "[FND-13] an empty selector in the root namespace",
    objects: [...AMBIENT, peerAuthentication("istio-system", "default", "STRICT", { selector: {} })],
    says: ["FND-13 weaker than it seems: PeerAuthentication istio-system/default spec.selector = {}", "  mode PERMISSIVE, not STRICT", ...AT_HTTPBIN, "  fix: remove PeerAuthentication istio-system/default spec.selector"],
  },
  {
    name: "[FND-26] what bypasses ztunnel",
    objects: [ambientControlPlane(), pod("bar", "httpbin", { proxy: "ambient", annotations: { "ambient.istio.io/bypass-inbound-capture": "true" } }), httpbinService, strictInBar],
    says: [
      "FND-26 weaker than it seems: Deployment bar/httpbin spec.template.metadata.annotations.ambient.istio.io/bypass-inbound-capture = true", "  mode UNCAPTURED, not STRICT", ...AT_HTTPBIN,
      "  fix: remove Deployment bar/httpbin spec.template.metadata.annotations.ambient.istio.io/bypass-inbound-capture",
    ],
  },
];

const excluded = (annotations: Labels) => pod("bar", "httpbin", { proxy: "sidecar", annotations, owner: { kind: "CronJob", name: "nightly" } });
const EXCLUDE = "traffic.sidecar.istio.io/excludeInboundPorts";

const marks: readonly Whole[] = [
  {
    name: "[FND-14] the label without a proxy",
    objects: [sleep, pod("bar", "httpbin", { labels: { [TLS_MODE]: "istio" } }), httpbinService],
    says: [
      `FND-14 breaks traffic: Deployment bar/httpbin spec.template.metadata.labels.${TLS_MODE} = istio`, "  all: AUTO_MTLS blocked, otherwise AUTO_PLAINTEXT", ...VIA_HOST, `  fix: remove Deployment bar/httpbin spec.template.metadata.labels.${TLS_MODE}`, "  fix: inject",
    ],
  },
  {
    name: "[FND-15] a proxy without the label, of a pod that nobody owns",
    objects: [sleep, pod("bar", "httpbin", { proxy: "sidecar", labels: { [TLS_MODE]: "disabled" }, owner: { kind: "Pod", name: "httpbin" } }), httpbinService],
    says: [`FND-15 weaker than it seems: Pod bar/httpbin metadata.labels.${TLS_MODE} = disabled`, "  all: AUTO_PLAINTEXT plaintext, otherwise AUTO_MTLS", ...VIA_HOST, `  fix: set Pod bar/httpbin metadata.labels.${TLS_MODE} = istio`],
  },
  {
    name: "[FND-16] an excluded port, of a CronJob",
    objects: [sleep, excluded({ [EXCLUDE]: "8080" }), httpbinService],
    says: [
      `FND-16 breaks traffic: CronJob bar/nightly spec.jobTemplate.spec.template.metadata.annotations.${EXCLUDE} = 8080`, "  all: AUTO_MTLS blocked, otherwise AUTO_PLAINTEXT", "  at bar/nightly", `  host ${HOST}`, "  port 8080",
      "  fix: create PeerAuthentication bar/nightly spec.portLevelMtls.8080.mode = DISABLE", `  fix: remove CronJob bar/nightly spec.jobTemplate.spec.template.metadata.annotations.${EXCLUDE}`,
    ],
  },
  {
    name: "[FND-16] the proxy's own ports are never captured: there is no annotation to take away",
    objects: [sleep, httpbin, service("bar", "httpbin", { ports: [{ port: 80, name: "http", targetPort: 15_021 }] })],
    says: [
      "FND-16 breaks traffic: Pod bar/httpbin spec = 15021", "  all: AUTO_MTLS blocked, otherwise AUTO_PLAINTEXT", "  at bar/httpbin", `  host ${HOST}`, "  port 15021", "  fix: create PeerAuthentication bar/httpbin spec.portLevelMtls.15021.mode = DISABLE",
    ],
  },
  {
    name: "[FND-17] one pod without proxy behind a headless Service",
    objects: [sleep, httpbin, pod("bar", "bare", { labels: APP }), service("bar", "httpbin", { clusterIPs: ["None"] })],
    says: ["FND-17 weaker than it seems: Service bar/httpbin spec.clusterIP = None because of Pod bar/bare", "  all: AUTO_PLAINTEXT plaintext, otherwise AUTO_MTLS", ...VIA_HOST, "  fix: inject Pod bar/bare"],
  },
  {
    name: "[FND-18] a TCP port named udp",
    objects: [sleep, httpbin, service("bar", "httpbin", { ports: [{ port: 81, name: "http", targetPort: 8081 }, { port: 80, name: "udp", targetPort: 8080 }] })],
    says: [
      "FND-18 weaker than it seems: Service bar/httpbin spec.ports[1].name = udp", "  all: PASSTHROUGH plaintext, otherwise AUTO_MTLS", ...VIA_HOST, "  fix: set Service bar/httpbin spec.ports[1].name = a name that begins with tcp-, or with the protocol spoken",
    ],
  },
  { name: "[FND-18] a real UDP port is nobody's business", objects: [sleep, httpbin, service("bar", "httpbin", { ports: [{ port: 80, name: "udp", targetPort: 8080, protocol: "UDP" }] })], says: [] },
  {
    name: "[FND-19] the younger Service says TCP",
    objects: [sleep, httpbin, service("bar", "httpbin", { createdAtMs: second(1) }), service("bar", "raw", { selector: APP, createdAtMs: second(2), ports: [{ port: 1, name: "http-x", targetPort: 1 }, { port: 9000, name: "tcp", targetPort: 8080 }] })],
    says: [
      "FND-19 breaks traffic: Service bar/raw spec.ports[1].name = tcp because of Service bar/httpbin", "  protocol HTTP, not TCP", "  at bar/httpbin", "  host raw.bar.svc.cluster.local", "  port 8080",
      "  fix: set Service bar/raw spec.ports[1].name = the protocol that Service bar/httpbin gives it",
    ],
  },
  {
    name: "[FND-19] the younger says HTTP: it is read as TCP",
    objects: [sleep, httpbin, service("bar", "raw", { selector: APP, createdAtMs: second(1), ports: [{ port: 9000, name: "tcp", targetPort: 8080 }] }), service("bar", "httpbin", { createdAtMs: second(2) })],
    says: [
      "FND-19 weaker than it seems: Service bar/httpbin spec.ports[0].name = http because of Service bar/raw", "  protocol TCP, not HTTP", ...VIA_HOST, "  fix: set Service bar/httpbin spec.ports[0].name = the protocol that Service bar/raw gives it",
    ],
  },
  {
    name: "[FND-20] a pod without proxy where injection is on",
    objects: [namespace("bar", { "istio-injection": "enabled" }), pod("bar", "bare"), pod("bar", "going", { deleting: true }), pod("bar", "own", { annotations: { "sidecar.istio.io/inject": "false" } }), pod("bar", "mesh", { labels: { "istio.io/dataplane-mode": "none" } })],
    says: [
      "FND-20 weaker than it seems: Namespace bar metadata.labels.istio-injection = enabled", "  selected bar: NONE plaintext, otherwise AUTO_MTLS", "  at bar/bare", "  fix: inject", '  fix: set Namespace bar the pods\' label sidecar.istio.io/inject = "false", where that is meant',
    ],
  },
  { name: "[FND-20] is none in an ambient namespace", objects: [namespace("bar", { "istio-injection": "enabled", "istio.io/dataplane-mode": "ambient" }), pod("bar", "bare")], says: [] },
  { name: "[FND-20] nor without a label", objects: [namespace("bar"), pod("bar", "bare")], says: [] },
  {
    name: "[FND-22] a scraped STRICT port",
    objects: [pod("bar", "httpbin", { proxy: "sidecar", annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9090" } }), strictInBar],
    says: [
      "FND-22 breaks traffic: Deployment bar/httpbin spec.template.metadata.annotations.prometheus.io/port = 9090", "  by address: PASSTHROUGH blocked, otherwise -", "  at bar/httpbin", "  port 9090",
      "  fix: create PeerAuthentication bar/httpbin spec.portLevelMtls.9090.mode = PERMISSIVE",
    ],
  },
  { name: "[FND-22] is none without a port, or where scraping is off", objects: [pod("bar", "a", { proxy: "sidecar", annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "x" } }), pod("bar", "b", { proxy: "sidecar", annotations: { "prometheus.io/scrape": "false", "prometheus.io/port": "9090" } }), strictInBar], says: [] },
  {
    name: "[FND-23] ztunnel to a sidecar",
    objects: [ambientControlPlane(), pod("foo", "wanderer", { proxy: "ambient" }), httpbin, httpbinService],
    says: [
      "FND-23 weaker than it seems: Namespace bar pods: metadata.labels.networking.istio.io/tunnel = (absent)", "  ambient: ZT_PLAINTEXT plaintext, otherwise HBONE", ...VIA_HOST,
      '  fix: set Namespace bar the pods\' label networking.istio.io/tunnel = http: ISTIO_META_ENABLE_HBONE: "true" in proxyMetadata and a restart do it',
    ],
  },
  {
    name: "[FND-24] a control plane without ambient",
    objects: [controlPlane({ env: { PILOT_ENABLE_AMBIENT: "false" } }), sleep, ztunneled, httpbinService],
    says: ["FND-24 weaker than it seems: ControlPlane istio-system/istiod env.PILOT_ENABLE_AMBIENT = false", "  all: AUTO_PLAINTEXT plaintext, otherwise HBONE", ...VIA_HOST, "  fix: set ControlPlane istio-system/istiod env.PILOT_ENABLE_AMBIENT = true"],
  },
  {
    name: "[FND-25] an EnvoyFilter, at the patch that matters",
    objects: [
      ...QUIET, envoyFilter("bar", "raw", { patches: [{ applyTo: "HTTP_FILTER", context: "ANY", touchesTransport: false }, { applyTo: "LISTENER", context: "GATEWAY", touchesTransport: true }, { applyTo: "FILTER_CHAIN", context: "SIDECAR_INBOUND", touchesTransport: true }] }),
    ],
    says: ["FND-25 cannot be told: EnvoyFilter bar/raw spec.configPatches[2] = FILTER_CHAIN", "  unknown", "  at bar/httpbin", "  fix: remove EnvoyFilter bar/raw spec.configPatches[2]"],
  },
  {
    name: "[FND-25] of the root namespace, at gateways alone",
    objects: [...QUIET, pod("edge", "edge", { proxy: "gateway" }), envoyFilter("istio-system", "raw", { patches: [{ applyTo: "CLUSTER", context: "GATEWAY", touchesTransport: true }] })],
    says: ["FND-25 cannot be told: EnvoyFilter istio-system/raw spec.configPatches[0] = CLUSTER", "  unknown", "  at edge/edge", "  fix: remove EnvoyFilter istio-system/raw spec.configPatches[0]"],
  },
  { name: "[FND-25] of another namespace, at nobody", objects: [...QUIET, envoyFilter("third", "raw", { patches: [{ applyTo: "CLUSTER", context: "ANY", touchesTransport: true }] })], says: [] },
  {
    name: "[FND-58] TLS of an ingress listener, to STRICT",
    objects: [...QUIET, strictInBar, sidecar("bar", "httpbin", { ingress: [{ port: 9090, protocol: "HTTP", captureMode: null, tlsMode: null }, { port: 8080, protocol: "HTTPS", captureMode: null, tlsMode: "MUTUAL" }] })],
    says: ["FND-58 no effect: Sidecar bar/httpbin spec.ingress[1].tls = MUTUAL", "  mode STRICT, not MUTUAL", ...AT_HTTPBIN, "  fix: remove Sidecar bar/httpbin spec.ingress[1].tls"],
  },
];

describeFindings("PeerAuthentications that are not asked, in full", ignored);
describeFindings("PeerAuthentications that are not enforced, or read otherwise, in full", unread);
describeFindings("what runs, in full", marks);
