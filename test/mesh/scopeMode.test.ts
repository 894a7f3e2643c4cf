import { describe, expect, it } from "vitest";
import type { MeshObject, PolicyScope, ScopeMode, UnreadObject } from "#mesh";
import { judgeMesh, obeysPolicies } from "#mesh";
import { chainOf } from "../support/judging.ts";
import { controlPlane, mesh, meshConfig, namespace, peerAuthentication, pod, second, unread } from "../support/mesh.ts";

// What PeerAuthentications say of the mesh, a namespace, a workload: Istio composes mesh, namespace and workload (semantics A.1), each istiod by its own root namespace.

const MESH: PolicyScope = { kind: "mesh" };
const FOO: PolicyScope = { kind: "namespace", namespace: "foo" };
const WEB: PolicyScope = { kind: "workload", namespace: "foo", name: "web" };

const TWO_PLANES = [
  meshConfig(), meshConfig({ name: "istio-two", revision: "two", rootNamespace: "istio-two" }),
  controlPlane(), controlPlane({ name: "istiod-two", revision: "two" }),
];

function proxied(name: string, revision = "default", labels: Readonly<Record<string, string>> = {}): MeshObject {
  return pod("foo", name, { proxy: "sidecar", annotations: { "istio.io/rev": revision }, labels });
}

function modesOf(scope: PolicyScope, objects: readonly MeshObject[], missing: readonly UnreadObject[] = []): readonly ScopeMode[] {
  return judgeMesh(mesh([namespace("foo"), ...objects], { unread: missing })).peerModes(scope);
}

/** `STRICT by istio-system/default, own foo/default` */
function told({ mode, decidedBy, own }: ScopeMode): string {
  const value = mode.kind === "known" ? mode.value : "unknown";
  const by = decidedBy === null ? "default" : `${decidedBy.namespace}/${decidedBy.name}`;
  const written = own.kind === "unknown" ? "unknown" : own.value === null ? "none" : `${own.value.namespace}/${own.value.name}`;
  return `${value} by ${by}, own ${written}`;
}

function tell(scope: PolicyScope, objects: readonly MeshObject[], missing: readonly UnreadObject[] = []): readonly string[] {
  return modesOf(scope, objects, missing).map(told);
}

const STRICT = peerAuthentication("istio-system", "default", "STRICT");

describe("what PeerAuthentications say of a scope", () => {
  it("is Istio's default where there is none", () => {
    for (const scope of [MESH, FOO, WEB]) expect(tell(scope, [proxied("web")])).toEqual(["PERMISSIVE by default, own none"]);
  });

  it("is inherited where the scope's own says UNSET, which is the one to change all the same", () => {
    const own = peerAuthentication("foo", "all", "UNSET");
    const [mode] = modesOf(FOO, [proxied("web"), STRICT, own]);
    expect(mode === undefined ? "" : told(mode)).toBe("STRICT by istio-system/default, own foo/all");
    expect(mode === undefined ? [] : chainOf(mode.mode)).toEqual(["PA-1 PeerAuthentication istio-system/default spec.mtls.mode = STRICT", "  PA-5 PeerAuthentication foo/all = UNSET"]);
  });

  it("is the nearest that says one, and of several of one scope the oldest", () => {
    const wide = [peerAuthentication("foo", "young", "STRICT", { createdAtMs: second(9) }), peerAuthentication("foo", "old", "DISABLE", { createdAtMs: second(2) })];
    expect(tell(FOO, [proxied("web"), STRICT, ...wide])).toEqual(["DISABLE by foo/old, own foo/old"]);
    expect(tell(WEB, [proxied("web"), STRICT, ...wide])).toEqual(["DISABLE by foo/old, own none"]);
    expect(tell(WEB, [proxied("web"), STRICT, ...wide, peerAuthentication("foo", "web", "PERMISSIVE", { selector: { app: "web" } })])).toEqual(["PERMISSIVE by foo/web, own foo/web"]);
    expect(tell(MESH, [proxied("web"), STRICT, ...wide])).toEqual(["STRICT by istio-system/default, own istio-system/default"]);
  });

  it("does not ask single ports", () => {
    const own = peerAuthentication("foo", "web", "UNSET", { selector: { app: "web" }, portLevelMtls: { "8080": "DISABLE" } });
    expect(tell(WEB, [proxied("web"), STRICT, own])).toEqual(["STRICT by istio-system/default, own foo/web"]);
  });

  it("is told for each policy that instances of a workload obey", () => {
    const [one, other] = [1, 2].map((version) => pod("foo", `web-${version}`, { proxy: "sidecar", labels: { app: "web", version: `v${version}` }, owner: { kind: "Deployment", name: "web" } }));
    const own = peerAuthentication("foo", "second", "STRICT", { selector: { version: "v2" } });
    expect(tell(WEB, [one, other, own].filter((object) => object !== undefined))).toEqual(["PERMISSIVE by default, own none", "STRICT by foo/second, own foo/second"]);
  });

  it("ignores a selector in the root namespace, for pods that live there, too", () => {
    const rooted = peerAuthentication("istio-system", "web", "STRICT", { selector: { app: "web" } });
    expect(tell(WEB, [proxied("web"), rooted])).toEqual(["PERMISSIVE by default, own none"]);
    expect(tell({ kind: "workload", namespace: "istio-system", name: "web" }, [pod("istio-system", "web", { proxy: "sidecar" }), rooted])).toEqual(["PERMISSIVE by default, own none"]);
  });

  it("is told of nothing that obeys no PeerAuthentication", () => {
    for (const proxy of [undefined, "gateway", "waypoint"] as const) {
      const objects = [pod("foo", "web", proxy === undefined ? {} : { proxy })];
      for (const scope of [MESH, FOO, WEB]) expect(modesOf(scope, objects)).toEqual([]);
    }
    expect(["sidecar", "ambient", "grpc-proxyless", "gateway", "waypoint", "none"].filter((mode) => obeysPolicies(mode as "sidecar"))).toEqual(["sidecar", "ambient", "grpc-proxyless"]);
    expect(modesOf({ kind: "namespace", namespace: "nowhere" }, [proxied("web")])).toEqual([]);
  });
});

describe("by control plane", () => {
  const OTHER = peerAuthentication("istio-two", "default", "DISABLE");

  it("each goes by its own root namespace", () => {
    const objects = [...TWO_PLANES, proxied("web"), proxied("api", "two"), STRICT, OTHER];
    const both = ["DISABLE by istio-two/default, own istio-two/default", "STRICT by istio-system/default, own istio-system/default"];
    expect(tell(MESH, objects)).toEqual(both);
    expect(tell(FOO, objects)).toEqual(both.map((one) => one.replace(/own .*/, "own none")));
    expect(tell(WEB, objects)).toEqual(["STRICT by istio-system/default, own none"]);
    expect(judgeMesh(mesh(objects)).rootNamespaces).toEqual(["istio-system", "istio-two"]);
  });

  it("one that no proxy goes by is not asked", () => {
    expect(tell(MESH, [...TWO_PLANES, proxied("api", "two"), STRICT, OTHER])).toEqual(["DISABLE by istio-two/default, own istio-two/default"]);
  });

  it("says whether it looks where the policy lies", () => {
    const blind = meshConfig({ discoverySelectors: [{ matchLabels: { mesh: "yes" }, matchExpressions: [] }] });
    const objects = [blind, namespace("istio-system", { mesh: "yes" }), proxied("web"), STRICT, peerAuthentication("foo", "default", "DISABLE")];
    expect(tell(FOO, objects)).toEqual(["STRICT by istio-system/default, own none"]);
    expect([MESH, FOO, WEB].flatMap((scope) => modesOf(scope, objects).map(({ isRead }) => isRead))).toEqual([true, false, false]);
  });
});

describe("what was not read", () => {
  it("may decide where nothing nearer does", () => {
    const missing = [unread("PeerAuthentication", { namespace: "istio-system" })];
    expect(tell(FOO, [proxied("web"), STRICT], missing)).toEqual(["unknown by istio-system/default, own none"]);
    expect(tell(FOO, [proxied("web"), STRICT, peerAuthentication("foo", "default", "STRICT")], missing)).toEqual(["STRICT by foo/default, own foo/default"]);
    expect(tell(MESH, [proxied("web"), STRICT], missing)).toEqual(["unknown by istio-system/default, own unknown"]);
  });

  it("may be the scope's own", () => {
    const own = peerAuthentication("foo", "default", "STRICT");
    for (const missing of [unread("PeerAuthentication", { namespace: "foo" }), unread("PeerAuthentication"), unread("PeerAuthentication", { namespace: "foo", name: "older" })]) {
      expect(tell(FOO, [proxied("web"), own], [missing])).toEqual(["unknown by foo/default, own unknown"]);
    }
    expect(tell(FOO, [proxied("web"), own], [unread("PeerAuthentication", { exceptNamespaces: ["foo", "istio-system"] })])).toEqual(["STRICT by foo/default, own foo/default"]);
  });

  it("of one that was read but for a field, is not whether it is there", () => {
    const missing = [unread("PeerAuthentication", { namespace: "foo", name: "default", field: "spec.mtls.mode" })];
    expect(tell(FOO, [proxied("web"), STRICT, peerAuthentication("foo", "default", null)], missing)).toEqual(["unknown by istio-system/default, own foo/default"]);
  });

  it("is no mode that Istio does not know", () => {
    expect(tell(FOO, [proxied("web"), STRICT, peerAuthentication("foo", "default", "MUTUAL")])).toEqual(["unknown by foo/default, own foo/default"]);
  });

  it("keeps the root namespace unknown where it could be another", () => {
    const roots = (objects: readonly MeshObject[], missing: readonly UnreadObject[] = []): readonly string[] =>
      modesOf(FOO, [proxied("web", "tag"), ...objects], missing).map(({ rootNamespace, mode }) => `${rootNamespace.kind === "known" ? rootNamespace.value : "unknown"} ${mode.kind}`);
    expect(roots([])).toEqual(["istio-system known"]);
    expect(roots([], [unread("MeshConfig")])).toEqual(["unknown unknown"]);
    expect(roots(TWO_PLANES)).toEqual(["unknown unknown"]);
  });

  it("does not matter of mesh configurations that agree on it", () => {
    const alike = [meshConfig(), meshConfig({ name: "istio-two", revision: "two", trustDomain: "other" }), controlPlane(), controlPlane({ name: "istiod-two", revision: "two" })];
    expect(tell(FOO, [proxied("web", "tag"), ...alike, STRICT])).toEqual(["STRICT by istio-system/default, own none"]);
    const otherwise = alike.map((object) => (object.kind === "MeshConfig" && object.revision === "two" ? { ...object, discoverySelectors: [{ matchLabels: { mesh: "yes" }, matchExpressions: [] }] } : object));
    expect(tell(FOO, [proxied("web", "tag"), ...otherwise, STRICT])).toEqual(["unknown by istio-system/default, own unknown"]);
  });

  it("of the mesh configuration is not what policies say, where that is another thing", () => {
    expect(tell(FOO, [proxied("web"), meshConfig({ unfollowed: ["interceptionMode"] }), STRICT])).toEqual(["STRICT by istio-system/default, own none"]);
  });
});
