import { describe, expect, it } from "vitest";
import type { KubernetesGateway, Labels, MeshObject } from "#mesh";
import { judgeMesh } from "#mesh";
import { describeChains, flattened, question, type Asked, type Whole } from "../support/judging.ts";
import { ambientControlPlane, authorizationPolicy, authorizationRule, destinationRule, mesh, namespace, operation, peerAuthentication, pod, service, source, tls, trafficPolicy, unread } from "../support/mesh.ts";
import { expectAlike } from "../support/ways.ts";

// Whether a connection passes a waypoint: the server's policy lets in nobody but the waypoint's account.

const client = pod("foo", "client", { proxy: "ambient" });
const app = { app: "server" };
const control = ambientControlPlane();
const USE = "istio.io/use-waypoint";
const FOR = "istio.io/waypoint-for";
const NAME = "gateway.networking.k8s.io/gateway-name";

const server = (labels: Labels = {}) => pod("bar", "server", { proxy: "ambient", labels });
const web = (labels: Labels = {}) => service("bar", "server", { labels });

function waypoint(options: Partial<KubernetesGateway> = {}): KubernetesGateway {
  const listeners = [{ name: "mesh", port: 15_008, protocol: "HBONE", tlsMode: null }];
  return { kind: "KubernetesGateway", namespace: "bar", name: "way", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio-waypoint", listeners, ...options };
}

const wayPod = (ns = "bar", account = "way", name = "way") => pod(ns, `${name}-1`, { proxy: "waypoint", serviceAccountName: account, labels: { [NAME]: name } });
const only = (account: string) => authorizationPolicy("bar", "only", { selector: app, rules: [authorizationRule({ from: [source({ serviceAccounts: [account] })] })] });
const base: readonly MeshObject[] = [client, control, only("bar/way")];
const BY_ADDRESS: Asked = { via: "podIP" };

function passes(name: string, objects: readonly MeshObject[], asked?: Asked): Whole {
  return { name: `[AMB-11] ${name}`, objects, ...(asked === undefined ? {} : { asked }), says: { authorization: ["allow"] } };
}

function past(name: string, objects: readonly MeshObject[], asked?: Asked): Whole {
  return { name: `[AMB-8] ${name}`, objects, ...(asked === undefined ? {} : { asked }), says: { authorization: ["deny"] } };
}

const useWay = { [USE]: "way" };

describeChains("waypoints that are passed", [
  passes("the Service asks for it", [...base, server(), web(useWay), waypoint(), wayPod()]),
  passes("the namespace asks for it", [...base, server(), web(), namespace("bar", useWay), waypoint(), wayPod()]),
  passes("the Service asks, though its namespace asks for none", [...base, server(), web(useWay), namespace("bar", { [USE]: "none" }), waypoint(), wayPod()]),
  passes("it stands in another namespace", [client, control, only("infra/way"), server(), web(), namespace("bar", { ...useWay, [`${USE}-namespace`]: "infra" }), waypoint({ namespace: "infra" }), wayPod("infra")]),
  passes("there are others beside it, and of its name elsewhere", [...base, server(), web(useWay), waypoint({ name: "aaa" }), wayPod("bar", "other", "aaa"), waypoint({ namespace: "aaa" }), wayPod("aaa", "other"), waypoint(), wayPod()]),
  passes("it is for Services, in so many words", [...base, server(), web(useWay), waypoint({ labels: { [FOR]: "service" } }), wayPod()]),
  passes("it is for all", [...base, server(), web(useWay), waypoint({ labels: { [FOR]: "all" } }), wayPod()]),
  passes("it is for workloads, and the pod was dialled", [...base, server(useWay), web(), waypoint({ labels: { [FOR]: "workload" } }), wayPod()], BY_ADDRESS),
  passes("it is for all, and the pod was dialled", [...base, server(useWay), web(), waypoint({ labels: { [FOR]: "all" } }), wayPod()], BY_ADDRESS),
  passes("the namespace asks, and the pod was dialled", [...base, server(), web(), namespace("bar", useWay), waypoint({ labels: { [FOR]: "workload" } }), wayPod()], BY_ADDRESS),
  passes("its account is that of its pod", [client, control, only("bar/special"), server(), web(useWay), waypoint(), pod("bar", "app", { proxy: "sidecar", labels: { [NAME]: "way" }, serviceAccountName: "wrong" }), wayPod("bar", "other", "other-way"), wayPod("bar", "special")]),
  passes("without a pod its account has its name", [...base, server(), web(useWay), waypoint()]),
  {
    name: "[AMB-11] says who asked",
    objects: [...base, server(), web(), namespace("bar", useWay), waypoint(), wayPod()],
    says: { clientMode: ["HBONE", `AMB-11 Namespace /bar metadata.labels.${USE} = way`], authorization: ["allow"] },
  },
]);

const way = pod("foo", "client", { proxy: "waypoint" });
const sidecar = pod("bar", "server", { proxy: "sidecar" });
const strict = peerAuthentication("bar", "default", "STRICT");
const theirTls = destinationRule("foo", "own", "server.bar.svc.cluster.local", { trafficPolicy: trafficPolicy(tls("SIMPLE")) });
const meshTls = destinationRule("foo", "own", "server.bar.svc.cluster.local", { trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL")) });
const AT_SERVER = "AMB-13 Pod bar/server";

// semantics C.5: the tunnel where the endpoint advertises one, else plaintext; never classic mTLS
describeChains("what a waypoint sends of its own", [
  { name: "[AMB-13] plaintext to a sidecar, which takes it", objects: [way, control, sidecar, web()], says: { clientMode: ["AUTO_PLAINTEXT", AT_SERVER], transport: ["plaintext"] } },
  { name: "[AMB-13] plaintext to a sidecar, which refuses it", objects: [way, control, sidecar, web(), strict], says: { clientMode: ["AUTO_PLAINTEXT", AT_SERVER], transport: ["blocked"] } },
  { name: "[AMB-13] the tunnel to who has one", objects: [way, control, server(), web(), strict], says: { clientMode: ["HBONE", AT_SERVER], transport: ["mTLS"] } },
  { name: "[AMB-13] a DestinationRule cannot make it mTLS", objects: [way, control, sidecar, web(), meshTls], says: { clientMode: ["AUTO_PLAINTEXT", AT_SERVER], transport: ["plaintext"] } },
  { name: "[AMB-13] but TLS of the server's own", objects: [way, control, pod("bar", "server"), web(), theirTls], says: { clientMode: ["DR_SIMPLE", AT_SERVER], transport: ["tls"] } },
  { name: "[AMB-13] which goes through the tunnel where there is one", objects: [way, control, server(), web(), theirTls], says: { clientMode: ["HBONE", AT_SERVER], transport: ["mTLS"] } },
  { name: "[AMB-13] by address alike", objects: [way, control, sidecar, web()], asked: BY_ADDRESS, says: { clientMode: ["AUTO_PLAINTEXT", AT_SERVER], transport: ["plaintext"] } },
]);

describeChains("waypoints that are not passed", [
  past("nobody asks", [...base, server(), web(), waypoint(), wayPod()]),
  past("the Service asks for none", [...base, server(), web({ [USE]: "none" }), namespace("bar", useWay), waypoint(), wayPod()]),
  past("the Service asks for none, and a waypoint is called so", [...base, server(), web({ [USE]: "none" }), waypoint({ name: "none" }), wayPod("bar", "way", "none")]),
  past("it is for workloads", [...base, server(), web(useWay), waypoint({ labels: { [FOR]: "workload" } }), wayPod()]),
  past("it is for Services, and the pod was dialled", [...base, server(useWay), web(), waypoint(), wayPod()], BY_ADDRESS),
  past("it is for none", [...base, server(), web(useWay), waypoint({ labels: { [FOR]: "none" } }), wayPod()]),
  past("a Gateway of another class", [...base, server(), web(useWay), waypoint({ gatewayClassName: "istio" }), wayPod()]),
  past("a Gateway of another name", [...base, server(), web(useWay), waypoint({ name: "away" }), wayPod()]),
  past("a Gateway of another namespace", [...base, server(), web(useWay), waypoint({ namespace: "foo" }), wayPod()]),
  past("the headless Service asks, and has no address of its own", [...base, server(), service("bar", "server", { labels: useWay, clusterIPs: ["None"], ports: [{ port: 80, name: "http", targetPort: 8080 }] }), waypoint(), wayPod()]),
]);

const edge = pod("foo", "client", { proxy: "gateway" });
const INGRESS = { "istio.io/ingress-use-waypoint": "true" };
const fromGateway: readonly MeshObject[] = [edge, control, only("bar/way"), server(), waypoint(), wayPod()];

describeChains("gateways and waypoints", [
  past("a gateway passes it by", [...fromGateway, web(useWay)]),
  past("unless it is asked, and not with another word", [...fromGateway, web({ ...useWay, "istio.io/ingress-use-waypoint": "yes" })]),
  past("the Service's word beats its namespace's", [...fromGateway, web({ ...useWay, "istio.io/ingress-use-waypoint": "false" }), namespace("bar", INGRESS)]),
  passes("the Service asks gateways too", [...fromGateway, web({ ...useWay, ...INGRESS })]),
  passes("the namespace asks gateways too", [...fromGateway, web(useWay), namespace("bar", INGRESS)]),
]);

describeChains("waypoints that may be missing", [
  { name: "[AMB-11] the namespace was not read", objects: [...base, server(), web(), waypoint(), wayPod()], unread: [unread("Namespace")], says: { clientMode: ["unknown", "? `Namespace` objects: forbidden"], authorization: ["unknown", "? `Namespace` objects: forbidden"] } },
  { name: "[AMB-11] the Service's own word needs no namespace", objects: [...base, server(), web(useWay), namespace("bar"), waypoint(), wayPod()], unread: [unread("Namespace", { name: "other" })], says: { authorization: ["allow"] } },
  { name: "[AMB-11] Gateways were not read", objects: [...base, server(), web(useWay)], unread: [unread("KubernetesGateway", { namespace: "bar" })], says: { clientMode: ["unknown", "? `KubernetesGateway` objects in namespace `bar`: forbidden"], authorization: ["unknown", "? `KubernetesGateway` objects in namespace `bar`: forbidden"] } },
  { name: "[AMB-11] whoever comes is let in", objects: [client, control, authorizationPolicy("bar", "all", { selector: app, rules: [authorizationRule({})] }), server(), web(useWay)], unread: [unread("KubernetesGateway", { namespace: "bar" })], says: { authorization: ["allow"] } },
]);

const door = (targetRefs: readonly { readonly kind: string; readonly name: string }[], options: Parameters<typeof authorizationPolicy>[2] = {}, ns = "bar") =>
  authorizationPolicy(ns, "door", { targetRefs: targetRefs.map((one) => ({ group: "", ...one })), action: "DENY", rules: [authorizationRule({ from: [source({ namespaces: ["foo"] })] })], ...options });
const behind = [client, control, server(), web(useWay), waypoint(), wayPod()];
const DENIED = ["deny", "AP-1 AuthorizationPolicy bar/door spec.rules[0]"] as const;
const asked = (name: string, objects: readonly MeshObject[], authorization: readonly [string, ...string[]], at?: Asked): Whole => ({ name, objects, ...(at === undefined ? {} : { asked: at }), says: { authorization } });

const layered = ambientControlPlane({ env: { PILOT_ENABLE_AMBIENT: "true", ENABLE_LAYERED_WAYPOINT_AUTHORIZATION_POLICIES: "true" } });

describeChains("policies in front of a waypoint", [
  asked("[AP-4] by selector are not asked there", [...behind, door([], { selector: { [NAME]: "way" } })], ["allow"]),
  asked("[AP-4] unless istiod puts them there: which is not followed", [client, layered, server(), web(useWay), waypoint(), wayPod(), door([], { selector: { [NAME]: "way" } })], ["unknown", "? what is asked in front of waypoint `bar/way`: istiod puts policies by selector there, of which `bar/door` may be one"]),
]);

describeChains("policies at a waypoint", [
  asked("[AP-1] for the Service", [...behind, door([{ kind: "Service", name: "server" }])], DENIED),
  asked("[AP-1] for the waypoint", [...behind, door([{ kind: "Gateway", name: "way" }])], DENIED),
  asked("[AP-1] for all waypoints, from the root namespace", [...behind, door([{ kind: "GatewayClass", name: "istio-waypoint" }], {}, "istio-system")], ["deny", "AP-1 AuthorizationPolicy istio-system/door spec.rules[0]"]),
  asked("[AP-4] for all waypoints, from elsewhere", [...behind, door([{ kind: "GatewayClass", name: "istio-waypoint" }])], ["allow"]),
  asked("[AP-4] for another Service", [...behind, door([{ kind: "Service", name: "other" }])], ["allow"]),
  asked("[AP-4] for a ServiceEntry of that name", [...behind, door([{ kind: "ServiceEntry", name: "server" }])], ["allow"]),
  asked("[AP-4] for a Service of that name elsewhere", [...behind, door([{ kind: "Service", name: "server" }], {}, "foo")], ["allow"]),
  asked("[AP-4] for a workload that is asked past it", [...behind, door([{ kind: "Service", name: "server" }])], ["allow"], BY_ADDRESS),
  asked("[AP-3] that let in others only", [...behind, door([{ kind: "Service", name: "server" }], { action: "ALLOW", rules: [authorizationRule({ from: [source({ namespaces: ["qux"] })] })] })], ["deny", "AP-3 AuthorizationPolicy bar/door spec.rules"]),
  asked("[AP-6] that ask for a path", [...behind, door([{ kind: "Service", name: "server" }], { rules: [authorizationRule({ to: [operation({ paths: ["/x"] })] })] })], ["conditional", "AP-6 AuthorizationPolicy bar/door spec.rules[0]"]),
  asked("[AP-1] that ask for the port of the Service", [...behind, door([{ kind: "Service", name: "server" }], { rules: [authorizationRule({ to: [operation({ ports: ["80"] })] })] })], DENIED),
  asked("[AP-3] of the server, which the waypoint meets after it", [...behind, only("bar/other"), door([{ kind: "Service", name: "server" }], { rules: [authorizationRule({ to: [operation({ paths: ["/x"] })] })] })], ["deny", "AP-3 AuthorizationPolicy bar/only spec.rules"]),
]);

describe("what was not read of policies at a waypoint", () => {
  it("is a gap", () => {
    const elsewhere = { ...useWay, [`${USE}-namespace`]: "ways" };
    const configuration = mesh([client, control, server(), web(elsewhere), waypoint({ namespace: "ways" })], { unread: [unread("AuthorizationPolicy", { namespace: "ways" })] });
    expect(flattened(judgeMesh(configuration).connection(question(configuration))).authz).toBe("unknown");
  });

  it("[AP-1] clients of one kind are asked one by one", () => {
    const other = pod("qux", "client", { proxy: "ambient" });
    const configuration = mesh([...behind, other, door([{ kind: "Service", name: "server" }])]);
    const judge = judgeMesh(configuration);
    expect(["foo/client", "qux/client"].map((from) => flattened(judge.connection(question(configuration, { client: from }))).authz)).toEqual(["deny", "allow"]);
    expect(expectAlike(configuration)).toBeGreaterThan(0);
  });
});
