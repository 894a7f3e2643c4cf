import { describe, expect, it } from "vitest";
import { findableText, isOfKind, workloadRows } from "../../components/workloads/workloadRows.ts";
import { counts, edge, meshView, node } from "./mesh.ts";

describe("rows of workloads", () => {
  it("name the worst of a workload's connections and keep the families apart", () => {
    const [httpbin, sleep] = workloadRows(
      meshView({
        nodes: [node("foo/httpbin"), node("foo/sleep"), node("10.0.0.9", { kind: "address" })],
        edges: [
          edge("foo/sleep", "foo/httpbin", { counts: counts({ mtls: 5 }) }),
          edge("10.0.0.9", "foo/httpbin", { state: "plaintext", counts: counts({ plaintext: 7 }) }),
          edge("10.0.0.9", "foo/httpbin", { state: "plaintext", family: "tcp", counts: counts({ plaintext: 2 }) }),
        ],
      }),
    );
    expect(httpbin).toMatchObject({ incoming: 3, outgoing: 0, worstIncoming: { state: "plaintext" }, worstOutgoing: null });
    expect(httpbin?.requests).toEqual(counts({ mtls: 5, plaintext: 7 }));
    expect(httpbin?.connections).toEqual(counts({ plaintext: 2 }));
    expect(sleep).toMatchObject({ incoming: 0, outgoing: 1, worstIncoming: null, worstOutgoing: { state: "mTLS", unclear: { requests: 0, connections: 0 } } });
  });

  it("name the part of mTLS whose security nobody reported, and put it before application TLS", () => {
    const [addresses] = workloadRows(
      meshView({
        nodes: [node("accounts/addresses")],
        edges: [
          edge("shop/checkout", "accounts/addresses", { counts: counts({ mtls: 1080, unclear: 540 }) }),
          edge("shop/cart", "accounts/addresses", { counts: counts({ mtls: 10 }) }),
          edge("shop/bank", "accounts/addresses", { state: "application TLS", family: "tcp", counts: counts({ tls: 9 }) }),
        ],
      }),
    );
    expect(addresses?.worstIncoming).toMatchObject({ state: "mTLS", unclear: { requests: 540, connections: 0 } });
  });
});

describe("a workload is found", () => {
  const [half, bare] = workloadRows(
    meshView({
      nodes: [
        node("accounts/addresses", { dataPlaneModes: ["none", "sidecar"], accepts: [{ mode: "PERMISSIVE", ports: 1 }, { mode: "NONE", ports: 1 }] }),
        node("legacy/batch", { ownerKind: "CronJob", dataPlaneModes: ["none"] }),
      ],
    }),
  );

  it("by how it is in the mesh and by what it accepts", () => {
    expect(half === undefined ? "" : findableText(half)).toBe("accounts/addresses deployment no proxy sidecar permissive none");
    expect(bare === undefined ? "" : findableText(bare)).toBe("legacy/batch cronjob no proxy");
  });

  it("among those without a proxy as soon as one of its pods has none", () => {
    expect([half, bare].map((row) => row !== undefined && isOfKind(row, "no proxy"))).toEqual([true, true]);
    expect([half, bare].map((row) => row !== undefined && isOfKind(row, "PERMISSIVE"))).toEqual([true, false]);
    expect([half, bare].map((row) => row !== undefined && isOfKind(row, "STRICT"))).toEqual([false, false]);
  });
});
