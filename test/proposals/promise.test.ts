import { describe, expect, it } from "vitest";
import { evaluateMesh, judgeMesh } from "#mesh";
import type { Edge, MeshVerdicts } from "#mesh";
import { namespaceOutlook, preview, proposalScope, proposeStrict, reopening, strictOutlook } from "#proposals";
import type { EdgeConsequence, Proposal, ProposalPreview } from "#proposals";
import { playgroundSources } from "../../lib/sources/playground/index.ts";
import type { MeshSources } from "../../lib/sources/source.ts";

const NOW_MS = Date.UTC(2026, 0, 5, 12, 0, 0);
const REQUEST = { windowSeconds: 900, lookBackSeconds: 3_600, endMs: null };

async function look({ configuration, telemetry }: MeshSources): Promise<MeshVerdicts> {
  const objects = configuration.current();
  return evaluateMesh({ capturedAtMs: NOW_MS, configuration: objects, telemetry: await telemetry.read(REQUEST) }, judgeMesh(objects));
}

function propose(verdicts: MeshVerdicts, id: string): Proposal {
  const scope = proposalScope(id);
  const proposal = scope === undefined ? undefined : proposeStrict(verdicts, scope);
  if (proposal?.kind !== "proposal") throw new Error(`nothing is proposed for ${id}`);
  return proposal;
}

function told(verdicts: MeshVerdicts, id: string): Readonly<Record<string, EdgeConsequence>> {
  const { consequences } = preview(verdicts, propose(verdicts, id));
  return Object.fromEntries(consequences.map(({ edge, consequence }) => [edge.key.split("|").slice(0, 2).join(" → "), consequence]));
}

describe("the migration, by the engine itself", () => {
  it("foresees STRICT on foo", async () => {
    expect(told(await look(playgroundSources({ now: () => NOW_MS })), "namespace:foo")).toEqual({
      "bar/sleep → foo/httpbin": "stays mTLS",
      "foo/sleep → foo/httpbin": "stays mTLS",
      "legacy/sleep → foo/httpbin": "becomes blocked",
    });
  });

  it("foresees the same of a sender that nobody names", async () => {
    const sources = playgroundSources({ now: () => NOW_MS });
    sources.playground?.setResolvePeersByAddress(false);
    expect(told(await look(sources), "namespace:foo")).toEqual({
      "bar/sleep → foo/httpbin": "stays mTLS",
      "foo/sleep → foo/httpbin": "stays mTLS",
      "unidentified → foo/httpbin": "becomes blocked",
    });
  });
});

function byEnds(edges: readonly Edge[]): ReadonlyMap<string, Edge> {
  return new Map(edges.map((edge) => [edge.key, edge]));
}

/** What the traffic of the simulated mesh does once the change is made, against what was foretold. */
const FORETOLD: Readonly<Partial<Record<EdgeConsequence, (edge: Edge) => boolean>>> = {
  "becomes blocked": ({ counts }) => counts.plaintext === 0 && counts.tls === 0,
  "becomes accepted": ({ counts }) => counts.refused === 0 && counts.plaintext + counts.tls > 0,
  "becomes mTLS": ({ counts }) => counts.plaintext === 0 && counts.mtls > 0,
  "stays mTLS": ({ counts }) => counts.plaintext === 0 && counts.refused === 0,
  "stays plaintext": ({ counts }) => counts.refused === 0,
  "already blocked": ({ counts }) => counts.plaintext + counts.tls === 0,
};

function broken({ consequences }: ProposalPreview, after: MeshVerdicts): readonly unknown[] {
  const edges = byEnds(after.edges);
  return consequences.flatMap(({ edge, consequence }) => {
    const then = edges.get(edge.key);
    return then !== undefined && edge.disagreement === null && FORETOLD[consequence]?.(then) === false ? [[edge.key, consequence, then.counts]] : [];
  });
}

describe("a preview is a promise", () => {
  it.each(["mesh", "namespace:accounts", "namespace:analytics", "namespace:data", "namespace:shop"])("that the traffic of the shop keeps: %s", async (id) => {
    const sources = playgroundSources({ scene: "shop", now: () => NOW_MS });
    const before = await look(sources);
    const proposal = propose(before, id);
    const foretold = preview(before, proposal);
    expect(foretold.consequences.filter(({ consequence }) => consequence === "becomes blocked").length).toBeGreaterThan(0);
    sources.playground?.apply(id, proposal.change);
    expect(broken(foretold, await look(sources))).toEqual([]);
  });

  it("on the way back, too: what STRICT refused gets through", async () => {
    const sources = playgroundSources({ scene: "shop", now: () => NOW_MS });
    const before = await look(sources);
    const foretold = reopening(before, { kind: "namespace", namespace: "logistics" })?.preview;
    if (foretold === undefined) throw new Error("there is no way back");
    const accepted = foretold.consequences.filter(({ consequence }) => consequence === "becomes accepted").map(({ edge }) => edge.key);
    expect(accepted.length).toBeGreaterThan(0);
    sources.playground?.apply("logistics", foretold.proposal.change);
    const after = await look(sources);
    expect(broken(foretold, after)).toEqual([]);
    expect(after.edges.map(({ key }) => key)).toEqual(expect.arrayContaining(accepted));
  });
});

it("foresees for each namespace together what it foresees for each alone", async () => {
  const verdicts = await look(playgroundSources({ scene: "shop", now: () => NOW_MS }));
  const { previews } = namespaceOutlook(verdicts);
  expect(previews.map(({ proposal }) => proposal.id)).toEqual(["namespace:accounts", "namespace:analytics", "namespace:data", "namespace:shop"]);
  for (const together of previews) {
    const alone = preview(verdicts, together.proposal);
    const classes = ({ consequences }: typeof alone): readonly string[] => consequences.map(({ edge, consequence, affected }) => `${edge.key} ${consequence} ${affected}`);
    expect(classes(together)).toEqual(classes(alone));
  }
});

it("offers workloads that are ready in a namespace that is not, and means the same by it as their own preview", async () => {
  const verdicts = await look(playgroundSources({ scene: "shop", now: () => NOW_MS }));
  const offered = strictOutlook(verdicts).previews.filter(({ proposal }) => proposal.scope.kind === "workload");
  expect(offered.map(({ proposal }) => proposal.id)).toContain("workload:shop/currency");
  for (const { proposal, consequences } of offered) {
    const alone = preview(verdicts, proposal).consequences;
    expect(alone.map(({ edge, consequence }) => `${edge.key} ${consequence}`)).toEqual(consequences.map(({ edge, consequence }) => `${edge.key} ${consequence}`));
    expect(alone.some(({ consequence }) => consequence === "becomes blocked")).toBe(false);
  }
});
