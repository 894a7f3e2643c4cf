import { describe, expect, it } from "vitest";
import { evaluateMesh, judgeMesh, type MeshObject, type Telemetry, type TrafficRow } from "#mesh";
import { presentFindings, type FindingView } from "#view";
import { ambientControlPlane, authorizationPolicy, authorizationRule, destinationRule, mesh, namespace, peerAuthentication, pod, second, service, serviceEntry, source, tls, trafficPolicy, unread, workloadEntry, type MeshOptions } from "../support/mesh.ts";

const SILENT: Telemetry = { windowStartMs: 0, windowEndMs: 900_000, rows: [], lookBackRows: [], lookBackStartMs: 0, gaps: [], queries: [] };
const HOST = "httpbin.bar.svc.cluster.local";
const QUIET: readonly MeshObject[] = [pod("foo", "sleep", { proxy: "sidecar" }), pod("bar", "httpbin", { proxy: "sidecar" }), service("bar", "httpbin")];

function present(objects: readonly MeshObject[], options: MeshOptions = {}) {
  const configuration = mesh(objects, options);
  return presentFindings(evaluateMesh({ capturedAtMs: 900_000, configuration, telemetry: SILENT }, judgeMesh(configuration)));
}

function card(rule: string, objects: readonly MeshObject[]): FindingView | undefined {
  return present(objects).findings.find((finding) => finding.rule === rule);
}

describe("presentFindings", () => {
  it("says what Istio does, what follows here, and what would mend it", () => {
    const objects = [...QUIET, peerAuthentication("bar", "default", "STRICT"), destinationRule("foo", "plain", HOST, { trafficPolicy: trafficPolicy(tls("DISABLE")) })];
    expect(card("FND-44", objects)).toMatchObject({
      severity: "breaks traffic",
      object: { kind: "DestinationRule", namespace: "foo", name: "plain" },
      field: "spec.trafficPolicy.tls.mode",
      value: "DISABLE",
      because: { kind: "PeerAuthentication", namespace: "bar", name: "default" },
      sentence: "A DestinationRule sends plaintext to a server that takes none.",
      consequence: "Clients in foo send plaintext to bar/httpbin on 8080: it is refused; otherwise it would be mTLS.",
      fix: "Set spec.trafficPolicy.tls.mode of DestinationRule foo/plain to ISTIO_MUTUAL; or remove spec.trafficPolicy.tls from DestinationRule foo/plain.",
      affected: ["bar/httpbin"],
      hosts: [HOST],
      ports: [8080],
      namespaces: ["bar", "foo"],
      command: "kubectl get destinationrule.networking.istio.io/plain --namespace=foo --output=yaml",
    });
  });

  it.each([
    ["FND-1", [peerAuthentication("istio-system", "p", "STRICT", { selector: { app: "httpbin" } })], "bar/httpbin is PERMISSIVE on 8080, not STRICT: plaintext gets in.", "Move PeerAuthentication istio-system/p to namespace bar."],
    ["FND-3", [peerAuthentication("bar", "default", "STRICT"), peerAuthentication("bar", "p", null, { selector: { app: "httpbin" }, portLevelMtls: { "80": "PERMISSIVE" } })], "bar/httpbin is STRICT on 8080, not PERMISSIVE: plaintext is refused.", "Rename spec.portLevelMtls.80 of PeerAuthentication bar/p to spec.portLevelMtls.8080."],
    ["FND-5", [peerAuthentication("bar", "p", "STRICT", { selector: { app: "x" } })], "There is nothing now that it applies to.", "Set spec.selector.matchLabels of PeerAuthentication bar/p to labels that the workload's pods have; or delete PeerAuthentication bar/p."],
    ["FND-30", [destinationRule("bar", "d", "httpbin.bar")], `It applies to nothing; ${HOST} exists and is probably meant.`, `Set spec.host of DestinationRule bar/d to ${HOST}.`],
    ["FND-2", [peerAuthentication("bar", "a", "PERMISSIVE", { createdAtMs: second(1) }), peerAuthentication("bar", "b", "STRICT", { createdAtMs: second(2) })], "bar/httpbin is PERMISSIVE on 8080, not STRICT: plaintext gets in.", "Write what it says into PeerAuthentication bar/a, and delete PeerAuthentication bar/b; or delete PeerAuthentication bar/a."],
    ["FND-72", [authorizationPolicy("bar", "p", { action: "DENY", rules: [authorizationRule({ from: [source({ namespaces: ["foo"] })] })] })], "A caller in plaintext gets past it to bar/httpbin on 8080.", "Make it STRICT (Proposals shows what that would do); or add a DENY of notPrincipals [\"*\"] to spec.rules of AuthorizationPolicy bar/p."],
  ] as const)("%s in words", (rule, objects, consequence, fix) => {
    expect(card(rule, [...QUIET, ...objects])).toMatchObject({ consequence, fix });
  });

  it.each([
    ["its pods opt out", { labels: { "sidecar.istio.io/inject": "false" } }, { "istio-injection": "enabled" }, 'Take the label sidecar.istio.io/inject: "false" off the pods of bar/httpbin, then restart bar/httpbin.'],
    ["nothing injects its namespace", {}, {}, "Label the pods of bar/httpbin sidecar.istio.io/inject=true, then restart bar/httpbin; or label namespace bar istio-injection=enabled."],
    ["it is on the host's network", { hostNetwork: true }, { "istio-injection": "enabled" }, "Move bar/httpbin off the host network, where a pod can have no sidecar."],
    ["its namespace is ambient", {}, { "istio.io/dataplane-mode": "ambient" }, "See why istio-cni has not enrolled the pods of bar/httpbin: namespace bar is in ambient, and they lack the annotation ambient.istio.io/redirection."],
  ] as const)("a server that enforces nothing is given a proxy by what keeps it out: %s", (_, options, labels, fix) => {
    const objects = [namespace("bar", labels), pod("foo", "sleep", { proxy: "sidecar" }), pod("bar", "httpbin", options), service("bar", "httpbin"), peerAuthentication("bar", "default", "STRICT")];
    expect(card("FND-6", objects)?.fix).toBe(fix);
  });

  it("tells those together for whom the fix is the same, and each other apart", () => {
    const bare = ["a", "b", "c", "d"].map((name) => pod("bar", name));
    const objects = [namespace("bar", { "istio-injection": "enabled" }), ...bare, pod("bar", "job", { owner: { kind: "CronJob", name: "job" } })];
    expect(card("FND-20", objects)?.fix).toBe(
      "Restart bar/a, bar/b, bar/c and 1 more: namespace bar is labelled istio-injection=enabled already, so pods without a proxy are older than that label, or were made while the injection webhook did not answer; " +
        "wait for the next run of bar/job: namespace bar is labelled istio-injection=enabled already, and a pod that is made now has a sidecar; or set the pods' label sidecar.istio.io/inject of Namespace bar to \"false\", where that is meant.",
    );
  });

  it("of a headless Service the pod without a proxy is mended, whoever else serves it", () => {
    const objects = [namespace("bar"), pod("foo", "sleep", { proxy: "sidecar" }), pod("bar", "httpbin", { proxy: "sidecar" }), pod("bar", "bare", { labels: { app: "httpbin" }, annotations: { "sidecar.istio.io/inject": "false" } }), service("bar", "httpbin", { clusterIPs: ["None"] })];
    expect(card("FND-17", objects)?.fix).toBe("Label the pods of bar/bare sidecar.istio.io/inject=true, then restart bar/bare.");
  });

  it("of a headless Service an ambient pod is no pod without a proxy: only the Service can mend that", () => {
    const objects = [pod("foo", "sleep", { proxy: "sidecar" }), pod("bar", "httpbin", { proxy: "sidecar" }), pod("bar", "ambient", { proxy: "ambient", labels: { app: "httpbin" } }), service("bar", "httpbin", { clusterIPs: ["None"] })];
    expect(card("FND-17", objects)?.fix).toBe("Give the Service an address of its own, since bar/ambient is in ambient and takes mTLS in a tunnel only.");
  });

  it("a machine is given a sidecar by hand: nothing injects it", () => {
    const objects = [namespace("bar", { "istio-injection": "enabled" }), pod("foo", "sleep", { proxy: "sidecar" }), workloadEntry("bar", "machine"), serviceEntry("bar", "db", "db.example", { workloadSelector: { app: "machine" } }), peerAuthentication("bar", "default", "STRICT")];
    expect(card("FND-6", objects)?.fix).toBe("Install Istio's sidecar on the machine of bar/machine.");
  });

  it("gives every finding an id of its own that does not change with the others", () => {
    const ignored = peerAuthentication("istio-system", "p", "STRICT", { selector: { app: "httpbin" } });
    const alone = present([...QUIET, ignored]).findings;
    const both = present([...QUIET, ignored, destinationRule("bar", "d", "httpbin.bar")]).findings;
    expect(new Set(both.map(({ id }) => id)).size).toBe(2);
    expect(both.find(({ rule }) => rule === "FND-1")?.id).toBe(alone[0]?.id);
  });

  it("quotes names from the cluster for the shell, and none can be read as a flag", () => {
    const hostile = peerAuthentication("istio-system", "-o'$(id)", "STRICT", { selector: { app: "httpbin" } });
    expect(card("FND-1", [...QUIET, hostile])?.command).toBe(String.raw`kubectl get 'peerauthentication.security.istio.io/-o'\''$(id)' --namespace=istio-system --output=yaml`);
  });

  it("says of what ambient clients would send how often one was seen, tells what nobody did last, and shows the pods' label", () => {
    const ambientClient = pod("baz", "agent", { proxy: "ambient" });
    const objects = [...QUIET, ambientControlPlane(), ambientClient, peerAuthentication("bar", "default", "STRICT"), destinationRule("foo", "plain", HOST, { trafficPolicy: trafficPolicy(tls("DISABLE")) })];
    const row: TrafficRow = {
      what: "traffic", reporter: "source", proxy: "ztunnel", family: "tcp", connectionSecurityPolicy: "unknown", client: { namespace: "baz", workload: "agent", principal: null },
      server: { namespace: "bar", workload: "httpbin", principal: null }, serviceHost: HOST, serviceName: "httpbin", responseCode: null, responseFlags: null, count: 5, bytes: 0, extrapolated: false, lastSeenMs: null,
    };
    const told = (rows: readonly TrafficRow[]) => presentFindings(evaluateMesh({ capturedAtMs: 900_000, configuration: mesh(objects), telemetry: { ...SILENT, rows } })).findings.filter(({ severity }) => severity === "breaks traffic");
    expect(told([]).map(({ rule }) => rule)).toEqual(["FND-44", "FND-23"]);
    expect(told([])[1]?.consequence).toBe("Ambient clients send plaintext to bar/httpbin on 8080: it is refused; otherwise it would be mTLS in a tunnel; no ambient client was seen calling there.");
    expect(told([row]).map(({ rule }) => rule)).toEqual(["FND-23", "FND-44"]);
    expect(told([row])[0]?.consequence).toContain("in a tunnel; 1 connection of ambient clients is known there.");
    expect(told([])[1]).toMatchObject({ object: { kind: "Namespace", name: "bar" }, field: "metadata.labels.networking.istio.io/tunnel", fieldOf: "its pods" });
    expect(told([])[0]).toMatchObject({ object: { kind: "DestinationRule" }, fieldOf: "object" });
    expect(told([])[1]?.command).toBe("kubectl get pods --namespace=bar --label-columns=networking.istio.io/tunnel");
  });

  it("tells what was not read beside what was found", () => {
    expect(present(QUIET)).toEqual({ schema: "mtlscope-findings/1", findings: [], gaps: [] });
    expect(present(QUIET, { unread: [unread("DestinationRule")] }).gaps).toEqual([{ wanted: "`DestinationRule` objects", because: "forbidden" }]);
  });
});
