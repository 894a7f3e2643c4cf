import { expect, it } from "vitest";
import { evaluateMesh, type PeerAuthentication, type TrafficRow } from "#mesh";
import { presentEdge, presentMesh } from "#view";
import { mesh, namespace, peerAuthentication, pod, service } from "../support/mesh.ts";

// Plaintext that a STRICT server's proxy counted: that STRICT is not enforced is the finding, and not that the client has no proxy.

const AT_MS = Date.UTC(2026, 5, 1);

function row(client: string | null, server: string): TrafficRow {
  return {
    what: "traffic", reporter: "destination", proxy: "envoy", family: "tcp", connectionSecurityPolicy: "none",
    client: { namespace: client === null ? null : "legacy", workload: client, principal: null }, server: { namespace: "payments", workload: server, principal: null },
    serviceHost: `${server}.payments.svc.cluster.local`, serviceName: server, responseCode: null, responseFlags: null, count: client === "adapter" ? 90 : 900, bytes: 0, extrapolated: false, lastSeenMs: AT_MS - 1000,
  };
}

function verdicts(strict: PeerAuthentication) {
  const port = { ports: [{ port: 8200, name: "tcp", targetPort: 8200 }] };
  const objects = ["vault", "open"].flatMap((name) => [pod("payments", name, { proxy: "sidecar" }), service("payments", name, port)]);
  const configuration = mesh([namespace("legacy"), namespace("payments"), pod("legacy", "adapter"), strict, ...objects]);
  const rows = [row("adapter", "vault"), row(null, "vault"), row(null, "open")];
  return evaluateMesh({ capturedAtMs: AT_MS, configuration, telemetry: { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows, lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] } });
}

const told = verdicts(peerAuthentication("payments", "vault", "STRICT", { selector: { app: "vault" } }));
const { edges, attention } = presentMesh(told, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [] });
const LOOK = "Look at the proxy of payments/vault: whether it has taken the policy (istioctl proxy-status), what its listeners ask for (istioctl proxy-config listeners), and whether the policy is younger than this traffic.";

it.each([["legacy/adapter", 90], [null, 900]] as const)("its cause is the server that took it, with the policy that says otherwise: %s", (client, count) => {
  const id = edges.find((edge) => edge.client === (client ?? "unidentified:payments/vault") && edge.server === "payments/vault")?.id ?? "";
  const detail = presentEdge(told, id);
  expect(detail?.cause).toBe(`payments/vault is STRICT on 8200: PeerAuthentication payments/vault sets STRICT (spec.mtls.mode), and it took ${count} plaintext TCP connections all the same.`);
  expect(detail?.fix).toBe(LOOK);
});

it("comes before all other plaintext, once, the most of it first", () => {
  expect(attention.map(({ kind, sentence }) => [kind, sentence])).toEqual([
    ["past STRICT", "unidentified → payments/vault: 900 plaintext TCP connections, though payments/vault is STRICT."],
    ["past STRICT", "legacy/adapter → payments/vault: 90 plaintext TCP connections, though payments/vault is STRICT."],
    ["plaintext", "unidentified → payments/open: 900 plaintext TCP connections, sender unidentified."],
  ]);
});

it("is said of the connection itself, and is neither plaintext nor a disagreement beside it", () => {
  expect(edges.map(({ client, server, concerns }) => [client, server, concerns])).toEqual(
    expect.arrayContaining([
      ["legacy/adapter", "payments/vault", ["past STRICT"]],
      ["unidentified:payments/vault", "payments/vault", ["past STRICT"]],
      ["unidentified:payments/open", "payments/open", ["plaintext"]],
    ]),
  );
});
