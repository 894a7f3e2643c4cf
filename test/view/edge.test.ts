import { expect, it } from "vitest";
import { RULES, known } from "#mesh";
import type { ClientMode, ConnectionVerdict, Edge, EdgeState, MeshJudge, Observation, ObservedCounts, Reason, RuleId, ServerMode, Transport } from "#mesh";
import { presentEdge } from "#view";
import type { EdgeDetailView } from "#view";
import { edgeEnds } from "../../lib/view/ends.ts";
import { CLASSIC_WORKLOADS, reason, verdicts } from "./picture.ts";
import type { EdgeSpec } from "./picture.ts";

function detail(spec: EdgeSpec, ...judged: readonly ConnectionVerdict[]): EdgeDetailView {
  const picture = verdicts({ workloads: CLASSIC_WORKLOADS, edges: [spec] });
  const reasoned = (port: number): ConnectionVerdict | undefined => judged[port - 8000];
  const judge: MeshJudge = judged.length === 0 ? picture.judge : {
    ...picture.judge,
    connection: (question) => reasoned(question.port) ?? picture.judge.connection(question),
    serverMode: (server, targetPort) => reasoned(targetPort - 80)?.serverMode ?? picture.judge.serverMode(server, targetPort),
  };
  const edges = picture.edges.map((edge): Edge => ({
    ...edge,
    configured: judged.length === 0 ? edge.configured : judged.map((verdict, number) => ({ port: 8000 + number, targetPort: 8080 + number, portName: null, pairs: 2, clientInstance: "sleep-1", serverInstance: "httpbin-1", verdict })),
  }));
  const view = presentEdge({ ...picture, judge, edges }, edgeEnds(edges).ids[0] ?? "");
  if (view === undefined) throw new Error("the edge has an id");
  return view;
}

function verdict(sends: ClientMode, accepts: ServerMode, transport: Transport, clientReason: Partial<Reason> = {}): ConnectionVerdict {
  return { clientMode: known(sends, reason(clientReason)), serverMode: known(accepts, reason()), transport: known(transport, reason()), authorization: known("allow", reason()) };
}

interface StateRow {
  readonly state: EdgeState;
  readonly counts: Partial<ObservedCounts>;
  readonly family?: "http" | "tcp";
  readonly from?: string | null;
  readonly judged?: ConnectionVerdict;
  readonly sentence: string;
}

const SAYS = RULES["PA-0"].says;
const RULE = `${SAYS} (a default of Istio)`;

const STATES: readonly StateRow[] = [
  { state: "mTLS", counts: { mtls: 4_291 }, sentence: "4,291 requests were mTLS." },
  { state: "mTLS", counts: { mtls: 1 }, family: "tcp", sentence: "1 TCP connection was mTLS." },
  { state: "mTLS", counts: { mtls: 10, unclear: 2 }, sentence: "10 requests were mTLS; of 2 more nobody reported the security." },
  { state: "plaintext", counts: { plaintext: 450 }, from: "legacy/sleep", sentence: "Plaintext: legacy/sleep runs no proxy, and foo/httpbin accepts it (PERMISSIVE on 8080)." },
  { state: "plaintext", counts: { plaintext: 450 }, from: null, sentence: "Plaintext: nothing names who sends this to foo/httpbin: plaintext carries no identity, and foo/httpbin is PERMISSIVE on 8080." },
  { state: "application TLS", counts: { tls: 3 }, sentence: "3 requests were TLS of the application's own, without a mesh identity." },
  { state: "unclear", counts: { unclear: 3 }, sentence: "Nobody reported the security of 3 requests; configuration says mTLS." },
  { state: "idle", counts: {}, sentence: "Nothing seen in the window; by configuration it would be mTLS." },
  { state: "blocked", counts: { refused: 12 }, from: "legacy/sleep", judged: verdict("NONE", "STRICT", "blocked"), sentence: `Blocked, 12 requests refused: legacy/sleep runs no proxy, and foo/httpbin is STRICT on 8080: ${RULE}.` },
  { state: "expected blocked", counts: {}, from: "legacy/sleep", judged: verdict("NONE", "STRICT", "blocked"), sentence: `Nothing seen in the window, and it would be blocked: legacy/sleep runs no proxy, and foo/httpbin is STRICT on 8080: ${RULE}.` },
];

it.each(STATES)("says in one sentence what $state is", ({ state, counts, family, from = "foo/sleep", judged, sentence }) => {
  const view = detail({ from, to: "foo/httpbin", counts, state, ...(family === undefined ? {} : { family }) }, ...(judged === undefined ? [] : [judged]));
  expect(view.edge.sentence).toBe(sentence);
});

it("shows every answer of configuration, unknown among them", () => {
  const view = detail({ from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 1 }, state: "mTLS" }, verdict("AUTO_MTLS", "STRICT", "mTLS"), verdict("DR_DISABLE", "PERMISSIVE", "plaintext"));
  expect([view.edge.configured, view.edge.accepts, view.edge.sends]).toEqual([["mTLS", "plaintext"], ["STRICT", "PERMISSIVE"], ["AUTO_MTLS", "DR_DISABLE"]]);
  const open = detail({ from: null, to: "foo/httpbin", counts: { plaintext: 1 }, state: "plaintext" });
  expect([open.edge.configured, open.edge.sends]).toEqual([["unknown"], ["unknown"]]);
  expect(open.paths[0]?.sends).toEqual({ kind: "unknown", gaps: [{ wanted: "what the client sends", because: "nothing names the client" }] });
});

it("names the DestinationRule that sends plaintext, with its field, and the fix that goes with it", () => {
  const rule = { object: { kind: "DestinationRule", namespace: "foo", name: "httpbin" }, field: "spec.trafficPolicy.tls.mode", value: "DISABLE" };
  const view = detail({ from: "foo/sleep", to: "foo/httpbin", counts: { plaintext: 5 }, state: "plaintext" }, verdict("DR_DISABLE", "PERMISSIVE", "plaintext", rule));
  expect(view.cause).toBe("foo/sleep sends plaintext because DestinationRule foo/httpbin sets DISABLE (spec.trafficPolicy.tls.mode), and foo/httpbin accepts it (PERMISSIVE on 8080).");
  expect(view.fix).toBe("Remove spec.trafficPolicy.tls from DestinationRule foo/httpbin, and auto mTLS decides for each endpoint.");
});

interface CauseRow {
  readonly rule: RuleId;
  readonly sends: ClientMode;
  readonly steps: readonly Partial<Reason>[];
  readonly cause: RegExp;
  readonly fix: string;
}

const POD = { kind: "Pod", namespace: "foo", name: "httpbin-1" };
const SIDECAR = { kind: "Sidecar", namespace: "foo", name: "narrow" };
const FOR_ALL = "behind a headless Service one endpoint that offers no mTLS turns it off for all";
const DISABLED = { rule: "PA-2", object: { kind: "PeerAuthentication", namespace: "foo", name: "default" }, field: "spec.mtls.mode", value: "DISABLE" } as const;

const CAUSES: readonly CauseRow[] = [
  { rule: "REG-12", sends: "PASSTHROUGH", steps: [{ rule: "REG-12" }, { rule: "REG-6", object: { kind: "MeshConfig", namespace: "istio-system", name: "istio" }, field: "data.mesh", value: "ALLOW_ANY" }], cause: /knows no Service for what it dials.*a pod's address is no service/, fix: "Let foo/sleep dial the Service of foo/httpbin by name and port instead of a pod's address; if it must know the pods, give them a headless Service besides, with a TCP port of the number it dials." },
  { rule: "REG-3", sends: "PASSTHROUGH", steps: [{ rule: "REG-7", object: SIDECAR, field: "spec.workloadSelector" }, { rule: "REG-3", object: SIDECAR, field: "spec.egress" }], cause: /Sidecar foo\/narrow, spec\.egress/, fix: "Add foo/httpbin.foo.svc.cluster.local to the egress hosts of Sidecar foo/narrow." },
  { rule: "AUTO-6", sends: "AUTO_PLAINTEXT", steps: [{ rule: "REG-4" }, { rule: "AUTO-6", object: POD, field: "metadata.labels.security.istio.io/tlsMode", value: "disabled" }], cause: /Pod foo\/httpbin-1, metadata\.labels\.security\.istio\.io\/tlsMode = disabled/, fix: `See that the pods of foo/httpbin carry the label security.istio.io/tlsMode=istio; ${FOR_ALL}.` },
  { rule: "AUTO-6", sends: "AUTO_PLAINTEXT", steps: [{ rule: "AUTO-6", object: { kind: "Pod", namespace: "legacy", name: "sleep-1" }, field: "metadata.labels.security.istio.io/tlsMode", value: "disabled" }], cause: /Pod legacy\/sleep-1/, fix: `Label the pods of legacy/sleep sidecar.istio.io/inject=true, then restart legacy/sleep; or label namespace legacy istio-injection=enabled; ${FOR_ALL}.` },
  { rule: "AUTO-6", sends: "AUTO_PLAINTEXT", steps: [{ rule: "AUTO-6", object: { kind: "ServiceEntry", namespace: "foo", name: "outside" }, field: "spec.endpoints[0]", value: "disabled" }], cause: /ServiceEntry foo\/outside sets disabled/, fix: `If what ServiceEntry foo/outside tells of runs a proxy, label it security.istio.io/tlsMode: istio there; else bring it into the mesh; ${FOR_ALL}.` },
  { rule: "AUTO-3", sends: "AUTO_PLAINTEXT", steps: [DISABLED, { rule: "AUTO-3", object: POD }], cause: /PeerAuthentication foo\/default sets DISABLE \(spec\.mtls\.mode\)/, fix: "Set spec.mtls.mode of PeerAuthentication foo/default to PERMISSIVE (it is for all of namespace foo), wait until plaintext fades, then set STRICT." },
  { rule: "AUTO-11", sends: "AUTO_PLAINTEXT", steps: [{ rule: "AUTO-11", object: { kind: "MeshConfig", namespace: "istio-system", name: "istio" }, field: "data.mesh enableAutoMtls", value: "false" }], cause: /MeshConfig istio-system\/istio sets false/, fix: "Set enableAutoMtls to true in the mesh config, which is for every proxy that it serves." },
  { rule: "CAP-6", sends: "BYPASS", steps: [{ rule: "CAP-6", object: { ...POD, name: "sleep-1" }, field: "metadata.annotations.traffic.sidecar.istio.io/excludeOutboundPorts", value: "8080" }], cause: /^foo\/sleep sends past its own proxy: /, fix: "Take port 8000 out of traffic.sidecar.istio.io/excludeOutboundPorts of the pods of foo/sleep: all that they send there then passes their proxy." },
  { rule: "DR-14", sends: "DR_DROPPED", steps: [{ rule: "DR-14", object: { kind: "DestinationRule", namespace: "foo", name: "httpbin" }, field: "spec.trafficPolicy.tls.mode", value: "SIMPLE" }], cause: /cannot be built and is dropped/, fix: "Remove spec.trafficPolicy.tls from DestinationRule foo/httpbin, and auto mTLS decides for each endpoint; if TLS of the application's own is meant, name certificate files instead of credentialName." },
];

it.each(CAUSES)("[$rule] has its own cause and fix", ({ sends, steps, cause, fix }) => {
  const [first = {}, ...others] = steps;
  const judged: ConnectionVerdict = { ...verdict(sends, "PERMISSIVE", "plaintext"), clientMode: known(sends, reason(first), ...others.map(reason)) };
  const view = detail({ from: "foo/sleep", to: "foo/httpbin", counts: { plaintext: 5 }, state: "plaintext" }, judged);
  expect(view.cause).toMatch(cause);
  expect(view.fix).toBe(fix);
});

it("blames an excluded port for mTLS that the server's proxy never sees", () => {
  const view = detail({ from: "foo/sleep", to: "foo/httpbin", counts: { refused: 5 }, state: "blocked" }, verdict("AUTO_MTLS", "UNCAPTURED", "blocked"));
  expect(view.cause).toBe("foo/sleep sends mTLS by auto mTLS, and port 8080 of foo/httpbin is not captured by its proxy.");
  expect(view.fix).toBe("Let the proxy of foo/httpbin capture port 8080; or, to leave it past the proxy, set DISABLE for port 8080 in portLevelMtls of a PeerAuthentication that selects foo/httpbin, and clients send it plaintext.");
});

it("names the AuthorizationPolicy where it refuses, and not mTLS", () => {
  const object = { kind: "AuthorizationPolicy", namespace: "foo", name: "httpbin" };
  const judged: ConnectionVerdict = { ...verdict("AUTO_MTLS", "STRICT", "mTLS"), authorization: known("deny", reason({ rule: "AP-3", object, field: "spec.rules" })) };
  const view = detail({ from: "foo/sleep", to: "foo/httpbin", counts: { refused: 5 }, state: "blocked" }, judged);
  expect(view.cause).toBe(`AuthorizationPolicy foo/httpbin refuses foo/sleep: ${RULES["AP-3"].says}.`);
  expect(view.fix).toBe("Leave it refused where that is meant; else let AuthorizationPolicy foo/httpbin allow foo/sleep.");
});

it("tells a reason as the object, the field, the value, the rule, and what it overrode", () => {
  const object = { kind: "PeerAuthentication", namespace: "foo", name: "default" };
  const overrode = [{ rule: "PA-0" as const, object: { ...object, namespace: "istio-system" }, field: "spec.mtls.mode", value: "PERMISSIVE" }];
  const judged = { ...verdict("AUTO_MTLS", "STRICT", "mTLS"), serverMode: known("STRICT" as const, reason({ object, field: "spec.mtls.mode", value: "STRICT", overrode })) };
  const accepts = detail({ from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 1 }, state: "mTLS" }, judged).paths[0]?.accepts;
  expect(accepts).toEqual({
    kind: "known",
    value: "STRICT",
    sentences: [
      {
        text: `PeerAuthentication foo/default sets STRICT (spec.mtls.mode): ${SAYS}; it overrides PeerAuthentication istio-system/default (PERMISSIVE).`,
        rule: "PA-0",
        object,
        field: "spec.mtls.mode",
        value: "STRICT",
        overrode: [
          {
            text: `PeerAuthentication istio-system/default with PERMISSIVE does not count: ${SAYS}.`,
            rule: "PA-0",
            object: { ...object, namespace: "istio-system" },
            field: "spec.mtls.mode",
            value: "PERMISSIVE",
            overrode: [],
          },
        ],
      },
    ],
  });
});

const SEEN: Observation = { rule: "OBS-2", counts: "plaintext", count: 450, bytes: 0, reporter: "destination", proxy: "envoy", connectionSecurityPolicy: "none", extrapolated: false, lastSeenMs: null };

const EVIDENCE: readonly (readonly [Partial<Observation>, string])[] = [
  [{}, "450 plaintext requests reported by foo/httpbin (destination, Envoy), connection_security_policy none"],
  [{ reporter: "source", counts: "mtls", connectionSecurityPolicy: "unknown", extrapolated: true }, "≈450 mTLS requests reported by legacy/sleep (source, Envoy), connection_security_policy unknown"],
  [{ proxy: "ztunnel", connectionSecurityPolicy: null, count: 1 }, "1 plaintext request reported by foo/httpbin (destination, ztunnel), connection_security_policy missing"],
  [{ reporter: "log", counts: "refused", refusal: "transport", count: 3, detail: "NR filter_chain_not_found" }, "3 requests refused by mTLS, reported in the access log of foo/httpbin: NR filter_chain_not_found"],
];

it.each(EVIDENCE)("tells evidence %j with its reporter and label", (rest, text) => {
  const view = detail({ from: "legacy/sleep", to: "foo/httpbin", counts: { plaintext: 450 }, state: "plaintext", rest: { observations: [{ ...SEEN, ...rest }] } });
  expect(view.evidence[0]?.text).toBe(text);
});

it("keeps the questions, so that a person can ask them again", () => {
  expect(detail({ from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 1 }, state: "mTLS" }).queries).toEqual([{ purpose: "requests", text: "sum(increase(istio_requests_total[15m]))" }]);
});

/** What only the client's sidecar reported, without a certificate in use. */
const BY_CLIENT: Observation = { ...SEEN, rule: "OBS-5", counts: "unclear", count: 8_100, reporter: "source", connectionSecurityPolicy: "unknown" };

function unreported(to: string, rest: Partial<Observation>, judged: ConnectionVerdict, counts: Partial<ObservedCounts> = {}): EdgeDetailView {
  return detail({ from: "foo/sleep", to, counts: { unclear: 8_100, ...counts }, state: counts.mtls === undefined ? "unclear" : "mTLS", rest: { observations: [{ ...BY_CLIENT, ...rest }] } }, judged);
}

const DISABLING = { object: { kind: "DestinationRule", namespace: "foo", name: "httpbin" }, field: "spec.trafficPolicy.tls.mode", value: "DISABLE" };
const SCRAPE = "Let Prometheus scrape the proxies of foo/httpbin, and see that no Telemetry object switches off what they count.";

it.each([
  ["the server runs no proxy", unreported("legacy/sleep", {}, verdict("AUTO_PLAINTEXT", "NONE", "plaintext")), "Only foo/sleep reported it, which proves nothing of its security; legacy/sleep runs no proxy that could report it, and configuration says plaintext.", "Label the pods of legacy/sleep sidecar.istio.io/inject=true, then restart legacy/sleep; or label namespace legacy istio-injection=enabled."],
  ["the server's proxy reported nothing", unreported("foo/httpbin", {}, verdict("AUTO_MTLS", "PERMISSIVE", "mTLS")), "Only foo/sleep reported it, which proves nothing of its security; no report of the proxy of foo/httpbin arrived, and configuration says mTLS.", SCRAPE],
  ["configuration names what sends plaintext", unreported("foo/httpbin", {}, verdict("DR_DISABLE", "PERMISSIVE", "plaintext", DISABLING)), "Only foo/sleep reported it, which proves nothing of its security; no report of the proxy of foo/httpbin arrived, and configuration says plaintext: foo/sleep sends plaintext because DestinationRule foo/httpbin sets DISABLE (spec.trafficPolicy.tls.mode).", "Remove spec.trafficPolicy.tls from DestinationRule foo/httpbin, and auto mTLS decides for each endpoint."],
  ["the port is not captured", unreported("foo/httpbin", {}, verdict("AUTO_PLAINTEXT", "UNCAPTURED", "plaintext")), "Only foo/sleep reported it, which proves nothing of its security; port 8080 of foo/httpbin is not captured by its proxy, and configuration says plaintext.", "Let the proxy of foo/httpbin capture port 8080."],
  ["a ztunnel alone saw it", unreported("foo/httpbin", { rule: "OBS-8", proxy: "ztunnel" }, verdict("HBONE", "PERMISSIVE", "mTLS")), "Only the ztunnel of foo/sleep reported it, which proves nothing of its security; no report of the proxy of foo/httpbin arrived, and configuration says mTLS.", SCRAPE],
  ["a label is missing", unreported("foo/httpbin", { rule: "OBS-9", reporter: "destination", connectionSecurityPolicy: null }, verdict("AUTO_MTLS", "PERMISSIVE", "mTLS")), "The label that says what it was (connection_security_policy) is missing or holds no word of Istio's, and configuration says mTLS.", "Let the metric keep Istio's labels: see Telemetry tagOverrides, and the relabelling of what scrapes it."],
  ["it failed", unreported("foo/httpbin", { rule: "OBS-18", detail: "it failed with `UF`" }, verdict("AUTO_MTLS", "PERMISSIVE", "mTLS")), "It failed with `UF`, which proves nothing of what would have been carried, and configuration says mTLS.", "See why connections from foo/sleep to foo/httpbin fail: whether anything listens on port 8080, and what lies between."],
  ["a part of what is mTLS", unreported("foo/httpbin", {}, verdict("AUTO_MTLS", "PERMISSIVE", "mTLS"), { mtls: 90 }), "Of 8,100 requests nobody reported the security: only foo/sleep reported them, which proves nothing of their security; no report of the proxy of foo/httpbin arrived, and configuration says mTLS.", SCRAPE],
] as const)("says why nobody reported the security and what to do: %s", (_name, view, cause, fix) => {
  expect([view.cause, view.fix]).toEqual([cause, fix]);
});

function unclearTo(server: NonNullable<EdgeSpec["rest"]>["server"] & object): EdgeDetailView {
  return detail({ from: "foo/sleep", to: "foo/httpbin", counts: { unclear: 3 }, state: "unclear", rest: { server, host: null, configured: [], observations: [BY_CLIENT] } });
}

const SPEAK_TLS = "Let the application speak TLS to api.example.com, or set it in a ServiceEntry and a DestinationRule for that host.";
const WHICH_PODS = "See which pods the Service db.data.svc.cluster.local leads to, and whether their proxies are there and scraped.";

it.each([
  [{ kind: "external", host: "api.example.com" }, "api.example.com is no Service of this cluster, and nothing there reports", SPEAK_TLS],
  [{ kind: "external", host: "db.data.svc.cluster.local" }, "no report names the workload of db.data.svc.cluster.local that took it", WHICH_PODS],
  [{ kind: "external", host: "api" }, "no report says more of where it went than api", "Let the application speak TLS to api, or set it in a ServiceEntry and a DestinationRule for that host."],
  [{ kind: "address", address: "192.0.2.7" }, "192.0.2.7 is no workload that is known, and nothing there reports", "Let the application speak TLS to 192.0.2.7, or set it in a ServiceEntry and a DestinationRule for that host."],
] as const)("says of %o what is known of why nothing there reports", (server, silence, fix) => {
  const view = unclearTo(server);
  expect([view.cause, view.fix]).toEqual([`Only foo/sleep reported it, which proves nothing of its security; ${silence}, and the configuration knows no port for it.`, fix]);
});

it("does not take for a host what a proxy passed on without knowing where to", () => {
  const view = unclearTo({ kind: "external", host: "PassthroughCluster" });
  expect(view.cause).toBe("Only foo/sleep reported it, which proves nothing of its security; its proxy passed it on and does not say where to (PassthroughCluster), and the configuration knows no port for it.");
  expect(view.fix).toBe("See in the access log of foo/sleep which address it dials, and give that a ServiceEntry, so that it has a name here.");
});

it("explains what is idle where it would not be mTLS", () => {
  const idle = (from: string, ...judged: readonly ConnectionVerdict[]): EdgeDetailView => detail({ from, to: "foo/httpbin", state: "idle" }, ...judged);
  expect(idle("legacy/sleep").cause).toBe("legacy/sleep runs no proxy, and foo/httpbin accepts it (PERMISSIVE on 8080).");
  expect(idle("legacy/sleep").fix).toBe("Label the pods of legacy/sleep sidecar.istio.io/inject=true, then restart legacy/sleep; or label namespace legacy istio-injection=enabled; or, if it has to stay outside, keep port 8080 PERMISSIVE for it with a portLevelMtls entry.");
  expect(idle("foo/sleep").cause).toBeNull();
});

it("has no cause and no fix for what is mTLS", () => {
  const view = detail({ from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 1 }, state: "mTLS" });
  expect([view.cause, view.fix, view.sender.raise]).toEqual([null, null, null]);
});
