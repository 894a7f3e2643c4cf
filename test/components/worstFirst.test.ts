import { describe, expect, it } from "vitest";
import { worstFirst } from "../../components/state/worstFirst.ts";
import { counts, edge } from "./mesh.ts";

const order = (edges: readonly ReturnType<typeof edge>[]) => [...edges].sort(worstFirst).map(({ client }) => client);

describe("order of lists that nobody sorted", () => {
  it("puts what asks for a person before what is merely so", () => {
    expect(order([edge("idle", "s", { state: "idle" }), edge("mtls", "s"), edge("refused", "s", { state: "blocked" }), edge("plain", "s", { state: "plaintext" }), edge("mixed", "s", { state: "mixed" })])).toEqual(["plain", "mixed", "refused", "mtls", "idle"]);
  });

  it("puts mTLS that is in part unclear behind what is unclear, and before what is wholly known", () => {
    const edges = [edge("mtls", "s", { counts: counts({ mtls: 9000 }) }), edge("tls", "s", { state: "application TLS", counts: counts({ tls: 9000 }) }), edge("partly", "s", { counts: counts({ mtls: 9, unclear: 1 }) }), edge("unclear", "s", { state: "unclear", counts: counts({ unclear: 1 }) })];
    expect(order(edges)).toEqual(["unclear", "partly", "tls", "mtls"]);
  });

  it("puts much before little", () => {
    expect(order([edge("few", "s", { counts: counts({ mtls: 10 }) }), edge("many", "s", { counts: counts({ mtls: 1000 }) })])).toEqual(["many", "few"]);
  });

  it("moves nothing when a count grows a little", () => {
    const before = order([edge("a", "s", { counts: counts({ mtls: 700 }) }), edge("b", "s", { counts: counts({ mtls: 701 }) })]);
    const after = order([edge("a", "s", { counts: counts({ mtls: 703 }) }), edge("b", "s", { counts: counts({ mtls: 702 }) })]);
    expect(before).toEqual(["a", "b"]);
    expect(after).toEqual(before);
  });
});
