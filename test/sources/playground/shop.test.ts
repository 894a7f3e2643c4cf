import { EDGE_STATES, evaluateMesh, judgeMesh, type Edge, type EdgeState, type Party, type PeerAuthentication, type Telemetry } from "#mesh";
import { doubtsAbout, preview, proposeStrict } from "#proposals";
import { describe, expect, it } from "vitest";
import { callsOf } from "../../../lib/sources/playground/calls.ts";
import { clusterOf, withObjects } from "../../../lib/sources/playground/cluster.ts";
import { playgroundSources } from "../../../lib/sources/playground/index.ts";
import { shop } from "../../../lib/sources/playground/scenes/shop.ts";
import type { MeshSources } from "../../../lib/sources/source.ts";
import { handClock, NOON_MS, read } from "./wallClock.ts";

function partyName(party: Party): string {
  switch (party.kind) {
    case "workload":
      return party.id;
    case "node":
      return `node ${party.name}`;
    case "address":
      return party.address;
    case "external":
      return party.host;
    case "unidentified":
      return "unidentified";
  }
}

async function edgesOf(sources: MeshSources): Promise<readonly Edge[]> {
  const telemetry = await read(sources);
  return evaluated(sources, telemetry);
}

function evaluated(sources: MeshSources, telemetry: Telemetry): readonly Edge[] {
  const configuration = sources.configuration.current();
  return evaluateMesh({ capturedAtMs: telemetry.windowEndMs, configuration, telemetry }, judgeMesh(configuration)).edges;
}

function states(edges: readonly Edge[], client: string, server: string): readonly string[] {
  return edges.filter((edge) => partyName(edge.client) === client && partyName(edge.server) === server).map((edge) => `${edge.family} ${edge.state}`);
}

/** Written by hand: what a page must show of the scene, by the cause that its table of flows names. */
const EXPECTED: readonly (readonly [client: string, server: string, ...states: readonly string[]])[] = [
  ["shop/frontend", "shop/catalog", "http mTLS"],
  ["shop/catalog", "data/catalog-db", "tcp mTLS"],
  ["istio-system/istio-ingressgateway", "shop/frontend", "http mTLS"],
  ["legacy/pos-bridge", "shop/inventory", "http plaintext"],
  ["platform/ingress-nginx", "shop/frontend", "http plaintext"],
  ["platform/prometheus", "shop/catalog", "http plaintext"],
  ["unidentified", "accounts/audit", "http plaintext"],
  ["shop/search", "shop/catalog", "http plaintext"],
  ["accounts/notifications", "shop/newsletter", "http plaintext"],
  ["accounts/profiles", "data/orders-db", "tcp plaintext"],
  ["shop/promotions", "accounts/profiles", "http plaintext"],
  ["legacy/price-import", "shop/pricing", "http plaintext"],
  ["legacy/erp", "payments/ledger", "http blocked"],
  ["shop/cart", "payments/cards", "http blocked"],
  ["accounts/audit", "data/elasticsearch", "http blocked"],
  ["legacy/fax-gateway", "logistics/labels", "tcp blocked"],
  ["shop/recommendations", "shop/reviews", "http mixed"],
  ["accounts/addresses", "accounts/profiles", "http mixed"],
  ["accounts/addresses", "payments/fraud-scoring", "http mixed, partly blocked"],
  ["shop/search", "data/elasticsearch", "http unclear"],
  ["legacy/crm", "accounts/sso", "tcp application TLS"],
  ["platform/backup", "data/redis", "tcp idle"],
  ["payments/payouts", "payments/ledger", "http idle"],
  ["legacy/price-import", "payments/payment-api", "http expected blocked"],
  ["analytics/clickstream", "analytics/event-collector", "tcp mTLS"],
  ["analytics/reports", "analytics/dashboards", "http mTLS"],
  ["legacy/crm", "analytics/event-collector", "tcp plaintext"],
  ["shop/wishlist", "shop/sessions", "tcp plaintext"],
  ["legacy/mainframe-adapter", "payments/vault", "tcp plaintext"],
];

describe("the shop", () => {
  it("lets something happen in every flow: none is left to a silent engine", () => {
    const configuration = withObjects(clusterOf(shop, NOON_MS), shop.addedLately?.policies ?? [], NOON_MS);
    expect(callsOf(shop, configuration).filter(({ calls }) => calls.length === 0).map(({ flow }) => `${flow.from} ${flow.to}`)).toEqual([]);
  });

  it("has every state an edge can have", async () => {
    const edges = await edgesOf(playgroundSources({ scene: "shop", now: handClock().now }));
    const seen = new Set<EdgeState>(edges.map((edge) => edge.state));
    expect(EDGE_STATES.filter((state) => !seen.has(state))).toEqual([]);
  });

  it("shows each cause as the state it leads to", async () => {
    const edges = await edgesOf(playgroundSources({ scene: "shop", now: handClock().now }));
    expect(EXPECTED.map(([client, server]) => [client, server, ...states(edges, client, server)])).toEqual(EXPECTED);
  });

  it("keeps one plaintext request in 300 visible: 2700 mTLS and 9 plaintext", async () => {
    const edges = await edgesOf(playgroundSources({ scene: "shop", now: handClock().now }));
    const edge = edges.find((one) => partyName(one.client) === "shop/recommendations" && partyName(one.server) === "shop/reviews");
    expect(edge?.counts).toEqual({ mtls: 2700, plaintext: 9, tls: 0, unclear: 0, refused: 0 });
  });

  it("marks the disagreements: two are scripted, and a pod dialled by its address looks like its Service at the server", async () => {
    const edges = await edgesOf(playgroundSources({ scene: "shop", now: handClock().now }));
    const marked = edges.filter((edge) => edge.disagreement !== null).map((edge) => `${partyName(edge.client)} ${partyName(edge.server)}`);
    expect(marked.sort()).toEqual(["legacy/mainframe-adapter payments/vault", "shop/search shop/catalog", "shop/wishlist shop/sessions"]);
  });

  it("has a port that the API server calls and no traffic shows: STRICT for accounts would refuse it", async () => {
    const sources = playgroundSources({ scene: "shop", now: handClock().now });
    const telemetry = await read(sources);
    const configuration = sources.configuration.current();
    const verdicts = evaluateMesh({ capturedAtMs: telemetry.windowEndMs, configuration, telemetry }, judgeMesh(configuration));
    const proposal = proposeStrict(verdicts, { kind: "namespace", namespace: "accounts" });
    if (proposal.kind !== "proposal") throw new Error(proposal.because);
    expect(doubtsAbout(verdicts, preview(verdicts, proposal))[0]).toEqual({
      wanted: "calls of the API server to `accounts/sso` on port `8443` (ValidatingWebhookConfiguration `sso-clients`, webhook `clients.sso.example`, failurePolicy Fail)",
      because: "the API server has no proxy, and STRICT refuses it: the objects that the webhook is for can no longer be written. Keep that port open with `portLevelMtls`, or leave it out of capture (`traffic.sidecar.istio.io/excludeInboundPorts`)",
    });
  });

  it("hides what only access logs show: without them refused plaintext is expected blocked", async () => {
    const sources = playgroundSources({ scene: "shop", now: handClock().now });
    sources.playground?.setAccessLogs(false);
    expect(states(await edgesOf(sources), "legacy/erp", "payments/ledger")).toEqual(["http expected blocked"]);
  });

  it("obeys STRICT for shop: its plaintext senders are refused, each through its own cause", async () => {
    const sources = playgroundSources({ scene: "shop", now: handClock().now });
    const strict: PeerAuthentication = { kind: "PeerAuthentication", namespace: "shop", name: "default", labels: {}, annotations: {}, createdAtMs: null, selector: null, mode: "STRICT", portLevelMtls: {} };
    sources.playground?.apply("STRICT for shop", { add: [strict], update: [], remove: [] });
    const edges = await edgesOf(sources);
    expect(states(edges, "legacy/pos-bridge", "shop/inventory")).toEqual(["http blocked"]);
    expect(states(edges, "platform/ingress-nginx", "shop/frontend")).toEqual(["http blocked"]);
    expect(states(edges, "accounts/notifications", "shop/newsletter")).toEqual(["http blocked"]);
    expect(states(edges, "shop/recommendations", "shop/reviews")).toEqual(["http mixed, partly blocked"]);
    expect(states(edges, "shop/frontend", "shop/catalog")).toEqual(["http mTLS"]);
    expect(states(edges, "accounts/profiles", "data/orders-db")).toEqual(["tcp plaintext"]);
  });
});
