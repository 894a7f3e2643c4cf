// What must hold against any API server: run against the fake one here, against a real kube-apiserver elsewhere.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KubernetesSource } from "../../../lib/sources/kubernetes/index.ts";
import type { RawObject, TestApiServer } from "../../support/fakeApiServer.ts";
import { eventually, namesOf, openSource } from "./following.ts";
import { destinationRule, istiod, job, meshConfigMap, namespace, peerAuthentication, pod, replicaSet, service } from "./objects.ts";

/** The tests use namespaces that begin with `contract-` and leave nothing in them. */
export function describeSource(name: string, open: () => Promise<TestApiServer>): void {
  describe(name, () => {
    let server: TestApiServer;
    let source: KubernetesSource;
    let applied: RawObject[] = [];
    const apply = async (...objects: readonly RawObject[]): Promise<void> => {
      applied.push(...objects);
      await server.apply(...objects);
    };
    const [shop, istio] = ["contract-shop", "contract-istio"];

    beforeEach(async () => {
      server = await open();
      await server.apply(namespace(shop), namespace(istio));
      source = await openSource(server.kubeconfigFile);
    });

    afterEach(async () => {
      await source.stop();
      await server.remove(...applied);
      applied = [];
      await server.stop();
    });

    it("follows objects as they are created, changed and removed, each within a second", async () => {
      await source.ready();
      expect(source.current().unread).toEqual([]);
      expect(namesOf(source.current(), "Namespace")).toEqual(expect.arrayContaining([istio, shop]));

      await apply(peerAuthentication(shop, "default", "PERMISSIVE"), service(shop, "cart"), destinationRule(shop, "cart", "cart"));
      const created = await eventually(() => {
        const { PeerAuthentication, DestinationRule } = source.current().objects;
        expect(PeerAuthentication.find((policy) => policy.namespace === shop)?.mode).toBe("PERMISSIVE");
        expect(DestinationRule.find((rule) => rule.namespace === shop)?.host).toBe("cart");
        expect(namesOf(source.current(), "Service")).toContain(`${shop}/cart`);
      });
      await apply(peerAuthentication(shop, "default", "STRICT"));
      const changed = await eventually(() => {
        expect(source.current().objects.PeerAuthentication.find((policy) => policy.namespace === shop)?.mode).toBe("STRICT");
      });
      await server.remove(peerAuthentication(shop, "default", "STRICT"), service(shop, "cart"), destinationRule(shop, "cart", "cart"));
      const removed = await eventually(() => {
        expect(source.current().objects.PeerAuthentication.filter((policy) => policy.namespace === shop)).toEqual([]);
        expect(namesOf(source.current(), "Service")).not.toContain(`${shop}/cart`);
      });
      expect(Math.max(created, changed, removed)).toBeLessThan(1_000);
    });

    it("names workloads by their owners, where names alone would mislead", async () => {
      await apply(
        replicaSet(shop, "cart-7d4f", { kind: "Deployment", name: "cart" }),
        replicaSet(shop, "rollout-abc", { kind: "Rollout", name: "checkout" }),
        replicaSet(shop, "bare-12", null),
        job(shop, "report-12345678", null),
        job(shop, "nightly-29481120", { kind: "CronJob", name: "nightly" }),
        pod(shop, "a", { owner: { kind: "ReplicaSet", name: "cart-7d4f" }, labels: { "pod-template-hash": "7d4f" } }),
        pod(shop, "b", { owner: { kind: "ReplicaSet", name: "rollout-abc" }, labels: { "pod-template-hash": "abc" } }),
        pod(shop, "c", { owner: { kind: "ReplicaSet", name: "bare-12" }, labels: { "pod-template-hash": "12" } }),
        pod(shop, "d", { owner: { kind: "Job", name: "report-12345678" } }),
        pod(shop, "e", { owner: { kind: "Job", name: "nightly-29481120" } }),
        pod(shop, "f", { owner: { kind: "StatefulSet", name: "db" } }),
        pod(shop, "g"),
      );
      await source.ready();
      await eventually(() => {
        const owners = source.current().objects.Pod.filter((each) => each.namespace === shop).map((each) => `${each.name} ${each.owner.kind} ${each.owner.name}`);
        expect(owners.toSorted()).toEqual(["a Deployment cart", "b Rollout checkout", "c ReplicaSet bare-12", "d Job report-12345678", "e CronJob nightly", "f StatefulSet db", "g Pod g"]);
      });
    });

    it("reads the mesh configuration of every istiod, wherever it runs, and follows new revisions", async () => {
      await apply(istiod(istio, "default", { version: "1.30.3", domain: "cluster.example" }), meshConfigMap(istio, "istio", "trustDomain: one.example"));
      await source.ready();
      const trustDomains = (): readonly string[] => source.current().objects.MeshConfig.filter((config) => config.namespace === istio).map((config) => `${config.revision} ${config.trustDomain}`).toSorted();
      await eventually(() => {
        expect(trustDomains()).toEqual(["default one.example"]);
        expect(source.current().objects.ControlPlane.find((plane) => plane.namespace === istio)).toMatchObject({ revision: "default", version: "1.30.3" });
        expect(source.current().clusterDomain).toBe("cluster.example");
      });
      await apply(istiod(istio, "1-31", { version: "1.31.0" }), meshConfigMap(istio, "istio-1-31", "trustDomain: two.example"));
      await eventually(() => {
        expect(trustDomains()).toEqual(["1-31 two.example", "default one.example"]);
      });
      await server.remove(istiod(istio, "1-31"), istiod(istio, "default"));
      await apply(istiod(istio, "1-31", { version: "1.31.1" }));
      await eventually(() => {
        expect(trustDomains()).toEqual(["1-31 two.example"]);
      });
    });

    it("keeps a mode that Istio does not know as it is written", async () => {
      await apply(peerAuthentication(shop, "good", "STRICT"), peerAuthentication(shop, "odd", "SOMETIMES"));
      await source.ready();
      await eventually(() => {
        const modes = source.current().objects.PeerAuthentication.filter((policy) => policy.namespace === shop).map((policy) => policy.mode);
        expect(modes.toSorted()).toEqual(["SOMETIMES", "STRICT"]);
      });
    });

    it("shares what did not change between one configuration and the next", async () => {
      await apply(service(shop, "cart"), service(shop, "orders"), peerAuthentication(shop, "default", "STRICT"));
      await source.ready();
      await eventually(() => {
        expect(namesOf(source.current(), "Service")).toEqual(expect.arrayContaining([`${shop}/cart`, `${shop}/orders`]));
        expect(source.current().objects.PeerAuthentication.filter((policy) => policy.namespace === shop).map((policy) => policy.name)).toEqual(["default"]);
      });
      const before = source.current();
      await apply(service(shop, "cart", 8080));
      await eventually(() => {
        expect(source.current().objects.Service.find((each) => each.namespace === shop && each.name === "cart")?.ports[0]?.port).toBe(8080);
      });
      const orders = (configuration: typeof before): unknown => configuration.objects.Service.find((each) => each.namespace === shop && each.name === "orders");
      expect(source.current()).not.toBe(before);
      expect(source.current().objects.PeerAuthentication).toBe(before.objects.PeerAuthentication);
      expect(orders(source.current())).toBe(orders(before));
    });
  });
}
