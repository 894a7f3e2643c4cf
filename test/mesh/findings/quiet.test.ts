import { describe, expect, it } from "vitest";
import { FINDING_RULES, RULES, judgeMesh, type MeshObject } from "#mesh";
import {
  authorizationPolicy, authorizationRule, destinationRule, egress, freshAddress, gateway, mesh, namespace, operation, peerAuthentication, pod, service, serviceEntry, sidecar, source, tls, trafficPolicy, unread, virtualService,
} from "../../support/mesh.ts";
import { cards, HOST, httpbin, httpbinService, QUIET, rulesOf, sleep } from "./found.ts";

const APP = { app: "httpbin" } as const;

/** Istio's own example, as its samples install it: three versions of reviews, subsets, routes, a gateway, mTLS. */
function bookinfo(): readonly MeshObject[] {
  const versions = { details: ["v1"], ratings: ["v1"], productpage: ["v1"], reviews: ["v1", "v2", "v3"] };
  const apps = Object.entries(versions).flatMap(([app, all]) => [
    ...all.map((version) => pod("bookinfo", `${app}-${version}`, { proxy: "sidecar", labels: { app, version }, serviceAccountName: `bookinfo-${app}` })),
    service("bookinfo", app, { ports: [{ port: 9080, name: "http", targetPort: 9080 }] }),
    destinationRule("bookinfo", app, app, { subsets: all.map((name) => ({ name, labels: { version: name }, trafficPolicy: null })) }),
    virtualService("bookinfo", app, { hosts: [app], http: [{ conditional: false, destinations: [{ host: app, subset: "v1", port: null }] }] }),
  ]);
  return [
    namespace("bookinfo", { "istio-injection": "enabled" }), namespace("istio-ingress"), namespace("istio-system"),
    ...apps,
    pod("istio-ingress", "gateway", { proxy: "gateway" }), service("istio-ingress", "gateway"), gateway("istio-ingress", "bookinfo", { selector: { app: "gateway" }, servers: [{ port: 80, protocol: "HTTP", hosts: ["*"], tlsMode: null }] }),
    pod("istio-system", "istiod"), service("istio-system", "istiod", { ports: [{ port: 15012, name: "https-dns", targetPort: 15012 }] }),
    peerAuthentication("istio-system", "default", "STRICT"),
    authorizationPolicy("bookinfo", "productpage", { selector: { app: "productpage" }, rules: [authorizationRule({ to: [operation({ methods: ["GET"] })] })] }),
    authorizationPolicy("bookinfo", "reviews", { selector: { app: "reviews" }, rules: [authorizationRule({ from: [source({ principals: ["cluster.local/ns/bookinfo/sa/bookinfo-productpage"] })], to: [operation({ methods: ["GET"] })] })] }),
    serviceEntry("bookinfo", "books", "www.googleapis.com", { location: "MESH_EXTERNAL", resolution: "DNS", ports: [{ number: 443, name: "https", protocol: "HTTPS", targetPort: null }] }),
    destinationRule("bookinfo", "books", "www.googleapis.com", { trafficPolicy: trafficPolicy(tls("SIMPLE")) }),
    sidecar("bookinfo", "default", { egress: egress("./*", "istio-system/*") }),
  ];
}

describe("where there is nothing to find", () => {
  it("a quiet mesh has no findings, PERMISSIVE or STRICT", () => {
    expect(rulesOf(QUIET)).toEqual([]);
    expect(rulesOf([...QUIET, peerAuthentication("istio-system", "default", "STRICT")])).toEqual([]);
    expect(rulesOf([])).toEqual([]);
  });

  it("Istio's bookinfo has no findings", () => {
    expect(rulesOf(bookinfo())).toEqual([]);
  });

  it("a database behind a headless Service, and one without selector, have no findings", () => {
    const database = pod("bar", "database", { proxy: "sidecar" });
    const headless = service("bar", "database", { clusterIPs: ["None"], ports: [{ port: 5432, name: "tcp", targetPort: 5432 }] });
    const manual = service("bar", "manual", { selector: {}, clusterIPs: [freshAddress()] });
    expect(rulesOf([sleep, database, headless, manual, peerAuthentication("bar", "default", "STRICT")])).toEqual([]);
  });
});

describe("what could not be read", () => {
  const strictInBar = peerAuthentication("bar", "default", "STRICT");
  const plain = destinationRule("foo", "httpbin", HOST, { trafficPolicy: trafficPolicy(tls("DISABLE")) });
  const ignored = peerAuthentication("istio-system", "exception", "STRICT", { selector: APP });

  it.each([
    ["FND-44", "PeerAuthentication", [...QUIET, strictInBar, plain]],
    ["FND-44", "EnvoyFilter", [...QUIET, strictInBar, plain]],
    ["FND-44", "DestinationRule", [...QUIET, strictInBar, plain]],
    ["FND-1", "PeerAuthentication", [...QUIET, ignored]],
    ["FND-5", "Pod", [...QUIET, peerAuthentication("bar", "typo", "STRICT", { selector: { app: "x" } })]],
    ["FND-30", "Service", [...QUIET, destinationRule("bar", "short", "httpbin.bar")]],
    ["FND-30", "ServiceEntry", [...QUIET, destinationRule("bar", "short", "httpbin.bar")]],
    ["FND-50", "DestinationRule", [...QUIET, virtualService("bar", "httpbin", { hosts: [HOST], http: [{ conditional: false, destinations: [{ host: HOST, subset: "v3", port: null }] }] })]],
    ["FND-70", "Pod", [...QUIET, authorizationPolicy("bar", "policy", { selector: { app: "x" } })]],
    ["FND-72", "AuthorizationPolicy", [...QUIET, authorizationPolicy("bar", "policy", { action: "DENY", rules: [authorizationRule({ from: [source({ namespaces: ["foo"] })] })] })]],
  ] as const)("%s is absent where %s objects were not read, and there where they were", (rule, kind, objects) => {
    expect(cards(rule, objects)).toHaveLength(1);
    expect(cards(rule, objects, { unread: [unread(kind)] })).toEqual([]);
  });

  it("what was not read elsewhere takes nothing away", () => {
    expect(cards("FND-1", [...QUIET, ignored], { unread: [unread("PeerAuthentication", { namespace: "other" })] })).toHaveLength(1);
  });
});

describe("the findings as a list", () => {
  it("are the same whatever the order of the objects, and asked twice", () => {
    const objects = [...QUIET, peerAuthentication("istio-system", "exception", "STRICT", { selector: APP }), destinationRule("bar", "short", "httpbin.bar"), destinationRule("third", "far", HOST)];
    const judge = judgeMesh(mesh(objects));
    expect(judge.findings()).toBe(judge.findings());
    expect(judgeMesh(mesh(objects.toReversed())).findings()).toEqual(judge.findings());
  });

  it("name affected workloads of hostile names, and throw for none", () => {
    const hostile = pod("__proto__", "constructor", { proxy: "sidecar", labels: { app: "__proto__" } });
    const objects = [sleep, hostile, httpbin, httpbinService, service("__proto__", "constructor", { selector: { app: "__proto__" } }), peerAuthentication("istio-system", "p", "STRICT", { selector: { app: "__proto__" }, portLevelMtls: { constructor: "STRICT" } })];
    expect(cards("FND-1", objects)).toMatchObject([{ affected: ["__proto__/constructor"] }]);
  });

  it("every rule has a sentence and a source, and is one of the specification's", () => {
    for (const [id, { says, source: authority }] of Object.entries(FINDING_RULES)) {
      expect(RULES).toHaveProperty([id], { says, source: authority });
      expect(id).toMatch(/^FND-\d+$/);
    }
  });
});
