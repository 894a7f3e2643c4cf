import { describe, expect, it } from "vitest";
import { evaluateMesh, judgeMesh, type MeshObject, type Telemetry } from "#mesh";
import { presentFindings, type FindingView } from "#view";
import { authorizationPolicy, authorizationRule, destinationRule, mesh, peerAuthentication, pod, second, service, source, tls, trafficPolicy, unread, type MeshOptions } from "../support/mesh.ts";

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

  it("tells what was not read beside what was found", () => {
    expect(present(QUIET)).toEqual({ schema: "mtlscope-findings/1", findings: [], gaps: [] });
    expect(present(QUIET, { unread: [unread("DestinationRule")] }).gaps).toEqual([{ wanted: "`DestinationRule` objects", because: "forbidden" }]);
  });
});
