import { describe, expect, it } from "vitest";
import type { EdgeView, SenderView } from "#view";
import { NO_FILTERS } from "../../components/address/address.ts";
import { sendersInScope } from "../../components/senders/senderScope.ts";
import { counts, edge, node } from "./mesh.ts";

const NODES = ["legacy/erp", "legacy/crm", "shop/cart", "payments/ledger", "payments/cards", "data/orders"].map((id) => node(id));
const nodesById = new Map(NODES.map((one) => [one.id, one]));

function sender(id: string, edges: readonly EdgeView[], explanations: SenderView["explanations"]): SenderView {
  // what the API sums up is of the whole mesh, and must not be shown for a part of it
  const whole = { requests: 99_999, connections: 99_999, refused: 99_999, refusedRequests: 99_999, refusedConnections: 99_999, unreportedRequests: 99_999, unreportedConnections: 99_999, lastSeenMs: 99_999, lastSeenAfterMs: null };
  return { id, name: id, confidence: "address, one owner", how: "", explanations, ...whole, edges };
}

const toOrders = edge("legacy/erp", "data/orders", { family: "tcp", state: "plaintext", counts: counts({ plaintext: 45 }), confidence: "address, one owner", lastPlaintextMs: 500, lastSeenMs: 500 });
const toLedger = edge("legacy/erp", "payments/ledger", { state: "blocked", counts: counts({ refused: 180 }), lastSeenMs: 300 });
const toCards = edge("legacy/crm", "payments/cards", { state: "mixed", counts: counts({ plaintext: 7, mtls: 3 }), confidence: "unidentified", lastPlaintextMs: 200, lastSeenMs: 900 });
const SENDERS = [
  sender("legacy/erp", [toOrders, toLedger], [
    { cause: "It runs no proxy.", fix: "Inject it.", edges: [{ id: toOrders.id, admission: null }, { id: toLedger.id, admission: "payments/ledger is STRICT." }] },
    { cause: "Not of payments.", fix: "None.", edges: [{ id: toOrders.id, admission: null }] },
  ]),
  sender("legacy/crm", [toCards], [{ cause: "It dials by address.", fix: "Dial the Service.", edges: [{ id: toCards.id, admission: null }] }]),
];

function of(namespaces: readonly string[], text = "") {
  return sendersInScope(SENDERS, { ...NO_FILTERS, namespaces, text }, nodesById);
}
const ids = (shown: ReturnType<typeof of>["plaintext"]) => shown.map((one) => one.sender.id);

describe("senders in the part of the mesh that is looked at", () => {
  it("who sent most comes first, the two families never added", () => {
    const { plaintext, onlyRefused, named } = of([]);
    expect(plaintext.map(({ sender: { id }, requests, connections, refusedRequests }) => [id, requests, connections, refusedRequests])).toEqual([["legacy/erp", 0, 45, 180], ["legacy/crm", 7, 0, 0]]);
    expect(onlyRefused).toEqual([]);
    expect(named).toEqual({ requests: 0, ofRequests: 7, connections: 45, ofConnections: 45 });
  });

  it("sums, causes and times are of the connections in scope; who was only refused there stands apart", () => {
    const { plaintext, onlyRefused, named } = of(["payments"]);
    expect(ids(plaintext)).toEqual(["legacy/crm"]);
    expect(ids(onlyRefused)).toEqual(["legacy/erp"]);
    expect(onlyRefused[0]).toMatchObject({
      requests: 0, connections: 0, refusedRequests: 180, refusedConnections: 0, lastSeenMs: 300,
      explanations: [{ cause: "It runs no proxy.", edges: [{ id: toLedger.id, admission: "payments/ledger is STRICT." }] }],
    });
    expect(named).toEqual({ requests: 0, ofRequests: 7, connections: 0, ofConnections: 0 });
  });

  it("of a sender that also sends mTLS, the time is that of its plaintext", () => {
    expect(of(["payments"]).plaintext[0]?.lastSeenMs).toBe(200);
  });

  it("who was refused most in scope comes first, whatever it was refused elsewhere", () => {
    const refused = (id: string, here: number, elsewhere: number) =>
      sender(id, [edge(id, "payments/ledger", { state: "blocked", counts: counts({ refused: here }) }), edge(id, "data/orders", { state: "blocked", counts: counts({ refused: elsewhere }) })], []);
    const { onlyRefused } = sendersInScope([refused("legacy/erp", 2, 900), refused("legacy/crm", 30, 1)], { ...NO_FILTERS, namespaces: ["payments"] }, nodesById);
    expect(ids(onlyRefused)).toEqual(["legacy/crm", "legacy/erp"]);
  });

  it("what is plaintext by configuration alone stands apart, and is in no number of plaintext", () => {
    const toSearch = edge("shop/cart", "data/orders", { state: "unclear", counts: counts({ unclear: 8100 }), unreportedPlaintext: 8100 });
    const { plaintext, unreported, onlyRefused, named } = sendersInScope([sender("shop/cart", [toSearch], []), ...SENDERS], { ...NO_FILTERS, namespaces: [], text: "" }, nodesById);
    expect(ids(unreported)).toEqual(["shop/cart"]);
    expect(unreported[0]).toMatchObject({ requests: 0, unreportedRequests: 8100, unreportedConnections: 0 });
    expect(ids(plaintext)).toEqual(["legacy/erp", "legacy/crm"]);
    expect(onlyRefused).toEqual([]);
    expect(named.ofRequests).toBe(7);
  });

  it("a sender of both stands in both groups, each with its own connections", () => {
    const toSearch = edge("legacy/erp", "data/search", { state: "unclear", counts: counts({ unclear: 8100 }), unreportedPlaintext: 8100 });
    const both = sender("legacy/erp", [toOrders, toSearch], [{ cause: "It has no proxy.", fix: "Give it one.", edges: [{ id: toSearch.id, admission: null }] }]);
    const { plaintext, unreported } = sendersInScope([both], { ...NO_FILTERS, namespaces: [], text: "" }, nodesById);
    expect(plaintext.map(({ edges, connections, unreportedRequests, explanations }) => [edges, connections, unreportedRequests, explanations])).toEqual([[[toOrders], 45, 0, []]]);
    expect(unreported.map(({ edges, connections, unreportedRequests, explanations }) => [edges, connections, unreportedRequests, explanations.length])).toEqual([[[toSearch], 0, 8100, 1]]);
  });

  it("a search narrows in the same way", () => {
    expect(ids(of([], "payments/ledger").onlyRefused)).toEqual(["legacy/erp"]);
    expect(ids(of([], "payments/ledger").plaintext)).toEqual([]);
  });
});
