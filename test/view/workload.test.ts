import { expect, it } from "vitest";
import { RULES, known, unknown } from "#mesh";
import type { MeshJudge, PortVerdict, Workload } from "#mesh";
import { presentWorkload } from "#view";
import { CLASSIC_EDGES, CLASSIC_WORKLOADS, id, reason, verdicts } from "./picture.ts";

const PICTURE = verdicts({ workloads: CLASSIC_WORKLOADS, edges: CLASSIC_EDGES });

it("shows a workload with its ports and its traffic in both directions", () => {
  const view = presentWorkload(PICTURE, id("foo/sleep"));
  expect(view).toMatchObject({ id: "foo/sleep", namespace: "foo", name: "sleep", ownerKind: "Deployment", dataPlaneModes: ["sidecar"], gaps: [] });
  expect(view?.ports).toMatchObject([{ targetPort: 8080, protocol: "HTTP", serverMode: { kind: "known", value: "PERMISSIVE" }, instances: 1, ofInstances: 1 }]);
  expect(view?.instances).toEqual([{ name: "sleep-1", addresses: ["10.244.1.30"], node: "node-1", ready: true, serviceAccount: "default", dataPlaneMode: "sidecar" }]);
  expect([view?.incoming.length, view?.outgoing.map(({ server }) => server)]).toEqual([0, ["bar/httpbin", "foo/httpbin"]]);
});

it("keeps instances that answer differently apart, and says how many agree", () => {
  const [first] = PICTURE.judge.workloads.get(id("foo/sleep"))?.instances ?? [];
  if (first === undefined) throw new Error("foo/sleep has an instance");
  const instances = ["a", "b", "c"].map((name) => ({ ...first, ref: { namespace: "foo", name } }));
  const workload: Workload = { id: id("foo/sleep"), ownerKind: "Deployment", instances };
  const gap = { wanted: "PeerAuthentication", because: "forbidden" };
  const ports: MeshJudge["ports"] = (server): readonly PortVerdict[] => [
    { instance: server, targetPort: 80, protocol: "HTTP", services: [], serverMode: server.name === "c" ? unknown(gap) : known("STRICT", reason()) },
  ];
  const judge: MeshJudge = { ...PICTURE.judge, workloads: new Map([[workload.id, workload]]), ports };
  const view = presentWorkload({ ...PICTURE, judge }, workload.id);
  expect(view?.ports.map(({ serverMode, instances: agreeing, ofInstances }) => [serverMode.kind, agreeing, ofInstances])).toEqual([["known", 2, 3], ["unknown", 1, 3]]);
  expect(view?.gaps).toEqual([gap]);
});

it("shows what telemetry still knows of a workload that is gone", () => {
  const picture = verdicts({ workloads: CLASSIC_WORKLOADS, edges: [{ from: "gone/job", to: "foo/httpbin", counts: { plaintext: 1 }, state: "plaintext" }] });
  expect(presentWorkload(picture, id("gone/job"))).toMatchObject({ id: "gone/job", instances: [], ports: [], gaps: [{ wanted: "pods of `gone/job`", because: "no pod of it exists now; telemetry still names it" }] });
  expect(presentWorkload(picture, id("no/body"))).toBeUndefined();
});

it("says of each policy whether it counts", () => {
  const object = { kind: "PeerAuthentication", namespace: "foo", name: "x" };
  const policies = [
    { object, scope: "workload" as const, mode: "STRICT", standing: "in force" as const, rule: null },
    { object: { ...object, name: "y" }, scope: "workload" as const, mode: "PERMISSIVE", standing: "ignored" as const, rule: "PA-0" },
    { object: { ...object, name: "z" }, scope: "namespace" as const, mode: "PERMISSIVE", standing: "overridden" as const, rule: "__proto__" },
  ];
  const picture = verdicts({ workloads: CLASSIC_WORKLOADS.map((spec) => (spec.id === "foo/httpbin" ? { ...spec, policies } : spec)), edges: [] });
  expect(presentWorkload(picture, id("foo/httpbin"))?.policies.map(({ note }) => note)).toEqual(["in force", `ignored: ${RULES["PA-0"].says}`, "overridden"]);
});
