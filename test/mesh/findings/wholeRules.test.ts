import type { ClientTLSSettings, DestinationRule, MeshObject } from "#mesh";
import { controlPlane, destinationRule, gateway, peerAuthentication, pod, second, service, tls, trafficPolicy, type DestinationRuleOptions } from "../../support/mesh.ts";
import { describeFindings, HOST, httpbin, httpbinService, QUIET, sleep, type Whole } from "./found.ts";

// Findings about DestinationRules in full: everything that is found in a small mesh, with what it comes to and what would mend it.

function rule(name: string, settings: ClientTLSSettings | null, options: DestinationRuleOptions & { readonly host?: string } = {}): DestinationRule {
  const [namespace = "", own = ""] = name.split("/");
  const { host = HOST, ...rest } = options;
  return destinationRule(namespace, own, host, { ...(settings === null ? {} : { trafficPolicy: trafficPolicy(settings) }), ...rest });
}

const BALANCED = trafficPolicy(null, { loadBalancerSimple: "LEAST_REQUEST" });
const strictInBar = peerAuthentication("bar", "default", "STRICT");
const raw = service("bar", "httpbin", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] });
const RAW: readonly MeshObject[] = [sleep, httpbin, raw];
const entry = (port: number, settings: ClientTLSSettings | null) => ({ port, tls: settings, loadBalancerSimple: null, hasLoadBalancer: false });
const AT_HTTPBIN = ["  at bar/httpbin", `  host ${HOST}`, "  port 8080"];
const FOO = rule("foo/httpbin", tls("DISABLE"));

const lost: readonly Whole[] = [
  {
    name: "[FND-30] a host that means no service, and cannot be guessed",
    objects: [...QUIET, rule("bar/lost", tls("DISABLE"), { host: "nothing.example" })],
    says: ["FND-30 no effect: DestinationRule bar/lost spec.host = nothing.example", "  matches nothing", "  fix: set DestinationRule bar/lost spec.host = the full name of a service", "  fix: remove DestinationRule bar/lost"],
  },
  {
    name: "[FND-30] a host without its domain is guessed",
    objects: [...QUIET, rule("bar/short", null, { host: "httpbin.bar.svc" })],
    says: ["FND-30 no effect: DestinationRule bar/short spec.host = httpbin.bar.svc", `  matches nothing, meant ${HOST}`, `  host ${HOST}`, `  fix: set DestinationRule bar/short spec.host = ${HOST}`],
  },
  {
    name: "[FND-30] a bare name that two namespaces have is not guessed",
    objects: [...QUIET, service("third", "httpbin"), rule("foo/bare", null, { host: "httpbin" })],
    says: ["FND-30 no effect: DestinationRule foo/bare spec.host = httpbin", "  matches nothing", "  fix: set DestinationRule foo/bare spec.host = the full name of a service", "  fix: remove DestinationRule foo/bare"],
  },
  {
    name: "[FND-30] a wildcard that fits nothing",
    objects: [...QUIET, rule("bar/wild", tls("DISABLE"), { host: "*.example" })],
    says: ["FND-30 no effect: DestinationRule bar/wild spec.host = *.example", "  matches nothing", "  fix: set DestinationRule bar/wild spec.host = the full name of a service", "  fix: remove DestinationRule bar/wild"],
  },
  {
    name: "[FND-31] an alias: the host behind it counts",
    objects: [...QUIET, service("foo", "alias", { type: "ExternalName", externalName: HOST, selector: {}, clusterIPs: [] }), rule("foo/alias", tls("DISABLE"), { host: "alias" })],
    says: ["FND-31 no effect: DestinationRule foo/alias spec.host = alias because of Service foo/alias", `  matches nothing, meant ${HOST}`, "  host alias.foo.svc.cluster.local", `  fix: set DestinationRule foo/alias spec.host = ${HOST}`],
  },
  {
    name: "[FND-32] nobody looks in a third namespace",
    objects: [...QUIET, rule("third/far", tls("DISABLE"))],
    says: ["FND-32 no effect: DestinationRule third/far metadata.namespace = third", "  matches nothing", `  host ${HOST}`, "  fix: move DestinationRule third/far to bar"],
  },
  {
    name: "[FND-33] a selector for no client",
    objects: [...QUIET, rule("foo/some", tls("DISABLE"), { workloadSelector: { app: "slep", version: "v1" } })],
    says: [
      "FND-33 no effect: DestinationRule foo/some spec.workloadSelector.matchLabels = app=slep,version=v1", "  matches nothing", "  fix: set DestinationRule foo/some spec.workloadSelector.matchLabels = labels that a client's pods have",
      "  fix: remove DestinationRule foo/some",
    ],
  },
  { name: "[FND-33] an empty selector selects all", objects: [...QUIET, rule("foo/some", tls("ISTIO_MUTUAL"), { workloadSelector: {} })], says: [] },
  { name: "[FND-32] a rule where the service is, or a client is, is found", objects: [...QUIET, rule("bar/near", tls("ISTIO_MUTUAL"))], says: [] },
];

const hidden: readonly Whole[] = [
  {
    name: "[FND-34] the wildcard of the client's namespace",
    objects: [...QUIET, rule("foo/wild", tls("DISABLE"), { host: "*.local" }), rule("bar/httpbin", tls("ISTIO_MUTUAL"))],
    says: [
      "FND-34 weaker than it seems: DestinationRule bar/httpbin spec.trafficPolicy = ISTIO_MUTUAL because of DestinationRule foo/wild", "  namespace foo: DR_DISABLE plaintext, otherwise DR_ISTIO_MUTUAL", ...AT_HTTPBIN,
      "  fix: set DestinationRule foo/wild spec.host = only the hosts it is for", "  fix: merge DestinationRule bar/httpbin into DestinationRule foo/wild",
    ],
  },
  {
    name: "[FND-35] a rule without TLS takes the place of the wider one's",
    objects: [...QUIET, rule("istio-system/default", tls("DISABLE"), { host: "*.local" }), rule("bar/httpbin", null, { trafficPolicy: BALANCED })],
    says: [
      "FND-35 no effect: DestinationRule istio-system/default spec.trafficPolicy = DISABLE because of DestinationRule bar/httpbin", "  all: AUTO_MTLS mTLS, otherwise DR_DISABLE", ...AT_HTTPBIN,
      "  fix: merge DestinationRule istio-system/default into DestinationRule bar/httpbin",
    ],
  },
  {
    name: "[FND-35] a rule with subsets alone does too",
    objects: [...QUIET, rule("istio-system/default", tls("DISABLE"), { host: "*.local" }), rule("bar/httpbin", null, { subsets: [{ name: "v1", labels: {}, trafficPolicy: null }] })],
    says: [
      "FND-35 no effect: DestinationRule istio-system/default spec.trafficPolicy = DISABLE because of DestinationRule bar/httpbin", "  all: AUTO_MTLS mTLS, otherwise DR_DISABLE", ...AT_HTTPBIN,
      "  fix: merge DestinationRule istio-system/default into DestinationRule bar/httpbin",
    ],
  },
  {
    name: "[FND-36] a rule for other clients",
    objects: [...QUIET, pod("foo", "other", { proxy: "sidecar" }), rule("foo/other", tls("ISTIO_MUTUAL"), { workloadSelector: { app: "other" } }), rule("bar/httpbin", tls("DISABLE"))],
    says: [
      "FND-36 no effect: DestinationRule bar/httpbin spec.trafficPolicy = DISABLE because of DestinationRule foo/other", "  namespace foo: AUTO_MTLS mTLS, otherwise DR_DISABLE", ...AT_HTTPBIN,
      "  fix: merge DestinationRule bar/httpbin into DestinationRule foo/other",
    ],
  },
  {
    name: "[FND-37] the younger of one host",
    objects: [...QUIET, rule("bar/a", null, { trafficPolicy: BALANCED, createdAtMs: second(1) }), rule("bar/b", tls("DISABLE"), { createdAtMs: second(2) })],
    says: [
      "FND-37 no effect: DestinationRule bar/b spec.trafficPolicy = DISABLE because of DestinationRule bar/a", "  all: AUTO_MTLS mTLS, otherwise DR_DISABLE", ...AT_HTTPBIN, "  fix: merge DestinationRule bar/b into DestinationRule bar/a",
    ],
  },
  {
    name: "[FND-37] to STRICT the hidden plaintext would be blocked: no effect either",
    objects: [...QUIET, strictInBar, rule("bar/a", null, { trafficPolicy: BALANCED, createdAtMs: second(1) }), rule("bar/b", tls("DISABLE"), { createdAtMs: second(2) })],
    says: [
      "FND-37 no effect: DestinationRule bar/b spec.trafficPolicy = DISABLE because of DestinationRule bar/a", "  all: AUTO_MTLS mTLS, otherwise DR_DISABLE", ...AT_HTTPBIN, "  fix: merge DestinationRule bar/b into DestinationRule bar/a",
    ],
  },
  {
    name: "[FND-38] the older with another exportTo",
    objects: [...QUIET, rule("bar/a", tls("DISABLE"), { exportTo: ["*"], createdAtMs: second(1) }), rule("bar/b", null, { trafficPolicy: BALANCED, createdAtMs: second(2) })],
    says: [
      "FND-38 no effect: DestinationRule bar/a spec.exportTo = DISABLE because of DestinationRule bar/b", "  all: AUTO_MTLS mTLS, otherwise DR_DISABLE", ...AT_HTTPBIN, "  fix: set DestinationRule bar/a spec.exportTo = the same list in both",
      "  fix: merge DestinationRule bar/a into DestinationRule bar/b",
    ],
  },
  { name: "[FND-34] a rule that is not exported to the client was never meant for it", objects: [...QUIET, rule("foo/wild", tls("DISABLE"), { host: "*.local" }), rule("bar/httpbin", tls("ISTIO_MUTUAL"), { exportTo: ["."] })], says: [] },
  { name: "[FND-34] nor one that nobody would look for", objects: [...QUIET, pod("third", "app", { proxy: "sidecar" }), rule("foo/wild", tls("DISABLE"), { host: "*.local" }), rule("third/httpbin", tls("ISTIO_MUTUAL"))], says: [] },
  { name: "[FND-35] the client's own rule over the service's is what it is for", objects: [...QUIET, rule("foo/exact", tls("DISABLE")), rule("bar/httpbin", tls("ISTIO_MUTUAL"))], says: [] },
  { name: "[FND-37] of two that say the same nothing is lost", objects: [...QUIET, rule("bar/a", tls("ISTIO_MUTUAL"), { createdAtMs: second(1) }), rule("bar/b", tls("ISTIO_MUTUAL"), { createdAtMs: second(2) })], says: [] },
];

const MUTUAL = "ISTIO_MUTUAL";

const sent: readonly Whole[] = [
  {
    name: "[FND-39] an entry without TLS under SIMPLE",
    objects: [...RAW, rule("bar/httpbin", null, { trafficPolicy: trafficPolicy(tls("SIMPLE"), { portLevelSettings: [entry(81, null), entry(80, null)] }) })],
    says: [
      "FND-39 weaker than it seems: DestinationRule bar/httpbin spec.trafficPolicy.portLevelSettings[1] = no tls", "  all: AUTO_PLAINTEXT plaintext, otherwise DR_SIMPLE", ...AT_HTTPBIN,
      "  fix: add DestinationRule bar/httpbin spec.trafficPolicy.portLevelSettings[1].tls.mode = SIMPLE",
    ],
  },
  {
    name: "[FND-39] an entry without TLS under ISTIO_MUTUAL, at a port that takes plaintext only",
    objects: [...QUIET, peerAuthentication("bar", "httpbin", "DISABLE", { selector: { app: "httpbin" } }), rule("bar/httpbin", null, { trafficPolicy: trafficPolicy(tls(MUTUAL), { portLevelSettings: [entry(80, null)] }) })],
    says: [
      "FND-39 breaks traffic: DestinationRule bar/httpbin spec.trafficPolicy.portLevelSettings[0] = no tls", "  all: AUTO_MTLS blocked, otherwise AUTO_PLAINTEXT", ...AT_HTTPBIN,
      "  fix: add DestinationRule bar/httpbin spec.trafficPolicy.portLevelSettings[0].tls.mode = DISABLE",
    ],
  },
  {
    name: "[FND-40] an entry for the container's port",
    objects: [...QUIET, rule("bar/httpbin", null, { trafficPolicy: trafficPolicy(null, { portLevelSettings: [entry(443, null), entry(8080, tls("DISABLE"))] }) })],
    says: [
      "FND-40 no effect: DestinationRule bar/httpbin spec.trafficPolicy.portLevelSettings[1].port.number = 8080", "  all: AUTO_MTLS mTLS, otherwise DR_DISABLE", ...AT_HTTPBIN,
      "  fix: set DestinationRule bar/httpbin spec.trafficPolicy.portLevelSettings[1].port.number = 80",
    ],
  },
  {
    name: "[FND-40] one that was to bring mTLS leaves plaintext",
    objects: [sleep, pod("bar", "httpbin", { proxy: "sidecar", labels: { "security.istio.io/tlsMode": "disabled" } }), httpbinService, rule("bar/httpbin", null, { trafficPolicy: trafficPolicy(null, { portLevelSettings: [entry(8080, tls(MUTUAL))] }) })],
    says: [
      "FND-15 weaker than it seems: Deployment bar/httpbin spec.template.metadata.labels.security.istio.io/tlsMode = disabled", "  all: AUTO_PLAINTEXT plaintext, otherwise AUTO_MTLS", ...AT_HTTPBIN,
      "  fix: set Deployment bar/httpbin spec.template.metadata.labels.security.istio.io/tlsMode = istio",
      "FND-40 weaker than it seems: DestinationRule bar/httpbin spec.trafficPolicy.portLevelSettings[0].port.number = 8080", "  all: AUTO_PLAINTEXT plaintext, otherwise DR_ISTIO_MUTUAL", ...AT_HTTPBIN,
      "  fix: set DestinationRule bar/httpbin spec.trafficPolicy.portLevelSettings[0].port.number = 80",
    ],
  },
  { name: "[FND-40] an entry for a port that is neither says nothing of it", objects: [...QUIET, rule("bar/httpbin", null, { trafficPolicy: trafficPolicy(null, { portLevelSettings: [entry(9090, tls("DISABLE"))] }) })], says: [] },
  { name: "[FND-40] an entry with the mode that is sent anyway", objects: [...QUIET, rule("bar/httpbin", null, { trafficPolicy: trafficPolicy(null, { portLevelSettings: [entry(8080, tls(MUTUAL))] }) })], says: [] },
  {
    name: "[FND-41] a block without mode",
    objects: [...QUIET, rule("bar/httpbin", tls(null))],
    says: [
      "FND-41 weaker than it seems: DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = (absent)", "  all: DR_DISABLE plaintext, otherwise AUTO_MTLS", ...AT_HTTPBIN,
      "  fix: set DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL", "  fix: remove DestinationRule bar/httpbin spec.trafficPolicy.tls",
    ],
  },
  {
    name: "[FND-41] of a port's entry, to STRICT",
    objects: [...QUIET, strictInBar, rule("foo/httpbin", null, { trafficPolicy: trafficPolicy(null, { portLevelSettings: [entry(80, tls(null))] }) })],
    says: [
      "FND-41 breaks traffic: DestinationRule foo/httpbin spec.trafficPolicy.portLevelSettings[0].tls.mode = (absent) because of PeerAuthentication bar/default", "  namespace foo: DR_DISABLE blocked, otherwise AUTO_MTLS", ...AT_HTTPBIN,
      "  fix: set DestinationRule foo/httpbin spec.trafficPolicy.portLevelSettings[0].tls.mode = ISTIO_MUTUAL", "  fix: remove DestinationRule foo/httpbin spec.trafficPolicy.portLevelSettings[0].tls",
    ],
  },
  { name: "[FND-41] where plaintext is all that is taken it is right", objects: [sleep, pod("bar", "httpbin"), httpbinService, rule("bar/httpbin", tls(null))], says: [] },
  {
    name: "[FND-42] a credential that a sidecar cannot read",
    objects: [...QUIET, rule("foo/httpbin", tls("SIMPLE", { credentialName: "ca" }))],
    says: [
      "FND-42 weaker than it seems: DestinationRule foo/httpbin spec.trafficPolicy.tls.mode = SIMPLE", "  namespace foo: DR_DROPPED plaintext, otherwise DR_SIMPLE", ...AT_HTTPBIN,
      "  fix: add DestinationRule foo/httpbin spec.workloadSelector = the clients that may read the secret", "  fix: set DestinationRule foo/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL",
    ],
  },
  {
    name: "[FND-42] MUTUAL without a certificate",
    objects: [...QUIET, rule("foo/httpbin", tls("MUTUAL"))],
    says: [
      "FND-42 weaker than it seems: DestinationRule foo/httpbin spec.trafficPolicy.tls.mode = MUTUAL", "  namespace foo: DR_DROPPED plaintext, otherwise DR_MUTUAL", ...AT_HTTPBIN,
      "  fix: set DestinationRule foo/httpbin spec.trafficPolicy.tls.clientCertificate = a file, with privateKey", "  fix: set DestinationRule foo/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL",
    ],
  },
  {
    name: "[FND-43] TLS to a PERMISSIVE HTTP port",
    objects: [...QUIET, rule("bar/httpbin", tls("SIMPLE"))],
    says: [
      "FND-43 breaks traffic: DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = SIMPLE", "  all: DR_SIMPLE blocked, otherwise AUTO_MTLS", ...AT_HTTPBIN,
      "  fix: set DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL", "  fix: remove DestinationRule bar/httpbin spec.trafficPolicy.tls",
    ],
  },
  {
    name: "[FND-43] MUTUAL with its files to STRICT",
    objects: [...QUIET, strictInBar, rule("bar/httpbin", tls("MUTUAL", { clientCertificate: "/c", privateKey: "/k", caCertificates: "/ca" }))],
    says: [
      "FND-43 breaks traffic: DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = MUTUAL because of PeerAuthentication bar/default", "  all: DR_MUTUAL blocked, otherwise AUTO_MTLS", ...AT_HTTPBIN,
      "  fix: set DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL", "  fix: remove DestinationRule bar/httpbin spec.trafficPolicy.tls",
    ],
  },
  {
    name: "[FND-44] plaintext to STRICT",
    objects: [...QUIET, strictInBar, FOO],
    says: [
      "FND-44 breaks traffic: DestinationRule foo/httpbin spec.trafficPolicy.tls.mode = DISABLE because of PeerAuthentication bar/default", "  namespace foo: DR_DISABLE blocked, otherwise AUTO_MTLS", ...AT_HTTPBIN,
      "  fix: set DestinationRule foo/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL", "  fix: remove DestinationRule foo/httpbin spec.trafficPolicy.tls",
    ],
  },
  {
    name: "[FND-44] of one subset, for everybody",
    objects: [...QUIET, strictInBar, rule("bar/httpbin", null, { subsets: [{ name: "v0", labels: {}, trafficPolicy: null }, { name: "v1", labels: {}, trafficPolicy: trafficPolicy(tls("DISABLE")) }] })],
    says: [
      "FND-44 breaks traffic: DestinationRule bar/httpbin spec.subsets[1].trafficPolicy.tls.mode = DISABLE because of PeerAuthentication bar/default", "  all: DR_DISABLE blocked, otherwise AUTO_MTLS", ...AT_HTTPBIN,
      "  fix: set DestinationRule bar/httpbin spec.subsets[1].trafficPolicy.tls.mode = ISTIO_MUTUAL", "  fix: remove DestinationRule bar/httpbin spec.subsets[1].trafficPolicy.tls",
    ],
  },
  {
    name: "[FND-44] of the selected clients only",
    objects: [...QUIET, strictInBar, pod("foo", "other", { proxy: "sidecar" }), rule("foo/httpbin", tls("DISABLE"), { workloadSelector: { app: "sleep" } })],
    says: [
      "FND-44 breaks traffic: DestinationRule foo/httpbin spec.trafficPolicy.tls.mode = DISABLE because of PeerAuthentication bar/default", "  selected foo: DR_DISABLE blocked, otherwise AUTO_MTLS", ...AT_HTTPBIN,
      "  fix: set DestinationRule foo/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL", "  fix: remove DestinationRule foo/httpbin spec.trafficPolicy.tls",
    ],
  },
  {
    name: "[FND-44] the root namespace's is told once, though the client's namespace is the root",
    objects: [pod("istio-system", "sleep", { proxy: "sidecar" }), httpbin, httpbinService, strictInBar, rule("istio-system/plain", tls("DISABLE"), { host: "*.local" })],
    says: [
      "FND-44 breaks traffic: DestinationRule istio-system/plain spec.trafficPolicy.tls.mode = DISABLE because of PeerAuthentication bar/default", "  all: DR_DISABLE blocked, otherwise AUTO_MTLS", ...AT_HTTPBIN,
      "  fix: remove DestinationRule istio-system/plain spec.trafficPolicy.tls",
    ],
  },
  { name: "[FND-44] no client, no finding", objects: [pod("foo", "sleep"), pod("bar", "httpbin", { proxy: "ambient" }), httpbinService, strictInBar, FOO], says: ["FND-32 no effect: DestinationRule foo/httpbin metadata.namespace = foo", "  matches nothing", `  host ${HOST}`, "  fix: move DestinationRule foo/httpbin to bar"] },
  {
    name: "[FND-45] mTLS to a pod without proxy",
    objects: [sleep, pod("bar", "httpbin"), httpbinService, rule("bar/httpbin", tls(MUTUAL))],
    says: [
      "FND-45 breaks traffic: DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL", "  all: DR_ISTIO_MUTUAL blocked, otherwise AUTO_PLAINTEXT", ...AT_HTTPBIN, "  fix: remove DestinationRule bar/httpbin spec.trafficPolicy.tls", "  fix: inject",
    ],
  },
  {
    name: "[FND-45] mTLS to a port that says DISABLE",
    objects: [...QUIET, peerAuthentication("bar", "default", "DISABLE"), rule("bar/httpbin", tls(MUTUAL))],
    says: [
      "FND-45 breaks traffic: DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = ISTIO_MUTUAL because of PeerAuthentication bar/default", "  all: DR_ISTIO_MUTUAL blocked, otherwise AUTO_PLAINTEXT", ...AT_HTTPBIN,
      "  fix: remove DestinationRule bar/httpbin spec.trafficPolicy.tls",
    ],
  },
  {
    name: "[FND-45] mTLS to a gateway that ends another TLS, where plaintext would not do either",
    objects: [
      sleep, pod("bar", "egress", { proxy: "gateway" }), service("bar", "egress", { ports: [{ port: 443, name: "tls", targetPort: 8443 }] }), rule("bar/egress", tls(MUTUAL), { host: "egress.bar.svc.cluster.local" }),
      gateway("bar", "egress", { selector: { app: "egress" }, servers: [{ port: 443, protocol: "HTTPS", hosts: ["*"], tlsMode: "SIMPLE" }] }),
    ],
    says: [
      "FND-45 breaks traffic: DestinationRule bar/egress spec.trafficPolicy.tls.mode = ISTIO_MUTUAL", "  all: DR_ISTIO_MUTUAL blocked, otherwise -", "  at bar/egress", "  host egress.bar.svc.cluster.local", "  port 8443",
      "  fix: remove DestinationRule bar/egress spec.trafficPolicy.tls",
    ],
  },
  {
    name: "[FND-46] before 1.21 nobody is verified",
    objects: [controlPlane({ version: "1.20.8" }), ...RAW, rule("bar/httpbin", tls("SIMPLE"))],
    says: [
      "FND-46 weaker than it seems: DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = SIMPLE", "  unverified", ...AT_HTTPBIN,
      "  fix: set DestinationRule bar/httpbin spec.trafficPolicy.tls.caCertificates = the file of the CA that signs the server", "  fix: upgrade to 1.21",
    ],
  },
  {
    name: "[FND-46] MUTUAL neither",
    objects: [controlPlane({ version: "1.20.8" }), ...RAW, rule("bar/httpbin", tls("MUTUAL", { clientCertificate: "/c", privateKey: "/k" }))],
    says: [
      "FND-46 weaker than it seems: DestinationRule bar/httpbin spec.trafficPolicy.tls.mode = MUTUAL", "  unverified", ...AT_HTTPBIN,
      "  fix: set DestinationRule bar/httpbin spec.trafficPolicy.tls.caCertificates = the file of the CA that signs the server", "  fix: upgrade to 1.21",
    ],
  },
  { name: "[FND-46] is none where the mode is the mesh's own", objects: [controlPlane({ version: "1.20.8" }), ...RAW, rule("bar/httpbin", tls(MUTUAL))], says: [] },
  { name: "[FND-46] nor where a credential brings the CA", objects: [controlPlane({ version: "1.20.8" }), ...RAW, rule("foo/httpbin", tls("SIMPLE", { credentialName: "ca" }), { workloadSelector: { app: "sleep" } })], says: [] },
];

describeFindings("DestinationRules that apply to nothing, in full", lost);
describeFindings("DestinationRules that others hide, in full", hidden);
describeFindings("TLS of DestinationRules, in full", sent);
