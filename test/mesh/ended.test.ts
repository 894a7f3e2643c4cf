import { describe, expect, it } from "vitest";
import type { MeshObject, Pod } from "#mesh";
import { judgeMesh, workloadId } from "#mesh";
import { mesh, pod, service } from "../support/mesh.ts";

// Kubernetes keeps pods that ended (Succeeded, Failed) until somebody deletes them: evicted ones for weeks.

const owner = { kind: "Deployment", name: "web" };
const runs = pod("foo", "web-2", { proxy: "sidecar", owner, labels: { app: "web" }, ips: ["10.0.0.2"] });
const evicted = (phase: string): Pod => pod("foo", "web-1", { owner, labels: { app: "web" }, ips: ["10.0.0.1"], phase, ready: false });

function instances(...objects: readonly MeshObject[]): readonly string[] {
  return judgeMesh(mesh(objects)).workloads.get(workloadId("foo", "web"))?.instances.map(({ ref: { name } }) => name) ?? [];
}

describe("pods that ended", () => {
  it.each(["Succeeded", "Failed"])("are none of the instances of a workload that runs (%s)", (phase) => {
    expect(instances(runs, evicted(phase))).toEqual(["web-2"]);
  });

  it.each(["Running", "Pending", "Unknown"])("others are (%s)", (phase) => {
    expect(instances(runs, evicted(phase))).toEqual(["web-1", "web-2"]);
  });

  it("stand for a workload that is done, as a Job is: what they sent is still seen", () => {
    expect(instances(evicted("Succeeded"))).toEqual(["web-1"]);
  });

  it("open no port beside those that run", () => {
    const judge = judgeMesh(mesh([runs, evicted("Failed"), service("foo", "web")]));
    expect(judge.workloadPorts(workloadId("foo", "web")).map(({ instance: { name }, serverMode }) => [name, serverMode.kind === "known" ? serverMode.value : "unknown"])).toEqual([["web-2", "PERMISSIVE"]]);
  });

  it("are not who a line means that has an address which another has now", () => {
    const other = pod("bar", "api", { ips: ["10.0.0.1"] });
    const names = (...objects: readonly MeshObject[]) => judgeMesh(mesh(objects)).instancesByAddress("10.0.0.1").map(({ ref: { name } }) => name);
    expect(names(evicted("Succeeded"), other)).toEqual(["api"]);
    expect(names(evicted("Succeeded"))).toEqual(["web-1"]);
  });

  it("can still be asked about by name", () => {
    const judge = judgeMesh(mesh([runs, evicted("Failed")]));
    expect(judge.serverMode({ namespace: "foo", name: "web-1" }, 8080)).toMatchObject({ kind: "known", value: "NONE" });
  });
});
