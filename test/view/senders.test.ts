import { expect, it } from "vitest";
import { presentEdge, presentSenders } from "#view";
import { NO_FILTERS } from "../../components/address/address.ts";
import { sendersInScope } from "../../components/senders/senderScope.ts";
import { edgeEnds } from "../../lib/view/ends.ts";
import { CLASSIC_EDGES, CLASSIC_WORKLOADS, verdicts } from "./picture.ts";
import type { EdgeSpec, WorkloadSpec } from "./picture.ts";

function senders(edges: readonly EdgeSpec[], workloads: readonly WorkloadSpec[] = CLASSIC_WORKLOADS): ReturnType<typeof presentSenders> {
  return presentSenders(verdicts({ workloads, edges }));
}

it("[SND-2] says that a name came from an address, and that this is no identity", () => {
  const view = senders(CLASSIC_EDGES);
  expect(view.senders.map(({ id, requests }) => [id, requests])).toEqual([["legacy/sleep", 900]]);
  const [legacy] = view.senders;
  expect(legacy?.confidence).toBe("address, one owner");
  const foo = presentEdgeTo("foo/httpbin");
  expect(foo?.sender.sentence).toBe(
    "10.244.1.30 = legacy/sleep, by address, one owner; known from the server's proxy, which looked the address up or read a header that the sender can forge. An address is no identity.",
  );
  expect(legacy?.explanations.map(({ cause, edges }) => [cause, edges.map(({ admission }) => admission)])).toEqual([
    ["legacy/sleep runs no proxy.", ["bar/httpbin accepts it (PERMISSIVE on 8080).", "foo/httpbin accepts it (PERMISSIVE on 8080)."]],
  ]);
  expect(legacy?.explanations[0]?.fix).toBe("Label the pods of legacy/sleep sidecar.istio.io/inject=true, then restart legacy/sleep; or label namespace legacy istio-injection=enabled; or, if it has to stay outside, keep port 8080 PERMISSIVE for it with a portLevelMtls entry.");
});

function presentEdgeTo(server: string): ReturnType<typeof presentEdge> {
  const picture = verdicts({ workloads: CLASSIC_WORKLOADS, edges: CLASSIC_EDGES });
  const position = picture.edges.findIndex((edge) => edge.client.kind === "workload" && edge.client.id === "legacy/sleep" && edge.server.kind === "workload" && edge.server.id === server);
  return presentEdge(picture, edgeEnds(picture.edges).ids[position] ?? "");
}

it.each([
  ["platform/prometheus", {}],
  ["platform/agent", { "app.kubernetes.io/name": "opentelemetry-collector" }],
])("tells who collects metrics of the port that no proxy captures: %s", (id, labels) => {
  const view = senders([{ from: id, to: "foo/httpbin", counts: { plaintext: 9 }, state: "plaintext" }], [...CLASSIC_WORKLOADS, { id, dataPlaneMode: "none", labels }]);
  expect(view.senders[0]?.explanations[0]?.fix).toMatch(/keep port 8080 PERMISSIVE for it with a portLevelMtls entry \(a scraper can read merged metrics on port 15020\)\.$/);
});

it("[SND-5] keeps senders that nothing names apart, one per server, and says how to name them", () => {
  const view = senders([
    { from: null, to: "foo/httpbin", counts: { plaintext: 10 }, state: "plaintext" },
    { from: null, to: "bar/httpbin", counts: { plaintext: 5 }, state: "plaintext", family: "tcp" },
    { from: "legacy/sleep", to: "foo/httpbin", counts: { plaintext: 30 }, state: "plaintext" },
  ]);
  expect(view.senders.map(({ id, requests, connections }) => [id, requests, connections])).toEqual([
    ["legacy/sleep", 30, 0], ["unidentified:foo/httpbin", 10, 0], ["unidentified:bar/httpbin", 0, 5],
  ]);
  expect(view.named).toEqual({ requests: 30, ofRequests: 40, connections: 0, ofConnections: 5 });
  expect(view.senders[1]?.explanations[0]?.fix).toContain("access logs for the server's inbound traffic and read the sender's address there: mtlscope reads no logs of a cluster");
  expect(view.senders[1]?.explanations[0]?.fix).toContain("PEER_METADATA_DISCOVERY");
});

it("[SND-3] names candidates, never one of them", () => {
  const view = senders([
    { from: "legacy/sleep", to: "foo/httpbin", counts: { plaintext: 30 }, state: "plaintext", sender: { confidence: "address, several candidates", addresses: ["10.0.0.1"], candidates: [] } },
  ]);
  expect(view.senders[0]?.how).toBe("10.0.0.1 belongs to several workloads: by address, several candidates.");
  expect(view.named).toEqual({ requests: 0, ofRequests: 30, connections: 0, ofConnections: 0 });
});

it("[SND-6] names a sender no more surely than the least sure of its edges", () => {
  const view = senders([
    { from: "legacy/sleep", to: "foo/httpbin", counts: { plaintext: 1 }, state: "plaintext", sender: { confidence: "proved by identity" } },
    { from: "legacy/sleep", to: "bar/httpbin", counts: { plaintext: 1 }, state: "plaintext", sender: { confidence: "inferred" } },
  ]);
  expect(view.senders[0]?.confidence).toBe("inferred");
});

it("lists refusals, and leaves out who sends mTLS only", () => {
  const view = senders([
    { from: "legacy/sleep", to: "foo/httpbin", counts: { refused: 7 }, state: "blocked" },
    { from: "bar/sleep", to: "foo/httpbin", counts: { mtls: 7 }, state: "mTLS" },
  ], CLASSIC_WORKLOADS.map((spec) => (spec.id === "foo/httpbin" ? { ...spec, accepts: "STRICT" } : spec)));
  expect(view.senders.map(({ id, refused }) => [id, refused])).toEqual([["legacy/sleep", 7]]);
  expect(view.senders[0]?.explanations[0]?.cause).toBe("legacy/sleep runs no proxy.");
  expect(view.senders[0]?.explanations[0]?.edges[0]?.admission).toMatch(/^foo\/httpbin is STRICT on 8080/);
});

it("never adds requests and connections: not in what was refused, not in the order", () => {
  const view = senders([
    { from: "legacy/sleep", to: "foo/httpbin", counts: { plaintext: 60, refused: 7 }, state: "mixed, partly blocked" },
    { from: "legacy/sleep", to: "bar/httpbin", counts: { plaintext: 60, refused: 2 }, state: "mixed, partly blocked", family: "tcp" },
    { from: "bar/sleep", to: "foo/httpbin", counts: { plaintext: 100 }, state: "plaintext" },
    { from: "foo/sleep", to: "foo/httpbin", counts: { refused: 4 }, state: "blocked" },
    { from: "foo/sleep", to: "bar/httpbin", counts: { refused: 4 }, state: "blocked", family: "tcp" },
    { from: "bar/httpbin", to: "foo/httpbin", counts: { refused: 6 }, state: "blocked", family: "tcp" },
  ]);
  expect(view.senders.map(({ id, refused, refusedRequests, refusedConnections }) => [id, refused, refusedRequests, refusedConnections])).toEqual([
    ["bar/sleep", 0, 0, 0], ["legacy/sleep", 9, 7, 2], ["bar/httpbin", 6, 0, 6], ["foo/sleep", 8, 4, 4],
  ]);
});

it("explains each cause with its own servers, plaintext before refusals", () => {
  const view = senders([
    { from: "foo/sleep", to: "bar/httpbin", counts: { refused: 9 }, state: "blocked" },
    { from: "foo/sleep", to: "legacy/sleep", counts: { plaintext: 1 }, state: "plaintext" },
  ]);
  const [sender] = view.senders;
  const servers = new Map(sender?.edges.map(({ id, server }) => [id, server]));
  expect(sender?.explanations.map(({ cause, edges }) => [cause.split(":")[0], edges.map(({ id }) => servers.get(id))])).toEqual([
    ["legacy/sleep runs no proxy and can take nothing but plaintext.", ["legacy/sleep"]],
    ["Configuration says mTLS, yet this came from foo/sleep", ["bar/httpbin"]],
  ]);
});

it("does not tell someone on the host's network to inject a sidecar", () => {
  const view = senders([{ from: "kube-system/agent", to: "foo/httpbin", counts: { plaintext: 1 }, state: "plaintext" }], [...CLASSIC_WORKLOADS, { id: "kube-system/agent", dataPlaneMode: "none", hostNetwork: true, ownerKind: "DaemonSet" }]);
  expect(view.senders[0]?.explanations[0]?.fix).toBe("Move kube-system/agent off the host network, where a pod can have no sidecar, or keep port 8080 PERMISSIVE for it with a portLevelMtls entry.");
});

it("blames the server where it runs no proxy", () => {
  const view = senders([{ from: "foo/sleep", to: "legacy/sleep", counts: { plaintext: 1 }, state: "plaintext" }]);
  expect(view.senders[0]?.explanations[0]?.cause).toBe("legacy/sleep runs no proxy and can take nothing but plaintext.");
  expect(view.senders[0]?.explanations[0]?.fix).toBe("Label the pods of legacy/sleep sidecar.istio.io/inject=true, then restart legacy/sleep; or label namespace legacy istio-injection=enabled.");
});

interface InjectionRow {
  readonly title: string;
  readonly namespace?: Readonly<Record<string, string>>;
  readonly pod?: Partial<WorkloadSpec>;
  readonly revisions?: readonly string[];
  readonly fix: string;
}

const OLDER = "pods without a proxy are older than that label, or were made while the injection webhook did not answer";
const INJECTION: readonly InjectionRow[] = [
  { title: "injection is on", namespace: { "istio-injection": "enabled" }, fix: `Restart legacy/sleep: namespace legacy is labelled istio-injection=enabled already, so ${OLDER}.` },
  { title: "a revision injects", namespace: { "istio.io/rev": "canary" }, revisions: ["canary"], fix: `Restart legacy/sleep: namespace legacy is labelled istio.io/rev=canary already, so ${OLDER}.` },
  { title: "the revision is none that runs", namespace: { "istio.io/rev": "canari" }, revisions: ["canary"], fix: `Restart legacy/sleep: namespace legacy is labelled istio.io/rev=canari already, so ${OLDER}; no istiod of that revision was seen, so see first that it is the tag of one.` },
  { title: "injection is off, whatever the revision says", namespace: { "istio-injection": "disabled", "istio.io/rev": "canary" }, revisions: ["default"], fix: "Label namespace legacy istio-injection=enabled in place of disabled, then restart legacy/sleep; or, if it has to stay outside, keep port 8080 PERMISSIVE for it with a portLevelMtls entry." },
  { title: "no istiod is of the default revision", revisions: ["canary"], fix: "Label the pods of legacy/sleep sidecar.istio.io/inject=true and istio.io/rev=canary, then restart legacy/sleep; or label namespace legacy istio.io/rev=canary; or, if it has to stay outside, keep port 8080 PERMISSIVE for it with a portLevelMtls entry." },
  { title: "its pods refuse by label", namespace: { "istio-injection": "enabled" }, pod: { labels: { "sidecar.istio.io/inject": "false" } }, fix: 'Take the label sidecar.istio.io/inject: "false" off the pods of legacy/sleep, then restart legacy/sleep.' },
  { title: "its pods refuse by annotation, without injection", pod: { annotations: { "sidecar.istio.io/inject": "false" } }, fix: "Label the pods of legacy/sleep sidecar.istio.io/inject=true, then restart legacy/sleep; or, if it has to stay outside, keep port 8080 PERMISSIVE for it with a portLevelMtls entry." },
  { title: "a label beats the annotation", namespace: { "istio-injection": "enabled" }, pod: { labels: { "sidecar.istio.io/inject": "true" }, annotations: { "sidecar.istio.io/inject": "false" } }, fix: `Restart legacy/sleep: namespace legacy is labelled istio-injection=enabled already, so ${OLDER}.` },
  { title: "it runs again by itself", namespace: { "istio-injection": "enabled" }, pod: { ownerKind: "CronJob" }, fix: "Wait for the next run of legacy/sleep: namespace legacy is labelled istio-injection=enabled already, and a pod that is made now has a sidecar." },
  { title: "the namespace is ambient, and it stays out", namespace: { "istio.io/dataplane-mode": "ambient" }, pod: { labels: { "istio.io/dataplane-mode": "none" } }, fix: "Take the label istio.io/dataplane-mode: none off the pods of legacy/sleep: namespace legacy is in ambient." },
  { title: "the namespace is ambient", namespace: { "istio.io/dataplane-mode": "ambient" }, fix: "See why istio-cni has not enrolled the pods of legacy/sleep: namespace legacy is in ambient, and they lack the annotation ambient.istio.io/redirection." },
];

it.each(INJECTION)("says what is missing for a sidecar where $title", ({ namespace = {}, pod = {}, revisions = [], fix }) => {
  const workloads = CLASSIC_WORKLOADS.map((spec) => (spec.id === "legacy/sleep" ? { ...spec, ...pod } : spec));
  const edges: readonly EdgeSpec[] = [{ from: "legacy/sleep", to: "foo/httpbin", counts: { plaintext: 1 }, state: "plaintext" }];
  expect(presentSenders(verdicts({ workloads, edges, revisions, namespaceLabels: { legacy: namespace } })).senders[0]?.explanations[0]?.fix).toBe(fix);
});

it("knows the namespaces into which nothing is ever injected", () => {
  const view = senders([{ from: "kube-system/agent", to: "foo/httpbin", counts: { plaintext: 1 }, state: "plaintext" }], [...CLASSIC_WORKLOADS, { id: "kube-system/agent", dataPlaneMode: "none" }]);
  expect(view.senders[0]?.explanations[0]?.fix).toBe("Move kube-system/agent to another namespace (Istio injects nothing into kube-system), or keep port 8080 PERMISSIVE for it with a portLevelMtls entry.");
});

it("says so where plaintext contradicts the configuration", () => {
  const view = senders([{ from: "foo/sleep", to: "foo/httpbin", counts: { mtls: 299, plaintext: 1 }, state: "mixed" }]);
  expect(view.senders[0]?.explanations[0]?.cause).toMatch(/^Configuration says mTLS, yet this came from foo\/sleep: by a pod's address, /);
});

it.each([
  ["in the window, at no known time: no older time is told", [{ counts: { plaintext: 5 }, rest: { lastPlaintextMs: null, lastSeenMs: null } }, { counts: { plaintext: 1 }, rest: { lastPlaintextMs: 900 } }], [null, null]],
  ["the latest of its edges, to within what is known of it", [{ counts: { plaintext: 1 }, rest: { lastPlaintextMs: 900, lastPlaintextAfterMs: 300 } }, { counts: { plaintext: 1 }, rest: { lastPlaintextMs: 500 } }], [900, 300]],
  ["exactly, where that is known", [{ counts: { plaintext: 1 }, rest: { lastPlaintextMs: 900 } }, { counts: { plaintext: 1 }, rest: { lastPlaintextMs: 500, lastPlaintextAfterMs: 100 } }], [900, null]],
  ["the refusals of the window, not the plaintext before it", [{ counts: { refused: 7 }, state: "blocked", rest: { lastPlaintextMs: 300, lastSeenMs: 900 } }], [900, null]],
  ["the plaintext of the window, not the mTLS after it", [{ counts: { plaintext: 7, mtls: 3 }, rest: { lastPlaintextMs: 300, lastSeenMs: 900 } }], [300, null]],
] as const)("when a sender last sent: %s", (_name, edges, expected) => {
  const servers = ["foo/httpbin", "bar/httpbin"];
  const [sender] = senders(edges.map((edge, at) => ({ from: "legacy/sleep", to: servers[at] ?? "", state: "plaintext", ...edge }))).senders;
  expect([sender?.lastSeenMs, sender?.lastSeenAfterMs]).toEqual(expected);
});

it("the page and the API say the same of a sender, where the whole mesh is looked at", () => {
  const { senders: told, named } = senders([
    { from: "legacy/sleep", to: "foo/httpbin", counts: { refused: 7 }, state: "blocked", rest: { lastPlaintextMs: 300, lastSeenMs: 900 } },
    { from: "foo/sleep", to: "foo/httpbin", counts: { refused: 8 }, state: "blocked" },
    { from: "bar/sleep", to: "foo/httpbin", counts: { plaintext: 5 }, state: "plaintext", family: "tcp", rest: { lastPlaintextMs: 400, lastPlaintextAfterMs: 100 } },
    { from: null, to: "bar/httpbin", counts: { plaintext: 2 }, state: "plaintext" },
  ]);
  const page = sendersInScope(told, { ...NO_FILTERS, namespaces: [] }, new Map());
  expect([...page.plaintext, ...page.onlyRefused].map(({ sender: { id } }) => id)).toEqual(["bar/sleep", "unidentified:bar/httpbin", "foo/sleep", "legacy/sleep"]);
  for (const { sender, ...shown } of [...page.plaintext, ...page.onlyRefused]) expect(sender).toMatchObject(shown);
  expect(page.named).toEqual(named);
});
