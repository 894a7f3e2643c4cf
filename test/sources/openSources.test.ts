import { expect, it } from "vitest";
import { openSources, readConfig } from "../../lib/sources/index.ts";
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

it("a scene that does not exist is an error that names those that do", async () => {
  const opening = openSources({ mesh: { kind: "playground", scene: "nowhere" }, host: "127.0.0.1", port: 3000 });
  await expect(opening).rejects.toThrow(/nowhere.*migration/);
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
