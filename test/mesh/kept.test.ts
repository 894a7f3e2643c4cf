import { describe, expect, it } from "vitest";
import type { MeshChange, MeshObject, MeshVerdicts, ObjectKind } from "#mesh";
import { applyChange, evaluateMesh, judgeMesh } from "#mesh";
import {
  authorizationPolicy, controlPlane, destinationRule, egress, envoyFilter, gateway, mesh, meshConfig, namespace, peerAuthentication, pod, service, serviceEntry, sidecar, slice, tls, trafficPolicy, virtualService, workloadEntry,
} from "../support/mesh.ts";
import { clientRow, WINDOW_START_MS } from "../support/telemetry.ts";
import { watched } from "../support/watched.ts";

const cart = pod("foo", "cart", { proxy: "sidecar" });
const shop = pod("bar", "shop", { proxy: "sidecar" });
const shopService = service("bar", "shop");
const bar = namespace("bar");
const DISABLE = { trafficPolicy: trafficPolicy(tls("DISABLE")) };
const SHOP = "shop.bar.svc.cluster.local";

const OBJECTS: readonly MeshObject[] = [
  cart, shop, workloadEntry("bar", "machine"), shopService, slice(shopService, [shop]), serviceEntry("bar", "entry", "entry.example"), peerAuthentication("bar", "default", "STRICT"), destinationRule("bar", "shop", SHOP, DISABLE), destinationRule("bar", "other", "other", DISABLE),
  sidecar("foo", "default", { egress: egress("*/*") }), virtualService("bar", "shop", { hosts: ["other"] }), authorizationPolicy("bar", "shop", {}), gateway("bar", "gate"), envoyFilter("bar", "raw"), namespace("foo"), bar, meshConfig(), controlPlane(),
  { kind: "KubernetesGateway", namespace: "bar", name: "way", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio", listeners: [] },
];

const ROW = clientRow({ client: { namespace: "foo", workload: "cart", principal: null }, server: { namespace: "bar", workload: "shop", principal: null }, serviceHost: SHOP, serviceName: "shop" });
const TELEMETRY = { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, lookBackStartMs: WINDOW_START_MS - 3_600_000, lookBackRows: [], gaps: [], queries: [], rows: [ROW] };

function evaluated(objects: readonly MeshObject[]): MeshVerdicts {
  return evaluateMesh({ capturedAtMs: TELEMETRY.windowEndMs, configuration: mesh(objects), telemetry: TELEMETRY });
}

function after(before: MeshVerdicts, change: Partial<MeshChange>): MeshVerdicts {
  const configuration = applyChange(before.snapshot.configuration, { add: [], update: [], remove: [], ...change });
  return evaluateMesh({ ...before.snapshot, configuration }, judgeMesh(configuration, before.judge), before);
}

/** Kinds of which anything is read again to evaluate a mesh that has one object more. */
function readAgain(one: MeshObject): readonly ObjectKind[] {
  const { objects, read } = watched(OBJECTS);
  const before = evaluated(objects);
  read();
  after(before, { add: [one] });
  return read();
}

/** What depends on no policy: who there is, and by which names and addresses. */
const INVENTORY: readonly ObjectKind[] = ["Pod", "WorkloadEntry", "Service", "ServiceEntry", "EndpointSlice", "Namespace", "Gateway", "KubernetesGateway"];
const POLICIES: readonly ObjectKind[] = ["PeerAuthentication", "DestinationRule", "Sidecar", "EnvoyFilter"];

describe("what has nothing to do with a change is not read again:", () => {
  it.each<[string, MeshObject, readonly ObjectKind[]]>([
    ["a PeerAuthentication", peerAuthentication("empty", "one", "STRICT"), [...INVENTORY, "ControlPlane"]],
    ["an AuthorizationPolicy", authorizationPolicy("empty", "one", {}), [...INVENTORY, "ControlPlane"]],
    ["a Sidecar", sidecar("empty", "one"), [...INVENTORY, "ControlPlane"]],
    ["an EnvoyFilter", envoyFilter("empty", "one"), [...INVENTORY, "ControlPlane"]],
    ["a DestinationRule", destinationRule("empty", "one", "one.example", DISABLE), INVENTORY],
    ["a Pod", pod("empty", "one"), [...POLICIES, "EndpointSlice", "Gateway", "KubernetesGateway", "ControlPlane"]],
    ["a WorkloadEntry", workloadEntry("empty", "one"), [...POLICIES, "EndpointSlice", "Gateway", "KubernetesGateway", "ControlPlane"]],
    ["an EndpointSlice", slice(service("empty", "one"), []), [...POLICIES, "AuthorizationPolicy", "Pod", "WorkloadEntry", "Service", "ServiceEntry", "Namespace", "Gateway", "KubernetesGateway", "ControlPlane"]],
    ["a Service", service("empty", "one"), ["PeerAuthentication", "AuthorizationPolicy"]],
    ["a Gateway", gateway("empty", "one"), ["PeerAuthentication", "AuthorizationPolicy", "EndpointSlice", "ServiceEntry"]],
  ])("%s", (_name, one, kept) => {
    const again = readAgain(one);
    expect(again).toContain(one.kind);
    expect(kept.filter((kind) => again.includes(kind))).toEqual([]);
  });

  it("a mesh that is the same is not read at all, but for its root namespace", () => {
    const { objects, read } = watched(OBJECTS);
    const before = evaluated(objects);
    read();
    expect(after(before, {}).edges).toEqual(before.edges);
    expect(read()).toEqual(["MeshConfig", "VirtualService"]);
  });
});

describe("workloads are told by the very objects that told of them before", () => {
  const objects = [...OBJECTS, pod("bar", "twin-1", { owner: { kind: "Deployment", name: "twin" } }), pod("baz", "mail"), namespace("baz")];
  /** Workloads of which something else is told. */
  function changed(change: Partial<MeshChange>): readonly string[] {
    const before = judgeMesh(mesh(objects));
    const there = judgeMesh(applyChange(mesh(objects), { add: [], update: [], remove: [], ...change }), before);
    return [...there.workloads].filter(([id, workload]) => before.workloads.get(id) !== workload).map(([id]) => id);
  }
  const update = <T extends MeshObject>(one: T, to: Partial<T>): Partial<MeshChange> => ({ update: [[one, { ...one, ...to }]] });
  const inBar = ["bar/machine", "bar/shop", "bar/twin"];

  it("where nothing changed in their namespace", () => {
    expect(changed({})).toEqual([]);
    expect(changed(update(cart, { ready: false }))).toEqual(["foo/cart"]);
    expect([...changed(update(shop, { ready: false }))].sort()).toEqual(inBar);
    expect([...changed({ remove: [shop] })].sort()).toEqual(["bar/machine", "bar/twin"]);
    expect(changed({ add: [pod("qux", "box")] })).toEqual(["qux/box"]);
    expect([...changed({ add: [workloadEntry("bar", "other")] })].sort()).toEqual(["bar/machine", "bar/other", "bar/shop", "bar/twin"]);
  });

  it("unless their namespace itself is another", () => {
    expect([...changed({ update: [[bar, { ...bar, labels: { "istio.io/rev": "canary" } }]] })].sort()).toEqual(inBar);
    expect(changed({ add: [namespace("empty")] })).toEqual([]);
  });

  it("unless a selector asks for another label than any did", () => {
    expect(changed({ add: [peerAuthentication("empty", "one", "STRICT", { selector: { app: "x" } })] })).toEqual([]);
    const asking: readonly MeshObject[] = [
      peerAuthentication("empty", "one", "STRICT", { selector: { tier: "x" } }), authorizationPolicy("empty", "one", { selector: { tier: "x" } }), service("empty", "one", { selector: { tier: "x" } }), gateway("empty", "one", { selector: { tier: "x" } }),
      sidecar("empty", "one", { workloadSelector: { tier: "x" } }), envoyFilter("empty", "one", { workloadSelector: { tier: "x" } }), serviceEntry("empty", "one", "one.example", { workloadSelector: { tier: "x" } }),
      destinationRule("empty", "one", "one.example", { workloadSelector: { tier: "x" } }), destinationRule("empty", "one", "one.example", { subsets: [{ name: "v1", labels: { tier: "x" }, trafficPolicy: null }] }),
    ];
    for (const one of asking) expect(changed({ add: [one] }).length, one.kind).toBe(5);
  });

  it("in the same order as if nothing had been before", () => {
    const configuration = mesh(objects);
    const before = judgeMesh(configuration);
    const changes: readonly Partial<MeshChange>[] = [update(shop, { ready: false }), { remove: [shop] }, { add: [pod("aaa", "one")] }, update(shop, { owner: { kind: "Deployment", name: "aaa" } })];
    for (const change of changes) {
      const next = applyChange(configuration, { add: [], update: [], remove: [], ...change });
      expect([...judgeMesh(next, before).workloads]).toEqual([...judgeMesh(next).workloads]);
    }
  });
});

describe("who has an address", () => {
  const at = "10.90.0.1";
  const holders = (judge: ReturnType<typeof judgeMesh>) => judge.instancesByAddress(at).map(({ ref }) => `${ref.namespace}/${ref.name}`);
  const [one, two] = [pod("foo", "one", { ips: [at] }), pod("bar", "two", { ips: [at] })];

  it("is found after any number of namespaces changed, by namespace and name", () => {
    let configuration = mesh([one, two, ...Array.from({ length: 12 }, (_, n) => pod(`ns${n}`, "any"))]);
    let judge = judgeMesh(configuration);
    expect(holders(judge)).toEqual(["bar/two", "foo/one"]);
    for (let n = 0; n < 12; n += 1) {
      configuration = applyChange(configuration, { add: [pod(`ns${n}`, "more", { ips: [at] })], update: [], remove: [] });
      judge = judgeMesh(configuration, judge);
      expect(holders(judge)).toEqual(holders(judgeMesh(configuration)));
      expect(holders(judge)).toHaveLength(n + 3);
    }
  });

  it("is found after any number of pods got it, whichever namespaces they are in", () => {
    let configuration = mesh([one, two, ...Array.from({ length: 12 }, (_, n) => pod(`ns${n}`, "any", { ips: ["10.90.1.1"] }))]);
    let judge = judgeMesh(configuration);
    expect(holders(judge)).toEqual(["bar/two", "foo/one"]);
    for (let n = 11; n >= 0; n -= 1) {
      const got = configuration.objects.Pod.find(({ namespace: ns }) => ns === `ns${n}`);
      if (got === undefined) throw new Error("no pod");
      configuration = applyChange(configuration, { add: [], update: [[got, { ...got, ips: ["10.90.1.1", at] }]], remove: [] });
      judge = judgeMesh(configuration, judge);
      expect(holders(judge)).toEqual(["bar/two", "foo/one", ...Array.from({ length: 12 - n }, (_, k) => `ns${n + k}/any`).sort()]);
      expect(judge.instancesByAddress("10.90.1.1")).toHaveLength(12);
    }
  });

  it("is forgotten where it moves, goes, or its namespace ends", () => {
    const configuration = mesh([one, two, pod("bar", "three")]);
    const before = judgeMesh(configuration);
    expect(holders(before)).toEqual(["bar/two", "foo/one"]);
    const next = (change: Partial<MeshChange>) => holders(judgeMesh(applyChange(configuration, { add: [], update: [], remove: [], ...change }), before));
    expect(next({ update: [[one, { ...one, ips: ["10.90.0.2"] }]] })).toEqual(["bar/two"]);
    expect(next({ update: [[one, { ...one, ready: false }]] })).toEqual(["bar/two", "foo/one"]);
    expect(next({ update: [[two, { ...two, ready: false }]] })).toEqual(["bar/two", "foo/one"]);
    expect(next({ remove: [two] })).toEqual(["foo/one"]);
    expect(next({ remove: [one] })).toEqual(["bar/two"]);
    expect(next({ add: [pod("aaa", "zero", { ips: [at, "10.90.0.3"] })] })).toEqual(["aaa/zero", "bar/two", "foo/one"]);
  });
});

describe("ports of workloads are told by the same lists", () => {
  const named = [pod("bar", "stock", { proxy: "sidecar" }), service("bar", "stock"), peerAuthentication("bar", "stock", "STRICT", { selector: { app: "stock" } }), pod("baz", "mail", { proxy: "sidecar" }), service("baz", "mail"), peerAuthentication("baz", "default", "STRICT")];
  const was = mesh([...OBJECTS, ...named]);
  function told(change: Partial<MeshChange>): readonly string[] {
    const before = judgeMesh(was);
    const lists = new Map([...before.workloads.keys()].map((id) => [id, before.workloadPorts(id)]));
    const configuration = applyChange(was, { add: [], update: [], remove: [], ...change });
    const [there, fresh] = [judgeMesh(configuration, before), judgeMesh(configuration)];
    for (const id of there.workloads.keys()) expect(there.workloadPorts(id)).toEqual(fresh.workloadPorts(id));
    return [...there.workloads.keys()].filter((id) => there.workloadPorts(id) !== lists.get(id)).sort();
  }

  it("unless a change reaches their server", () => {
    expect(told({})).toEqual([]);
    expect(told({ add: [peerAuthentication("foo", "default", "DISABLE")] })).toEqual(["foo/cart"]);
    expect(told({ update: [[shop, { ...shop, ready: false }]] })).toEqual(["bar/shop"]);
    expect(told({ add: [peerAuthentication("bar", "late", "DISABLE", { selector: { app: "shop" } })] })).toEqual(["bar/shop"]);
    expect(told({ add: [authorizationPolicy("baz", "none", {})] })).toEqual(["baz/mail"]);
    expect(told({ add: [namespace("qux")] })).toEqual(["bar/machine", "bar/shop", "bar/stock", "baz/mail", "foo/cart"]);
  });
});

describe("an edge that a change reaches", () => {
  const general = peerAuthentication("bar", "default", "STRICT");
  const objects = [...OBJECTS.filter(({ kind }) => kind !== "PeerAuthentication" && kind !== "EnvoyFilter"), general];
  /** Of the only edge: whether it is another object, and whether what was observed on it was looked at anew. */
  function anew(change: Partial<MeshChange>, all: readonly MeshObject[] = objects): readonly boolean[] {
    const before = evaluated(all);
    const there = after(before, change);
    expect(there.edges).toEqual(evaluateMesh(there.snapshot).edges);
    const [[was], [is]] = [before.edges, there.edges];
    return [is !== was, is?.observations !== was?.observations];
  }

  it("is not read anew from its rows where configuration answers the same", () => {
    expect(anew({ add: [peerAuthentication("bar", "late", "DISABLE", { createdAtMs: Date.UTC(2030, 0) })] })).toEqual([true, false]);
    expect(anew({ add: [authorizationPolicy("bar", "none", { action: "AUDIT" })] })).toEqual([true, false]);
    expect(anew({ add: [authorizationPolicy("bar", "another", {})] })).toEqual([true, false]);
  });

  it("is where one answer is another", () => {
    expect(anew({ update: [[general, { ...general, mode: "DISABLE" }]] })).toEqual([true, true]);
    expect(anew({ update: [[general, { ...general, mode: "PERMISSIVE" }]] })).toEqual([true, true]);
  });

  it("is where there are more ways", () => {
    const more = { ...shopService, ports: [...shopService.ports, { port: 81, name: "http-more", targetPort: 8081, protocol: "TCP" as const, appProtocol: null, nodePort: null }] };
    expect(anew({ update: [[shopService, more]] })).toEqual([true, true]);
  });

  it("is where an answer is unknown before and after: other things may be missing", () => {
    const unheard = peerAuthentication("bar", "default", "LAX");
    const withGap = [...objects.filter((object) => object !== general), unheard];
    expect(anew({ add: [peerAuthentication("bar", "late", "STRICT", { createdAtMs: Date.UTC(2030, 0) })] }, withGap)).toEqual([true, true]);
  });

  it("is where its workloads are others", () => {
    expect(anew({ update: [[shop, { ...shop, ready: false }]] })).toEqual([true, true]);
  });

  it("is not reached, and is the same, where nothing of it changed", () => {
    expect(anew({ add: [peerAuthentication("empty", "one", "STRICT")] })).toEqual([false, false]);
  });
});
