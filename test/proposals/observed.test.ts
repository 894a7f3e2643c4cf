import { describe, expect, it } from "vitest";
import { evaluateMesh, type MeshObject, type MeshVerdicts, type PeerAuthentication, type TrafficRow } from "#mesh";
import { namespaceOutlook, preview, proposalScope, proposeStrict, type Consequence } from "#proposals";
import { ambientControlPlane, authorizationPolicy, authorizationRule, mesh, namespace, peerAuthentication, pod, service, slice, source } from "../support/mesh.ts";
import { clientRow, row, UNPROVED, WINDOW_START_MS, ztunnelRow } from "../support/telemetry.ts";

// Rows as proxies report them, on real objects: what a preview makes of them is the engine's word. foo/sleep calls foo/httpbin, both with a proxy.

const PAIR: readonly MeshObject[] = [namespace("foo"), pod("foo", "sleep", { proxy: "sidecar" }), pod("foo", "httpbin", { proxy: "sidecar" }), service("foo", "httpbin")];
const PLAIN = row({ connectionSecurityPolicy: "none", client: UNPROVED, count: 3 });
/** foo/sleep's proxy says that it used no certificate */
const BARE = clientRow({ client: UNPROVED, count: 500 });
const FAILED = clientRow({ client: UNPROVED, count: 7, responseCode: "503", responseFlags: "UF" });

interface Seen {
  readonly rows?: readonly TrafficRow[];
  readonly before?: readonly TrafficRow[];
  readonly objects?: readonly MeshObject[];
  readonly proposal?: string;
}

function observed({ rows = [], before = [], objects = PAIR }: Seen): MeshVerdicts {
  const telemetry = { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, rows, lookBackRows: before, lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [] };
  return evaluateMesh({ capturedAtMs: telemetry.windowEndMs, configuration: mesh(objects), telemetry });
}

function foretell(seen: Seen): readonly Consequence[] {
  const { proposal = "namespace:foo" } = seen;
  const verdicts = observed(seen);
  const scope = proposalScope(proposal);
  const proposed = scope === undefined ? undefined : proposeStrict(verdicts, scope);
  if (proposed?.kind !== "proposal") throw new Error(`nothing is proposed for ${proposal}`);
  return preview(verdicts, proposed).consequences;
}

function told(seen: Seen): readonly (readonly [string, number])[] {
  const [only, ...others] = foretell(seen);
  if (only === undefined || others.length > 0) throw new Error(`${others.length + 1} edges`);
  return [only, ...only.others].map(({ consequence, affected }) => [consequence, affected]);
}

function gaps(seen: Seen): readonly string[] {
  return foretell(seen).flatMap((consequence) => consequence.gaps.map(({ wanted, because }) => `${wanted}: ${because}`));
}

describe("traffic of unknown security to a port that becomes STRICT", () => {
  it("[PRE-12] is uncertain, though configuration says mTLS", () => {
    expect(told({ rows: [BARE] })).toEqual([["uncertain", 500]]);
    expect(told({ rows: [row({ count: 1 }), row({ count: 1_000_000, connectionSecurityPolicy: null })] })).toEqual([["uncertain", 1_000_000], ["stays mTLS", 1]]);
  });

  it("[PRE-12] says what is not known: who did not report, and which label is missing", () => {
    const unreported = "the security of requests that no proxy of `foo/httpbin` reported";
    expect(gaps({ rows: [BARE] })).toEqual([`${unreported}: the client's proxy alone counted them, and told of no certificate`]);
    expect(gaps({ rows: [row({ connectionSecurityPolicy: null })] })).toEqual(["the security of requests in the window: the label `connection_security_policy` is missing from what the server's proxy reported"]);
    expect(gaps({ rows: [row({ connectionSecurityPolicy: "odd" })] })).toEqual(["the security of requests in the window: `connection_security_policy` is `odd` in what the server's proxy reported, which Istio does not write there"]);
    expect(gaps({ rows: [row({ reporter: "odd" })] })).toEqual(["the security of requests in the window: `reporter` is `odd`, which Istio does not write there"]);
    expect(gaps({ rows: [row({ reporter: "" })] })).toEqual(["the security of requests in the window: the label `reporter` is missing"]);
    expect(gaps({ rows: [row(), BARE] })).toEqual([`${unreported}: the client's proxy used no certificate, and no proxy of the server reported it, though configuration says mTLS for every pod`]);
  });

  it("[PRE-12] has a gap for each rule by which it is unknown", () => {
    expect(gaps({ rows: [row({ connectionSecurityPolicy: null, count: 5 }), BARE] })).toHaveLength(2);
    expect(told({ rows: [row({ connectionSecurityPolicy: null, count: 5 }), BARE] })).toEqual([["uncertain", 500]]);
  });

  it("[PRE-12] says so of what only the client's ztunnel counted", () => {
    const objects = [namespace("foo"), pod("foo", "sleep", { proxy: "ambient" }), pod("foo", "httpbin", { proxy: "ambient" }), service("foo", "httpbin"), ambientControlPlane()];
    const rows = [ztunnelRow({ reporter: "source" })];
    expect(told({ rows, objects })).toEqual([["uncertain", 90]]);
    expect(gaps({ rows, objects })).toEqual(["the security of connections that no proxy of `foo/httpbin` reported: the client's ztunnel alone counted them, and says `unknown`"]);
  });

  it("[PRE-12] and bytes alone are traffic", () => {
    const longLived = { family: "tcp", count: 0, bytes: 900 } as const;
    const objects = [...PAIR.slice(0, 3), service("foo", "httpbin", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] })];
    expect(told({ rows: [row({ family: "tcp", count: 5 }), row({ ...longLived, connectionSecurityPolicy: null })], objects })).toEqual([["uncertain", 0], ["stays mTLS", 5]]);
  });

  it("[PRE-17] is not changed where the port is STRICT already, or stays open", () => {
    const own = (mode: string): PeerAuthentication => peerAuthentication("foo", "own", mode, { selector: { app: "httpbin" } });
    for (const mode of ["STRICT", "PERMISSIVE"]) {
      expect(told({ rows: [row({ count: 9 }), row({ connectionSecurityPolicy: null, count: 5 })], objects: [...PAIR, own(mode)] })).toEqual([["stays unknown", 5], ["stays mTLS", 9]]);
    }
  });

  it("[PRE-12] and where the change makes clients send otherwise, though the port keeps its mode", () => {
    const own = peerAuthentication("foo", "own", "PERMISSIVE", { selector: { app: "httpbin" } });
    expect(told({ rows: [BARE], objects: [...PAIR, peerAuthentication("foo", "default", "DISABLE"), own] })).toEqual([["uncertain", 500]]);
  });

  it("[PRE-13] goes past STRICT where no instance of the server has a proxy", () => {
    const objects = [namespace("foo"), pod("foo", "sleep", { proxy: "sidecar" }), pod("foo", "httpbin"), service("foo", "httpbin")];
    expect(told({ rows: [BARE], objects })).toEqual([["stays plaintext", 500]]);
  });
});

describe("one pod of two has no proxy", () => {
  const pods = [pod("foo", "httpbin-0", { proxy: "sidecar", labels: { app: "httpbin" }, owner: { kind: "Deployment", name: "httpbin" } }), pod("foo", "httpbin-1", { labels: { app: "httpbin" }, owner: { kind: "Deployment", name: "httpbin" } })];
  const served = service("foo", "httpbin");
  const objects = [namespace("foo"), pod("foo", "sleep", { proxy: "sidecar" }), ...pods, served, slice(served, pods)];

  it("[PRE-8] what was sent without a certificate beside the server's report went there, and [PRE-21] its mTLS is not lost", () => {
    expect(told({ rows: [row({ count: 1_080 }), { ...BARE, count: 540 }], objects })).toEqual([["stays plaintext", 540], ["stays mTLS", 1_080]]);
  });

  it("[PRE-12] where the server reported nothing, configuration alone would say so", () => {
    expect(told({ rows: [BARE], objects })).toEqual([["uncertain", 500]]);
  });

  it("[PRE-8] where configuration would refuse it instead, nobody knows where it went", () => {
    const owner = { kind: "Deployment", name: "httpbin" };
    const both = [pod("foo", "httpbin-0", { proxy: "sidecar", labels: { app: "httpbin" }, owner }), pod("foo", "httpbin-1", { proxy: "sidecar", labels: { app: "httpbin", track: "canary" }, owner })];
    // clients of a headless Service send mTLS to every endpoint, and a DISABLE port takes none
    const headless = service("foo", "httpbin", { clusterIPs: ["None"] });
    const configured = [namespace("foo"), pod("foo", "sleep", { proxy: "sidecar" }), ...both, headless, slice(headless, both), peerAuthentication("foo", "canary", "DISABLE", { selector: { track: "canary" } })];
    expect(told({ rows: [row(), BARE], objects: configured })).toEqual([["uncertain", 500], ["stays mTLS", 900]]);
  });

  it("[PRE-7] what its proxy counted went through it", () => {
    expect(told({ rows: [PLAIN], objects })).toEqual([["becomes blocked", 3]]);
  });
});

describe("what only failed", () => {
  it("[PRE-2] is no doubt and no evidence: configuration stands in for it", () => {
    expect(told({ rows: [FAILED] })).toEqual([["stays mTLS", 0]]);
    expect(told({ rows: [row({ count: 9 }), FAILED] })).toEqual([["stays mTLS", 9]]);
    expect(told({ before: [FAILED] })).toEqual([["stays mTLS", 0]]);
  });
});

describe("what came before the window", () => {
  it("[PRE-3] plaintext is not forgotten though no row says when it came", () => {
    expect(told({ before: [PLAIN] })).toEqual([["becomes blocked", 0]]);
    expect(told({ rows: [row()], before: [PLAIN] })).toEqual([["becomes blocked", 0], ["stays mTLS", 900]]);
    expect(told({ rows: [row()], before: [{ ...PLAIN, lastSeenMs: WINDOW_START_MS - 60_000 }] })).toEqual([["becomes blocked", 0], ["stays mTLS", 900]]);
  });

  it("[PRE-3] nor is application TLS", () => {
    const objects = [...PAIR.slice(0, 3), pod("foo", "old"), service("foo", "httpbin", { ports: [{ port: 443, name: "https", targetPort: 8443 }] })];
    const from = { namespace: "foo", workload: "old", principal: null };
    const arrived = row({ family: "tcp", connectionSecurityPolicy: "none", client: from });
    expect(told({ before: [arrived], objects })).toEqual([["becomes blocked", 0]]);
  });

  it("[PRE-4] what was unclear is uncertain while the window is silent", () => {
    expect(told({ before: [BARE] })).toEqual([["uncertain", 0]]);
    expect(gaps({ before: [BARE] })).toEqual(["the security of requests seen before the window: no proxy reported it, and nothing was seen since"]);
    expect(told({ rows: [row()], before: [BARE] })).toEqual([["stays mTLS", 900]]);
  });

  it("[PRE-5] plaintext that is refused already says nothing beside mTLS", () => {
    const strict = [...PAIR, peerAuthentication("foo", "default", "STRICT")];
    expect(told({ rows: [row()], before: [PLAIN], objects: strict, proposal: "mesh" })).toEqual([["stays mTLS", 900]]);
    expect(told({ before: [PLAIN], objects: strict, proposal: "mesh" })).toEqual([["already blocked", 0]]);
  });
});

describe("an edge that carries several things", () => {
  it("[PRE-20] is told by the worst, with the rest beside it", () => {
    expect(told({ rows: [row({ count: 299 }), { ...PLAIN, count: 1 }] })).toEqual([["becomes blocked", 1], ["stays mTLS", 299]]);
    expect(told({ rows: [row({ count: 9 }), PLAIN, row({ connectionSecurityPolicy: null, count: 5 })] })).toEqual([["becomes blocked", 3], ["stays mTLS", 9], ["uncertain", 5]]);
  });

  it("[PRE-18] plaintext that arrived through STRICT is told, and not to be refused", () => {
    const strict = [...PAIR, peerAuthentication("foo", "own", "STRICT", { selector: { app: "httpbin" } })];
    expect(told({ rows: [row({ count: 9 }), PLAIN], objects: strict })).toEqual([["stays unknown", 3], ["stays mTLS", 9]]);
    expect(gaps({ rows: [PLAIN], objects: strict })).toEqual(["how requests of the window arrived: configuration refuses them, with the change and without it: it may be younger than they, or something lets them past"]);
  });
});

it("[PRE-11] mesh mTLS goes on, though a policy that could not be read leaves the port unknown", () => {
  const objects = [...PAIR, peerAuthentication("foo", "zoned", "PERMISSIVE", { selector: { "topology.kubernetes.io/zone": "a" } })];
  expect(told({ rows: [row({ count: 9 }), FAILED], objects })).toEqual([["stays mTLS", 9]]);
});

it("[PRE-11] but where it is DISABLE today, also where other namespaces are asked about together with it", () => {
  const bar = [namespace("bar"), pod("bar", "sleep", { proxy: "sidecar" }), pod("bar", "httpbin", { proxy: "sidecar" }), service("bar", "httpbin")];
  const inBar = row({ client: { namespace: "bar", workload: "sleep", principal: "spiffe://cluster.local/ns/bar/sa/sleep" }, server: { namespace: "bar", workload: "httpbin", principal: null }, serviceHost: "httpbin.bar.svc.cluster.local" });
  const verdicts = observed({ rows: [row(), inBar], objects: [...PAIR, ...bar, peerAuthentication("foo", "default", "DISABLE")] });
  expect(namespaceOutlook(verdicts).previews.map(({ proposal, consequences }) => [proposal.id, proposal.mode, ...consequences.map(({ consequence }) => consequence)])).toEqual([
    ["namespace:bar", "STRICT", "stays mTLS"],
    ["namespace:foo", "PERMISSIVE", "becomes mTLS"],
  ]);
});

it("[PRE-6] what was observed goes by the way whose answer it is", () => {
  const objects = [...PAIR, pod("foo", "old"), peerAuthentication("foo", "own", null, { selector: { app: "httpbin" }, portLevelMtls: { "8080": "PERMISSIVE" } })];
  expect(told({ rows: [{ ...PLAIN, client: { namespace: "foo", workload: "old", principal: null } }], objects })).toEqual([["stays plaintext", 3]]);
});

it("[PRE-9] what went to a workload that is gone is uncertain: configuration knows no way", () => {
  expect(told({ rows: [{ ...PLAIN, server: { namespace: "foo", workload: "old", principal: null } }] })).toEqual([["uncertain", 3]]);
});

it("[PRE-19] out of DISABLE a client brings the identity that a policy asks for", () => {
  const allow = authorizationPolicy("foo", "meshed", { action: "ALLOW", rules: [authorizationRule({ from: [source({ namespaces: ["foo"] })] })] });
  expect(told({ rows: [PLAIN], objects: [...PAIR, peerAuthentication("foo", "default", "DISABLE"), allow] })).toEqual([["identity gained or lost", 3]]);
});
