import { describe, expect, it } from "vitest";
import type { AuthorizationPolicy } from "#mesh";
import { ambientControlPlane, authorizationPolicy, authorizationRule, namespace, operation, peerAuthentication, pod, service, source } from "../../support/mesh.ts";
import { cards, httpbin, httpbinService, QUIET, rulesOf, sleep } from "./found.ts";

const APP = { app: "httpbin" } as const;
const SLEEP = "cluster.local/ns/foo/sa/sleep";
const strictInBar = peerAuthentication("bar", "default", "STRICT");
const disabled = peerAuthentication("bar", "httpbin", "DISABLE", { selector: APP });

function from(action: "ALLOW" | "DENY", who: Parameters<typeof source>[0], options: Partial<AuthorizationPolicy> = {}): AuthorizationPolicy {
  return authorizationPolicy("bar", "policy", { action, rules: [authorizationRule({ from: [source(who)] })], ...options });
}

describe("rules that ask who the caller is", () => {
  it("[FND-71] an ALLOW of principals on a DISABLE port lets nobody in", () => {
    expect(cards("FND-71", [...QUIET, disabled, from("ALLOW", { principals: [SLEEP] })])).toEqual([
      {
        severity: "breaks traffic", object: "AuthorizationPolicy bar/policy", field: "spec.rules[0]", value: "ALLOW", because: "PeerAuthentication bar/httpbin",
        consequence: { kind: "lets nobody in" }, affected: ["bar/httpbin"], hosts: [], ports: [8080],
      },
    ]);
  });

  it("[FND-71] a DENY of principals there refuses nobody", () => {
    expect(cards("FND-71", [...QUIET, disabled, from("DENY", { principals: [SLEEP] })])).toMatchObject([{ severity: "weaker than it seems", consequence: { kind: "refuses nobody" } }]);
  });

  it("[FND-71] is no harm where another rule lets the same in", () => {
    const open = authorizationPolicy("bar", "open", { rules: [authorizationRule()] });
    expect(cards("FND-71", [...QUIET, disabled, open, from("ALLOW", { principals: [SLEEP] })])).toMatchObject([{ severity: "no effect" }]);
  });

  it("[FND-72] a DENY of a principal on a PERMISSIVE port does not see plaintext (L 27, J 33)", () => {
    expect(cards("FND-72", [...QUIET, from("DENY", { principals: [SLEEP] })])).toMatchObject([{ severity: "weaker than it seems", object: "AuthorizationPolicy bar/policy", value: "DENY", consequence: { kind: "lets plaintext in" }, affected: ["bar/httpbin"] }]);
    expect(rulesOf([...QUIET, strictInBar, from("DENY", { principals: [SLEEP] })])).toEqual([]);
  });

  it("[FND-72] an ALLOW of everybody but one lets plaintext in (L 27)", () => {
    expect(cards("FND-72", [...QUIET, from("ALLOW", { notPrincipals: [SLEEP] })])).toMatchObject([{ value: "ALLOW", consequence: { kind: "lets plaintext in" } }]);
    expect(rulesOf([...QUIET, from("ALLOW", { principals: [SLEEP] })])).toEqual([]);
    expect(rulesOf([...QUIET, from("ALLOW", { namespaces: ["foo"], notPrincipals: [SLEEP] })])).toEqual([]);
  });

  it("[FND-72] is none beside the idiom that requires mTLS", () => {
    const requireMtls = authorizationPolicy("bar", "require-mtls", { action: "DENY", rules: [authorizationRule({ from: [source({ notPrincipals: ["*"] })] })] });
    expect(rulesOf([...QUIET, requireMtls])).toEqual([]);
    expect(rulesOf([...QUIET, requireMtls, from("DENY", { principals: [SLEEP] })])).toEqual([]);
  });

  it("[FND-72] is not about a port that the rule leaves out, nor about a dry run", () => {
    const other = authorizationPolicy("bar", "policy", { action: "DENY", rules: [authorizationRule({ from: [source({ principals: [SLEEP] })], to: [operation({ ports: ["9090"] })] })] });
    expect(rulesOf([...QUIET, other])).toEqual([]);
    expect(rulesOf([...QUIET, from("DENY", { principals: [SLEEP] }, { annotations: { "istio.io/dry-run": "true" } })])).toEqual([]);
  });
});

describe("rules that ask for requests", () => {
  const paths = (action: "ALLOW" | "DENY") => authorizationPolicy("bar", "policy", { action, rules: [authorizationRule({ to: [operation({ paths: ["/x"] })] })] });
  const database = service("bar", "httpbin", { ports: [{ port: 5432, name: "tcp", targetPort: 8080 }] });

  it("[FND-73] on a TCP port an ALLOW of paths lets nobody in, and a DENY of paths refuses everybody", () => {
    expect(cards("FND-73", [sleep, httpbin, database, paths("ALLOW")])).toMatchObject([{ severity: "breaks traffic", consequence: { kind: "lets nobody in" } }]);
    expect(cards("FND-73", [sleep, httpbin, database, paths("DENY")])).toMatchObject([{ severity: "breaks traffic", consequence: { kind: "refuses more" } }]);
    expect(rulesOf([...QUIET, paths("ALLOW")])).toEqual([]);
  });

  it("[FND-74] ztunnel reads no paths: an ALLOW lets nobody in, a DENY refuses nobody", () => {
    const AMBIENT = [ambientControlPlane(), pod("bar", "httpbin", { proxy: "ambient" }), httpbinService];
    expect(cards("FND-74", [...AMBIENT, paths("ALLOW")])).toMatchObject([{ severity: "breaks traffic", consequence: { kind: "lets nobody in" } }]);
    expect(cards("FND-74", [...AMBIENT, paths("DENY")])).toMatchObject([{ severity: "weaker than it seems", consequence: { kind: "refuses nobody" } }]);
    const onPort = authorizationPolicy("bar", "policy", { action: "DENY", rules: [authorizationRule({ from: [source({ ipBlocks: ["10.0.0.0/8"] })], to: [operation({ paths: ["/x"], ports: ["8080"] })] })] });
    expect(rulesOf([...AMBIENT, onPort])).toEqual([]);
  });
});

describe("policies for nobody", () => {
  it("[FND-70] a selector that matches no workload (IST0127)", () => {
    expect(cards("FND-70", [...QUIET, from("ALLOW", { principals: [SLEEP] }, { selector: { app: "htpbin" } })])).toMatchObject([{ severity: "no effect", value: "app=htpbin" }]);
    expect(rulesOf([...QUIET, from("ALLOW", { principals: [SLEEP] }, { selector: APP })])).toEqual([]);
    expect(rulesOf([...QUIET, { ...from("ALLOW", { principals: [SLEEP] }, { selector: APP }), namespace: "istio-system" }])).toEqual([]);
  });

  it("[FND-75] a workload without proxy", () => {
    expect(cards("FND-75", [sleep, pod("bar", "bare"), service("bar", "bare"), from("ALLOW", { principals: [SLEEP] })])).toMatchObject([{ severity: "weaker than it seems", affected: ["bar/bare"], consequence: { kind: "not enforced" } }]);
    expect(rulesOf([sleep, pod("bar", "bare"), from("ALLOW", { principals: [SLEEP] })])).toEqual([]);
  });

  it("[FND-76] a namespace that does not exist (IST0101)", () => {
    const namespaces = [namespace("foo"), namespace("bar")];
    expect(cards("FND-76", [...QUIET, ...namespaces, from("ALLOW", { namespaces: ["fooo"] })])).toMatchObject([{ severity: "no effect", field: "spec.rules[0].from[0].source.namespaces", value: "fooo", consequence: { kind: "lets nobody in" } }]);
    expect(rulesOf([...QUIET, ...namespaces, from("ALLOW", { namespaces: ["foo", "f*"] })])).toEqual([]);
  });
});
