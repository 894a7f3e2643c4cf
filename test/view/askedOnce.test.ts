import { expect, it } from "vitest";
import { evaluateMesh, type MeshObject } from "#mesh";
import { presentMesh } from "#view";
import { destinationRule, mesh, namespace, peerAuthentication, pod, service, tls, trafficPolicy } from "../support/mesh.ts";
import { row, UNPROVED, WINDOW_START_MS } from "../support/telemetry.ts";

// Reasons are asked of the engine for each way of an edge that is not mTLS, which is the most of what such an edge costs to draw.

const PORTS = [81, 82, 83, 84].map((port) => ({ port, name: `http-${port}`, targetPort: 8_000 + port }));
const PAIR: readonly MeshObject[] = [namespace("foo"), pod("foo", "sleep", { proxy: "sidecar" }), pod("foo", "httpbin", { proxy: "sidecar" }), service("foo", "httpbin", { ports: PORTS })];

it.each<[string, MeshObject]>([
  ["PeerAuthentication foo/default sets DISABLE", peerAuthentication("foo", "default", "DISABLE")],
  ["DestinationRule foo/own sets DISABLE", destinationRule("foo", "own", "httpbin.foo.svc.cluster.local", { trafficPolicy: trafficPolicy(tls("DISABLE")) })],
])("each of four ways is asked about once: %s", (because, object) => {
  const telemetry = { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, rows: [row({ connectionSecurityPolicy: "none", client: UNPROVED })], lookBackRows: [], lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [] };
  const verdicts = evaluateMesh({ capturedAtMs: telemetry.windowEndMs, configuration: mesh([...PAIR, object]), telemetry });
  const asked: number[] = [];
  const connection: typeof verdicts.judge.connection = (question) => {
    asked.push(question.port);
    return verdicts.judge.connection(question);
  };
  const { edges } = presentMesh({ ...verdicts, judge: { ...verdicts.judge, connection } }, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [] });
  expect(edges[0]?.sentence).toContain(because);
  expect(asked).toEqual([81, 82, 83, 84]);
});
