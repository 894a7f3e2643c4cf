import { describe, expect, it } from "vitest";
import { evaluateMesh, type MeshObject, type MeshVerdicts, type TrafficRow } from "#mesh";
import { presentEdge, presentMesh, presentSenders } from "#view";
import { headline } from "../../components/overview/headline.ts";
import { mesh, namespace, peerAuthentication, pod, service } from "../support/mesh.ts";
import { row, UNPROVED } from "../support/telemetry.ts";

// Connections that were opened before the window and carry bytes in it: nobody counts them, and yet they are traffic.

const AT_MS = Date.UTC(2026, 5, 1);
const OLDER = row({ family: "tcp", count: 0, bytes: 909_000 });
const PLAINTEXT = { ...OLDER, connectionSecurityPolicy: "none", client: UNPROVED };

function verdicts(policies: readonly MeshObject[], ...rows: readonly TrafficRow[]): MeshVerdicts {
  const configuration = mesh([...policies, namespace("foo"), pod("foo", "sleep", { proxy: "sidecar" }), pod("foo", "httpbin", { proxy: "sidecar" }), service("foo", "httpbin", { ports: [{ port: 8000, name: "tcp" }] })]);
  return evaluateMesh({ capturedAtMs: AT_MS, configuration, telemetry: { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows, lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] } });
}

function shown(...rows: readonly TrafficRow[]) {
  const told = verdicts([], ...rows);
  const { totals, namespaces, edges, attention } = presentMesh(told, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [] });
  const evidence = presentEdge(told, edges[0]?.id ?? "")?.evidence.map(({ text }) => text);
  return { headline: headline(totals), connections: totals.connections, incoming: namespaces[0]?.incoming.connections, edges, sentence: edges[0]?.sentence, evidence, attention, senders: presentSenders(told) };
}

describe("connections opened before the window", () => {
  it("are one at least, where only bytes of them were seen", () => {
    const { headline: first, connections, incoming, evidence } = shown(PLAINTEXT);
    expect(first).toBe("1 of 1 TCP connection was plaintext.");
    expect(connections).toEqual({ mtls: 0, plaintext: 1, tls: 0, unclear: 0, refused: 0 });
    expect(incoming).toEqual(connections);
    expect(evidence).toEqual(["plaintext bytes of TCP connections opened before the window reported by foo/httpbin (destination, Envoy), connection_security_policy none"]);
  });

  it("need a person where they are plaintext, and their client is a sender of it", () => {
    const { edges, attention, senders } = shown(PLAINTEXT);
    expect(edges.map(({ counts, bytes }) => [counts.plaintext, bytes])).toEqual([[1, 909_000]]);
    expect(attention.map(({ kind, sentence }) => [kind, sentence])).toContainEqual(["plaintext", "foo/sleep → foo/httpbin: 1 plaintext TCP connection, sender by address, one owner."]);
    expect(senders.senders.map(({ id, connections, explanations }) => [id, connections, explanations.length])).toEqual([["foo/sleep", 1, 1]]);
    expect(senders.named).toEqual({ requests: 0, ofRequests: 0, connections: 1, ofConnections: 1 });
  });

  it("in plaintext go past STRICT, too", () => {
    const told = verdicts([peerAuthentication("foo", "default", "STRICT")], PLAINTEXT);
    const { attention } = presentMesh(told, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [] });
    expect(attention[0]).toMatchObject({ kind: "past STRICT", sentence: "foo/sleep → foo/httpbin: 1 plaintext TCP connection, though foo/httpbin is STRICT." });
    expect(presentSenders(told).senders[0]?.explanations[0]?.edges[0]?.admission).toBe("It took plaintext on TCP connections opened before the window all the same.");
  });

  it("are mTLS, and not none of it", () => {
    const { headline: first, sentence } = shown(OLDER);
    expect(first).toBe("No plaintext was seen in 1 TCP connection.");
    expect(sentence).toBe("Bytes were seen on TCP connections opened before the window, which were mTLS.");
  });

  it("in plaintext are not hidden by what was opened in it", () => {
    const { connections, sentence } = shown(row({ family: "tcp", count: 5, bytes: 100 }), PLAINTEXT);
    expect(connections).toEqual({ mtls: 5, plaintext: 1, tls: 0, unclear: 0, refused: 0 });
    expect(sentence).toContain("5 mTLS of 5 TCP connections, and plaintext on TCP connections opened before the window");
  });

  it("add nothing to those of their kind that were counted", () => {
    expect(shown(row({ family: "tcp", count: 5, bytes: 100 }), { ...OLDER, responseCode: "0" }).connections).toEqual({ mtls: 5, plaintext: 0, tls: 0, unclear: 0, refused: 0 });
  });

  it("of unreported security are not none of them", () => {
    expect(shown({ ...PLAINTEXT, connectionSecurityPolicy: null }).sentence).toMatch(/^Nobody reported the security of TCP connections opened before the window; configuration says /);
  });
});
