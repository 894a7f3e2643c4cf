import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSources, readConfig, savedState, snapshotBytes } from "#sources";
import { FakeApiServer, type RawObject } from "../../support/fakeApiServer.ts";
import { istiod, namespace, peerAuthentication, service } from "../kubernetes/objects.ts";

// Tokens are planted wherever people put them; none may be in the file.

const TOKEN = "eyJhbGciOiJSUzI1NiJ9.planted-token.c2lnbmF0dXJl";
const PASSWORD = "planted-hunter2";
const REQUEST = { windowSeconds: 900, lookBackSeconds: 3_600, endMs: null };

function plantedPod(): RawObject {
  const annotations = {
    "example.com/token": TOKEN,
    "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ spec: { containers: [{ env: [{ name: "PASSWORD", value: PASSWORD }] }] } }),
    "proxy.istio.io/config": `proxyMetadata:\n  TLS_CLIENT_CERT_CHAIN: /etc/certs/${PASSWORD}\n  UPSTREAM_TOKEN: ${TOKEN}`,
  };
  const containers = [
    { name: "app", image: "app:1", args: [`--password=${PASSWORD}`], env: [{ name: "PASSWORD", value: PASSWORD }] },
    { name: "istio-proxy", image: "proxy:1", args: ["proxy", "sidecar"], env: [{ name: "ISTIO_META_TOKEN", value: TOKEN }] },
  ];
  return { apiVersion: "v1", kind: "Pod", metadata: { namespace: "shop", name: "cart-1", labels: { app: "cart" }, annotations }, spec: { containers } };
}

function plantedPolicies(): readonly RawObject[] {
  const metadata = { namespace: "shop", name: "key", annotations: { "example.com/password": PASSWORD } };
  const when = [{ key: "request.headers[x-api-key]", values: [PASSWORD], notValues: ["*"] }];
  return [
    { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", metadata, spec: { rules: [{ when }] } },
    { ...peerAuthentication("shop", "default", "STRICT"), metadata },
    { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter", metadata, spec: { configPatches: [{ applyTo: "HTTP_FILTER", patch: { operation: "ADD", value: { secret: PASSWORD } } }] } },
    { apiVersion: "v1", kind: "Service", metadata: { namespace: "shop", name: "broken" }, spec: { ports: [{ port: `Bearer ${TOKEN}` }] } },
  ];
}

describe("a saved state of a cluster", () => {
  let server: FakeApiServer;
  let text = "";

  beforeAll(async () => {
    server = await FakeApiServer.start();
    await server.apply(namespace("shop"), plantedPod(), service("shop", "cart"), ...plantedPolicies(), istiod("istio-system", "default", { env: { PILOT_ENABLE_AMBIENT: "true", DATABASE_PASSWORD: PASSWORD } }));
    const sources = await openSources(readConfig({ MTLSCOPE_KUBECONFIG: server.kubeconfigFile }));
    text = gunzipSync(await snapshotBytes(await savedState(sources, REQUEST))).toString("utf8");
    await sources.stop();
  });

  afterAll(async () => {
    await server.stop();
  });

  it("holds the objects", () => {
    for (const held of ["cart-1", "istio-proxy", "sidecar", "request.headers[x-api-key]", "PILOT_ENABLE_AMBIENT", "TLS_CLIENT_CERT_CHAIN"]) expect(text).toContain(held);
  });

  it("holds none of the planted tokens and passwords", () => {
    for (const secret of ["planted-token", PASSWORD, "last-applied", "UPSTREAM_TOKEN", "DATABASE_PASSWORD", "example.com/"]) expect(text).not.toContain(secret);
  });

  it("holds none of the credentials it was read with", () => {
    expect(text).not.toContain("fake-token");
  });
});
