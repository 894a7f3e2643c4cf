import { describe, expect, it } from "vitest";
import { applyChange, evaluateMesh, judgeMesh } from "#mesh";
import type { MeshJudge, MeshObject, MeshVerdicts, ServerMode, UnreadObject } from "#mesh";
import { doubtsAbout, proposalScope, proposeStrict, reopening } from "#proposals";
import type { NoProposal, Proposal, ProposalScope } from "#proposals";
import { noProposalSentence } from "../../lib/view/sentences/proposal.ts";
import { dice } from "../support/generated.ts";
import { controlPlane, envoyFilter, mesh, meshConfig, namespace, peerAuthentication, pod, service, unread } from "../support/mesh.ts";

// Control planes may go by other root namespaces: what is STRICT under one is not under another, and what one PeerAuthentication says is not for both.

const AT_MS = Date.UTC(2026, 5, 1);
const ROOTS = ["istio-system", "istio-two"] as const;
const REVISIONS = ["default", "two"] as const;
const PLANES = [
  meshConfig(), meshConfig({ name: "istio-two", revision: "two", rootNamespace: "istio-two" }),
  controlPlane(), controlPlane({ name: "istiod-two", revision: "two" }),
];

function pods(name: string, ...revisions: readonly string[]): readonly MeshObject[] {
  const owner = { kind: "Deployment", name };
  return [...revisions.map((revision) => pod("foo", `${name}-${revision}`, { proxy: "sidecar", owner, labels: { app: name, tier: "back" }, annotations: { "istio.io/rev": revision } })), service("foo", name)];
}

function judged(objects: readonly MeshObject[], missing: readonly UnreadObject[] = []): MeshVerdicts {
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows: [], lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
  return evaluateMesh({ capturedAtMs: AT_MS, configuration: mesh([namespace("foo"), ...ROOTS.map((root) => namespace(root)), ...objects], { unread: missing }), telemetry });
}

function scopeOf(id: string): ProposalScope {
  const scope = proposalScope(id);
  if (scope === undefined) throw new Error(id);
  return scope;
}

function writes({ change, mode }: Proposal): readonly string[] {
  const told = (sign: string, object: MeshObject): string => `${sign} ${object.namespace}/${object.name}`;
  return [mode, ...change.add.map((object) => told("+", object)), ...change.update.map(([from]) => told("~", from))];
}

/** What is proposed: the mode, `+` what is added and `~` what is changed; or why nothing is. */
function proposed(id: string, objects: readonly MeshObject[], missing: readonly UnreadObject[] = []): readonly string[] | NoProposal["because"] {
  const proposal = proposeStrict(judged([...PLANES, ...objects], missing), scopeOf(id));
  return proposal.kind === "proposal" ? writes(proposal) : proposal.because;
}

const one = (mode: string): MeshObject => peerAuthentication("istio-system", "default", mode);
const two = (mode: string): MeshObject => peerAuthentication("istio-two", "default", mode);

describe("proxies of a control plane with a root namespace of its own", () => {
  const own = pods("web", "two");

  it.each(["namespace:foo", "workload:foo/web", "mesh"])("[PRE-34] %s is STRICT by its policy, and not by that of another root namespace", (id) => {
    expect(proposed(id, [...own, two("STRICT")])).toBe("is STRICT already");
    expect(proposed(id, [...own, two("STRICT"), one("DISABLE")])).toBe("is STRICT already");
    expect(proposed(id, [...own, one("STRICT")])[0]).toBe("STRICT");
  });

  it.each(["namespace:foo", "workload:foo/web", "mesh"])("%s goes from its DISABLE through PERMISSIVE", (id) => {
    expect(proposed(id, [...own, two("DISABLE"), one("STRICT")])[0]).toBe("PERMISSIVE");
  });

  it("have a policy for the whole mesh there", () => {
    expect(proposed("mesh", own)).toEqual(["STRICT", "+ istio-two/default"]);
    expect(proposed("namespace:istio-two", own)).toBe("is the root namespace");
  });
});

describe("proxies of two control planes with two root namespaces", () => {
  const both = pods("web", "default", "two");

  it("[PRE-34] make the mesh STRICT by a policy in each", () => {
    expect(proposed("mesh", both)).toEqual(["STRICT", "+ istio-system/default", "+ istio-two/default"]);
    expect(proposed("mesh", [...both, one("PERMISSIVE")])).toEqual(["STRICT", "+ istio-two/default", "~ istio-system/default"]);
    expect(proposed("mesh", [...both, one("STRICT")])).toEqual(["STRICT", "+ istio-two/default"]);
    expect(proposed("mesh", [...both, one("STRICT"), two("STRICT")])).toBe("is STRICT already");
  });

  it("leave DISABLE where it is, and the other as it is", () => {
    expect(proposed("mesh", [...both, one("STRICT"), two("DISABLE")])).toEqual(["PERMISSIVE", "~ istio-two/default"]);
    expect(proposed("mesh", [...both, one("DISABLE"), two("DISABLE")])).toEqual(["PERMISSIVE", "~ istio-system/default", "~ istio-two/default"]);
  });

  it("agree on STRICT in a namespace where one has it already", () => {
    expect(proposed("namespace:foo", [...both, one("STRICT")])).toEqual(["STRICT", "+ foo/default"]);
    expect(proposed("workload:foo/web", [...both, one("STRICT")])).toEqual(["STRICT", "+ foo/web"]);
    expect(proposed("namespace:foo", [...both, two("DISABLE")])).toEqual(["PERMISSIVE", "+ foo/default"]);
  });

  it("[PRE-35] have no next step in common where one is STRICT and the other DISABLE", () => {
    const objects = [...both, one("STRICT"), two("DISABLE")];
    for (const id of ["namespace:foo", "workload:foo/web"]) expect(proposed(id, objects)).toBe("control planes differ");
    const inherits = peerAuthentication("foo", "all", "UNSET");
    expect(proposed("namespace:foo", [...objects, inherits])).toBe("control planes differ");
    const nothing = proposeStrict(judged([...PLANES, ...objects]), scopeOf("namespace:foo"));
    expect(nothing.kind === "no proposal" && noProposalSentence(nothing)).toBe(
      "Proxies of foo go by control planes that differ: what decides is STRICT under one and DISABLE under another. From DISABLE the way goes through PERMISSIVE, which would open the other; see the proposal for the mesh first.",
    );
  });

  it("[PRE-35] are asked of each workload that one policy selects", () => {
    const shared = peerAuthentication("foo", "back", "UNSET", { selector: { tier: "back" } });
    const apart = [...pods("web", "default"), ...pods("api", "two"), shared];
    expect(proposed("workload:foo/web", [...apart, two("DISABLE")])).toEqual(["PERMISSIVE", "~ foo/back"]);
    expect(proposed("workload:foo/api", [...apart, two("DISABLE"), one("STRICT")])).toBe("control planes differ");
    expect(proposed("workload:foo/web", [...apart, two("DISABLE"), one("STRICT")])).toBe("is STRICT already");
    expect(proposed("workload:foo/web", [...apart, two("PERMISSIVE")])).toEqual(["STRICT", "~ foo/back"]);
  });

  it("are opened by the policies of both", () => {
    const found = reopening(judged([...PLANES, ...both, one("STRICT"), two("STRICT")]), { kind: "mesh" });
    expect(found?.decidedBy).toEqual([one("STRICT"), two("STRICT")]);
    expect(found === undefined ? [] : writes(found.preview.proposal)).toEqual(["PERMISSIVE", "~ istio-system/default", "~ istio-two/default"]);
  });
});

describe("what was not all read", () => {
  const web = pods("web", "default");

  it("is left through PERMISSIVE where what was read of it says DISABLE", () => {
    const missing = [unread("PeerAuthentication", { namespace: "istio-system" })];
    expect(proposed("namespace:foo", [...web, one("DISABLE")], missing)).toEqual(["PERMISSIVE", "+ foo/default"]);
    expect(proposed("namespace:foo", [...web, one("STRICT")], missing)).toEqual(["STRICT", "+ foo/default"]);
  });

  it("is doubted where it may be DISABLE, and not where it cannot", () => {
    const wanted = (objects: readonly MeshObject[], missing: readonly UnreadObject[]): readonly string[] => {
      const verdicts = judged([...web, ...objects], missing);
      const proposal = proposeStrict(verdicts, scopeOf("namespace:foo"));
      return proposal.kind === "proposal" ? doubtsAbout(verdicts, { proposal, consequences: [] }).map((gap) => gap.wanted) : [];
    };
    const missing = [unread("PeerAuthentication", { namespace: "istio-system" })];
    expect(wanted([one("STRICT")], missing)).toContain("whether the mode is DISABLE now");
    expect(wanted([], missing)).toContain("whether the mode is DISABLE now");
    expect(wanted([one("DISABLE")], missing)).not.toContain("whether the mode is DISABLE now");
    expect(wanted([peerAuthentication("foo", "default", "PERMISSIVE")], missing)).not.toContain("whether the mode is DISABLE now");
    expect(wanted([], [])).not.toContain("whether the mode is DISABLE now");
  });

  it("keeps the root namespace unclear for a revision that no mesh configuration names", () => {
    expect(proposed("namespace:foo", pods("web", "stable"))).toBe("root namespace is unclear");
  });

  it("proposes nothing that is written already", () => {
    const own = peerAuthentication("foo", "default", "STRICT");
    expect(proposed("namespace:foo", [...web, own], [unread("PeerAuthentication", { namespace: "foo", name: "default", field: "spec.portLevelMtls" })])).toBe("is STRICT already");
  });
});

it("doubts what EnvoyFilters of Istio's default root namespace make of listeners, where no mesh config names one", () => {
  const filter = envoyFilter("istio-system", "raw", { patches: [{ applyTo: "FILTER_CHAIN", context: "SIDECAR_INBOUND", touchesTransport: true }] });
  const verdicts = judged([...pods("web", "default"), filter]);
  const proposal = proposeStrict(verdicts, scopeOf("namespace:foo"));
  if (proposal.kind !== "proposal") throw new Error(proposal.because);
  expect(doubtsAbout(verdicts, { proposal, consequences: [] }).map((gap) => gap.wanted)).toContain("what EnvoyFilter `istio-system/raw` makes of the listeners");
});

it("asks a workload's mode, and tells of the port that has another", () => {
  const own = peerAuthentication("foo", "web", "STRICT", { selector: { app: "web" }, portLevelMtls: { "8080": "PERMISSIVE" } });
  const nothing = proposeStrict(judged([...PLANES, ...pods("web", "default"), own]), scopeOf("workload:foo/web"));
  expect(nothing).toMatchObject({ kind: "no proposal", because: "is STRICT already", holdouts: { open: ["foo/web"], unknown: [], unguarded: [] } });
});

/** Two control planes, two workloads that may have proxies of both, and policies of every scope. */
function anyMesh(seed: number): readonly MeshObject[] {
  const { one: any, chance } = dice(seed);
  const sometimes = (make: () => MeshObject): readonly MeshObject[] => (chance(0.7) ? [make()] : []);
  const mode = (): string => any(["STRICT", "PERMISSIVE", "DISABLE", "UNSET"]);
  const workloads = ["web", "api"].flatMap((name) => pods(name, ...any([["default"], ["two"], REVISIONS])));
  const general = [...ROOTS, "foo"].flatMap((where) => sometimes(() => peerAuthentication(where, "default", mode())));
  return [...PLANES, ...workloads, ...general, ...sometimes(() => peerAuthentication("foo", "some", chance(0.5) ? "UNSET" : mode(), { selector: any([{ app: "web" }, { tier: "back" }]) }))];
}

function portModes(judge: MeshJudge): ReadonlyMap<string, ServerMode | "unknown"> {
  const ports = [...judge.workloads.values()].flatMap(({ instances }) => instances.flatMap(({ ref }) => judge.ports(ref)));
  return new Map(ports.map(({ instance, targetPort, serverMode }) => [`${instance.name}:${targetPort}`, serverMode.kind === "known" ? serverMode.value : "unknown"]));
}

it("[PRE-35] takes no port from DISABLE to STRICT and opens none that is STRICT, and does something, in meshes that nobody wrote", () => {
  let proposals = 0;
  for (let seed = 1; seed <= 400; seed += 1) {
    const verdicts = judged(anyMesh(seed));
    const before = portModes(verdicts.judge);
    for (const id of ["mesh", "namespace:foo", "workload:foo/web", "workload:foo/api"]) {
      const proposal = proposeStrict(verdicts, scopeOf(id));
      if (proposal.kind !== "proposal") continue;
      const after = portModes(judgeMesh(applyChange(verdicts.snapshot.configuration, proposal.change)));
      const steps = [...before].map(([port, mode]) => `${mode} to ${after.get(port) ?? "nothing"}`);
      expect(steps, `seed ${seed}, ${id}`).not.toContain("DISABLE to STRICT");
      expect(steps.filter((step) => step.startsWith("STRICT to") && step !== "STRICT to STRICT"), `seed ${seed}, ${id}`).toEqual([]);
      if (id.startsWith("workload:")) expect(new Set(steps).has(proposal.mode === "STRICT" ? "PERMISSIVE to STRICT" : "DISABLE to PERMISSIVE"), `seed ${seed}, ${id}`).toBe(true);
      proposals += 1;
    }
  }
  expect(proposals).toBeGreaterThan(400);
});
