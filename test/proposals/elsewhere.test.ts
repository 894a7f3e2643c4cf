import { expect, it } from "vitest";
import { evaluateMesh, type Gap, type MeshObject, type MeshVerdicts, type TrafficRow } from "#mesh";
import { doubtsAbout, preview, proposalScope, proposeStrict } from "#proposals";
import { presentProposal } from "#view";
import { mesh, meshConfig, namespace, pod, service, serviceEntry } from "../support/mesh.ts";
import { clientRow, UNPROVED } from "../support/telemetry.ts";

// What goes to no workload that is known. A PeerAuthentication is about servers.

const AT_MS = Date.UTC(2026, 5, 1);
const NOBODY = { namespace: null, workload: null, principal: null };
const WORLD = [namespace("foo"), namespace("bar"), meshConfig(), ...["foo", "bar"].flatMap((name) => [pod(name, "sleep", { proxy: "sidecar" }), pod(name, "httpbin", { proxy: "sidecar" }), service(name, "httpbin")])];

/** Sent by the sleep of a namespace, and reported by its proxy alone. */
function sent(from: string, host: string): TrafficRow {
  const isBeyond = host.endsWith("Cluster");
  return clientRow({ client: { ...UNPROVED, namespace: from, workload: "sleep" }, server: NOBODY, serviceHost: isBeyond ? null : host, serviceName: host, connectionSecurityPolicy: "unknown" });
}

function evaluated(rows: readonly TrafficRow[], objects: readonly MeshObject[]): MeshVerdicts {
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows, lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
  return evaluateMesh({ capturedAtMs: AT_MS, configuration: mesh([...WORLD, ...objects]), telemetry });
}

interface Told {
  readonly notCovered: readonly string[];
  readonly doubts: readonly Gap[];
}

/** What a preview says of edges that it does not judge. */
function told(id: string, rows: readonly TrafficRow[], objects: readonly MeshObject[] = []): Told {
  const verdicts = evaluated(rows, objects);
  const scope = proposalScope(id);
  const proposal = scope === undefined ? undefined : proposeStrict(verdicts, scope);
  if (proposal?.kind !== "proposal") throw new Error("nothing is proposed");
  const shown = preview(verdicts, proposal);
  expect(shown.consequences).toEqual([]);
  const isAbout = (gap: Gap): boolean => /^(where|what becomes of) \d/.test(gap.wanted);
  return {
    notCovered: presentProposal(verdicts, shown, { sources: [], applicable: false }).notCovered.filter((text) => text.includes("outside the mesh")),
    doubts: doubtsAbout(verdicts, shown).filter(isAbout),
  };
}

const TWO_OUT = [sent("foo", "api.example.com"), sent("foo", "mail.example.com"), sent("bar", "api.example.com")];

it("[PRE-32] counts what the clients of a scope send outside the mesh, and says that it is not changed", () => {
  expect(told("namespace:foo", TWO_OUT)).toEqual({ notCovered: ["2 connections to outside the mesh (api.example.com and mail.example.com) are not judged: a PeerAuthentication says what servers accept, and does not change what is sent there."], doubts: [] });
  expect(told("workload:bar/sleep", TWO_OUT).notCovered).toEqual(["1 connection to outside the mesh (api.example.com) is not judged: a PeerAuthentication says what servers accept, and does not change what is sent there."]);
  expect(told("workload:bar/httpbin", TWO_OUT).notCovered).toEqual([]);
  expect(told("mesh", TWO_OUT).notCovered[0]).toMatch(/^3 connections /);
});

const UNNAMED = "only clients told of them, and no report names the workload that takes them";

it.each([
  ["a Service of the cluster", sent("bar", "gone.foo.svc.cluster.local"), []],
  ["a ServiceEntry of the mesh", sent("bar", "vm.example.com"), [serviceEntry("foo", "vm", "vm.example.com", { location: "MESH_INTERNAL" })]],
  ["a wildcard of one", sent("bar", "vm.example.com"), [serviceEntry("foo", "vm", "*.example.com", { location: "MESH_INTERNAL" })]],
  ["a ServiceEntry that selects pods, though it says it lies outside", sent("bar", "vm.example.com"), [serviceEntry("foo", "vm", "vm.example.com", { location: "MESH_EXTERNAL", workloadSelector: { app: "httpbin" } })]],
  ["a name that may be any Service's", sent("bar", "api"), []],
] as const)("[PRE-32] does not take %s for outside", (_name, row, objects) => {
  expect(told("namespace:foo", [row], objects)).toEqual({ notCovered: [], doubts: [{ wanted: `what becomes of 1 connection to \`${row.serviceHost ?? ""}\``, because: UNNAMED }] });
});

it("[PRE-32] takes a ServiceEntry that leads out for what it says, and what a client's own proxy refused for what changes nothing", () => {
  expect(told("namespace:bar", [sent("bar", "vm.example.com")], [serviceEntry("foo", "vm", "vm.example.com", { location: null })]).notCovered).toHaveLength(1);
  expect(told("namespace:bar", [sent("bar", "BlackHoleCluster")])).toMatchObject({ doubts: [] });
});

it("[PRE-32] doubts of one namespace what may be its own, and not what is another's", () => {
  expect(told("namespace:foo", [sent("foo", "gone.bar.svc.cluster.local")])).toEqual({ notCovered: [], doubts: [] });
  expect(told("namespace:bar", [sent("foo", "PassthroughCluster")])).toEqual({ notCovered: [], doubts: [{
    wanted: "where 1 connection leads that a client's proxy passed on as it was (PassthroughCluster)",
    because: "their reports name no address: what went to a pod here is judged only where that pod's own proxy reported it",
  }] });
});
