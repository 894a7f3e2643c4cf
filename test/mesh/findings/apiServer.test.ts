import { describe, expect, it } from "vitest";
import type { APIService, MutatingWebhookConfiguration, Service, ValidatingWebhookConfiguration } from "#mesh";
import { ambientControlPlane, peerAuthentication, pod, second, service, unread } from "../../support/mesh.ts";
import { QUIET, rulesOf, told } from "./found.ts";

// The API server sends TLS without a certificate of the mesh (Kubernetes: webhooks and APIServices are called over HTTPS); what takes such TLS is semantics A.3.

const META = { namespace: "", labels: {}, annotations: {}, createdAtMs: second(1) };
const HTTPS = { ports: [{ port: 443, name: "https", targetPort: 8443 }] };

const called = (port = 443) => ({ namespace: "bar", name: "policy", port });
const rules: ValidatingWebhookConfiguration = { kind: "ValidatingWebhookConfiguration", ...META, name: "rules", webhooks: [{ name: "a.example", failurePolicy: "Fail", service: called() }, { name: "b.example", failurePolicy: "Fail", service: called() }] };
const defaults: MutatingWebhookConfiguration = { kind: "MutatingWebhookConfiguration", ...META, name: "defaults", webhooks: [{ name: "c.example", failurePolicy: "Ignore", service: called() }] };
const api: APIService = { kind: "APIService", ...META, name: "v1.example", service: called() };

const backend = (proxy: "sidecar" | "ambient" | undefined, ns = "bar") => pod(ns, "policy-1", { ...(proxy === undefined ? {} : { proxy }), labels: { app: "policy" }, owner: { kind: "Deployment", name: "policy" } });
const policy = (options: Parameters<typeof service>[2] = HTTPS, ns = "bar"): Service => service(ns, "policy", options);
const strict = peerAuthentication("bar", "default", "STRICT");

describe("what the API server calls", () => {
  it("[FND-27] is refused by a STRICT port", () => {
    expect(told([...QUIET, backend("sidecar"), policy(), strict, rules])).toEqual([
      "FND-27 breaks traffic: ValidatingWebhookConfiguration rules webhooks[a.example, b.example].clientConfig.service = bar/policy:443 because of PeerAuthentication bar/default",
      "  refused",
      "  at bar/policy",
      "  host policy.bar.svc.cluster.local",
      "  port 8443",
      "  fix: create PeerAuthentication bar/policy spec.portLevelMtls.8443.mode = PERMISSIVE",
      "  fix: set Deployment bar/policy spec.template.metadata.labels.sidecar.istio.io/inject = false",
    ]);
  });

  it("[FND-27] by a workload's policy, of which the port is made an exception", () => {
    const own = peerAuthentication("bar", "own", "STRICT", { selector: { app: "policy" } });
    expect(told([...QUIET, backend("sidecar"), policy(), own, api])).toEqual([
      "FND-27 breaks traffic: APIService v1.example spec.service = bar/policy:443 because of PeerAuthentication bar/own",
      "  refused",
      "  at bar/policy",
      "  host policy.bar.svc.cluster.local",
      "  port 8443",
      "  fix: set PeerAuthentication bar/own spec.portLevelMtls.8443.mode = PERMISSIVE",
      "  fix: set Deployment bar/policy spec.template.metadata.labels.sidecar.istio.io/inject = false",
    ]);
  });

  it("[FND-27] by an ambient workload that is STRICT", () => {
    const lines = told([ambientControlPlane(), backend("ambient"), policy(), strict, defaults]);
    expect(lines.slice(0, 2)).toEqual(["FND-27 breaks traffic: MutatingWebhookConfiguration defaults webhooks[c.example].clientConfig.service = bar/policy:443 because of PeerAuthentication bar/default", "  refused"]);
    expect(lines.slice(-2)).toEqual(["  fix: create PeerAuthentication bar/policy spec.portLevelMtls.8443.mode = PERMISSIVE", "  fix: set Deployment bar/policy spec.template.metadata.labels.istio.io/dataplane-mode = none"]);
  });

  it("[FND-27] by a port that is declared HTTP, whatever its mode", () => {
    const http = { ports: [{ port: 80, name: "metrics", targetPort: 9090 }, { port: 443, name: "http-hooks", targetPort: 8443 }] };
    expect(told([...QUIET, backend("sidecar"), policy(http), api])).toEqual([
      "FND-27 breaks traffic: APIService v1.example spec.service = bar/policy:443 because of Service bar/policy",
      "  refused",
      "  at bar/policy",
      "  host policy.bar.svc.cluster.local",
      "  port 8443",
      "  fix: set Service bar/policy spec.ports[1].appProtocol = https",
      "  fix: set Deployment bar/policy spec.template.metadata.labels.sidecar.istio.io/inject = false",
    ]);
    expect(told([...QUIET, backend("sidecar"), policy(http), strict, api]).filter((line) => line.startsWith("  fix"))).toEqual(["  fix: set Deployment bar/policy spec.template.metadata.labels.sidecar.istio.io/inject = false"]);
  });

  it("[FND-27] in the root namespace no policy opens one port", () => {
    const root: APIService = { ...api, service: { namespace: "istio-system", name: "policy", port: 443 } };
    expect(told([backend("sidecar", "istio-system"), policy(HTTPS, "istio-system"), peerAuthentication("istio-system", "default", "STRICT"), root]).filter((line) => line.startsWith("  fix"))).toEqual([
      "  fix: set Deployment istio-system/policy spec.template.metadata.labels.sidecar.istio.io/inject = false",
    ]);
  });

  it("[FND-27] is none where the port takes it, is left alone, or is not called", () => {
    const open = peerAuthentication("bar", "open", null, { selector: { app: "policy" }, portLevelMtls: { 8443: "PERMISSIVE" } });
    const left = pod("bar", "policy-1", { proxy: "sidecar", labels: { app: "policy" }, annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8443" } });
    expect(rulesOf([...QUIET, backend("sidecar"), policy(), rules, defaults, api])).toEqual([]);
    expect(rulesOf([...QUIET, backend("sidecar"), policy(), strict, open, rules])).toEqual([]);
    expect(rulesOf([...QUIET, backend(undefined), policy(), strict, rules])).not.toContain("FND-27");
    expect(rulesOf([...QUIET, left, policy(), strict, rules])).not.toContain("FND-27");
    expect(rulesOf([...QUIET, backend("sidecar"), policy(), strict, { ...api, service: called(80) }])).toEqual([]);
  });

  it("[FND-27] is none where policies were not read", () => {
    expect(rulesOf([...QUIET, backend("sidecar"), policy(), strict, rules], { unread: [unread("PeerAuthentication", { namespace: "bar" })] })).toEqual([]);
  });
});
