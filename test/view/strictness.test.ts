import { describe, expect, it } from "vitest";
import { evaluateMesh, type MeshObject, type MeshVerdicts, type Telemetry, type TrafficRow, type UnreadObject } from "#mesh";
import { doubtsAbout, namespaceOutlook, preview, proposeStrict, reopening } from "#proposals";
import { presentMesh, type ReadinessView } from "#view";
import { noProposalSentence } from "../../lib/view/sentences/proposal.ts";
import { generatedMesh } from "../support/generated.ts";
import { ambientControlPlane, controlPlane, envoyFilter, mesh, meshConfig, namespace, peerAuthentication, pod, service, unread } from "../support/mesh.ts";

// "foo is STRICT" and "foo is ready" are the engine's answers over every port, and not what a policy says.

const AT_MS = Date.UTC(2026, 5, 1);
const STRICT = peerAuthentication("istio-system", "default", "STRICT");
const CANARY = { "istio.io/rev": "canary" };

function row(rest: Partial<TrafficRow> = {}): TrafficRow {
  return {
    what: "traffic", reporter: "destination", proxy: "envoy", family: "http", connectionSecurityPolicy: "mutual_tls",
    client: { namespace: "foo", workload: "sleep", principal: "spiffe://cluster.local/ns/foo/sa/default" }, server: { namespace: "foo", workload: "httpbin", principal: null },
    serviceHost: "httpbin.foo.svc.cluster.local", serviceName: "httpbin", responseCode: null, responseFlags: null, count: 900, bytes: 0, extrapolated: false, lastSeenMs: AT_MS - 1_000, ...rest,
  };
}

const BY_CLIENT = row({ reporter: "source", connectionSecurityPolicy: "unknown" });

function workloads(labels: Readonly<Record<string, string>> = {}): readonly MeshObject[] {
  return [namespace("foo", labels), pod("foo", "sleep", { proxy: "sidecar", labels }), pod("foo", "httpbin", { proxy: "sidecar", labels }), service("foo", "httpbin")];
}

interface Seen {
  readonly rows?: readonly TrafficRow[];
  readonly unread?: readonly UnreadObject[];
  readonly telemetry?: Partial<Telemetry>;
}

function judged(objects: readonly MeshObject[], seen: Seen = {}): MeshVerdicts {
  const { windowStartMs = AT_MS - 900_000, windowEndMs = AT_MS } = seen.telemetry ?? {};
  const telemetry = { windowStartMs, windowEndMs, covered: [{ startMs: windowStartMs, endMs: windowEndMs }], rows: seen.rows ?? [row()], lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [], ...seen.telemetry };
  return evaluateMesh({ capturedAtMs: AT_MS, configuration: mesh(objects, { unread: seen.unread ?? [] }), telemetry });
}

function readiness(objects: readonly MeshObject[], seen: Seen = {}): Pick<ReadinessView, "kind" | "sentence"> {
  const verdicts = judged(objects, seen);
  const { namespaces } = presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: namespaceOutlook(verdicts) });
  const found = namespaces.find(({ name }) => name === "foo")?.readiness;
  if (found === undefined) throw new Error("foo is not shown");
  return { kind: found.kind, sentence: found.sentence };
}

describe("a namespace under a policy that says STRICT", () => {
  it("[PRE-24] is STRICT where every port is", () => {
    expect(readiness([...workloads(), STRICT])).toEqual({ kind: "is STRICT", sentence: "foo is STRICT." });
  });

  it("is it in part where pods have no proxy", () => {
    const bare = [pod("foo", "db"), service("foo", "db")];
    expect(readiness([...workloads(), ...bare, STRICT])).toEqual({ kind: "STRICT in part", sentence: "foo is STRICT on 1 port, except 1 port that no proxy guards." });
  });

  it("is it in part where a policy of one workload keeps a port open", () => {
    const own = peerAuthentication("foo", "httpbin", "PERMISSIVE", { selector: { app: "httpbin" } });
    expect(readiness([...workloads(), pod("foo", "db", { proxy: "sidecar" }), service("foo", "db"), STRICT, own])).toEqual({ kind: "STRICT in part", sentence: "foo is STRICT on 1 port, except 1 port that policies of single workloads keep open." });
  });

  it("has nothing to protect where no pod has a proxy", () => {
    expect(readiness([namespace("foo"), pod("foo", "db"), service("foo", "db"), STRICT], { rows: [row({ server: { namespace: "foo", workload: "db", principal: null } })] }).kind).toBe("nothing to protect");
  });

  it("is unknown where what a port accepts is", () => {
    const filter = envoyFilter("foo", "raw", { patches: [{ applyTo: "FILTER_CHAIN", context: "SIDECAR_INBOUND", touchesTransport: true }] });
    expect(readiness([...workloads(), STRICT, filter])).toEqual({ kind: "unknown", sentence: "What 1 port of foo accepts is not known: the workloads say what is missing." });
  });

  it("is unknown where its own policy was read but for the mode", () => {
    const seen = { unread: [unread("PeerAuthentication", { namespace: "foo", name: "default", field: "spec.mtls.mode" })] };
    expect(readiness([...workloads(), STRICT, peerAuthentication("foo", "default", null)], seen).kind).toBe("unknown");
  });

  it("is unknown where its pods could not be read, which is not to have none", () => {
    expect(readiness([...workloads(), STRICT], { unread: [unread("Pod", { namespace: "foo", name: "another" })] }).kind).not.toBe("is STRICT");
    const verdicts = judged([namespace("foo"), service("foo", "httpbin"), STRICT], { unread: [unread("Pod", { namespace: "foo" })] });
    const nothing = proposeStrict(verdicts, { kind: "namespace", namespace: "foo" });
    expect(nothing.kind === "no proposal" && noProposalSentence(nothing)).toBe("Pods of foo could not all be read, so it is not known whether any has a proxy.");
  });

  it("is not STRICT by the root namespace of another revision's mesh config", () => {
    const planes = [meshConfig({ name: "istio" }), meshConfig({ name: "istio-canary", revision: "canary", rootNamespace: "istio-config" }), controlPlane(), controlPlane({ name: "istiod-canary", revision: "canary" })];
    const objects = [...workloads(CANARY), ...planes, STRICT];
    expect(readiness(objects).kind).toBe("ready");
    expect(proposeStrict(judged(objects), { kind: "namespace", namespace: "foo" })).toMatchObject({ kind: "proposal", mode: "STRICT", change: { add: [{ namespace: "foo", name: "default", mode: "STRICT" }] } });
  });

  it("is STRICT by the root namespace of its own revision's, which is what the way back names", () => {
    const planes = [meshConfig({ name: "istio" }), meshConfig({ name: "istio-canary", revision: "canary", rootNamespace: "istio-config" }), controlPlane(), controlPlane({ name: "istiod-canary", revision: "canary" })];
    const other = peerAuthentication("istio-config", "default", "STRICT");
    const verdicts = judged([...workloads(CANARY), ...planes, other, STRICT]);
    expect(reopening(verdicts, { kind: "namespace", namespace: "foo" })?.decidedBy).toEqual([other]);
  });

  const OWN = "traffic.sidecar.istio.io/";
  const annotated = (annotations: Readonly<Record<string, string>>): readonly MeshObject[] => [namespace("foo"), pod("foo", "sleep", { proxy: "sidecar" }), pod("foo", "httpbin", { proxy: "sidecar", annotations }), service("foo", "httpbin"), STRICT];

  it.each([
    ["a port that is left out of capture", annotated({ [`${OWN}excludeInboundPorts`]: "9999,15090" }), "port 9999 of foo/httpbin, left out of capture"],
    ["ports that are not among those captured", annotated({ [`${OWN}includeInboundPorts`]: "8080" }), "ports of foo/httpbin that nothing declares and no proxy captures"],
    ["another interface", annotated({ [`${OWN}excludeInterfaces`]: "net1" }), "what reaches foo/httpbin by net1, left out of capture"],
    ["datagrams", [...annotated({}), service("foo", "dns", { selector: { app: "httpbin" }, ports: [{ port: 53, name: "dns", protocol: "UDP", targetPort: 5353 }] })], "UDP port 5353 of foo/httpbin"],
    ["a pod without a proxy that declares no port", [...annotated({}), pod("foo", "bare")], "pods of foo/bare without a proxy"],
  ])("[PRE-24] is it in part where there is %s, of which no declared port tells", (_, objects, except) => {
    expect(readiness(objects)).toEqual({ kind: "STRICT in part", sentence: `foo is STRICT on 1 port, except ${except}.` });
    const nothing = proposeStrict(judged(objects), { kind: "mesh" });
    expect(nothing.kind === "no proposal" && noProposalSentence(nothing)).toContain("it does not hold everywhere");
  });

  it("is STRICT where only the proxy's own ports are left out", () => {
    expect(readiness(annotated({ [`${OWN}excludeInboundPorts`]: "15021,15090,15020" })).kind).toBe("is STRICT");
  });

  it("is unknown where ztunnel may be told of either of two policies of one second", () => {
    const ambient = [namespace("foo"), pod("foo", "httpbin", { proxy: "ambient" }), service("foo", "httpbin"), ambientControlPlane()];
    const policies = (other: string): readonly MeshObject[] => [peerAuthentication("foo", "a", "STRICT"), peerAuthentication("foo", "b", other)];
    expect(readiness([...ambient, ...policies("PERMISSIVE")]).kind).toBe("unknown");
    expect(readiness([...ambient, ...policies("STRICT")]).kind).toBe("is STRICT");
  });

  it("[PRE-26] is beyond any policy where istiod does not look", () => {
    const blind = meshConfig({ discoverySelectors: [{ matchLabels: { mesh: "yes" }, matchExpressions: [] }] });
    expect(readiness([...workloads(), blind, peerAuthentication("foo", "default", "STRICT")])).toEqual({ kind: "unknown", sentence: "istiod does not look into foo (`discoverySelectors` of its mesh config): a policy written there does nothing." });
  });
});

describe("the mesh under a policy that says STRICT", () => {
  it("[PRE-25] says who holds out", () => {
    const own = peerAuthentication("foo", "httpbin", "PERMISSIVE", { selector: { app: "httpbin" } });
    const nothing = proposeStrict(judged([...workloads(), pod("foo", "db"), service("foo", "db"), STRICT, own]), { kind: "mesh" });
    expect(nothing.kind === "no proposal" && noProposalSentence(nothing)).toBe(
      "The policy that decides for the whole mesh says STRICT already, but it does not hold everywhere: 1 workload keeps ports open (foo/httpbin) and 1 workload has pods without a proxy, or ports past it (foo/db).",
    );
  });

  it("is STRICT already where nobody does", () => {
    const nothing = proposeStrict(judged([...workloads(), STRICT]), { kind: "mesh" });
    expect(nothing.kind === "no proposal" && noProposalSentence(nothing)).toBe("the whole mesh is STRICT already.");
  });
});

describe("nothing is ready", () => {
  it("but what its own proxies reported, all the time, until now", () => {
    expect(readiness(workloads())).toEqual({ kind: "ready", sentence: "Ready by what was seen: 900 requests in 15 min, none of which STRICT would block." });
  });

  it("without saying of how many workloads nobody told anything", () => {
    expect(readiness([...workloads(), pod("foo", "db", { proxy: "sidecar" }), service("foo", "db")]).sentence).toBe(
      "Ready by what was seen: 900 requests in 15 min, none of which STRICT would block; of 1 workload with a proxy nobody told anything.",
    );
  });

  it("[PRE-27] of which only clients told: plaintext from others would not have been seen", () => {
    expect(readiness(workloads(), { rows: [BY_CLIENT] })).toEqual({
      kind: "unknown",
      sentence: "Plaintext to foo/httpbin from callers without a proxy would not have been seen: clients tell of traffic there, and no proxy of its own reported any in 15 min: is it scraped?",
    });
  });

  it("unless each of its servers was heard, and not only one", () => {
    const others = [pod("foo", "db", { proxy: "sidecar" }), service("foo", "db")];
    const rows = [row(), row({ reporter: "source", connectionSecurityPolicy: "unknown", server: { namespace: "foo", workload: "db", principal: null }, serviceHost: "db.foo.svc.cluster.local", serviceName: "db" })];
    expect(readiness([...workloads(), ...others], { rows })).toMatchObject({ kind: "unknown", sentence: expect.stringContaining("foo/db") as string });
  });

  it("by attempts that were refused or failed", () => {
    const failed = row({ reporter: "source", connectionSecurityPolicy: "unknown", responseCode: "503", responseFlags: "UF" });
    const denied = row({ proxy: "ztunnel", family: "tcp", responseFlags: "DENY" });
    expect(readiness(workloads(), { rows: [failed] }).kind).toBe("unknown");
    expect(readiness(workloads(), { rows: [denied] }).kind).toBe("unknown");
  });

  it("[PRE-28] by telemetry of hours ago", () => {
    const sixHoursMs = 21_600_000;
    expect(readiness(workloads(), { telemetry: { windowStartMs: AT_MS - sixHoursMs - 900_000, windowEndMs: AT_MS - sixHoursMs } })).toEqual({
      kind: "unknown",
      sentence: "Traffic is known until 6 h ago only: what came to foo since then may have been plaintext.",
    });
  });

  it.each([
    [5, 0, "unknown"],
    [10, 5, "ready"],
    [10, 4, "unknown"],
  ])("by a window of %i min of which %i are known: %s", (minutes, known, kind) => {
    const covered = known === 0 ? [] : [{ startMs: AT_MS - known * 60_000, endMs: AT_MS }];
    const told = readiness(workloads(), { telemetry: { windowStartMs: AT_MS - minutes * 60_000, covered } });
    expect(told.kind).toBe(kind);
    if (known > 0) expect(told.sentence).toContain(`${known} min of ${minutes} min`);
  });

  it("[PRE-29] where pods or what a port accepts are not known", () => {
    expect(readiness(workloads(), { unread: [unread("Pod", { namespace: "foo", name: "another" })] })).toEqual({ kind: "unknown", sentence: "Pods of foo could not all be read: what they accept, and who calls them, is not known." });
    expect(readiness(workloads(), { unread: [unread("EnvoyFilter", { namespace: "foo" })] }).kind).toBe("unknown");
  });
});

it("is STRICT only where every port of every pod is known to be, in meshes that nobody wrote", () => {
  const kinds = new Map<string, number>();
  for (let seed = 1; seed <= 300; seed += 1) {
    const verdicts = evaluateMesh({ capturedAtMs: AT_MS, configuration: generatedMesh(seed), telemetry: { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows: [], lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] } });
    const { namespaces } = presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: namespaceOutlook(verdicts) });
    for (const { name, readiness: { kind, sentence } } of namespaces) {
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      expect(kind, `seed ${seed}: without traffic nothing is ready`).not.toBe("ready");
      if (kind !== "is STRICT") continue;
      const own = [...verdicts.judge.workloads.values()].filter(({ id }) => id.startsWith(`${name}/`));
      const ports = own.flatMap(({ instances }) => instances.flatMap(({ ref }) => verdicts.judge.ports(ref))).filter(({ protocol }) => protocol !== "UDP");
      expect(ports.filter(({ serverMode }) => serverMode.kind !== "known" || serverMode.value !== "STRICT"), `seed ${seed}: ${sentence}`).toEqual([]);
      expect(ports.length).toBeGreaterThan(0);
    }
  }
  expect(kinds.get("is STRICT")).toBeGreaterThan(10);
  expect(kinds.get("STRICT in part")).toBeGreaterThan(10);
});

it("a picture says whom it did not hear", () => {
  const verdicts = judged(workloads(), { rows: [BY_CLIENT] });
  const { gaps } = presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: namespaceOutlook(verdicts) });
  expect(gaps).toContainEqual({ wanted: "plaintext to `foo/httpbin` from callers without a proxy", because: "clients tell of traffic there, and no proxy of its own reported any in 15 min: is it scraped?" });
  expect(presentMesh(judged(workloads()), { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [] }).gaps).toEqual([]);
});

it("a preview doubts who was not heard", () => {
  const verdicts = judged([...workloads(), pod("foo", "db", { proxy: "sidecar" }), service("foo", "db")], { rows: [BY_CLIENT] });
  const proposal = proposeStrict(verdicts, { kind: "namespace", namespace: "foo" });
  if (proposal.kind !== "proposal") throw new Error(proposal.because);
  expect(doubtsAbout(verdicts, preview(verdicts, proposal))).toEqual(expect.arrayContaining([
    { wanted: "plaintext to `foo/httpbin` from callers without a proxy", because: "clients tell of traffic there, and no proxy of its own reported any in 15 min: is it scraped?" },
    { wanted: "plaintext to `foo/db`", because: "nobody told of any traffic to or from there, so it is not known whether its proxies are scraped" },
  ]));
});
