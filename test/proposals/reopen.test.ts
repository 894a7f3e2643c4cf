import { describe, expect, it } from "vitest";
import { evaluateMesh, judgeMesh } from "#mesh";
import type { PeerAuthentication } from "#mesh";
import { proposalScope, proposeStrict, reopening } from "#proposals";
import type { ProposalPreview, ProposalScope, Reopening } from "#proposals";
import { presentNoProposal } from "#view";
import { playgroundSources } from "../../lib/sources/playground/index.ts";
import { AT_MS, CLASSIC_WORKLOADS, policy, verdicts } from "../view/picture.ts";

const FOO: ProposalScope = { kind: "namespace", namespace: "foo" };
const HTTPBIN: ProposalScope = { kind: "workload", namespace: "foo", name: "httpbin" };
const MESH_STRICT = policy("istio-system", { mode: "STRICT" });

function back(policies: readonly PeerAuthentication[], scope: ProposalScope): Pick<Reopening, "decidedBy"> & Pick<ProposalPreview, "proposal"> {
  const found = reopening(verdicts({ workloads: CLASSIC_WORKLOADS, edges: [], policies }), scope);
  if (found === undefined) throw new Error("no way back");
  return { decidedBy: found.decidedBy, proposal: found.preview.proposal };
}

describe("what makes a scope STRICT, and the way back", () => {
  it("is its own policy, which is patched", () => {
    const own = policy("foo", { mode: "STRICT" });
    const { decidedBy, proposal } = back([MESH_STRICT, own], FOO);
    expect(decidedBy).toEqual([own]);
    expect(proposal.change).toEqual({ add: [], update: [[own, { ...own, mode: "PERMISSIVE" }]], remove: [] });
  });

  it("is the mesh's where the namespace has none: the mesh stays STRICT, and the namespace gets its own", () => {
    const { decidedBy, proposal } = back([MESH_STRICT], FOO);
    expect(decidedBy).toEqual([MESH_STRICT]);
    expect(proposal.change).toEqual({ add: [policy("foo", { mode: "PERMISSIVE", createdAtMs: AT_MS })], update: [], remove: [] });
  });

  it("is the mesh's where the namespace's says UNSET, which is the one to patch", () => {
    const own = policy("foo", { mode: "UNSET" });
    const { decidedBy, proposal } = back([MESH_STRICT, own], FOO);
    expect(decidedBy).toEqual([MESH_STRICT]);
    expect(proposal.change.update).toEqual([[own, { ...own, mode: "PERMISSIVE" }]]);
  });

  it("of a workload is the policy that selects it, else one is added that selects nothing else", () => {
    const own = policy("foo", { name: "httpbin", selector: { app: "httpbin" }, mode: "STRICT" });
    expect(back([own], HTTPBIN)).toMatchObject({ decidedBy: [own], proposal: { change: { add: [], update: [[own, { ...own, mode: "PERMISSIVE" }]] } } });
    const wide = policy("foo", { mode: "STRICT" });
    expect(back([wide], HTTPBIN)).toMatchObject({ decidedBy: [wide], proposal: { change: { add: [{ name: "httpbin", selector: { app: "httpbin" }, mode: "PERMISSIVE" }], update: [] } } });
  });
});

it("says which refused connections would get through, with their numbers", async () => {
  const nowMs = Date.UTC(2026, 0, 5, 12, 0, 0);
  const { configuration, telemetry } = playgroundSources({ now: () => nowMs, scene: "shop" });
  const objects = configuration.current();
  const picture = evaluateMesh({ capturedAtMs: nowMs, configuration: objects, telemetry: await telemetry.read({ windowSeconds: 900, lookBackSeconds: 3_600, endMs: null }) }, judgeMesh(objects));
  const other = proposeStrict(picture, proposalScope("namespace:logistics") ?? FOO);
  if (other.kind !== "no proposal") throw new Error("logistics is not STRICT");
  const { reopening: shown } = presentNoProposal(picture, other);
  expect(shown?.decidedBy).toEqual([{ kind: "PeerAuthentication", namespace: "logistics", name: "default" }]);
  expect(shown?.sentence).toBe("Plaintext to logistics would be accepted again, and 1 connection that STRICT refuses would get through (90 TCP connections refused in 15 min): legacy/fax-gateway → logistics/labels. mTLS goes on as it is.");
  expect(shown?.consequences[0]).toMatchObject({
    consequence: "becomes accepted", affected: 90, edge: { client: "legacy/fax-gateway", server: "logistics/labels" },
    sentence: "logistics/labels refuses legacy/fax-gateway now, and would accept its plaintext under PERMISSIVE: 90 TCP connections in the window.",
  });
  expect(shown?.totals.find(({ consequence }) => consequence === "becomes accepted")).toEqual({ consequence: "becomes accepted", edges: 1, requests: 0, connections: 90 });
  expect(shown?.command).toContain('"value":"PERMISSIVE"');
});
