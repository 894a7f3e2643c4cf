import { describe, expect, it } from "vitest";
import type { DestinationRule, MeshObject } from "#mesh";
import { controlPlane, destinationRule, gateway, peerAuthentication, pod, second, service, tls, trafficPolicy, type DestinationRuleOptions } from "../../support/mesh.ts";
import { cards, HOST, httpbin, httpbinService, QUIET, rulesOf, sleep } from "./found.ts";

const strictInBar = peerAuthentication("bar", "default", "STRICT");

function rule(name: string, mode: string | null | undefined, options: DestinationRuleOptions & { readonly host?: string } = {}): DestinationRule {
  const [namespace = "", own = ""] = name.split("/");
  const { host = HOST, ...rest } = options;
  return destinationRule(namespace, own, host, { ...(mode === undefined ? {} : { trafficPolicy: trafficPolicy(tls(mode)) }), ...rest });
}

/** A policy that says something, and nothing of TLS. */
const BALANCED = trafficPolicy(null, { loadBalancerSimple: "LEAST_REQUEST" });

describe("DestinationRules that apply to nothing", () => {
  it("[FND-30] `httpbin.bar` is no host (L 10, IST0174)", () => {
    expect(cards("FND-30", [...QUIET, rule("bar/short", "ISTIO_MUTUAL", { host: "httpbin.bar" })])).toEqual([
      {
        severity: "no effect", object: "DestinationRule bar/short", field: "spec.host", value: "httpbin.bar", because: null,
        consequence: { kind: "matches nothing", meant: HOST }, affected: [], hosts: [HOST], ports: [],
      },
    ]);
  });

  it("[FND-30] a bare name is looked for in the rule's own namespace", () => {
    expect(cards("FND-30", [...QUIET, rule("foo/bare", "DISABLE", { host: "httpbin" })])).toMatchObject([{ value: "httpbin", consequence: { meant: HOST } }]);
    expect(rulesOf([...QUIET, rule("bar/bare", "ISTIO_MUTUAL", { host: "httpbin" })])).toEqual([]);
  });

  it("[FND-31] a rule on an ExternalName host (L 10)", () => {
    const alias = service("foo", "alias", { type: "ExternalName", externalName: HOST, selector: {}, clusterIPs: [] });
    expect(cards("FND-31", [...QUIET, alias, rule("foo/alias", "DISABLE", { host: "alias.foo.svc.cluster.local" })])).toMatchObject([{ severity: "no effect", because: "Service foo/alias", consequence: { meant: HOST } }]);
  });

  it("[FND-32] a rule in a namespace where nobody looks (L 8)", () => {
    expect(cards("FND-32", [...QUIET, rule("third/far", "DISABLE")])).toMatchObject([{ severity: "no effect", object: "DestinationRule third/far", field: "metadata.namespace", hosts: [HOST] }]);
    expect(rulesOf([...QUIET, rule("istio-system/root", "DISABLE")])).toEqual([]);
    expect(rulesOf([...QUIET, rule("foo/own", "DISABLE")])).toEqual([]);
  });

  it("[FND-33] a workloadSelector that matches no client of its namespace (IST0127)", () => {
    expect(cards("FND-33", [...QUIET, rule("bar/some", "DISABLE", { workloadSelector: { app: "sleep" } })])).toMatchObject([{ severity: "no effect", value: "app=sleep" }]);
    expect(rulesOf([...QUIET, rule("foo/some", "DISABLE", { workloadSelector: { app: "sleep" } })])).toEqual([]);
  });
});

describe("DestinationRules that others hide", () => {
  it("[FND-34] the client's `*.local` ends the search before the service's own rule (L 8)", () => {
    const objects = [...QUIET, rule("foo/wild", "DISABLE", { host: "*.local" }), rule("bar/httpbin", "ISTIO_MUTUAL")];
    expect(cards("FND-34", objects)).toEqual([
      {
        severity: "weaker than it seems", object: "DestinationRule bar/httpbin", field: "spec.trafficPolicy", value: "ISTIO_MUTUAL", because: "DestinationRule foo/wild",
        consequence: { kind: "sends", clients: { kind: "namespace", namespace: "foo" }, sends: "DR_DISABLE", transport: "plaintext", otherwise: "DR_ISTIO_MUTUAL" }, affected: ["bar/httpbin"], hosts: [HOST], ports: [8080],
      },
    ]);
    expect(cards("FND-34", [...objects, strictInBar])).toMatchObject([{ severity: "breaks traffic" }]);
  });

  it("[FND-34] is none where what is on the wire is the same, or the client's rule is for that host", () => {
    expect(rulesOf([...QUIET, rule("foo/wild", undefined, { host: "*.local", trafficPolicy: BALANCED }), rule("bar/httpbin", "ISTIO_MUTUAL")])).toEqual([]);
    expect(rulesOf([...QUIET, rule("foo/exact", "DISABLE"), rule("bar/httpbin", "ISTIO_MUTUAL")])).toEqual([]);
  });

  it("[FND-35] the root namespace's rule is no default that others refine (L 9)", () => {
    const root = rule("istio-system/default", "DISABLE", { host: "*.local" });
    const own = rule("bar/httpbin", undefined, { trafficPolicy: BALANCED });
    expect(cards("FND-35", [...QUIET, root, own])).toMatchObject([
      { severity: "no effect", object: "DestinationRule istio-system/default", value: "DISABLE", because: "DestinationRule bar/httpbin", consequence: { clients: { kind: "all" }, sends: "AUTO_MTLS", transport: "mTLS", otherwise: "DR_DISABLE" } },
    ]);
    expect(rulesOf([...QUIET, rule("istio-system/default", "ISTIO_MUTUAL", { host: "*.local" }), own])).toEqual([]);
  });

  it("[FND-35] without auto mTLS the traffic is plaintext then", () => {
    const unlabelled = pod("bar", "httpbin", { proxy: "sidecar", labels: { "security.istio.io/tlsMode": "disabled" } });
    const objects = [sleep, unlabelled, httpbinService, rule("istio-system/default", "ISTIO_MUTUAL", { host: "*.local" }), rule("bar/httpbin", undefined, { trafficPolicy: BALANCED })];
    expect(cards("FND-35", objects)).toMatchObject([{ severity: "weaker than it seems", consequence: { sends: "AUTO_PLAINTEXT", transport: "plaintext", otherwise: "DR_ISTIO_MUTUAL" } }]);
  });

  it("[FND-36] a rule for other clients of the namespace still ends the search (L 8)", () => {
    const other = pod("foo", "other", { proxy: "sidecar" });
    const objects = [...QUIET, other, rule("foo/other", "ISTIO_MUTUAL", { workloadSelector: { app: "other" } }), rule("bar/httpbin", "DISABLE")];
    expect(cards("FND-36", objects)).toMatchObject([{ object: "DestinationRule bar/httpbin", because: "DestinationRule foo/other", consequence: { clients: { kind: "namespace", namespace: "foo" }, sends: "AUTO_MTLS", otherwise: "DR_DISABLE" } }]);
  });

  it("[FND-37] the older rule without `tls` hides the younger's (L 11)", () => {
    const older = rule("bar/a", undefined, { trafficPolicy: BALANCED, createdAtMs: second(1) });
    expect(cards("FND-37", [...QUIET, older, rule("bar/b", "DISABLE", { createdAtMs: second(2) })])).toMatchObject([{ object: "DestinationRule bar/b", because: "DestinationRule bar/a", field: "spec.trafficPolicy", consequence: { sends: "AUTO_MTLS", otherwise: "DR_DISABLE" } }]);
    expect(rulesOf([...QUIET, rule("bar/a", undefined, { subsets: [], createdAtMs: second(1) }), rule("bar/b", "DISABLE", { createdAtMs: second(2) })])).toEqual([]);
  });

  it("[FND-38] with different exportTo the youngest is used alone (L 11)", () => {
    const older = rule("bar/a", "DISABLE", { exportTo: ["*"], createdAtMs: second(1) });
    const younger = rule("bar/b", undefined, { trafficPolicy: BALANCED, createdAtMs: second(2) });
    expect(cards("FND-38", [...QUIET, older, younger])).toMatchObject([{ object: "DestinationRule bar/a", because: "DestinationRule bar/b", field: "spec.exportTo", consequence: { sends: "AUTO_MTLS", otherwise: "DR_DISABLE" } }]);
  });
});

describe("TLS of DestinationRules that comes to something else", () => {
  const entry = (port: number, mode: string | null | undefined) => ({ port, tls: mode === undefined ? null : tls(mode), loadBalancerSimple: null, hasLoadBalancer: false });

  it("[FND-39] a port entry without `tls` under SIMPLE sends plaintext (L 12)", () => {
    const raw = service("bar", "httpbin", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] });
    const simple = rule("bar/httpbin", undefined, { trafficPolicy: trafficPolicy(tls("SIMPLE"), { portLevelSettings: [entry(80, undefined)] }) });
    expect(cards("FND-39", [sleep, httpbin, raw, simple])).toMatchObject([
      { severity: "weaker than it seems", object: "DestinationRule bar/httpbin", field: "spec.trafficPolicy.portLevelSettings[0]", consequence: { sends: "AUTO_PLAINTEXT", transport: "plaintext", otherwise: "DR_SIMPLE" } },
    ]);
  });

  it("[FND-39] under ISTIO_MUTUAL no PeerAuthentication is asked any more: a DISABLE port refuses", () => {
    const mutual = rule("bar/httpbin", undefined, { trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL"), { portLevelSettings: [entry(80, undefined)] }) });
    const disabled = peerAuthentication("bar", "httpbin", "DISABLE", { selector: { app: "httpbin" } });
    expect(cards("FND-39", [...QUIET, disabled, mutual])).toMatchObject([{ severity: "breaks traffic", consequence: { sends: "AUTO_MTLS", transport: "blocked" } }]);
    expect(rulesOf([...QUIET, mutual])).toEqual([]);
  });

  it("[FND-40] portLevelSettings by the container's port (L 2)", () => {
    const byTarget = rule("bar/httpbin", undefined, { trafficPolicy: trafficPolicy(null, { portLevelSettings: [entry(8080, "DISABLE")] }) });
    expect(cards("FND-40", [...QUIET, byTarget])).toMatchObject([{ severity: "no effect", field: "spec.trafficPolicy.portLevelSettings[0].port.number", value: "8080", consequence: { sends: "AUTO_MTLS", otherwise: "DR_DISABLE" } }]);
    expect(rulesOf([...QUIET, rule("bar/httpbin", undefined, { trafficPolicy: trafficPolicy(null, { portLevelSettings: [entry(80, "DISABLE")] }) })])).toEqual([]);
  });

  it("[FND-41] `tls: {}` is DISABLE (L 13)", () => {
    expect(cards("FND-41", [...QUIET, rule("bar/httpbin", null)])).toMatchObject([{ severity: "weaker than it seems", field: "spec.trafficPolicy.tls.mode", value: "(absent)", consequence: { sends: "DR_DISABLE", transport: "plaintext", otherwise: "AUTO_MTLS" } }]);
    expect(cards("FND-41", [...QUIET, strictInBar, rule("bar/httpbin", null)])).toMatchObject([{ severity: "breaks traffic" }]);
    expect(rulesOf([...QUIET, rule("bar/httpbin", "DISABLE")])).toEqual([]);
  });

  it("[FND-42] SIMPLE with credentialName and no workloadSelector sends plaintext (L 14)", () => {
    const credential = (options: DestinationRuleOptions): DestinationRule => rule("foo/httpbin", undefined, { trafficPolicy: trafficPolicy(tls("SIMPLE", { credentialName: "ca" })), ...options });
    expect(cards("FND-42", [...QUIET, credential({})])).toMatchObject([{ severity: "weaker than it seems", value: "SIMPLE", consequence: { sends: "DR_DROPPED", transport: "plaintext", otherwise: "DR_SIMPLE" } }]);
    const raw = service("bar", "httpbin", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] });
    expect(rulesOf([sleep, httpbin, raw, credential({ workloadSelector: { app: "sleep" } })])).toEqual([]);
  });

  it("[FND-43] SIMPLE to a PERMISSIVE HTTP port has no chain (L 15, J 28)", () => {
    expect(cards("FND-43", [...QUIET, rule("bar/httpbin", "SIMPLE")])).toMatchObject([{ severity: "breaks traffic", value: "SIMPLE", because: null, consequence: { sends: "DR_SIMPLE", transport: "blocked" } }]);
    const raw = service("bar", "httpbin", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] });
    expect(rulesOf([sleep, httpbin, raw, rule("bar/httpbin", "SIMPLE")])).toEqual([]);
  });

  it("[FND-43] IST0128 and IST0129 are no finding since 1.21: the OS bundle verifies", () => {
    const raw = service("bar", "httpbin", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] });
    expect(rulesOf([controlPlane({ version: "1.21.0" }), sleep, httpbin, raw, rule("bar/httpbin", "SIMPLE")])).toEqual([]);
  });

  it("[FND-46] before 1.21 nobody verified (IST0128, IST0129)", () => {
    const raw = service("bar", "httpbin", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] });
    const old = controlPlane({ version: "1.20.8" });
    expect(cards("FND-46", [old, sleep, httpbin, raw, rule("bar/httpbin", "SIMPLE")])).toMatchObject([{ severity: "weaker than it seems", consequence: { kind: "unverified" }, hosts: [HOST] }]);
    const verified = rule("bar/httpbin", undefined, { trafficPolicy: trafficPolicy(tls("SIMPLE", { caCertificates: "/etc/certs/ca.pem" })) });
    expect(cards("FND-46", [old, sleep, httpbin, raw, verified])).toEqual([]);
    expect(cards("FND-46", [controlPlane({ version: null }), sleep, httpbin, raw, rule("bar/httpbin", "SIMPLE")])).toEqual([]);
  });

  it("[FND-44] DISABLE meets STRICT (J 10)", () => {
    expect(cards("FND-44", [...QUIET, strictInBar, rule("foo/httpbin", "DISABLE")])).toMatchObject([
      { severity: "breaks traffic", object: "DestinationRule foo/httpbin", because: "PeerAuthentication bar/default", consequence: { clients: { kind: "namespace", namespace: "foo" }, sends: "DR_DISABLE", transport: "blocked", otherwise: "AUTO_MTLS" } },
    ]);
    expect(rulesOf([...QUIET, rule("foo/httpbin", "DISABLE")])).toEqual([]);
  });

  it("[FND-44] of one subset only", () => {
    const subsets = [{ name: "v1", labels: { version: "v1" }, trafficPolicy: trafficPolicy(tls("DISABLE")) }];
    expect(cards("FND-44", [...QUIET, strictInBar, rule("bar/httpbin", undefined, { subsets })])).toMatchObject([{ field: "spec.subsets[0].trafficPolicy.tls.mode" }]);
  });

  it("[FND-45] ISTIO_MUTUAL meets a gateway that does not end it, and is right where it does (L 20)", () => {
    const egress = pod("bar", "egress", { proxy: "gateway" });
    const served = service("bar", "egress", { ports: [{ port: 443, name: "tls", targetPort: 8443 }] });
    const mutual = rule("bar/egress", "ISTIO_MUTUAL", { host: "egress.bar.svc.cluster.local" });
    const server = (tlsMode: string) => gateway("bar", "egress", { selector: { app: "egress" }, servers: [{ port: 443, protocol: "HTTPS", hosts: ["*"], tlsMode }] });
    const objects: readonly MeshObject[] = [sleep, egress, served, mutual];
    expect(cards("FND-45", [...objects, server("SIMPLE")])).toMatchObject([{ severity: "breaks traffic", affected: ["bar/egress"], consequence: { sends: "DR_ISTIO_MUTUAL", transport: "blocked" } }]);
    expect(rulesOf([...objects, server("ISTIO_MUTUAL")])).toEqual([]);
  });
});
