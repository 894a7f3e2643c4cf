import { describe, expect, it } from "vitest";
import type { AuthorizationPolicy, MeshObject } from "#mesh";
import { judgeMesh } from "#mesh";
import { describeRules, flattened, question } from "../support/judging.ts";
import { ambientControlPlane, authorizationPolicy, authorizationRule, destinationRule, mesh, meshConfig, operation, pod, service, source, tls, trafficPolicy } from "../support/mesh.ts";

const plain = pod("foo", "client", { ips: ["10.1.2.3"] });
const meshed = pod("foo", "client", { proxy: "sidecar", ips: ["10.1.2.3"] });
const server = pod("bar", "server", { proxy: "sidecar", ips: ["10.1.4.5"] });
const app = { app: "server" };
const port = (name: string) => service("bar", "server", { ports: [{ port: 80, name, targetPort: 8080 }] });
const web = port("http");
const tcp = port("tcp");
const policy = (action: string, rules: AuthorizationPolicy["rules"], options: Partial<AuthorizationPolicy> = {}) => authorizationPolicy("bar", action.toLowerCase(), { action, rules, selector: app, ...options });
const from = (options: Parameters<typeof source>[0]) => authorizationRule({ from: [source(options)] });
const to = (options: Parameters<typeof operation>[0]) => authorizationRule({ to: [operation(options)] });

describeRules("AuthorizationPolicy", [
  { rule: "AP-1", name: "a DENY rule that matches", objects: [meshed, server, web, policy("DENY", [from({ namespaces: ["foo"] })])], expect: { transport: "mTLS", authz: "deny" } },
  { rule: "AP-1", name: "DENY beats ALLOW", objects: [meshed, server, web, policy("DENY", [from({ principals: ["*"] })]), policy("ALLOW", [authorizationRule()])], expect: { authz: "deny" } },
  { rule: "AP-1", name: "the idiom that requires mTLS", objects: [plain, server, web, policy("DENY", [from({ notPrincipals: ["*"] })])], expect: { authz: "deny" } },
  { rule: "AP-2", name: "an ALLOW rule that matches", objects: [meshed, server, web, policy("ALLOW", [from({ principals: ["cluster.local/ns/foo/sa/client"] })])], expect: { authz: "allow" } },
  { rule: "AP-2", name: "a trust domain's old name", objects: [meshed, server, web, meshConfig({ trustDomain: "new.example" }), policy("ALLOW", [from({ principals: ["cluster.local/ns/foo/*"] })])], expect: { authz: "allow" } },
  { rule: "AP-2", name: "ALLOW notPrincipals lets plaintext in: a hole", objects: [plain, server, web, policy("ALLOW", [from({ notPrincipals: ["cluster.local/ns/evil/sa/x"] })])], expect: { authz: "allow" } },
  { rule: "AP-2", name: "a service account by its short name", objects: [meshed, server, web, policy("ALLOW", [from({ serviceAccounts: ["foo/client"] })])], expect: { authz: "allow" } },
  { rule: "AP-2", name: "addresses need no identity", objects: [plain, server, web, policy("ALLOW", [from({ ipBlocks: ["10.1.0.0/16"] })])], expect: { authz: "allow" } },
  { rule: "AP-2", name: "a port is the container's", objects: [plain, server, web, policy("ALLOW", [to({ ports: ["8080"] })])], expect: { authz: "allow" } },
  { rule: "AP-3", name: "ALLOW for principals, and plaintext has none", objects: [plain, server, web, policy("ALLOW", [from({ principals: ["*"] })])], expect: { transport: "plaintext", authz: "deny" } },
  { rule: "AP-3", name: "no rules at all allow nothing", objects: [meshed, server, web, policy("ALLOW", null)], expect: { authz: "deny" } },
  { rule: "AP-3", name: "a selector in the root namespace counts here", objects: [meshed, server, web, authorizationPolicy("istio-system", "none", { selector: app })], expect: { authz: "deny" } },
  { rule: "AP-4", name: "no policy", objects: [plain, server, web], expect: { authz: "allow" } },
  { rule: "AP-4", name: "DENY for principals does not see plaintext: a hole", objects: [plain, server, web, policy("DENY", [from({ namespaces: ["foo"] })])], expect: { authz: "allow" } },
  { rule: "AP-4", name: "DENY without rules denies nothing", objects: [meshed, server, web, policy("DENY", [])], expect: { authz: "allow" } },
  { rule: "AP-5", name: "CUSTOM asks another server", objects: [meshed, server, web, policy("CUSTOM", [authorizationRule()])], expect: { authz: "conditional" } },
  { rule: "AP-6", name: "a path depends on the request", objects: [meshed, server, web, policy("DENY", [to({ paths: ["/admin"] })])], expect: { authz: "conditional" } },
  { rule: "AP-1", name: "on TCP a DENY by path denies everything", objects: [meshed, server, tcp, policy("DENY", [to({ paths: ["/admin"] })])], expect: { authz: "deny" } },
  { rule: "AP-3", name: "on TCP an ALLOW by path allows nothing", objects: [meshed, server, tcp, policy("ALLOW", [to({ paths: ["/"] })])], expect: { authz: "deny" } },
  { rule: "AP-6", name: "on a port that is told from its bytes it depends", objects: [meshed, server, port("x"), policy("ALLOW", [to({ paths: ["/"] })])], expect: { authz: "conditional" } },
  { rule: "AP-3", name: "but TLS that is not the mesh's is no request there", objects: [meshed, server, port("x"), destinationRule("bar", "x", "server", { trafficPolicy: trafficPolicy(tls("SIMPLE")) }), policy("ALLOW", [to({ paths: ["/"] })])], expect: { transport: "tls", authz: "deny" } },
  { rule: "AP-8", name: "no proxy, no policy", objects: [plain, pod("bar", "server"), web, policy("ALLOW", null)], expect: { authz: "allow" } },
  { rule: "AP-8", name: "a port that is not captured", objects: [plain, pod("bar", "server", { proxy: "sidecar", annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } }), web, policy("ALLOW", null)], expect: { authz: "allow" } },
  { rule: "AP-9", name: "targetRefs are for gateways and waypoints", objects: [meshed, server, web, authorizationPolicy("bar", "gate", { targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "gate" }] })], expect: { authz: "allow" } },
  { rule: "AP-10", name: "a dry run", objects: [meshed, server, web, policy("ALLOW", null, { annotations: { "istio.io/dry-run": "true" } })], expect: { authz: "allow" } },
]);

describe("policies at ztunnel", () => {
  const ambient = (rules: AuthorizationPolicy["rules"], action = "DENY"): readonly MeshObject[] => [
    pod("foo", "client", { proxy: "ambient" }), pod("bar", "server", { proxy: "ambient" }), web, ambientControlPlane(), policy(action, rules),
  ];
  const authz = (objects: readonly MeshObject[]): string => {
    const configuration = mesh(objects);
    return flattened(judgeMesh(configuration).connection(question(configuration))).authz;
  };

  it.each([
    ["a clause of paths alone never matches", [authorizationRule({ from: [source({ namespaces: ["foo"] })], to: [operation({ paths: ["/x"] })] })], "allow"],
    ["paths beside ports are left out", [authorizationRule({ from: [source({ namespaces: ["foo"] })], to: [operation({ paths: ["/x"], ports: ["8080"] })] })], "deny"],
    ["a path among ports is skipped", [authorizationRule({ to: [operation({ paths: ["/x"] }), operation({ ports: ["8080"] })] })], "deny"],
    ["a condition on a header never matches", [authorizationRule({ when: [{ key: "request.headers[x]", values: ["y"], notValues: [] }] })], "allow"],
  ] as const)("DENY: %s", (_name, rules, expected) => {
    expect(authz(ambient(rules))).toBe(expected);
  });

  it("ALLOW by path allows nothing", () => {
    expect(authz(ambient([to({ paths: ["/"] })], "ALLOW"))).toBe("deny");
  });

  it("CUSTOM is not supported", () => {
    expect(authz(ambient([authorizationRule()], "CUSTOM"))).toBe("allow");
  });
});

describe("conditions", () => {
  it.each([
    ["source.namespace", ["f*"], [], "deny"],
    ["source.namespace", [], ["bar"], "deny"],
    ["source.principal", ["cluster.local/ns/foo/sa/client"], [], "deny"],
    ["source.principal", ["*/sa/other"], [], "allow"],
    ["destination.port", ["8080"], [], "deny"],
    ["destination.port", ["80"], [], "allow"],
    ["source.ip", ["10.1.2.3"], [], "deny"],
    ["source.ip", [], ["10.0.0.0/8"], "allow"],
    ["destination.ip", ["10.1.4.5"], [], "deny"],
    ["destination.ip", [], ["10.1.4.0/24"], "allow"],
    ["connection.sni", ["x"], [], "allow"],
    ["connection.sni", ["outbound_*"], [], "deny"],
    ["request.headers[x]", ["y"], [], "conditional"],
  ] as const)("%s in %j, not in %j: %s", (key, values, notValues, expected) => {
    const configuration = mesh([meshed, server, web, policy("DENY", [authorizationRule({ when: [{ key, values, notValues }] })])]);
    expect(flattened(judgeMesh(configuration).connection(question(configuration))).authz).toBe(expected);
  });
});
