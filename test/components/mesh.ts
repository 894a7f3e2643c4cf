import type { CountsView, EdgeView, MeshView, NodeView, TotalsView } from "#view";

const NOTHING: CountsView = { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0 };

export function counts(some: Partial<CountsView> = {}): CountsView {
  return { ...NOTHING, ...some };
}

export function node(id: string, more: Partial<NodeView> = {}): NodeView {
  const slash = id.indexOf("/");
  return { id, kind: "workload", namespace: id.slice(0, slash), name: id.slice(slash + 1), ownerKind: "Deployment", dataPlaneModes: ["sidecar"], instances: 1, accepts: [], ...more };
}

/** An edge named by its ends; mTLS unless said otherwise. */
export function edge(client: string, server: string, more: Partial<EdgeView> = {}): EdgeView {
  return {
    id: `${client}>${server}`,
    client,
    server,
    host: null,
    family: "http",
    state: "mTLS",
    counts: counts({ mtls: 1 }),
    unreportedPlaintext: 0,
    bytes: 0,
    extrapolated: false,
    lastSeenMs: null,
    lastPlaintextMs: null,
    lastSeenAfterMs: null,
    lastPlaintextAfterMs: null,
    confidence: "proved by identity",
    configured: [],
    accepts: [],
    sends: [],
    sentence: "",
    disagreement: null,
    concerns: [],
    ...more,
  };
}

export function totals(more: Partial<TotalsView> = {}): TotalsView {
  return { requests: counts(), connections: counts(), edges: [], workloads: 0, workloadsWithoutProxy: 0, ...more };
}

/** A quiet picture; a case names only what it is about. */
export function meshView(more: Partial<MeshView> = {}): MeshView {
  return {
    schema: "mtlscope-view/1",
    revision: 1,
    capturedAtMs: 1_000_000,
    mesh: { name: "test", simulated: false, playground: null, savedAtMs: null, istioVersions: [] },
    window: { startMs: 100_000, endMs: 1_000_000, seconds: 900, lookBackStartMs: 0, followed: true, covered: [{ startMs: 100_000, endMs: 1_000_000 }], coveredSeconds: 900 },
    sources: [],
    gaps: [],
    totals: totals(),
    namespaces: [],
    nodes: [],
    edges: [],
    attention: [],
    ...more,
  };
}
