import { describe, expect, it } from "vitest";
import { evaluateMesh, type MeshObject, type MeshVerdicts, type TelemetryRow } from "#mesh";
import { presentAddress, presentEdge, presentMesh, type EdgeDetailView } from "#view";
import { mesh, namespace, pod, service } from "../support/mesh.ts";
import { refusal, row, UNPROVED, WINDOW_START_MS } from "../support/telemetry.ts";

// Who sends, where the name and the certificate differ, and where an address is a node's.

const PAIR: readonly MeshObject[] = [namespace("foo"), pod("foo", "sleep", { proxy: "sidecar", serviceAccountName: "sleep" }), pod("foo", "httpbin", { proxy: "sidecar", serviceAccountName: "httpbin", ips: ["10.0.0.10"] }), service("foo", "httpbin")];
const NODES = "192.168.0.5";
const AGENT = pod("kube-system", "agent", { hostNetwork: true, nodeName: "node-1", ips: [NODES] });

function evaluated(rows: readonly TelemetryRow[], ...more: readonly MeshObject[]): MeshVerdicts {
  const telemetry = { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, rows, lookBackRows: [], lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [] };
  return evaluateMesh({ capturedAtMs: telemetry.windowEndMs, configuration: mesh([...PAIR, ...more]), telemetry });
}

function sender(rows: readonly TelemetryRow[], ...more: readonly MeshObject[]): EdgeDetailView["sender"] | undefined {
  const verdicts = evaluated(rows, ...more);
  const { edges } = presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [] });
  return presentEdge(verdicts, edges[0]?.id ?? "")?.sender;
}

describe("[SND-8] a certificate that contradicts the name", () => {
  const KNOWN = "foo/sleep by name, known from the server's proxy, which looked the address up or read a header that the sender can forge";
  const named = (principal: string) => row({ client: { ...UNPROVED, principal } });

  it("is said to be whose it is", () => {
    const told = sender([named("spiffe://cluster.local/ns/foo/sa/httpbin")]);
    expect(told?.sentence).toBe(`${KNOWN}; the certificate is another's: spiffe://cluster.local/ns/foo/sa/httpbin (foo/httpbin runs with it). The certificate says who it was, and the name does not.`);
    expect(told?.raise).toBe("See which pods run with that certificate, and why they send the name of another workload.");
  });

  it("is nobody's that is known", () => {
    expect(sender([named("spiffe://cluster.local/ns/bar/sa/sleep")])?.sentence).toBe(`${KNOWN}; the certificate is another's: spiffe://cluster.local/ns/bar/sa/sleep (no workload of this mesh is known to run with it). The certificate says who it was, and the name does not.`);
  });

  it("stands beside one that does not", () => {
    expect(sender([row(), named("spiffe://cluster.local/ns/foo/sa/httpbin")])?.sentence).toMatch(/; not every certificate is its own: spiffe:\/\/cluster\.local\/ns\/foo\/sa\/httpbin and spiffe:\/\/cluster\.local\/ns\/foo\/sa\/sleep \(foo\/httpbin runs with it\)\./);
  });

  it("is none where plaintext came by the same name", () => {
    expect(sender([row(), row({ client: UNPROVED, connectionSecurityPolicy: "none", count: 3 })])?.sentence).toMatch(/^foo\/sleep .*by address, one owner; known from .*\. An address is no identity\.$/);
  });
});

describe("[SND-9] a node's address", () => {
  const LINE = refusal({ clientAddress: NODES });

  it("is the node's, though one pod alone shares it", () => {
    expect(sender([LINE], AGENT)?.sentence).toBe("192.168.0.5 belongs to node node-1, with whose network pods of kube-system/agent run: by address, several candidates.");
    expect(sender([LINE], { ...AGENT, nodeName: null })?.sentence).toBe("192.168.0.5 belongs to a node, with whose network pods of kube-system/agent run: by address, several candidates.");
  });

  it("leads to the node before the pods that share it, and before anything came from it", () => {
    expect(presentAddress(evaluated([], AGENT), NODES).nodes).toEqual(["node:node-1", "kube-system/agent"]);
    expect(presentAddress(evaluated([LINE], AGENT), NODES).nodes).toEqual(["node:node-1", "kube-system/agent"]);
    expect(presentAddress(evaluated([], AGENT), "10.0.0.10").nodes).toEqual(["foo/httpbin"]);
  });
});
