import type { Flow, PortSpec, Scene } from "../scene.ts";

const HTTP: readonly PortSpec[] = [{ name: "http", port: 8000, targetPort: 8080 }];

const RATES: readonly (readonly [from: string, to: string, perSecond: number])[] = [
  ["foo/sleep", "foo/httpbin", 2],
  ["foo/sleep", "bar/httpbin", 1.5],
  ["bar/sleep", "foo/httpbin", 1.2],
  ["bar/sleep", "bar/httpbin", 2.5],
  ["legacy/sleep", "foo/httpbin", 0.8],
  ["legacy/sleep", "bar/httpbin", 0.5],
];

/** Istio's own task "Mutual TLS Migration": two namespaces in the mesh, one outside, every pair talking. */
export const migration: Scene = {
  id: "migration",
  title: "Mutual TLS migration: foo, bar and legacy",
  namespaces: [
    { name: "foo", labels: { "istio-injection": "enabled" } },
    { name: "bar", labels: { "istio-injection": "enabled" } },
    { name: "legacy" },
    { name: "istio-system" },
  ],
  workloads: [
    { id: "foo/httpbin", plane: "sidecar", ports: HTTP, podAddresses: ["10.244.1.10"], clusterIP: "10.96.0.10" },
    { id: "foo/sleep", plane: "sidecar", podAddresses: ["10.244.1.11"] },
    { id: "bar/httpbin", plane: "sidecar", ports: HTTP, podAddresses: ["10.244.1.20"], clusterIP: "10.96.0.20" },
    { id: "bar/sleep", plane: "sidecar", podAddresses: ["10.244.1.21"] },
    { id: "legacy/sleep", plane: "none", podAddresses: ["10.244.1.30"] },
  ],
  flows: RATES.map(([from, to, perSecond]): Flow => ({ from, to, port: 8000, perSecond })),
  policies: [],
  addedLately: null,
  istioVersion: "1.30.3",
  istiodEnv: {},
};
