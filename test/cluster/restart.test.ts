import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { OBJECT_KINDS, type Configuration, type MeshObject, type ObjectKind } from "#mesh";
import type { KubernetesSource } from "../../lib/sources/kubernetes/index.ts";
import { eventually, namesOf } from "../sources/kubernetes/following.ts";
import { istiod, meshConfigMap, namespace, peerAuthentication, pod, service } from "../sources/kubernetes/objects.ts";
import { freePort } from "../support/app.ts";
import type { RealCluster } from "../support/realCluster.ts";
import { startMeshCluster } from "../support/meshCluster.ts";
import { follow } from "./follow.ts";

let cluster: RealCluster;
let source: KubernetesSource;

beforeAll(async () => {
  cluster = await startMeshCluster();
});

beforeEach(async () => {
  await cluster.apply(
    namespace("shop"), namespace("istio-system"), istiod("istio-system", "default"), meshConfigMap("istio-system", "istio", "{}"),
    service("shop", "cart"), pod("shop", "cart-1"), peerAuthentication("shop", "default", "PERMISSIVE"),
  );
  source = await follow(cluster.kubeconfigFile);
  await source.ready();
});

afterEach(async () => {
  await source.stop();
});

afterAll(async () => {
  await cluster.stop();
});

function sorted({ objects }: Configuration): Readonly<Record<string, readonly MeshObject[]>> {
  const place = ({ namespace: of, name }: MeshObject): string => `${of}/${name}`;
  const ofKind = (kind: ObjectKind): readonly MeshObject[] => [...objects[kind]];
  return Object.fromEntries(OBJECT_KINDS.map((kind) => [kind, ofKind(kind).toSorted((one, other) => (place(one) < place(other) ? -1 : 1))]));
}

/** What somebody sees who comes now is what the source shows that has been there all the time. */
async function expectTruth(): Promise<void> {
  const fresh = await follow(cluster.kubeconfigFile);
  await fresh.ready();
  await eventually(() => {
    expect(sorted(source.current())).toEqual(sorted(fresh.current()));
    expect(source.current().unread).toEqual([]);
    expect(source.status().map(({ state }) => state)).toEqual(["live"]);
  }, 20_000);
  await fresh.stop();
}

async function untilStale(): Promise<void> {
  await eventually(() => {
    expect(source.status()[0]).toMatchObject({ name: "Kubernetes API", state: "stale" });
  }, 10_000);
}

describe("an API server that is killed", () => {
  it("leaves the last picture, its age and the reason; and when it is back all is followed again", async () => {
    const before = source.current();
    const killedAtMs = Date.now();
    await cluster.killApiServer();
    await untilStale();
    // the watches that were open say first that they were cut
    await eventually(() => {
      expect(source.status()[0]?.message).toContain("connection refused");
    }, 20_000);
    expect(source.status()[0]?.readAtMs).toBeLessThanOrEqual(killedAtMs + 1_000);
    expect(source.current().objects).toEqual(before.objects);
    await cluster.startApiServer();
    await expectTruth();
    await cluster.apply(peerAuthentication("shop", "default", "STRICT"));
    await eventually(() => {
      expect(source.current().objects.PeerAuthentication.map(({ mode }) => mode)).toEqual(["STRICT"]);
    });
  });

  it("what changed in between, and was forgotten by etcd, is seen when it is back", async () => {
    await cluster.killApiServer();
    // another API server of the same cluster, which the source does not know
    await cluster.startApiServer(await freePort());
    await cluster.apply(peerAuthentication("shop", "default", "STRICT"), service("shop", "orders"), pod("shop", "orders-1"));
    await cluster.remove(service("shop", "cart"), pod("shop", "cart-1"));
    await cluster.compact();
    await cluster.killApiServer();
    await untilStale();
    expect(namesOf(source.current(), "Pod")).toEqual(["shop/cart-1"]);
    await cluster.startApiServer();
    await expectTruth();
    expect(source.current().objects.PeerAuthentication.map(({ mode }) => mode)).toEqual(["STRICT"]);
    expect(namesOf(source.current(), "Pod")).toEqual(["shop/orders-1"]);
    expect(namesOf(source.current(), "Service").filter((name) => name.startsWith("shop/"))).toEqual(["shop/orders"]);
  });
});

describe("an etcd that is restored from a backup", () => {
  it("is read again, although its resource versions are older than those the source has seen", async () => {
    await cluster.backup();
    await expectTruth();
    await cluster.apply(peerAuthentication("shop", "default", "STRICT"), pod("shop", "after-backup"), service("shop", "after-backup"));
    await eventually(() => {
      expect(namesOf(source.current(), "Pod")).toContain("shop/after-backup");
    });
    await cluster.restore();
    await expectTruth();
    expect(source.current().objects.PeerAuthentication.map(({ mode }) => mode)).toEqual(["PERMISSIVE"]);
    expect(namesOf(source.current(), "Pod")).not.toContain("shop/after-backup");
  });
});
