import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type KubernetesConfig, type MeshConfigSource, type MeshSources, Misconfiguration, openSources, type PrometheusConfig, readConfig } from "../../lib/sources/index.ts";
import { FakeApiServer } from "../support/fakeApiServer.ts";
import { eventually } from "./kubernetes/following.ts";
import { namespace } from "./kubernetes/objects.ts";

const REQUEST = { windowSeconds: 900, lookBackSeconds: 3_600, endMs: 1_700_000_000_000 };

it("with no configuration the playground opens", async () => {
  const sources = await openSources(readConfig({}, { home: "/", fileExists: () => false }));
  await sources.configuration.ready();
  expect(sources.playground).not.toBeNull();
  expect(sources.configuration.current().objects.Pod.length).toBeGreaterThan(0);
  await sources.stop();
});

function opening(mesh: MeshConfigSource): Promise<MeshSources> {
  return openSources({ mesh, host: "127.0.0.1", port: 3000 });
}

it("a scene that does not exist is an error that names those that do", async () => {
  await expect(opening({ kind: "playground", scene: "nowhere" })).rejects.toThrow(/nowhere.*migration/);
});

const folder = mkdtempSync(join(tmpdir(), "mtlscope-"));
const kubeconfig = join(folder, "config");
writeFileSync(kubeconfig, '{current-context: a, contexts: [{name: a, context: {cluster: c, user: me}}], clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}], users: [{name: me, user: {}}]}');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const CLUSTER: KubernetesConfig = { kubeconfigFiles: [kubeconfig], context: null, namespaces: null, istioNamespace: "istio-system" };

describe("what the user can mend is told as misconfiguration, and nothing else is", () => {
  it.each<[string, MeshConfigSource]>([
    ["no such scene", { kind: "playground", scene: "nowhere" }],
    ["a saved state that is not there", { kind: "snapshot", file: "/does-not-exist" }],
    ["a file that is no saved state", { kind: "snapshot", file: import.meta.filename }],
    ["a kubeconfig that is not there", { kind: "cluster", kubernetes: { ...CLUSTER, kubeconfigFiles: ["/does-not-exist"] }, prometheus: null }],
    ["a file that is no kubeconfig", { kind: "cluster", kubernetes: { ...CLUSTER, kubeconfigFiles: [import.meta.filename] }, prometheus: null }],
    ["no such context", { kind: "cluster", kubernetes: { ...CLUSTER, context: "nowhere" }, prometheus: null }],
  ])("%s", async (_, mesh) => {
    await expect(opening(mesh)).rejects.toBeInstanceOf(Misconfiguration);
  });

  it("settings that contradict each other", () => {
    expect(() => readConfig({ MTLSCOPE_PLAYGROUND: "shop", MTLSCOPE_CONTEXT: "prod" })).toThrow(Misconfiguration);
  });

  it("but not a mistake of ours: an address that the settings should not have let through", async () => {
    const prometheus: PrometheusConfig = { url: "no URL", bearerToken: null, bearerTokenFile: null, username: null, password: null, passwordFile: null, caFile: null, certificateFile: null, keyFile: null, headers: {}, selector: null };
    const failing = opening({ kind: "cluster", kubernetes: CLUSTER, prometheus });
    await expect(failing).rejects.toBeInstanceOf(TypeError);
    await expect(failing).rejects.not.toBeInstanceOf(Misconfiguration);
  });
});

it("a cluster without a Prometheus opens, and says what it cannot see", async () => {
  const server = await FakeApiServer.start();
  await server.apply(namespace("shop"));
  const sources = await openSources(readConfig({ MTLSCOPE_KUBECONFIG: server.kubeconfigFile }));
  await sources.configuration.ready();
  expect(sources.name).toBe("fake");
  expect(sources.playground).toBeNull();
  expect(sources.configuration.current().objects.Namespace.map(({ name }) => name)).toEqual(["shop"]);
  expect(sources.telemetry.status()).toMatchObject([{ name: "Prometheus", state: "absent" }]);
  expect(await sources.telemetry.read(REQUEST)).toMatchObject({ rows: [], windowStartMs: REQUEST.endMs - 900_000, lookBackStartMs: REQUEST.endMs - 4_500_000, gaps: [{ wanted: "observed traffic" }] });
  await sources.stop();
  await eventually(() => {
    expect(server.openConnections).toBe(0);
  });
  await server.stop();
});
