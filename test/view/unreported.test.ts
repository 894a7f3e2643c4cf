import { describe, expect, it } from "vitest";
import { evaluateMesh, type MeshVerdicts, type Pod, type TrafficRow } from "#mesh";
import { namespaceOutlook } from "#proposals";
import { presentEdge, presentMesh, presentSenders, type MeshView } from "#view";
import { headline } from "../../components/overview/headline.ts";
import { mesh, namespace, pod, service, slice } from "../support/mesh.ts";

// A server of three pods, one of them without a proxy: whatever is said of it, the engine says it of real objects.

const AT_MS = Date.UTC(2026, 5, 1);
const CHECKOUT = { namespace: "shop", workload: "checkout", principal: "spiffe://cluster.local/ns/shop/sa/checkout" };
const ROW: TrafficRow = {
  what: "traffic", reporter: "destination", proxy: "envoy", family: "http", connectionSecurityPolicy: "mutual_tls", client: CHECKOUT, server: { namespace: "accounts", workload: "addresses", principal: null },
  serviceHost: "addresses.accounts.svc.cluster.local", serviceName: "addresses", responseCode: null, responseFlags: null, count: 1080, bytes: 0, extrapolated: false, lastSeenMs: AT_MS - 1000,
};
const SOURCE = { ...ROW, reporter: "source", connectionSecurityPolicy: "unknown" } as const;
const BARE: TrafficRow = { ...SOURCE, client: { ...CHECKOUT, principal: null }, count: 540 };

function addresses(ordinal: number, proxy?: "sidecar"): Pod {
  return pod("accounts", `addresses-${ordinal}`, { ...(proxy === undefined ? {} : { proxy }), labels: { app: "addresses" }, owner: { kind: "Deployment", name: "addresses" } });
}

function verdicts(pods: readonly Pod[], rows: readonly TrafficRow[] = [ROW, SOURCE, BARE], portName = "http"): MeshVerdicts {
  const served = service("accounts", "addresses", { ports: [{ port: 80, name: portName }] });
  const configuration = mesh([namespace("shop"), namespace("accounts"), pod("shop", "checkout", { proxy: "sidecar" }), ...pods, served, slice(served, pods)]);
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows, lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
  return evaluateMesh({ capturedAtMs: AT_MS, configuration, telemetry });
}

function view(of: MeshVerdicts): MeshView {
  return presentMesh(of, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: namespaceOutlook(of) });
}

describe("one pod of three has no proxy", () => {
  const told = verdicts([addresses(0, "sidecar"), addresses(1, "sidecar"), addresses(2)]);
  const { totals, edges, namespaces, attention } = view(told);

  it("is no 100 % of mTLS", () => {
    expect(totals.requests).toEqual({ mtls: 1080, plaintext: 0, tls: 0, unclear: 540, refused: 0 });
    expect(headline(totals)).toBe("No plaintext was seen, but nobody reported the security of 540 of 1,620 requests.");
    expect(edges.map(({ state, sentence }) => [state, sentence])).toEqual([["mTLS", "1,080 requests were mTLS; of 540 more nobody reported the security, and configuration says mTLS or plaintext."]]);
  });

  it("is not ready for STRICT", () => {
    const accounts = namespaces.find(({ name }) => name === "accounts")?.readiness;
    expect(accounts).toMatchObject({ kind: "unknown", blockers: 0, uncertain: 0, sentence: "No server reported the security of 540 requests (shop/checkout → accounts/addresses), and configuration says plaintext: STRICT would not reach that." });
    expect(attention.filter(({ kind }) => kind === "ready")).toEqual([]);
  });

  it("is plaintext by configuration, as far as the client used no certificate", () => {
    expect(edges.map(({ unreportedPlaintext }) => unreportedPlaintext)).toEqual([540]);
    expect(attention.map(({ kind, sentence }) => [kind, sentence])).toEqual([["unreported plaintext", "shop/checkout → accounts/addresses: 540 requests, unreported and plaintext by configuration."]]);
    const [sender] = presentSenders(told).senders;
    expect(sender).toMatchObject({ id: "shop/checkout", requests: 0, unreportedRequests: 540, unreportedConnections: 0 });
  });

  it("says why, and which pod", () => {
    const detail = presentEdge(told, edges[0]?.id ?? "");
    expect(detail?.cause).toBe("Of 540 requests nobody reported the security: shop/checkout used no certificate for them, and no proxy of accounts/addresses reported them, and configuration says mTLS or plaintext: Pod accounts/addresses-2 runs no proxy and can take nothing but plaintext.");
    expect(detail?.evidence.map(({ text }) => text)).toContain(
      "540 unclear requests reported by shop/checkout (source, Envoy), connection_security_policy unknown: the client's proxy used no certificate, and no proxy of the server reported it; configuration says plaintext for 1 of 3 pods",
    );
  });
});

describe("no pod has a proxy", () => {
  it("all that the client alone reported is plaintext by configuration, and in no number of plaintext", () => {
    const pods = [addresses(0), addresses(1)];
    const { edges: [edge], totals } = view(verdicts(pods, [BARE]));
    expect([edge?.state, edge?.unreportedPlaintext]).toEqual(["unclear", 540]);
    expect(totals.requests).toEqual({ mtls: 0, plaintext: 0, tls: 0, unclear: 540, refused: 0 });
  });

  it("what failed carried nothing", () => {
    const { edges: [edge] } = view(verdicts([addresses(0)], [{ ...BARE, responseCode: "503", responseFlags: "UF" }]));
    expect([edge?.counts.unclear, edge?.unreportedPlaintext]).toEqual([540, 0]);
  });
});

describe("every pod has a proxy, and one of them reports nothing", () => {
  it("STRICT might block what the client sent without a certificate", () => {
    const told = view(verdicts([addresses(0, "sidecar"), addresses(1, "sidecar")]));
    expect(told.namespaces.find(({ name }) => name === "accounts")?.readiness).toMatchObject({ kind: "unknown", uncertain: 1, sentence: "What STRICT would do to 1 connection to accounts cannot be told." });
  });
});

it("connections opened before the window, of which only bytes were seen, are one at least", () => {
  const { edges: [edge] } = view(verdicts([addresses(0)], [{ ...BARE, family: "tcp", count: 0, bytes: 909_000 }], "tcp"));
  expect([edge?.counts.unclear, edge?.unreportedPlaintext]).toEqual([1, 1]);
});
