import { describe, expect, it } from "vitest";
import { applyChange, evaluateMesh, judgeMesh, serviceHost, workloadId, type APIService, type Configuration, type Gap, type MeshChange, type MeshObject, type MeshVerdicts, type Telemetry, type TrafficRow, type UnreadObject, type ValidatingWebhookConfiguration } from "#mesh";
import { doubtsAbout, namespaceOutlook, preview, proposalScope, proposeStrict, strictOutlook } from "#proposals";
import { presentMesh, type ReadinessView } from "#view";
import { controlPlane, envoyFilter, mesh, meshConfig, namespace, peerAuthentication, pod, service, unread, type PodOptions } from "../support/mesh.ts";
import { row } from "../support/telemetry.ts";

// The API server has no proxy and no certificate of the mesh. What it calls, judged by the engine.

const AT_MS = Date.UTC(2026, 5, 1);
const TELEMETRY: Telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, covered: [{ startMs: AT_MS - 900_000, endMs: AT_MS }], rows: [], lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
const META = { namespace: "", labels: {}, annotations: {}, createdAtMs: AT_MS - 1_000 };

function webhook(name: string, failurePolicy = "Fail", port = 443): ValidatingWebhookConfiguration["webhooks"][number] {
  return { name, failurePolicy, service: { namespace: "foo", name: "policy", port } };
}

function configuration(...webhooks: ValidatingWebhookConfiguration["webhooks"]): ValidatingWebhookConfiguration {
  return { kind: "ValidatingWebhookConfiguration", ...META, name: "rules", webhooks };
}

const API: APIService = { kind: "APIService", ...META, name: "v1.foo.example", service: { namespace: "foo", name: "policy", port: 443 } };
const RULES = configuration(webhook("check.foo.example"));
const WANTED = "calls of the API server to `foo/policy` on port `8443` (ValidatingWebhookConfiguration `rules`, webhook `check.foo.example`, failurePolicy Fail)";
const REFUSED = "the API server has no proxy, and STRICT refuses it";
const OPEN = "Keep that port open with `portLevelMtls`, or leave it out of capture (`traffic.sidecar.istio.io/excludeInboundPorts`)";

function server(options: PodOptions = {}): readonly MeshObject[] {
  return [pod("foo", "policy", { proxy: "sidecar", ...options }), service("foo", "policy", { ports: [{ port: 443, name: "https", targetPort: 8443 }, { port: 80, name: "http", targetPort: 8080 }] })];
}

function evaluated(objects: readonly MeshObject[], unreadObjects: readonly UnreadObject[] = [], telemetry: Telemetry = TELEMETRY): MeshVerdicts {
  const known: Configuration = mesh([namespace("foo"), namespace("bar"), pod("foo", "other", { proxy: "sidecar" }), pod("bar", "other", { proxy: "sidecar" }), meshConfig(), controlPlane(), ...objects], { unread: unreadObjects });
  return evaluateMesh({ capturedAtMs: AT_MS, configuration: known, telemetry });
}

function doubts(objects: readonly MeshObject[], id = "namespace:foo", unreadObjects: readonly UnreadObject[] = []): readonly Gap[] {
  const verdicts = evaluated(objects, unreadObjects);
  const scope = proposalScope(id);
  const proposal = scope === undefined ? undefined : proposeStrict(verdicts, scope);
  if (proposal?.kind !== "proposal") throw new Error("nothing is proposed");
  return doubtsAbout(verdicts, preview(verdicts, proposal));
}

function told(...asked: Parameters<typeof doubts>): readonly Gap[] {
  return doubts(...asked).filter(({ wanted }) => wanted.startsWith("calls of the API server"));
}

describe("a port that the API server calls", () => {
  it("[PRE-30] is the first doubt about STRICT there: who is refused, what breaks, and what keeps it open", () => {
    expect(doubts([...server(), RULES])[0]).toEqual({ wanted: WANTED, because: `${REFUSED}: the objects that the webhook is for can no longer be written. ${OPEN}` });
  });

  it("is told by its workload, and by the mesh, alike", () => {
    for (const id of ["workload:foo/policy", "mesh"]) expect(told([...server(), RULES], id).map(({ wanted }) => wanted)).toEqual([WANTED]);
    for (const id of ["workload:foo/other", "namespace:bar"]) expect(told([...server(), RULES], id)).toEqual([]);
  });

  it("is not offered as ready alone, and neither is one of which only clients told", () => {
    const to = (workload: string): Partial<TrafficRow> => ({ client: { namespace: "bar", workload: "other", principal: "spiffe://cluster.local/ns/bar/sa/default" }, server: { namespace: "foo", workload, principal: null }, serviceHost: `${workload}.foo.svc.cluster.local`, serviceName: workload });
    const plaintext = row({ ...to("other"), client: { namespace: "legacy", workload: "old", principal: null }, connectionSecurityPolicy: "none" });
    const rows = [plaintext, row(to("policy")), row(to("db")), row({ ...to("web"), reporter: "source", connectionSecurityPolicy: "unknown" })];
    const others = ["other", "db", "web"].flatMap((name) => [...(name === "other" ? [] : [pod("foo", name, { proxy: "sidecar" })]), service("foo", name)]);
    const offered = (...calls: readonly MeshObject[]): readonly string[] =>
      strictOutlook(evaluated([...server(), ...others, ...calls], [], { ...TELEMETRY, rows })).previews.map(({ proposal: { id } }) => id).filter((id) => id.startsWith("workload:"));
    expect(offered()).toEqual(["workload:foo/db", "workload:foo/policy"]);
    expect(offered(RULES)).toEqual(["workload:foo/db"]);
  });

  it("is told with all that calls it: webhooks that fail alike together, and what each of them loses", () => {
    const rules = configuration(webhook("a.example"), webhook("b.example"), webhook("c.example", "Ignore"), webhook("other.example", "Fail", 80));
    expect(told([...server(), { ...rules, kind: "MutatingWebhookConfiguration" }, API])).toEqual([
      { wanted: "calls of the API server to `foo/policy` on port `8080` (MutatingWebhookConfiguration `rules`, webhook `other.example`, failurePolicy Fail)", because: `${REFUSED}: the objects that the webhook is for can no longer be written. ${OPEN}` },
      {
        wanted: "calls of the API server to `foo/policy` on port `8443` (MutatingWebhookConfiguration `rules`, webhooks `a.example`, `b.example`, failurePolicy Fail; MutatingWebhookConfiguration `rules`, webhook `c.example`, failurePolicy Ignore; APIService `v1.foo.example`)",
        because: `${REFUSED}: the objects that the webhook is for can no longer be written, the objects that the webhook is for are written without it, that API is no longer served. ${OPEN}`,
      },
    ]);
  });

  it("of an ambient workload can only be kept open", () => {
    const because = `${REFUSED}: that API is no longer served. Keep that port open with \`portLevelMtls\``;
    expect(told([...server({ proxy: "ambient" }), API])).toEqual([{ wanted: "calls of the API server to `foo/policy` on port `8443` (APIService `v1.foo.example`)", because }]);
  });

  it("is doubted as well where it is not known what it will accept", () => {
    const filter = envoyFilter("foo", "raw", { workloadSelector: { app: "policy" }, patches: [{ applyTo: "FILTER_CHAIN", context: "SIDECAR_INBOUND", touchesTransport: true }] });
    expect(told([...server(), RULES, filter])[0]?.because).toContain("STRICT refuses it, if that port becomes STRICT, which is not known: ");
  });

  const own = (mode: "STRICT" | "PERMISSIVE", port: string): MeshObject => peerAuthentication("foo", "own", null, { selector: { app: "policy" }, portLevelMtls: { [port]: mode } });

  it.each<[string, readonly MeshObject[]]>([
    ["is kept open by portLevelMtls", [...server(), RULES, own("PERMISSIVE", "8443")]],
    ["is left out of capture", [...server({ annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8443" } }), RULES]],
    ["is STRICT already", [...server(), RULES, own("STRICT", "8443")]],
    ["has no proxy before it", [pod("foo", "policy"), ...server().slice(1), RULES]],
    ["becomes PERMISSIVE first", [...server(), RULES, peerAuthentication("foo", "default", "DISABLE")]],
    ["is not the one that the webhook names", [...server(), configuration(webhook("check.foo.example", "Fail", 9443))]],
    ["is of another Service of that name", [pod("bar", "policy", { proxy: "sidecar" }), service("bar", "policy", { ports: [{ port: 443, name: "https", targetPort: 8443 }] }), RULES]],
  ])("is in no doubt where it %s", (_name, objects) => {
    expect(told(objects)).toEqual([]);
  });

  it("is doubted still where the Service's port is kept open and the workload's is not", () => {
    expect(told([...server(), RULES, own("PERMISSIVE", "443")])).toHaveLength(1);
  });
});

describe("what was not read of whom the API server calls", () => {
  const lacking = [unread("ValidatingWebhookConfiguration"), unread("MutatingWebhookConfiguration"), unread("APIService")];

  it("is a doubt of its own about every proposal, and what is never read stays one", () => {
    const wanted = doubts(server(), "namespace:foo", lacking).map((gap) => gap.wanted);
    for (const kind of ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService"]) expect(wanted).toContain(`whom the API server calls: \`${kind}\` objects`);
    expect(wanted).toContain("conversion webhooks that the API server calls");
  });

  it("is told once, and touches no verdict", () => {
    const [whole, less] = [evaluated(server()), evaluated(server(), lacking)];
    const callsUnread = (gaps: readonly Gap[]): number => gaps.filter(({ wanted }) => wanted.startsWith("whom the API server calls")).length;
    expect([less.gaps, doubts(server(), "namespace:foo", lacking)].map(callsUnread)).toEqual([3, 3]);
    for (const id of whole.judge.workloads.keys()) {
      const modes = ({ judge }: MeshVerdicts): readonly unknown[] => judge.workloadPorts(id).map(({ targetPort, serverMode }) => [targetPort, serverMode]);
      expect(modes(less)).toEqual(modes(whole));
    }
    const ways = ({ judge }: MeshVerdicts): readonly unknown[] => judge.paths(workloadId("bar", "other"), workloadId("foo", "policy"), serviceHost("policy.foo.svc.cluster.local"), "http").map(({ port, verdict }) => [port, verdict]);
    expect(ways(less)).toEqual(ways(whole));
    expect(ways(whole)).not.toEqual([]);
  });
});

describe("a namespace with such a port", () => {
  const SEEN = { ...TELEMETRY, rows: [row({ client: { namespace: "foo", workload: "other", principal: "spiffe://cluster.local/ns/foo/sa/other" }, server: { namespace: "foo", workload: "policy", principal: "spiffe://cluster.local/ns/foo/sa/policy" }, serviceHost: "policy.foo.svc.cluster.local", serviceName: "policy" })] };

  function readinessIn(verdicts: MeshVerdicts): ReadinessView | undefined {
    const view = presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: namespaceOutlook(verdicts) });
    return view.namespaces.find(({ name }) => name === "foo")?.readiness;
  }

  const readiness = (objects: readonly MeshObject[]): ReadinessView | undefined => readinessIn(evaluated(objects, [], SEEN));

  it("[PRE-30] is not ready, however well all traffic looks, and says who would be refused", () => {
    expect(readiness(server())?.kind).toBe("ready");
    expect(readiness([...server(), RULES, API])).toMatchObject({
      kind: "not ready", blockers: 0, proposal: "namespace:foo",
      sentence: "No: STRICT would refuse the API server, which has no proxy and calls foo/policy on port 8443 (ValidatingWebhookConfiguration rules and APIService v1.foo.example).",
    });
  });

  it("is told its own ports only, though STRICT is weighed for all namespaces at once", () => {
    const inBar = { ...API, name: "v1.bar.example", service: { ...API.service, namespace: "bar" } };
    const bar = [pod("bar", "policy", { proxy: "sidecar" }), service("bar", "policy", { ports: [{ port: 443, name: "https", targetPort: 8443 }] })];
    expect(readiness([...server(), ...bar, API, inBar])?.sentence).toBe("No: STRICT would refuse the API server, which has no proxy and calls foo/policy on port 8443 (APIService v1.foo.example).");
    expect(readiness([...server(), ...bar, inBar])?.kind).toBe("ready");
  });

  it("is ready again when the port is kept open", () => {
    const open = peerAuthentication("foo", "own", null, { selector: { app: "policy" }, portLevelMtls: { 8443: "PERMISSIVE" } });
    expect(readiness([...server(), RULES, open])?.kind).toBe("ready");
  });

  it("hears of a webhook that comes, and of one that goes", () => {
    const before = evaluated(server(), [], SEEN);
    const after = (known: MeshVerdicts, change: Partial<MeshChange>): MeshVerdicts => {
      const configurationNow = applyChange(known.snapshot.configuration, { add: [], update: [], remove: [], ...change });
      return evaluateMesh({ ...known.snapshot, configuration: configurationNow }, judgeMesh(configurationNow, known.judge), known);
    };
    const come = after(before, { add: [RULES] });
    const gone = after(come, { remove: [RULES] });
    expect([before, come, gone].map((verdicts) => readinessIn(verdicts)?.kind)).toEqual(["ready", "not ready", "ready"]);
  });
});
