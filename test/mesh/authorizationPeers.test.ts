import { describe, expect, it } from "vitest";
import type { AuthorizationPolicy, AuthorizationRule, AuthorizationSource, MeshObject } from "#mesh";
import { judgeMesh } from "#mesh";
import { describeChains, flattened, question, type Whole } from "../support/judging.ts";
import { ambientControlPlane, authorizationPolicy, authorizationRule, controlPlane, mesh, meshConfig, operation, pod, service, source } from "../support/mesh.ts";

// Who a policy means, pattern by pattern; and several clients asked one after the other.

const server = pod("bar", "server", { proxy: "sidecar", ips: ["10.1.9.9"] });
const web = service("bar", "server");

function only(options: Partial<AuthorizationSource>, more: Partial<AuthorizationPolicy> = {}): AuthorizationPolicy {
  return authorizationPolicy("bar", "only", { rules: [authorizationRule({ from: [source(options)] })], ...more });
}

function allowed(client: MeshObject, policy: MeshObject, ...more: readonly MeshObject[]): string {
  const configuration = mesh([client, server, web, policy, ...more]);
  return flattened(judgeMesh(configuration).connection(question(configuration, { client: `${client.namespace}/client` }))).authz;
}

const client = (namespace = "foo", account = "client") => pod(namespace, "client", { proxy: "sidecar", serviceAccountName: account, ips: ["10.1.2.3"] });

describe("patterns", () => {
  it.each([
    ["principals", "cluster.local/ns/foo/sa/client", "allow"], ["principals", "cluster.local/ns/foo/sa/clien", "deny"], ["principals", "*", "allow"], ["principals", "cluster.local/ns/foo/*", "allow"], ["principals", "cluster.local/ns/fo*", "allow"],
    ["principals", "cluster.local/ns/bar/*", "deny"], ["principals", "*/sa/client", "allow"], ["principals", "*/sa/other", "deny"], ["principals", "*/ns/foo", "deny"], ["principals", "ns/foo/sa/client", "deny"], ["principals", "client", "deny"],
    ["principals", "other.example/ns/foo/sa/client", "deny"], ["principals", "cluster.local/*", "allow"], ["principals", "", "deny"], ["principals", "*ster.local/ns/foo/sa/client", "allow"],
    ["serviceAccounts", "foo/client", "allow"], ["serviceAccounts", "client", "deny"], ["serviceAccounts", "bar/client", "deny"], ["serviceAccounts", "foo/other", "deny"],
    ["trustDomains", "cluster.local", "allow"], ["trustDomains", "*.local", "allow"], ["trustDomains", "cluster.*", "allow"], ["trustDomains", "*", "allow"], ["trustDomains", "other.example", "deny"], ["trustDomains", "*.example", "deny"],
    ["notPrincipals", "*/sa/client", "deny"], ["notPrincipals", "*/sa/other", "allow"], ["notServiceAccounts", "foo/client", "deny"], ["notServiceAccounts", "foo/other", "allow"], ["notTrustDomains", "cluster.local", "deny"], ["notTrustDomains", "other.example", "allow"],
    ["ipBlocks", "10.1.0.0/16", "allow"], ["ipBlocks", "10.2.0.0/16", "deny"], ["notIpBlocks", "10.1.0.0/16", "deny"], ["notIpBlocks", "10.2.0.0/16", "allow"], ["remoteIpBlocks", "10.1.0.0/16", "allow"], ["remoteIpBlocks", "10.2.0.0/16", "deny"],
    ["notRemoteIpBlocks", "10.1.0.0/16", "deny"], ["notRemoteIpBlocks", "10.2.0.0/16", "allow"],
  ] as const)("[AP-2, AP-3] %s %j: %s", (field, pattern, expected) => {
    expect(allowed(client(), only({ [field]: [pattern] }))).toBe(expected);
  });

  it.each([
    ["team-a-prod", "team-a-prod", "allow"], ["team-a-prod", "team-a", "deny"], ["team-a-prod", "*", "allow"], ["team-a-prod", "team-*", "allow"], ["team-a-prod", "*-prod", "allow"], ["team-a-prod", "*-a-*", "allow"], ["team-a-prod", "*-b-*", "deny"],
    ["team-a-prod", "team-*-prod", "allow"], ["team-a-prod", "team-*-test", "deny"], ["team-a-prod", "x*-prod", "deny"], ["team-a-prod", "team*m-a-prod", "deny"], ["team-a-prod", "team-a-prod*team-a-prod", "deny"], ["aba", "ab*ba", "deny"], ["abba", "ab*ba", "allow"],
    ["team-a-prod", "t*a*p*d", "allow"], ["team-a-prod", "t*p*a*d", "deny"], ["team-a-prod", "*-prod*", "allow"], ["team-a-prod", "*team*", "allow"], ["team-a-prod", "t*prod*d", "deny"], ["team-a-prod", "te*am-*-*prod", "allow"], ["aa", "a*a*a", "deny"], ["aaa", "a*a*a", "allow"],
  ] as const)("[AP-2, AP-3] namespace %s, %s: %s", (namespace, pattern, expected) => {
    expect(allowed(client(namespace), only({ namespaces: [pattern] }))).toBe(expected);
    expect(allowed(client(namespace), only({ notNamespaces: [pattern] }))).toBe(expected === "allow" ? "deny" : "allow");
  });

  it("[AP-2] an account without namespace is one of the policy's own", () => {
    expect(allowed(client("bar"), only({ serviceAccounts: ["client"] }))).toBe("allow");
    expect(allowed(client("bar", ""), only({ serviceAccounts: ["default"] }))).toBe("allow");
  });

  it("[AP-2] trust domains of the mesh stand for each other, and for `cluster.local`", () => {
    const renamed = meshConfig({ trustDomain: "new.example", trustDomainAliases: ["old.example"] });
    const answers = ["new.example", "old.example", "cluster.local", "else.example"].map((domain) => allowed(client(), only({ principals: [`${domain}/ns/foo/sa/client`] }), renamed));
    expect(answers).toEqual(["allow", "allow", "allow", "deny"]);
    expect(allowed(client(), only({ principals: ["old.example/ns/foo/sa/other"] }), renamed)).toBe("deny");
  });

  it("[AP-3] nobody without identity matches, whatever is asked; everybody is none of them", () => {
    const plain = pod("foo", "client", { ips: ["10.1.2.3"] });
    const asked = (["principals", "namespaces", "trustDomains"] as const).map((field) => allowed(plain, only({ [field]: ["*"] })));
    expect([...asked, allowed(plain, only({ serviceAccounts: ["foo/client"] }))]).toEqual(["deny", "deny", "deny", "deny"]);
    expect(allowed(plain, only({ notPrincipals: ["*"], notNamespaces: ["*"], notServiceAccounts: ["foo/client"], notTrustDomains: ["*"] }))).toBe("allow");
  });
});

const condition = (key: string, values: readonly string[], notValues: readonly string[] = []): Partial<AuthorizationRule> => ({ when: [{ key, values, notValues }] });

describe("several clients of one server", () => {
  const clients = ["a", "b"].map((name, at) => pod("foo", name, { proxy: "sidecar", serviceAccountName: name, ips: [`10.1.${at}.1`] }));
  const plain = pod("foo", "c", { serviceAccountName: "a", ips: ["10.1.0.2"] });

  it.each([
    [{ from: [source({ principals: ["*/sa/a"] })] }, ["allow", "deny", "deny"]],
    [{ from: [source({ notPrincipals: ["*/sa/a"] })] }, ["deny", "allow", "allow"]],
    [{ from: [source({ serviceAccounts: ["foo/a"] })] }, ["allow", "deny", "deny"]],
    [{ from: [source({ notServiceAccounts: ["foo/a"] })] }, ["deny", "allow", "allow"]],
    [{ from: [source({ ipBlocks: ["10.1.0.0/24"] })] }, ["allow", "deny", "allow"]],
    [{ from: [source({ notIpBlocks: ["10.1.0.0/24"] })] }, ["deny", "allow", "deny"]],
    [{ from: [source({ remoteIpBlocks: ["10.1.0.0/24"] })] }, ["allow", "deny", "allow"]],
    [{ from: [source({ notRemoteIpBlocks: ["10.1.0.0/24"] })] }, ["deny", "allow", "deny"]],
    [{ from: [source({ namespaces: ["foo"] })] }, ["allow", "allow", "deny"]],
    [condition("source.principal", ["*/sa/a"]), ["allow", "deny", "deny"]],
    [condition("source.serviceAccount", ["foo/a"]), ["allow", "deny", "deny"]],
    [condition("source.ip", ["10.1.0.0/24"]), ["allow", "deny", "allow"]],
    [condition("remote.ip", ["10.1.0.0/24"]), ["allow", "deny", "allow"]],
    [condition("source.trustDomain", ["cluster.local"]), ["allow", "allow", "deny"]],
    [condition("source.namespace", [], ["bar"]), ["allow", "allow", "allow"]],
    [condition("destination.ip", ["10.1.9.9"]), ["allow", "allow", "allow"]],
    [condition("destination.ip", ["10.1.0.0/24"]), ["deny", "deny", "deny"]],
    [condition("destination.ip", [], ["10.1.9.9"]), ["deny", "deny", "deny"]],
    [condition("connection.sni", ["x"]), ["deny", "deny", "deny"]],
    [condition("connection.sni", ["*.bar.svc.cluster.local"]), ["allow", "allow", "deny"]],
    [condition("connection.sni", ["outbound_.80_._.server.bar.svc.cluster.local"]), ["allow", "allow", "deny"]],
    [condition("connection.sni", [], ["x"]), ["allow", "allow", "allow"]],
    [condition("experimental.envoy.filters.x", ["y"]), ["conditional", "conditional", "conditional"]],
  ] as const)("[AP-2, AP-3] %j: %j", (rule, expected) => {
    const configuration = mesh([...clients, plain, server, web, authorizationPolicy("bar", "only", { rules: [authorizationRule(rule)] })]);
    const judge = judgeMesh(configuration);
    expect(["a", "b", "c"].map((name) => flattened(judge.connection(question(configuration, { client: `foo/${name}` }))).authz)).toEqual(expected);
  });

  it("[AP-2, AP-3] servers that are alike but for their addresses are told apart by a rule about these", () => {
    const [one, other] = ["10.2.0.1", "10.2.0.2"].map((ip, at) => pod("bar", `server-${at}`, { proxy: "sidecar", ips: [ip], owner: { kind: "Deployment", name: "server" }, serviceAccountName: "server", labels: { app: "server" } }));
    const asked = (range: string) => {
      const configuration = mesh([client(), ...(one === undefined || other === undefined ? [] : [one, other]), web, authorizationPolicy("bar", "only", { rules: [authorizationRule(condition("destination.ip", [range]))] })]);
      const judge = judgeMesh(configuration);
      return [0, 1].map((at) => flattened(judge.connection(question(configuration, { server: `bar/server-${at}` }))).authz);
    };
    expect([asked("10.2.0.1"), asked("10.2.0.0/24"), asked("10.3.0.0/24")]).toEqual([["allow", "deny"], ["allow", "allow"], ["deny", "deny"]]);
  });

  it("[AP-6] bytes that may be the application's own TLS may ask for any name", () => {
    const asked = (name: string) => {
      const configuration = mesh([plain, server, service("bar", "server", { ports: [{ port: 80, name, targetPort: 8080 }] }), authorizationPolicy("bar", "only", { rules: [authorizationRule(condition("connection.sni", ["x"]))] })]);
      return flattened(judgeMesh(configuration).connection(question(configuration, { client: "foo/c" }))).authz;
    };
    expect([asked("http"), asked("tcp"), asked("web")]).toEqual(["deny", "conditional", "conditional"]);
  });

  it("[AP-2] ports are told apart", () => {
    const two = service("bar", "server", { ports: [{ port: 80, name: "http", targetPort: 8080 }, { port: 81, name: "http-b", targetPort: 9090 }] });
    const configuration = mesh([...clients, server, two, authorizationPolicy("bar", "only", { rules: [authorizationRule({ to: [operation({ ports: ["9090"] })] })] })]);
    const judge = judgeMesh(configuration);
    expect([80, 81, 80].map((port) => flattened(judge.connection(question(configuration, { client: "foo/a", port }))).authz)).toEqual(["deny", "allow", "deny"]);
  });
});

describe("what ztunnel is told", () => {
  const from = (options: Partial<AuthorizationSource>): Partial<AuthorizationRule> => ({ from: [source(options)] });
  const ambient = [pod("foo", "client", { proxy: "ambient", ips: ["10.1.2.3"] }), pod("bar", "server", { proxy: "ambient", ips: ["10.1.9.9"] })];

  it.each([
    ["no trust domain", from({ trustDomains: ["cluster.local"] }), "deny", "allow"],
    ["no other trust domain", from({ notTrustDomains: ["x"] }), "deny", "allow"],
    ["of a trust domain and a namespace the namespace", from({ trustDomains: ["x"], namespaces: ["foo"] }), "allow", "deny"],
    ["no original address", from({ remoteIpBlocks: ["10.1.0.0/16"] }), "deny", "allow"],
    ["of an original address and a namespace the namespace, to deny", from({ remoteIpBlocks: ["10.2.0.0/16"], namespaces: ["foo"] }), "deny", "deny"],
    ["no condition on an original address", condition("remote.ip", ["10.1.0.0/16"]), "deny", "allow"],
    ["nothing where such a condition stands beside", { ...from({ namespaces: ["foo"] }), ...condition("remote.ip", ["10.1.0.0/16"]) }, "deny", "allow"],
    ["no condition on a name", condition("connection.sni", [], ["x"]), "deny", "allow"],
    ["no condition on an account", condition("source.serviceAccount", ["foo/client"]), "deny", "allow"],
    ["no condition on a trust domain", condition("source.trustDomain", ["cluster.local"]), "deny", "allow"],
    ["where it arrives", condition("destination.ip", ["10.1.9.9"]), "allow", "deny"],
    ["where it does not arrive", condition("destination.ip", [], ["10.1.9.9"]), "deny", "allow"],
    ["the port", condition("destination.port", ["8080"]), "allow", "deny"],
  ] as const)("[AP-1, AP-2, AP-3] %s", (_, rule, allows, denies) => {
    const asked = (action: "ALLOW" | "DENY") => {
      const configuration = mesh([...ambient, web, ambientControlPlane(), authorizationPolicy("bar", "only", { action, rules: [authorizationRule(rule)] })]);
      return flattened(judgeMesh(configuration).connection(question(configuration))).authz;
    };
    expect([asked("ALLOW"), asked("DENY")]).toEqual([allows, denies]);
  });
});

const NAME = "gateway.networking.k8s.io/gateway-name";
const edge = pod("bar", "server", { proxy: "gateway", labels: { [NAME]: "edge" } });
const waypoint = pod("bar", "server", { proxy: "waypoint", labels: { [NAME]: "edge" } });
const aimed = (kind: string, name: string, namespace = "bar") => authorizationPolicy(namespace, "aimed", { targetRefs: [{ group: "gateway.networking.k8s.io", kind, name }] });
const at = (name: string, objects: readonly MeshObject[], value: string, ...lines: readonly string[]): Whole => ({ name, objects: [client(), web, ...objects], says: { authorization: [value, ...lines] } });

describeChains("policies with targetRefs", [
  at("[AP-3] for the gateway that the pod is", [edge, aimed("Gateway", "edge")], "deny", "AP-3 AuthorizationPolicy bar/aimed spec.rules"),
  { ...at("[AP-3] for the waypoint that the pod is", [waypoint, aimed("Gateway", "edge")], "deny"), asked: { port: 15_008, via: "podIP" } },
  at("[AP-9] for another gateway", [edge, aimed("Gateway", "other")], "allow", "AP-4 (default)", "  AP-9 AuthorizationPolicy bar/aimed spec.targetRefs"),
  at("[AP-9] for something of another kind", [edge, aimed("Service", "edge")], "allow", "  AP-9 AuthorizationPolicy bar/aimed spec.targetRefs"),
  at("[AP-9] of the root namespace", [edge, aimed("Gateway", "edge", "istio-system")], "allow", "  AP-9 AuthorizationPolicy istio-system/aimed spec.targetRefs"),
  at("[AP-9] a sidecar has no such name", [pod("bar", "server", { proxy: "sidecar", labels: { [NAME]: "edge" } }), aimed("Gateway", "edge")], "allow", "  AP-9 AuthorizationPolicy bar/aimed spec.targetRefs"),
  { ...at("[AP-11] of its namespace, without any: a waypoint does not hear it", [waypoint, authorizationPolicy("bar", "none", {})], "allow", "AP-4 (default)", "  AP-11 AuthorizationPolicy bar/none spec.selector"), asked: { port: 15_008, via: "podIP" } },
  { ...at("[AP-11] by selector: neither that", [waypoint, only({ principals: ["x"] }, { selector: { [NAME]: "edge" } })], "allow", "  AP-11 AuthorizationPolicy bar/only spec.selector"), asked: { port: 15_008, via: "podIP" } },
  { ...at("[AP-11] unless istiod puts them in front of it", [waypoint, authorizationPolicy("bar", "none", {}), controlPlane({ env: { ENABLE_LAYERED_WAYPOINT_AUTHORIZATION_POLICIES: "true" } })], "deny"), asked: { port: 15_008, via: "podIP" } },
  at("[AP-3] without any, at a gateway of the Gateway API", [edge, authorizationPolicy("bar", "none", {})], "deny", "AP-3 AuthorizationPolicy bar/none spec.rules"),
  at("[AP-11] without any, where istiod is told that these hear none", [edge, authorizationPolicy("bar", "none", {}), controlPlane({ env: { ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY: "false" } })], "allow", "  AP-11 AuthorizationPolicy bar/none spec.selector"),
  at("[AP-3] nor is a gateway of another kind told so", [pod("bar", "server", { proxy: "gateway" }), authorizationPolicy("bar", "none", {}), controlPlane({ env: { ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY: "false" } })], "deny"),
  at("[AP-10] a dry run beside it", [server, only({ principals: ["*"] }), authorizationPolicy("bar", "dry", { annotations: { "istio.io/dry-run": "true" } })], "allow", "AP-2 AuthorizationPolicy bar/only spec.rules[0]", "  AP-10 AuthorizationPolicy bar/dry metadata.annotations.istio.io/dry-run"),
]);

const denies = (rule: Partial<AuthorizationRule>) => authorizationPolicy("bar", "denies", { action: "DENY", rules: [authorizationRule({ to: [operation({ ports: ["1"] })] }), authorizationRule(rule)] });
const paths = { to: [operation({ paths: ["/x"] })] };

describeChains("what decides", [
  at("[AP-1] the rule that denies", [server, denies({ from: [source({ namespaces: ["foo"] })] })], "deny", "AP-1 AuthorizationPolicy bar/denies spec.rules[1]"),
  at("[AP-5] another server", [server, authorizationPolicy("bar", "custom", { action: "CUSTOM", rules: [authorizationRule()] })], "conditional", "AP-5 AuthorizationPolicy bar/custom spec.action = CUSTOM"),
  at("[AP-6] a request that may be denied", [server, denies(paths)], "conditional", "AP-6 AuthorizationPolicy bar/denies spec.rules[1]"),
  at("[AP-6] a request that may be allowed", [server, authorizationPolicy("bar", "some", { rules: [authorizationRule(paths)] })], "conditional", "AP-6 AuthorizationPolicy bar/some spec.rules[0]"),
  at("[AP-2] a rule that allows for sure beats one that may", [server, authorizationPolicy("bar", "some", { rules: [authorizationRule(paths), authorizationRule()] })], "allow", "AP-2 AuthorizationPolicy bar/some spec.rules[1]"),
  at("[AP-3] none that allows", [server, only({ principals: ["x"] })], "deny", "AP-3 AuthorizationPolicy bar/only spec.rules"),
  at("[AP-4] AUDIT decides nothing", [server, authorizationPolicy("bar", "audit", { action: "AUDIT", rules: [authorizationRule()] })], "allow", "AP-4 (default)"),
  at("[AP-8] no proxy", [pod("bar", "server"), only({ principals: ["x"] })], "allow", "AP-8 Pod bar/server"),
  at("[AP-3] the mesh's own, at ztunnel", [ambientControlPlane(), pod("bar", "server", { proxy: "ambient" }), authorizationPolicy("istio-system", "none", {})], "deny", "AP-3 AuthorizationPolicy istio-system/none spec.rules"),
]);
