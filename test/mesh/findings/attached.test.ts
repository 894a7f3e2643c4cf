import { describe, expect, it } from "vitest";
import type { AuthorizationPolicy, KubernetesGateway, Labels } from "#mesh";
import { ambientControlPlane, authorizationPolicy, authorizationRule, controlPlane, egress, namespace, pod, service, sidecar, source, unread } from "../../support/mesh.ts";
import { QUIET, rulesOf, told } from "./found.ts";

// What waypoints and ztunnel do not hear: Istio's `ShouldAttachPolicy`, and its analyzers' IST0166 and IST0167.

const NAME = "gateway.networking.k8s.io/gateway-name";
const way: KubernetesGateway = {
  kind: "KubernetesGateway", namespace: "bar", name: "way", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio-waypoint", listeners: [{ name: "mesh", port: 15_008, protocol: "HBONE", tlsMode: null, hostname: null }],
};
const wayPod = pod("bar", "way-1", { proxy: "waypoint", labels: { [NAME]: "way" }, owner: { kind: "Deployment", name: "way" } });
const shop = pod("bar", "shop", { proxy: "ambient" });
const AMBIENT = [ambientControlPlane(), way, wayPod, shop];
const web = (labels: Labels = {}) => service("bar", "shop", { labels });
const useWay = { "istio.io/use-waypoint": "way" };
const denies = (options: Partial<AuthorizationPolicy>, ns = "bar") => authorizationPolicy(ns, "door", { action: "DENY", rules: [authorizationRule({ from: [source({ namespaces: ["foo"] })] })], ...options });
const target = (kind: string, name: string) => ({ targetRefs: [{ group: "", kind, name }] });

describe("policies that no waypoint asks", () => {
  it("[FND-77] by a selector of its pods (IST0166)", () => {
    expect(told([namespace("foo"), ...AMBIENT, web(useWay), denies({ selector: { [NAME]: "way" } })])).toEqual([
      `FND-77 weaker than it seems: AuthorizationPolicy bar/door spec.selector = ${NAME}=way`,
      "  not enforced",
      "  at bar/way",
      "  fix: set AuthorizationPolicy bar/door spec.targetRefs = Gateway way, in place of the selector",
    ]);
  });

  it("[FND-77] is none by targetRefs, for all of the namespace, or where istiod puts those in front", () => {
    expect(rulesOf([namespace("foo"), ...AMBIENT, web(useWay), denies(target("Gateway", "way"))])).toEqual([]);
    expect(rulesOf([namespace("foo"), ...AMBIENT, web(useWay), denies({})])).not.toContain("FND-77");
    const layered = controlPlane({ env: { PILOT_ENABLE_AMBIENT: "true", ENABLE_LAYERED_WAYPOINT_AUTHORIZATION_POLICIES: "true" } });
    expect(rulesOf([namespace("foo"), layered, way, wayPod, shop, web(useWay), denies({ selector: { [NAME]: "way" } })])).not.toContain("FND-77");
  });

  it("[FND-78] for a Service without waypoint", () => {
    expect(told([namespace("foo"), ...AMBIENT, web(), denies(target("Service", "shop"))])).toEqual([
      "FND-78 weaker than it seems: AuthorizationPolicy bar/door spec.targetRefs[0] = Service shop",
      "  not enforced",
      "  at bar/shop",
      "  host shop.bar.svc.cluster.local",
      "  port 8080",
      "  fix: set Service bar/shop metadata.labels.istio.io/use-waypoint = the name of a waypoint",
      "  fix: set AuthorizationPolicy bar/door spec.selector = the labels of its pods, in place of targetRefs",
    ]);
    expect(rulesOf([namespace("foo"), ...AMBIENT, web(useWay), denies(target("Service", "shop"))])).toEqual([]);
    expect(rulesOf([namespace("foo"), ...AMBIENT, web(), namespace("bar", useWay), denies(target("Service", "shop"))])).toEqual([]);
  });

  it.each([["Gateway", "away", "bar"], ["Service", "away", "bar"], ["Gateway", "way", "foo"], ["GatewayClass", "istio-waypoint", "bar"]])("[FND-78] for a %s %s in %s that is none", (kind, name, ns) => {
    expect(told([namespace("foo"), ...AMBIENT, web(useWay), denies(target(kind, name), ns)]).slice(0, 2)).toEqual([`FND-78 no effect: AuthorizationPolicy ${ns}/door spec.targetRefs[0] = ${kind} ${name}`, "  matches nothing"]);
  });

  it("[FND-78] is none for all waypoints from the root namespace, nor where Gateways were not read", () => {
    expect(rulesOf([namespace("foo"), ...AMBIENT, web(useWay), denies(target("GatewayClass", "istio-waypoint"), "istio-system")])).toEqual([]);
    expect(rulesOf([namespace("foo"), ...AMBIENT, web(useWay), denies(target("Gateway", "away"))], { unread: [unread("KubernetesGateway", { namespace: "bar" })] })).toEqual([]);
    expect(rulesOf([namespace("foo"), ...AMBIENT, web(), denies({ ...target("Service", "shop"), annotations: { "istio.io/dry-run": "true" } })])).toEqual([]);
  });
});

describe("Sidecars of ambient workloads", () => {
  const scoped = (options: Parameters<typeof sidecar>[2] = {}) => sidecar("bar", "scope", { egress: egress("./*"), ...options });

  it("[FND-59] do nothing (IST0167)", () => {
    expect(told([...AMBIENT, web(), scoped({ workloadSelector: { app: "shop" } })])).toEqual(["FND-59 no effect: Sidecar bar/scope spec.workloadSelector.labels = app=shop", "  matches nothing", "  at bar/shop", "  fix: remove Sidecar bar/scope"]);
    expect(rulesOf([...AMBIENT, web(), scoped()])).toEqual(["FND-59"]);
  });

  it("[FND-59] are for others beside them, or for the whole mesh", () => {
    expect(rulesOf([...AMBIENT, web(), scoped(), pod("bar", "meshed", { proxy: "sidecar" })])).not.toContain("FND-59");
    expect(rulesOf([ambientControlPlane(), pod("istio-system", "shop", { proxy: "ambient" }), sidecar("istio-system", "scope", { egress: egress("*/*") })])).toEqual([]);
    expect(rulesOf([...QUIET, scoped()])).not.toContain("FND-59");
  });
});
