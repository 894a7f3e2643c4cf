import { describe, expect, it } from "vitest";
import { clusterOf } from "../../../lib/sources/playground/cluster.ts";
import { migration } from "../../../lib/sources/playground/scenes/migration.ts";
import { shop } from "../../../lib/sources/playground/scenes/shop.ts";
import { NOON_MS } from "./wallClock.ts";

describe("cluster of the migration", () => {
  const { objects, unread, clusterDomain } = clusterOf(migration, NOON_MS);
  const pod = (namespace: string, workload: string) => objects.Pod.find((one) => one.namespace === namespace && one.owner.name === workload);

  it("has the pods of Istio's task, with the addresses the recorded logs have", () => {
    expect(objects.Pod.map((one) => [one.namespace, one.owner.kind, one.owner.name, ...one.ips])).toEqual([
      ["foo", "Deployment", "httpbin", "10.244.1.10"],
      ["foo", "Deployment", "sleep", "10.244.1.11"],
      ["bar", "Deployment", "httpbin", "10.244.1.20"],
      ["bar", "Deployment", "sleep", "10.244.1.21"],
      ["legacy", "Deployment", "sleep", "10.244.1.30"],
    ]);
    expect(unread).toEqual([]);
    expect(clusterDomain).toBe("cluster.local");
  });

  it("injects foo and bar, and leaves legacy alone", () => {
    expect(objects.Namespace.filter((namespace) => namespace.labels["istio-injection"] === "enabled").map((namespace) => namespace.name)).toEqual(["foo", "bar"]);
    const meshed = pod("foo", "httpbin");
    expect(meshed?.labels["security.istio.io/tlsMode"]).toBe("istio");
    expect(meshed?.annotations["sidecar.istio.io/status"]).toContain('"revision":"default"');
    expect(meshed?.containers.map((container) => [container.name, container.init])).toEqual([["istio-init", "init"], ["istio-proxy", "native-sidecar"], ["httpbin", "app"]]);
    const bare = pod("legacy", "sleep");
    expect(bare?.labels).not.toHaveProperty("security.istio.io/tlsMode");
    expect(bare?.annotations).toEqual({});
    expect(bare?.containers.map((container) => container.name)).toEqual(["sleep"]);
  });

  it("names pods as a Deployment does, the same every time", () => {
    expect(pod("foo", "httpbin")?.name).toMatch(/^httpbin-[bcdfghjklmnpqrstvwxz2456789]{10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(clusterOf(migration, NOON_MS)).toEqual({ objects, unread, clusterDomain });
  });

  it("serves httpbin on 8000, to the container's 8080", () => {
    expect(objects.Service.map((service) => [service.namespace, service.name, service.clusterIPs, service.ports[0]?.port, service.ports[0]?.targetPort, service.ports[0]?.name])).toEqual([
      ["foo", "httpbin", ["10.96.0.10"], 8000, 8080, "http"],
      ["bar", "httpbin", ["10.96.0.20"], 8000, 8080, "http"],
    ]);
    expect(objects.EndpointSlice.map((slice) => [slice.namespace, slice.serviceName, slice.ports[0]?.port, slice.endpoints[0]?.addresses[0], slice.endpoints[0]?.targetRef?.name])).toEqual([
      ["foo", "httpbin", 8080, "10.244.1.10", pod("foo", "httpbin")?.name],
      ["bar", "httpbin", 8080, "10.244.1.20", pod("bar", "httpbin")?.name],
    ]);
  });

  it("starts without any policy, under one istiod", () => {
    expect(objects.PeerAuthentication).toEqual([]);
    expect(objects.ControlPlane.map((plane) => [plane.revision, plane.version])).toEqual([["default", "1.30.3"]]);
    expect(objects.MeshConfig.map((config) => [config.revision, config.rootNamespace, config.enableAutoMtls])).toEqual([["default", "istio-system", true]]);
  });
});

describe("cluster of the shop", () => {
  const { objects } = clusterOf(shop, NOON_MS);

  it("has about 60 workloads in 9 namespaces", () => {
    expect(new Set(objects.Pod.map((pod) => `${pod.namespace}/${pod.owner.name}`)).size).toBe(62);
    expect(objects.Namespace).toHaveLength(9);
  });

  it("gives every pod an address and a name of its own, but for those in the node's network", () => {
    const own = objects.Pod.filter((pod) => !pod.hostNetwork);
    expect(new Set(own.flatMap((pod) => pod.ips)).size).toBe(own.length);
    expect(new Set(objects.Pod.map((pod) => `${pod.namespace}/${pod.name}`)).size).toBe(objects.Pod.length);
    expect(objects.Pod.filter((pod) => pod.hostNetwork).map((pod) => pod.ips[0])).toEqual(["192.168.10.11", "192.168.10.12"]);
    const addresses = objects.Service.flatMap((service) => service.clusterIPs).filter((address) => address !== "None");
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it("leaves one replica of accounts/addresses from before injection", () => {
    const pods = objects.Pod.filter((pod) => pod.namespace === "accounts" && pod.owner.name === "addresses");
    expect(pods.map((pod) => pod.containers.some((container) => container.name === "istio-proxy"))).toEqual([true, true, false]);
  });

  it("names what owns a pod: a CronJob's by its schedule, a StatefulSet's by ordinal", () => {
    const names = (workload: string): readonly string[] => objects.Pod.filter((pod) => pod.owner.name === workload).map((pod) => pod.name);
    expect(names("kafka")).toEqual(["kafka-0", "kafka-1", "kafka-2"]);
    expect(names("price-import")[0]).toMatch(/^price-import-\d{8}-[a-z0-9]{5}$/);
  });
});
