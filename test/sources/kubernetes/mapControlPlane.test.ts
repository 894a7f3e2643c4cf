import { expect, it } from "vitest";
import { CONTROL_PLANE_VARIABLES } from "#mesh";
import { mapControlPlane, mapMeshConfig } from "../../../lib/sources/kubernetes/mapControlPlane.ts";

const META = { name: "istiod", namespace: "istio-system", labels: { app: "istiod" } };
const SECRET = { secretKeyRef: { name: "settings", key: "ambient" } };

function mapped(container: object) {
  const { env, unreadEnv, revision } = mapControlPlane({ spec: { template: { spec: { containers: [{ name: "discovery", image: "istio/pilot:1.30.3", ...container }] } } } }, META) ?? {};
  return { env, unreadEnv, revision };
}

it.each([
  ["nothing", {}, {}, undefined],
  ["a value", { env: [{ name: "PILOT_ENABLE_AMBIENT", value: "true" }] }, { PILOT_ENABLE_AMBIENT: "true" }, undefined],
  ["no value, which Kubernetes takes for an empty one", { env: [{ name: "PILOT_ENABLE_AMBIENT" }] }, {}, undefined],
  ["a reference", { env: [{ name: "PILOT_ENABLE_AMBIENT", valueFrom: SECRET }] }, {}, ["PILOT_ENABLE_AMBIENT"]],
  ["a reference for what no rule asks", { env: [{ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] }, {}, undefined],
  ["a reference that a later value replaces", { env: [{ name: "PILOT_ENABLE_AMBIENT", valueFrom: SECRET }, { name: "PILOT_ENABLE_AMBIENT", value: "false" }] }, { PILOT_ENABLE_AMBIENT: "false" }, undefined],
  ["all of a ConfigMap", { envFrom: [{ configMapRef: { name: "settings" } }] }, {}, [...CONTROL_PLANE_VARIABLES]],
  ["all of a ConfigMap beside a value, which beats it", { envFrom: [{ configMapRef: { name: "settings" } }], env: [{ name: "PILOT_ENABLE_AMBIENT", value: "true" }] }, { PILOT_ENABLE_AMBIENT: "true" }, [...CONTROL_PLANE_VARIABLES].filter((name) => name !== "PILOT_ENABLE_AMBIENT")],
] as const)("istiod's environment: %s", (_name, container, env, unreadEnv) => {
  expect(mapped(container)).toEqual({ env, unreadEnv, revision: "default" });
});

it("a revision that stands in another object is told by the label, or is the default", () => {
  expect(mapped({ env: [{ name: "REVISION", value: "canary" }] }).revision).toBe("canary");
  expect(mapped({ env: [{ name: "REVISION", valueFrom: SECRET }] }).revision).toBe("default");
});

it.each([
  ["{}", undefined],
  ["defaultConfig: { statusPort: 15020, interceptionMode: REDIRECT, proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' } }", undefined],
  ["defaultConfig: { interceptionMode: NONE }", ["interceptionMode"]],
  ["defaultConfig: { proxyMetadata: { TLS_CLIENT_CERT_CHAIN: /etc/certs/chain.pem, OTHER: 1 } }", ["proxyMetadata.TLS_CLIENT_CERT_CHAIN"]],
])("what a mesh configuration says of every proxy and is not followed: %s", (written, unfollowed) => {
  expect(mapMeshConfig({ data: { mesh: written } }, { name: "istio", namespace: "istio-system" })?.unfollowed).toEqual(unfollowed);
});
