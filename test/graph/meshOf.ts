import type { EdgeView, MeshView, NodeView } from "#view";

/** A quiet picture: what a case is about is given, the rest is nothing. */
export function meshOf(nodes: readonly NodeView[], edges: readonly EdgeView[]): MeshView {
  const none = { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0 };
  return {
    schema: "mtlscope-view/1",
    revision: 1,
    capturedAtMs: 0,
    mesh: { name: "test", simulated: true, playground: null, savedAtMs: null, istioVersions: [] },
    window: { startMs: 0, endMs: 900_000, seconds: 900, lookBackStartMs: -3_600_000, followed: true, covered: null, coveredSeconds: null },
    sources: [],
    gaps: [],
    totals: { requests: none, connections: none, edges: [], workloads: 0, workloadsWithoutProxy: 0 },
    namespaces: [],
    nodes,
    edges,
    attention: [],
  } as unknown as MeshView;
}

export function workloadNode(id: string, more: Partial<NodeView> = {}): NodeView {
  const [namespace = "", name = ""] = id.split("/");
  return { id, kind: "workload", namespace, name, ownerKind: "Deployment", dataPlaneModes: ["sidecar"], instances: 1, accepts: [], ...more };
}

/** @param text `a/client > b/server` */
export function edgeBetween(id: string, text: string, more: Partial<EdgeView> = {}): EdgeView {
  const [client = "", server = ""] = text.split(" > ");
  return {
    id,
    client,
    server,
    host: null,
    family: "http",
    state: "mTLS",
    counts: { mtls: 100, plaintext: 0, tls: 0, unclear: 0, refused: 0 },
    unreportedPlaintext: 0,
    bytes: 0,
    extrapolated: false,
    lastSeenMs: 0,
    lastPlaintextMs: null,
    lastSeenAfterMs: null,
    lastPlaintextAfterMs: null,
    confidence: "proved by identity",
    configured: ["mTLS"],
    accepts: ["PERMISSIVE"],
    sends: ["AUTO_MTLS"],
    sentence: "",
    disagreement: null,
    concerns: [],
    ...more,
  };
}
