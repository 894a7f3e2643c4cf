import { describe, expect, it } from "vitest";
import type { MeshObject, UnreadObject } from "#mesh";
import { judgeMesh } from "#mesh";
import { byHost, flattened, question, type Answer, type Asked } from "../support/judging.ts";
import { ambientControlPlane, controlPlane, destinationRule, envoyFilter, mesh, peerAuthentication, pod, service, sidecar, tls, trafficPolicy, unread } from "../support/mesh.ts";

// What was not read makes exactly the verdicts unknown that it can change.

const client = pod("foo", "client", { proxy: "sidecar" });
const plain = pod("foo", "client");
const server = pod("bar", "server", { proxy: "sidecar" });
const web = service("bar", "server");
const base: readonly MeshObject[] = [client, server, web];
const all: Required<Answer> = { clientMode: "AUTO_MTLS", serverMode: "PERMISSIVE", transport: "mTLS", authz: "allow" };
const disable = destinationRule("foo", "own", "*", { trafficPolicy: trafficPolicy(tls("DISABLE")) });

const ZONE = { "topology.kubernetes.io/zone": "a" };
const disabled = peerAuthentication("bar", "default", "DISABLE");
const ingressTls = sidecar("bar", "listener", { ingress: [{ port: 8080, protocol: "HTTP", captureMode: null, tlsMode: "SIMPLE" }] });

interface GapCase {
  readonly name: string;
  readonly objects: readonly MeshObject[];
  readonly unread: readonly UnreadObject[];
  readonly asked?: Asked;
  readonly expect: Answer;
}

const cases: readonly GapCase[] = [
  { name: "policies of the server's namespace", objects: base, unread: [unread("PeerAuthentication", { namespace: "bar" })], expect: { clientMode: "unknown", serverMode: "unknown", transport: "unknown", authz: "allow" } },
  { name: "policies of another namespace", objects: base, unread: [unread("PeerAuthentication", { namespace: "qux" }), unread("PeerAuthentication", { namespace: "foo" })], expect: all },
  { name: "policies everywhere but where they count", objects: base, unread: [unread("PeerAuthentication", { exceptNamespaces: ["bar", "istio-system"] })], expect: all },
  { name: "policies of the root namespace, where the server's own speaks", objects: [...base, peerAuthentication("bar", "default", "STRICT")], unread: [unread("PeerAuthentication", { namespace: "istio-system" })], expect: { ...all, serverMode: "STRICT" } },
  { name: "policies of the root namespace, where it does not", objects: base, unread: [unread("PeerAuthentication", { namespace: "istio-system" })], expect: { serverMode: "unknown", transport: "unknown" } },
  { name: "policies, for a server without proxy", objects: [plain, pod("bar", "server"), web], unread: [unread("PeerAuthentication")], expect: { clientMode: "NONE", serverMode: "NONE", transport: "plaintext", authz: "allow" } },
  { name: "policies, for a client that is told to send plaintext", objects: [...base, disable], unread: [unread("PeerAuthentication")], expect: { clientMode: "DR_DISABLE", serverMode: "unknown", transport: "unknown" } },
  {
    name: "policies, for what comes through a tunnel",
    objects: [pod("foo", "client", { proxy: "ambient" }), pod("bar", "server", { proxy: "ambient" }), web, ambientControlPlane()],
    unread: [unread("PeerAuthentication")],
    expect: { clientMode: "HBONE", serverMode: "unknown", transport: "mTLS", authz: "allow" },
  },
  { name: "one policy whose text was not understood", objects: base, unread: [unread("PeerAuthentication", { namespace: "bar", name: "odd", field: "spec.mtls" })], expect: { serverMode: "unknown" } },
  { name: "DestinationRules of the service's namespace, where the client's own ends the search", objects: [...base, disable], unread: [unread("DestinationRule", { namespace: "bar" })], expect: { clientMode: "DR_DISABLE", transport: "plaintext" } },
  { name: "DestinationRules of the service's namespace, where nothing ends it", objects: base, unread: [unread("DestinationRule", { namespace: "bar" })], expect: { clientMode: "unknown", serverMode: "PERMISSIVE", transport: "unknown", authz: "allow" } },
  { name: "DestinationRules of a third namespace", objects: base, unread: [unread("DestinationRule", { namespace: "qux" })], expect: all },
  { name: "DestinationRules, for a client without proxy", objects: [plain, server, web], unread: [unread("DestinationRule")], expect: { clientMode: "NONE", serverMode: "PERMISSIVE", transport: "plaintext" } },
  { name: "Sidecars of the client's namespace", objects: base, unread: [unread("Sidecar", { namespace: "foo" })], expect: { clientMode: "unknown", serverMode: "PERMISSIVE" } },
  { name: "Sidecars of the root namespace, where the client's own speaks", objects: [...base, sidecar("foo", "own")], unread: [unread("Sidecar", { namespace: "istio-system" })], expect: all },
  { name: "Sidecars of the server's namespace, where the proxy has no other listeners", objects: [client, pod("bar", "server", { proxy: "sidecar", annotations: { "sidecar.istio.io/interceptionMode": "NONE" } }), web], unread: [unread("Sidecar", { namespace: "bar" })], expect: { clientMode: "AUTO_MTLS", serverMode: "unknown", transport: "unknown" } },
  { name: "Sidecars of the server's namespace, where mTLS is off and istiod lets their listeners end TLS", objects: [...base, disabled, controlPlane({ env: { ENABLE_TLS_ON_SIDECAR_INGRESS: "true" } })], unread: [unread("Sidecar", { namespace: "bar" })], expect: { serverMode: "unknown", transport: "unknown" } },
  { name: "Sidecars of the server's namespace, where mTLS is off and istiod does not", objects: [...base, disabled, controlPlane({})], unread: [unread("Sidecar", { namespace: "bar" })], expect: { serverMode: "DISABLE", transport: "plaintext" } },
  { name: "AuthorizationPolicies of the server's namespace", objects: base, unread: [unread("AuthorizationPolicy", { namespace: "bar" })], expect: { ...all, authz: "unknown" } },
  { name: "AuthorizationPolicies, for a server without proxy", objects: [plain, pod("bar", "server"), web], unread: [unread("AuthorizationPolicy")], expect: { authz: "allow" } },
  { name: "ServiceEntries of the client's namespace, which could take the name", objects: base, unread: [unread("ServiceEntry", { namespace: "foo" })], expect: { clientMode: "unknown", serverMode: "PERMISSIVE" } },
  { name: "ServiceEntries of a third namespace", objects: base, unread: [unread("ServiceEntry", { namespace: "qux" })], expect: all },
  { name: "VirtualServices, which could send elsewhere", objects: base, unread: [unread("VirtualService", { namespace: "qux" })], expect: { clientMode: "unknown", serverMode: "PERMISSIVE" } },
  { name: "EnvoyFilters of the server's namespace", objects: base, unread: [unread("EnvoyFilter", { namespace: "bar" })], expect: { clientMode: "AUTO_MTLS", serverMode: "unknown", transport: "unknown" } },
  { name: "Services of the server's namespace, which say its ports' protocols", objects: [...base, destinationRule("foo", "own", "*", { trafficPolicy: trafficPolicy(tls("SIMPLE")) })], unread: [unread("Service", { namespace: "bar" })], expect: { clientMode: "DR_SIMPLE", serverMode: "PERMISSIVE", transport: "unknown" } },
  { name: "Services, where the protocol does not matter", objects: base, unread: [unread("Service", { namespace: "qux" })], expect: all },
  { name: "Gateways, for a gateway", objects: [client, pod("bar", "server", { proxy: "gateway" }), web], unread: [unread("Gateway")], expect: { clientMode: "AUTO_PLAINTEXT", serverMode: "GATEWAY", transport: "unknown" } },
  { name: "Gateways, for everybody else", objects: base, unread: [unread("Gateway"), unread("KubernetesGateway")], expect: all },
  { name: "the pod itself", objects: [client, web], unread: [unread("Pod", { namespace: "bar", name: "server", field: "spec" })], expect: { clientMode: "unknown", serverMode: "unknown", transport: "unknown", authz: "unknown" } },
  { name: "another pod", objects: base, unread: [unread("Pod", { namespace: "bar", name: "other" })], expect: { serverMode: "PERMISSIVE", clientMode: "AUTO_MTLS", transport: "mTLS" } },
  { name: "the mesh configuration", objects: base, unread: [unread("MeshConfig", { namespace: "istio-system", name: "istio" })], expect: { clientMode: "unknown", serverMode: "unknown", transport: "unknown" } },
  { name: "nodes, where a policy selects by zone", objects: [...base, peerAuthentication("bar", "zonal", "STRICT", { selector: ZONE })], unread: [], expect: { serverMode: "unknown", transport: "unknown", authz: "allow" } },
  { name: "nodes, where a policy of another namespace selects by zone", objects: [...base, peerAuthentication("qux", "zonal", "STRICT", { selector: ZONE })], unread: [], expect: all },
  { name: "nodes, where a DestinationRule selects clients by zone", objects: [...base, destinationRule("foo", "zonal", "*", { workloadSelector: ZONE })], unread: [], expect: { clientMode: "unknown", serverMode: "PERMISSIVE", transport: "unknown" } },
  { name: "a certificate that a Sidecar's listener shows, where istiod lets it", objects: [...base, disabled, ingressTls, controlPlane({ env: { ENABLE_TLS_ON_SIDECAR_INGRESS: "true" } })], unread: [], expect: { serverMode: "unknown", transport: "unknown" } },
  { name: "a certificate that a Sidecar's listener shows, which istiod ignores", objects: [...base, disabled, ingressTls, controlPlane({})], unread: [], expect: { clientMode: "AUTO_PLAINTEXT", serverMode: "DISABLE", transport: "plaintext" } },
  { name: "a certificate that a Sidecar's listener shows, where mTLS is on", objects: [...base, ingressTls, controlPlane({ env: { ENABLE_TLS_ON_SIDECAR_INGRESS: "true" } })], unread: [], expect: all },
  { name: "istiod, where no rule asks for it", objects: base, unread: [unread("ControlPlane")], expect: all },
];

describe("gaps", () => {
  it.each(cases.map((row) => [row.name, row] as const))("%s", (_name, { objects, unread: gone, asked, expect: expected }) => {
    const configuration = mesh(objects, { unread: gone });
    expect(flattened(judgeMesh(configuration).connection(question(configuration, asked)))).toMatchObject(expected);
  });

  it("are told with what was wanted and why it was not had, each once", () => {
    const configuration = mesh(base, { unread: [unread("PeerAuthentication", { namespace: "bar", because: "forbidden: cannot list" }), unread("PeerAuthentication", { namespace: "bar", because: "forbidden: cannot list" })] });
    const judge = judgeMesh(configuration);
    const gap = { wanted: "`PeerAuthentication` objects in namespace `bar`", because: "forbidden: cannot list" };
    expect(judge.gaps).toEqual([gap]);
    expect(judge.serverMode({ namespace: "bar", name: "server" }, 8080)).toEqual({ kind: "unknown", gaps: [gap] });
  });

  it("of an object say which field was not understood", () => {
    const configuration = mesh([client, web], { unread: [unread("Pod", { namespace: "bar", name: "server", field: "spec.containers", because: "expected array" })] });
    const verdict = judgeMesh(configuration).connection(question(configuration, { via: byHost("server.bar.svc.cluster.local") }));
    expect(verdict.serverMode).toEqual({ kind: "unknown", gaps: [{ wanted: "field `spec.containers` of `Pod` `bar/server`", because: "expected array" }] });
  });

  it("of a revision that no object names: known where there is one, else not", () => {
    const tagged = [pod("foo", "client", { proxy: "sidecar", annotations: { "istio.io/rev": "stable" } }), server, web];
    const one = mesh(tagged);
    const { ControlPlane } = one.objects;
    const two = { ...one, objects: { ...one.objects, ControlPlane: [...ControlPlane, ...ControlPlane.map((istiod) => ({ ...istiod, revision: "canary", name: "istiod-canary" }))] } };
    expect(flattened(judgeMesh(one).connection(question(one))).clientMode).toBe("AUTO_MTLS");
    const asks = { ...two, objects: { ...two.objects, Sidecar: [sidecar("foo", "scope", { egress: [{ hosts: ["*/*", "~qux/*", "~bar/*"], port: null, captureMode: null }] })] } };
    expect(judgeMesh(asks).connection(question(asks)).clientMode).toMatchObject({ kind: "unknown", gaps: [{ wanted: "istiod of revision `stable`" }] });
  });
});

describe("gaps are those that could decide, and no others", () => {
  const objectsOf = (kind: string, ns: string) => `\`${kind}\` objects in namespace \`${ns}\`: forbidden`;
  const edge = pod("foo", "client", { proxy: "gateway" });
  const gate = pod("bar", "server", { proxy: "gateway" });
  const raw = (ns: string, context: string) => envoyFilter(ns, "raw", { patches: [{ applyTo: "LISTENER", context, touchesTransport: true }] });
  const filtered = (ns: string) => `what the proxy really does: \`EnvoyFilter\` \`${ns}/raw\` changes its transport`;
  const NOWHERE = { via: byHost("nobody.example") };
  const noEndpoint = "the endpoint of `nobody.example` port 80 at `bar/server`: no Service or ServiceEntry of that name has it";
  const headless = service("bar", "server", { clusterIPs: ["None"], ports: [{ port: 8080, name: "tcp", targetPort: 8080 }] });
  const lacking = (kind: string, ns: string) => [unread(kind, { namespace: ns })];

  interface Row {
    readonly name: string;
    readonly objects: readonly MeshObject[];
    readonly unread?: readonly UnreadObject[];
    readonly asked?: Asked;
    /** what is missing, by fact; of the others nothing is */
    readonly says: Partial<Record<"clientMode" | "serverMode" | "transport" | "authorization", readonly string[]>>;
  }

  it.each<Row>([
    { name: "filters of the client's namespace", objects: base, unread: lacking("EnvoyFilter", "foo"), says: { clientMode: [objectsOf("EnvoyFilter", "foo")], transport: [objectsOf("EnvoyFilter", "foo")] } },
    { name: "filters of the server's", objects: base, unread: lacking("EnvoyFilter", "bar"), says: { serverMode: [objectsOf("EnvoyFilter", "bar")], transport: [objectsOf("EnvoyFilter", "bar")] } },
    { name: "a filter on a gateway that is the client", objects: [edge, server, web, raw("foo", "GATEWAY")], says: { clientMode: [filtered("foo")], transport: [filtered("foo")] } },
    { name: "a filter on a gateway that is the server", objects: [client, gate, web, raw("bar", "GATEWAY")], says: { transport: [filtered("bar")] } },
    { name: "a filter on sidecars, of a gateway", objects: [edge, gate, web, raw("foo", "SIDECAR_OUTBOUND")], says: {} },
    { name: "Gateways, of a gateway", objects: [client, gate, web], unread: lacking("Gateway", "bar"), says: { transport: [objectsOf("Gateway", "bar")] } },
    { name: "a name that nothing has", objects: base, asked: NOWHERE, says: { clientMode: [noEndpoint], serverMode: [noEndpoint], transport: [noEndpoint], authorization: [noEndpoint] } },
    {
      name: "a name that nothing that was read has",
      objects: base, unread: lacking("Service", "qux"), asked: NOWHERE,
      says: Object.fromEntries(["clientMode", "serverMode", "transport", "authorization"].map((fact) => [fact, [objectsOf("Service", "qux"), noEndpoint]])),
    },
    {
      name: "a certificate that a Sidecar's listener shows",
      objects: [...base, disabled, ingressTls, controlPlane({ env: { ENABLE_TLS_ON_SIDECAR_INGRESS: "true" } })],
      says: Object.fromEntries(["serverMode", "transport"].map((fact) => [fact, ["whether plaintext is taken: `Sidecar` `bar/listener` ends a TLS of its own on port 8080 (SIMPLE), which is neither mTLS of the mesh nor plaintext"]])),
    },
    {
      name: "a certificate that another listener shows",
      objects: [...base, disabled, sidecar("bar", "listener", { ingress: [{ port: 8080, protocol: "HTTP", captureMode: null, tlsMode: null }, { port: 9090, protocol: "HTTP", captureMode: null, tlsMode: "SIMPLE" }] }), controlPlane({ env: { ENABLE_TLS_ON_SIDECAR_INGRESS: "true" } })],
      says: {},
    },
    { name: "endpoints of a headless Service, of which one without proxy would turn mTLS off", objects: [client, server, headless], unread: lacking("Pod", "bar"), asked: { port: 8080 }, says: { clientMode: [objectsOf("Pod", "bar")], transport: [objectsOf("Pod", "bar")] } },
    { name: "endpoints of a Service, each of which is judged by itself", objects: base, unread: lacking("Pod", "bar"), says: {} },
    { name: "rules, policies and filters of nobody here", objects: base, unread: ["DestinationRule", "PeerAuthentication", "EnvoyFilter", "AuthorizationPolicy", "Sidecar", "ServiceEntry"].map((kind) => unread(kind, { namespace: "qux" })), says: {} },
  ])("$name", ({ objects, unread: gone = [], asked, says }) => {
    const configuration = mesh(objects, { unread: gone });
    const verdict = judgeMesh(configuration).connection(question(configuration, asked));
    for (const fact of ["clientMode", "serverMode", "transport", "authorization"] as const) {
      const one = verdict[fact];
      expect([fact, one.kind === "known" ? [] : one.gaps.map(({ wanted, because }) => `${wanted}: ${because}`)]).toEqual([fact, says[fact] ?? []]);
    }
  });
});
