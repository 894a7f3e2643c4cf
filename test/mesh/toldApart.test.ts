import { describe, expect, it } from "vitest";
import type { Answer, AuthorizationPolicy, ConfiguredPath, MeshObject, Verdict } from "#mesh";
import { applyChange, judgeMesh, pathVerdict, serviceHost, workloadId } from "#mesh";
import { ambientControlPlane, authorizationPolicy, authorizationRule, mesh, operation, peerAuthentication, pod, service, slice, source, unread } from "../support/mesh.ts";

// Clients that send alike are told apart by AuthorizationPolicies, as far as these ask who comes.

const HOST = serviceHost("server.bar.svc.cluster.local");
const server = pod("bar", "server", { proxy: "sidecar" });
const web = service("bar", "server", { ports: [{ port: 80, name: "http", targetPort: 8080 }, { port: 90, name: "http-b", targetPort: 9090 }] });
const clients = [
  pod("foo", "one", { proxy: "sidecar", ips: ["10.72.1.1"] }), pod("foo", "two", { proxy: "sidecar", ips: ["10.72.2.1"] }), pod("foo", "same", { proxy: "sidecar", serviceAccountName: "one", ips: ["10.72.3.1"] }), pod("qux", "one", { proxy: "sidecar", ips: ["10.72.4.1"] }),
  pod("foo", "plain", { ips: ["10.72.5.1"] }),
];
const NAMES = clients.map(({ namespace, name }) => `${namespace}/${name}`);

function value(verdict: Verdict<string> | Answer<string>): string {
  return verdict.kind === "known" ? verdict.value : "?";
}

type Told = Readonly<Record<string, readonly string[]>>;

/** What each client is told, port by port; each once more by itself, of a judge that shares nothing. */
function told(policies: readonly AuthorizationPolicy[], order: readonly string[] = NAMES, more: readonly MeshObject[] = []): Told {
  const configuration = mesh([server, web, ...clients, ...policies, ...more]);
  const judge = judgeMesh(configuration);
  return Object.fromEntries(
    order.map((name) => {
      const [ns = "", own = ""] = name.split("/");
      const [client, to] = [workloadId(ns, own), workloadId("bar", "server")];
      const paths = judge.paths(client, to, HOST, "http");
      const alone = judgeMesh(configuration);
      for (const path of paths) expect(value(path.verdict.authorization), name).toBe(value(pathVerdict(alone, { client, server: to, host: HOST }, path).authorization));
      return [name, paths.map(({ verdict }) => value(verdict.authorization))];
    }),
  );
}

const only = (...from: readonly ReturnType<typeof source>[]) => authorizationPolicy("bar", "only", { rules: [authorizationRule({ from })] });
const when = (key: string, ...values: readonly string[]) => authorizationPolicy("bar", "only", { rules: [authorizationRule({ when: [{ key, values, notValues: [] }] })] });
const ids = (...accounts: readonly string[]) => accounts.map((account) => `cluster.local/ns/${account.replace("/", "/sa/")}`);
/** Of both ports the same. */
const both = (...each: readonly string[]): Told => Object.fromEntries(NAMES.map((name, at) => [name, [each[at] ?? "", each[at] ?? ""]]));

interface Row {
  readonly name: string;
  readonly policies: readonly AuthorizationPolicy[];
  readonly says: Told;
}

const rows: readonly Row[] = [
  { name: "nobody asks: all are alike", policies: [], says: both("allow", "allow", "allow", "allow", "allow") },
  { name: "nobody is let in", policies: [authorizationPolicy("bar", "none")], says: both("deny", "deny", "deny", "deny", "deny") },
  { name: "everybody is", policies: [authorizationPolicy("bar", "all", { rules: [authorizationRule()] })], says: both("allow", "allow", "allow", "allow", "allow") },
  { name: "by namespace", policies: [only(source({ namespaces: ["foo"] }))], says: both("allow", "allow", "allow", "deny", "deny") },
  { name: "by another namespace", policies: [only(source({ notNamespaces: ["foo"] }))], says: both("deny", "deny", "deny", "allow", "allow") },
  { name: "by identity", policies: [only(source({ principals: ids("foo/one") }))], says: both("allow", "deny", "allow", "deny", "deny") },
  { name: "by another identity", policies: [only(source({ notPrincipals: ids("foo/one") }))], says: both("deny", "allow", "deny", "allow", "allow") },
  { name: "by account", policies: [only(source({ serviceAccounts: ["foo/one", "qux/one"] }))], says: both("allow", "deny", "allow", "allow", "deny") },
  { name: "by another account", policies: [only(source({ notServiceAccounts: ["foo/one"] }))], says: both("deny", "allow", "deny", "allow", "allow") },
  { name: "by address", policies: [only(source({ ipBlocks: ["10.72.1.0/24"] }))], says: both("allow", "deny", "deny", "deny", "deny") },
  { name: "by another address", policies: [only(source({ notIpBlocks: ["10.72.1.0/24"] }))], says: both("deny", "allow", "allow", "allow", "allow") },
  { name: "by trust domain", policies: [only(source({ trustDomains: ["cluster.local"] }))], says: both("allow", "allow", "allow", "allow", "deny") },
  { name: "by a condition on the address", policies: [when("source.ip", "10.72.2.0/24")], says: both("deny", "allow", "deny", "deny", "deny") },
  { name: "by a condition on the identity", policies: [when("source.principal", ...ids("qux/one"))], says: both("deny", "deny", "deny", "allow", "deny") },
  { name: "by a condition on the namespace", policies: [when("source.namespace", "qux")], says: both("deny", "deny", "deny", "allow", "deny") },
  { name: "by one of two sources, of two kinds", policies: [only(source({ namespaces: ["qux"] }), source({ ipBlocks: ["10.72.2.0/24"] }))], says: both("deny", "allow", "deny", "allow", "deny") },
  { name: "by one of two rules", policies: [authorizationPolicy("bar", "only", { rules: [authorizationRule({ to: [operation({ ports: ["1"] })] }), authorizationRule({ from: [source({ principals: ids("foo/two") })] })] })], says: both("deny", "allow", "deny", "deny", "deny") },
  { name: "by one policy beside another that asks nobody", policies: [only(source({ principals: ids("foo/two") })), authorizationPolicy("bar", "never", { rules: [authorizationRule({ to: [operation({ ports: ["1"] })] })] })], says: both("deny", "allow", "deny", "deny", "deny") },
  { name: "one is refused", policies: [authorizationPolicy("bar", "not", { action: "DENY", rules: [authorizationRule({ from: [source({ principals: ids("foo/two") })] })] })], says: both("allow", "deny", "allow", "allow", "allow") },
  {
    name: "by port and identity",
    policies: [authorizationPolicy("bar", "only", { rules: [authorizationRule({ from: [source({ principals: ids("foo/one") })], to: [operation({ ports: ["8080"] })] }), authorizationRule({ from: [source({ principals: ids("foo/two") })], to: [operation({ ports: ["9090"] })] })] })],
    says: { "foo/one": ["allow", "deny"], "foo/two": ["deny", "allow"], "foo/same": ["allow", "deny"], "qux/one": ["deny", "deny"], "foo/plain": ["deny", "deny"] },
  },
  {
    name: "where only a request tells",
    policies: [authorizationPolicy("bar", "only", { rules: [authorizationRule({ from: [source({ principals: ids("foo/one") })], to: [operation({ paths: ["/x"] })] })] })],
    says: both("conditional", "deny", "conditional", "deny", "deny"),
  },
];

describe("clients of one server are told", () => {
  it.each(rows)("$name", ({ policies, says }) => {
    expect(told(policies)).toEqual(says);
    expect(told(policies, NAMES.toReversed())).toEqual(says);
  });

  it("nothing else where only the mode of the server is another", () => {
    const strict = peerAuthentication("bar", "default", "STRICT");
    expect(told([only(source({ principals: ids("foo/one") }))], NAMES, [strict])).toEqual(both("allow", "deny", "allow", "deny", "deny"));
  });

  it("that it is not known, where policies were not read", () => {
    const configuration = mesh([server, web, ...clients], { unread: [unread("AuthorizationPolicy", { namespace: "bar" })] });
    const judge = judgeMesh(configuration);
    for (const name of NAMES) expect(judge.paths(workloadId(name.split("/")[0] ?? "", name.split("/")[1] ?? ""), workloadId("bar", "server"), HOST, "http").map(({ verdict }) => value(verdict.authorization))).toEqual(["?", "?"]);
  });

  it("the same, of ambient servers", () => {
    const objects = [ambientControlPlane(), pod("bar", "server", { proxy: "ambient" }), service("bar", "server"), pod("foo", "one", { proxy: "ambient" }), pod("foo", "two", { proxy: "ambient" }), only(source({ principals: ids("foo/one") }))];
    const judge = judgeMesh(mesh(objects));
    expect(["one", "two"].map((name) => judge.paths(workloadId("foo", name), workloadId("bar", "server"), HOST, "http").map(({ verdict }) => value(verdict.authorization)))).toEqual([["allow"], ["deny"]]);
  });

  it("by equal objects what is equal", () => {
    const judge = judgeMesh(mesh([server, web, ...clients, only(source({ principals: ids("foo/one") }))]));
    const verdicts = (name: string) => judge.paths(workloadId("foo", name), workloadId("bar", "server"), HOST, "http").map(({ verdict }) => verdict);
    const [one, same, two] = [verdicts("one"), verdicts("same"), verdicts("two")];
    expect(one[0]).toBe(one[1]);
    expect(same[0]).toBe(one[0]);
    expect(two[0]).toBe(two[1]);
    expect(two[0]).not.toBe(one[0]);
    expect(two[0]).toEqual({ ...one[0], authorization: { kind: "known", value: "deny" } });
  });
});

// `source.ip` is the address that the packets come from (Istio's AuthorizationPolicy, `ipBlocks`; its generator makes it `direct_remote_ip`).
describe("pods of one Deployment, by their addresses", () => {
  const twins = (...ips: readonly (readonly string[])[]) => ips.map((addresses, at) => pod("foo", `twin-${at}`, { proxy: "sidecar", owner: { kind: "Deployment", name: "twin" }, serviceAccountName: "twin", labels: { app: "twin" }, ips: addresses }));
  const asked = (pods: ReturnType<typeof twins>, policies: readonly AuthorizationPolicy[], to: MeshObject = web) => {
    const judge = judgeMesh(mesh([server, to, ...pods, ...policies]));
    return judge.paths(workloadId("foo", "twin"), workloadId("bar", "server"), HOST, "http").map(({ port, clientInstance, pairs, verdict }) => [port, clientInstance, pairs, value(verdict.authorization)]);
  };

  it.each([
    ["ipBlocks", "allow", "deny"], ["notIpBlocks", "deny", "allow"], ["remoteIpBlocks", "allow", "deny"], ["notRemoteIpBlocks", "deny", "allow"],
  ] as const)("[AP-2, AP-3] one inside %s and one outside are answered each for itself", (field, inside, outside) => {
    const pods = twins(["10.74.1.1"], ["10.74.2.1"], ["10.74.1.2"]);
    expect(asked(pods, [only(source({ [field]: ["10.74.1.0/24"] }))])).toEqual([[80, "twin-0", 2, inside], [90, "twin-0", 2, inside], [80, "twin-1", 1, outside], [90, "twin-1", 1, outside]]);
  });

  it.each(["source.ip", "remote.ip"])("[AP-2, AP-3] and so by a condition on %s", (key) => {
    expect(asked(twins(["10.74.1.1"], ["10.74.2.1"]), [when(key, "10.74.2.1")])).toEqual([[80, "twin-0", 1, "deny"], [90, "twin-0", 1, "deny"], [80, "twin-1", 1, "allow"], [90, "twin-1", 1, "allow"]]);
  });

  it("where all are inside they are told together", () => {
    expect(asked(twins(["10.74.1.1"], ["10.74.1.2"]), [only(source({ ipBlocks: ["10.74.1.0/24"] }))])).toEqual([[80, "twin-0", 2, "allow"], [90, "twin-0", 2, "allow"]]);
  });

  it("what is kept of ports is told by those that are alike now", () => {
    const configuration = mesh([server, web, ...twins(["10.74.1.1"], ["10.74.2.1"]), service("foo", "twin")]);
    const before = judgeMesh(configuration);
    const after = applyChange(configuration, { add: [only(source({ ipBlocks: ["10.74.1.0/24"] }))], update: [], remove: [] });
    const names = (judge: typeof before) => judge.workloadPorts(workloadId("foo", "twin")).map(({ instance }) => instance.name);
    expect([names(before), names(judgeMesh(after, before)), names(judgeMesh(after))]).toEqual([["twin-0"], ["twin-0", "twin-1"], ["twin-0", "twin-1"]]);
  });

  const two = twins(["10.74.1.1", "fd00::1"]);
  const either = only(source({ ipBlocks: ["10.74.0.0/16"] }));

  it("[AP-2, AP-3] one with addresses of two families comes from that of the family that is dialled", () => {
    const dialling = (ip: string) => asked(two, [either], service("bar", "server", { clusterIPs: [ip] }));
    expect([dialling("10.96.0.1"), dialling("fd96::1")]).toEqual([[[80, "twin-0", 1, "allow"]], [[80, "twin-0", 1, "deny"]]]);
  });

  it("where both are dialled it is not known from which, and it says which differ", () => {
    const judge = judgeMesh(mesh([server, ...two, either, service("bar", "server", { clusterIPs: ["10.96.0.1", "fd96::1"] })]));
    const [path] = judge.paths(workloadId("foo", "twin"), workloadId("bar", "server"), HOST, "http");
    const because = "AuthorizationPolicies answer `10.74.1.1` and `fd00::1` differently, and `foo/twin-0` has both";
    expect(path?.verdict.authorization).toEqual({ kind: "unknown", gaps: [{ wanted: "the address that the client comes from", because }] });
    expect(path?.verdict.transport).toEqual({ kind: "known", value: "mTLS" });
  });
});

describe("a way without a client's name", () => {
  const judge = judgeMesh(mesh([server, web, ...clients]));
  const ends = { client: null, server: workloadId("bar", "server"), host: HOST };
  const gone = { kind: "unknown", gaps: [{ wanted: "what the client sends", because: "nothing names the client" }] };

  it("says what the server accepts, and why", () => {
    const [path] = judge.paths(null, ends.server, HOST, "http");
    expect(path).toMatchObject({ port: 80, targetPort: 8080, portName: "http", pairs: 1, clientInstance: null, serverInstance: "server", verdict: { clientMode: gone, serverMode: { kind: "known", value: "PERMISSIVE" }, transport: gone, authorization: gone } });
    expect(pathVerdict(judge, ends, path as ConfiguredPath)).toMatchObject({ clientMode: gone, serverMode: { kind: "known", value: "PERMISSIVE", reasons: [{ rule: "CAP-4" }, { rule: "PA-0" }] }, transport: gone, authorization: gone });
    expect(pathVerdict(judge, { ...ends, client: workloadId("foo", "one") }, path as ConfiguredPath)).toMatchObject({ clientMode: gone });
  });

  it("by an address is of the instance that it names", () => {
    const two = [1, 2].map((n) => pod("bar", `pair-${n}`, { ...(n === 1 ? { proxy: "sidecar" as const } : {}), owner: { kind: "Deployment", name: "pair" }, labels: { app: "pair" }, ips: [`10.73.0.${n}`] }));
    const of = service("bar", "pair");
    const paired = judgeMesh(mesh([...clients, ...two, of, slice(of, two)]));
    const pair = { client: workloadId("foo", "one"), server: workloadId("bar", "pair"), host: null };
    const paths = paired.paths(pair.client, pair.server, null, "http");
    expect(paths.map((path) => [path.serverInstance, value(pathVerdict(paired, pair, path).serverMode), value(path.verdict.serverMode)])).toEqual([["pair-1", "PERMISSIVE", "PERMISSIVE"], ["pair-2", "NONE", "NONE"]]);
  });
});
