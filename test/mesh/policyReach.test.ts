import { describe, expect, it } from "vitest";
import type { Configuration, EdgeIdentity, MeshChange, MeshJudge, MeshObject, PeerAuthentication, ServiceHost } from "#mesh";
import { applyChange, judgeMesh, serviceHost, waysOfEdge, workloadId } from "#mesh";
import { generatedMesh } from "../support/generated.ts";
import { mesh, meshConfig, namespace, peerAuthentication, pod, service, serviceEntry, slice, virtualService } from "../support/mesh.ts";

// What a change of PeerAuthentications can alter: the servers that it is for (semantics A.1), and what clients send under hosts of its namespace (semantics B.8).

const at = (n: number): string => `10.7.0.${n}`;
const inMesh = { proxy: "sidecar" } as const;
const far = service("foo", "far", { selector: {} });
const farSlice = { ...slice(far, []), ports: [{ name: "http", port: 8080, protocol: "TCP", appProtocol: null }], endpoints: [{ addresses: [at(3)], ready: true, targetRef: null }] };

const OBJECTS: readonly MeshObject[] = [
  meshConfig(), ...["foo", "bar"].map((name) => namespace(name)),
  pod("foo", "web", inMesh), pod("foo", "api", inMesh), service("foo", "web"), service("foo", "api"),
  pod("bar", "sleep", inMesh), pod("bar", "box", { ...inMesh, ips: [at(3)] }), service("bar", "box"),
  far, farSlice, service("bar", "alias", { type: "ExternalName", externalName: "far.foo.svc.cluster.local", selector: {}, clusterIPs: [], ports: [] }),
  virtualService("bar", "route", { hosts: ["routed.bar.svc.cluster.local"], http: [{ conditional: false, destinations: [{ host: "far.foo.svc.cluster.local", subset: null, port: null }] }] }),
  serviceEntry("foo", "boxes", "boxes.example", { endpoints: [{ address: at(3), ports: {}, labels: { app: "box" }, serviceAccount: null, network: null }] }),
];

function edge(client: string, server: string | null, host: string | null): EdgeIdentity {
  const id = (text: string) => workloadId(text.slice(0, text.indexOf("/")), text.slice(text.indexOf("/") + 1));
  const external = host ?? "";
  return { client: { kind: "workload", id: id(client) }, server: server === null ? { kind: "external", host: external } : { kind: "workload", id: id(server) }, host: host === null ? null : serviceHost(host), family: "http" };
}

function adding(...policies: readonly PeerAuthentication[]): MeshChange {
  return { add: policies, update: [], remove: [] };
}

const EDGES = {
  "to a server of the namespace": edge("bar/sleep", "foo/web", "web.foo.svc.cluster.local"),
  "to one that is gone": edge("bar/sleep", "foo/gone", "gone.foo.svc.cluster.local"),
  "to one dialled by address": edge("bar/sleep", "foo/web", null),
  "to another of the namespace": edge("bar/sleep", "foo/api", "api.foo.svc.cluster.local"),
  "from the namespace to another": edge("foo/web", "bar/box", "box.bar.svc.cluster.local"),
  "to another, by a host of the namespace": edge("bar/sleep", "bar/box", "far.foo.svc.cluster.local"),
  "by another name of that": edge("bar/sleep", "bar/box", "alias.bar.svc.cluster.local"),
  "by what is sent there": edge("bar/sleep", "bar/box", "routed.bar.svc.cluster.local"),
  "by an entry of the namespace": edge("bar/sleep", "bar/box", "boxes.example"),
  "by the address that all of these have": edge("bar/sleep", "bar/box", null),
  "to a Service of the namespace": edge("bar/sleep", null, "web.foo.svc.cluster.local"),
  "to a Service of another": edge("bar/sleep", null, "box.bar.svc.cluster.local"),
  "to a host outside": edge("bar/sleep", null, "api.example.com"),
} as const;

function reached(change: MeshChange, objects = OBJECTS): readonly string[] {
  const isAltered = judgeMesh(mesh(objects)).alteredBy(change);
  return Object.entries(EDGES).flatMap(([name, one]) => (isAltered(one) ? [name] : []));
}

describe("a change of PeerAuthentications reaches", () => {
  it("the servers of a namespace, and others under hosts that it owns", () => {
    expect(reached(adding(peerAuthentication("foo", "default", "STRICT")))).toEqual([
      "to a server of the namespace", "to one that is gone", "to one dialled by address", "to another of the namespace",
      "to another, by a host of the namespace", "by another name of that", "by what is sent there", "by an entry of the namespace", "by the address that all of these have",
      "to a Service of the namespace",
    ]);
  });

  it("what it selects, and Services that lead there", () => {
    expect(reached(adding(peerAuthentication("foo", "web", "STRICT", { selector: { app: "web" } })))).toEqual([
      "to a server of the namespace", "to one dialled by address", "by an entry of the namespace", "by the address that all of these have", "to a Service of the namespace",
    ]);
    const api = adding(peerAuthentication("foo", "api", "STRICT", { selector: { app: "api" } }));
    expect(reached(api, OBJECTS.filter(({ kind }) => kind !== "ServiceEntry"))).toEqual(["to another of the namespace"]);
  });

  it("the policies that were and that are, whatever is done to them", () => {
    const [from, to] = ["web", "api"].map((app) => peerAuthentication("foo", "one", "STRICT", { selector: { app } }));
    if (from === undefined || to === undefined) throw new Error("two were made");
    const both = ["to a server of the namespace", "to one dialled by address", "to another of the namespace", "to a Service of the namespace"];
    const objects = OBJECTS.filter(({ kind }) => kind !== "ServiceEntry");
    expect(reached({ add: [], update: [[from, to]], remove: [] }, objects)).toEqual(both);
    expect(reached({ add: [], update: [], remove: [from, to] }, objects)).toEqual(both);
  });

  it("all, from a root namespace, and all by any other kind", () => {
    const all = Object.keys(EDGES);
    expect(reached(adding(peerAuthentication("istio-system", "default", "STRICT")))).toEqual(all);
    expect(reached(adding(peerAuthentication("istio-two", "default", "STRICT")), [...OBJECTS, meshConfig({ name: "istio-two", revision: "two", rootNamespace: "istio-two" })])).toEqual(all);
    expect(reached({ add: [service("foo", "new")], update: [], remove: [] })).toEqual(all);
  });

  it("nothing, where it is for nobody", () => {
    expect(reached(adding(peerAuthentication("nowhere", "default", "STRICT")))).toEqual([]);
    expect(reached({ add: [], update: [], remove: [] })).toEqual([]);
  });
});

function changesOf({ objects }: Configuration): readonly MeshChange[] {
  const turned = objects.PeerAuthentication.map((policy): MeshChange => ({ add: [], update: [[policy, { ...policy, mode: policy.mode === "STRICT" ? "DISABLE" : "STRICT" }]], remove: [] }));
  const first = objects.Namespace.map(({ name }) => adding(peerAuthentication(name, "zz-first", "DISABLE", { createdAtMs: 0 })));
  const chosen = objects.Pod.slice(0, 4).map(({ namespace: ns, labels }) => adding(peerAuthentication(ns, "zz-chosen", "DISABLE", { createdAtMs: 0, selector: labels })));
  return [...turned, ...first, ...chosen];
}

function everyEdge(judge: MeshJudge, { objects, clusterDomain }: Configuration): readonly EdgeIdentity[] {
  const hosts: readonly (ServiceHost | null)[] = [null, ...objects.Service.map(({ name, namespace: ns }) => serviceHost(`${name}.${ns}.svc.${clusterDomain}`)), ...objects.ServiceEntry.flatMap((entry) => entry.hosts.map(serviceHost))];
  const ids = [...judge.workloads.keys()];
  return ids.slice(0, 3).flatMap((client) => ids.flatMap((server) => hosts.map((host): EdgeIdentity => ({ client: { kind: "workload", id: client }, server: { kind: "workload", id: server }, host, family: "http" }))));
}

it("what it does not reach answers as before, in meshes that nobody wrote", () => {
  let [altered, spared] = [0, 0];
  for (let seed = 1; seed <= 25; seed += 1) {
    const configuration = generatedMesh(seed);
    const judge = judgeMesh(configuration);
    const edges = everyEdge(judge, configuration);
    const before = edges.map((one) => JSON.stringify(waysOfEdge(judge, one)));
    for (const change of changesOf(configuration)) {
      const isAltered = judge.alteredBy(change);
      const after = judgeMesh(applyChange(configuration, change), judge);
      edges.forEach((one, position) => {
        if (isAltered(one)) return void (altered += 1);
        spared += 1;
        expect(JSON.stringify(waysOfEdge(after, one)), `seed ${seed}, ${JSON.stringify([one, change])}`).toBe(before[position]);
      });
    }
  }
  expect(altered).toBeGreaterThan(1_000);
  expect(spared).toBeGreaterThan(1_000);
});
