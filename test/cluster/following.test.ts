import type { ObjectKind } from "#mesh";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { KubernetesSource } from "../../lib/sources/kubernetes/index.ts";
import { eventually, namesOf } from "../sources/kubernetes/following.ts";
import { destinationRule, istiod, meshConfigMap, namespace, peerAuthentication, pod, service } from "../sources/kubernetes/objects.ts";
import type { RawObject } from "../support/fakeApiServer.ts";
import type { RealCluster } from "../support/realCluster.ts";
import { installReader, startMeshCluster } from "../support/meshCluster.ts";
import { follow } from "./follow.ts";

let cluster: RealCluster;
let kubeconfigFile: string;
let source: KubernetesSource;

beforeAll(async () => {
  cluster = await startMeshCluster();
  kubeconfigFile = await installReader(cluster);
  await cluster.apply(namespace("shop"), istiod("istio-system", "default"), meshConfigMap("istio-system", "istio", "{}"));
});

afterEach(async () => {
  await source.stop();
});

afterAll(async () => {
  await cluster.stop();
});

function custom(group: string, kind: string, version: string, spec: unknown): RawObject {
  return { apiVersion: `${group}/${version}`, kind, metadata: { namespace: "shop", name: "new" }, spec };
}

const SLICE: RawObject = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { namespace: "shop", name: "new" }, addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"] }], ports: [{ port: 80 }] };

/** Nobody asks for objects of that group, so nothing is refused because nobody answers. */
function webhooks(kind: string): RawObject {
  const clientConfig = { service: { namespace: "shop", name: "new" } };
  const rules = [{ apiGroups: ["nobody.example"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["things"] }];
  return { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata: { name: "new" }, webhooks: [{ name: "new.nobody.example", clientConfig, rules, sideEffects: "None", admissionReviewVersions: ["v1"] }] };
}

const API_SERVICE: RawObject = {
  apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name: "v1.nobody.example" },
  spec: { group: "nobody.example", version: "v1", groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: { namespace: "shop", name: "new" } },
};

/** One object of every kind that mtlscope reads. */
const NEW: readonly (readonly [ObjectKind, RawObject])[] = [
  ["Service", service("shop", "new")],
  ["Pod", pod("shop", "new")],
  ["EndpointSlice", SLICE],
  ["PeerAuthentication", peerAuthentication("shop", "new", "STRICT")],
  ["AuthorizationPolicy", custom("security.istio.io", "AuthorizationPolicy", "v1", { action: "DENY", rules: [{}] })],
  ["DestinationRule", destinationRule("shop", "new", "new")],
  ["Sidecar", custom("networking.istio.io", "Sidecar", "v1", { egress: [{ hosts: ["./*"] }] })],
  ["ServiceEntry", custom("networking.istio.io", "ServiceEntry", "v1", { hosts: ["new.example"], ports: [{ number: 443, name: "tls", protocol: "TLS" }] })],
  ["WorkloadEntry", custom("networking.istio.io", "WorkloadEntry", "v1", { address: "10.1.1.1" })],
  ["VirtualService", custom("networking.istio.io", "VirtualService", "v1", { hosts: ["new"], http: [{ route: [{ destination: { host: "new" } }] }] })],
  ["Gateway", custom("networking.istio.io", "Gateway", "v1", { selector: { istio: "ingressgateway" }, servers: [] })],
  ["EnvoyFilter", custom("networking.istio.io", "EnvoyFilter", "v1alpha3", { configPatches: [] })],
  ["KubernetesGateway", custom("gateway.networking.k8s.io", "Gateway", "v1", { gatewayClassName: "istio", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] })],
  ["ValidatingWebhookConfiguration", webhooks("ValidatingWebhookConfiguration")],
  ["MutatingWebhookConfiguration", webhooks("MutatingWebhookConfiguration")],
  ["APIService", API_SERVICE],
];

/** As `namesOf` writes it. */
function nameOf({ metadata: { namespace: of, name } }: RawObject): string {
  return of === undefined ? name : `${of}/${name}`;
}

describe("with the timing of production", () => {
  it("a change of any kind reaches onChange within a second of the request to make it", async () => {
    source = await follow(kubeconfigFile, { timing: {} });
    await source.ready();
    expect(source.current().unread).toEqual([]);
    const tookMs = new Map<string, number>();
    for (const [kind, object] of NEW) {
      const askedAtMs = performance.now();
      const told = new Promise<void>((done) => {
        const unsubscribe = source.onChange(() => {
          if (!namesOf(source.current(), kind).includes(nameOf(object))) return;
          unsubscribe();
          done();
        });
      });
      await cluster.apply(object);
      await told;
      tookMs.set(kind, performance.now() - askedAtMs);
    }
    expect([...tookMs].filter(([, ms]) => ms >= 1_000)).toEqual([]);
    await cluster.remove(...NEW.map(([, object]) => object));
    await eventually(() => {
      expect(NEW.filter(([kind, object]) => namesOf(source.current(), kind).includes(nameOf(object)))).toEqual([]);
    });
  });
});

describe("a collection of several pages", () => {
  const names = Array.from({ length: 1_100 }, (_, index) => `many-${String(index).padStart(4, "0")}`);

  it("is read page by page, whole, and followed from there", async () => {
    await cluster.apply(namespace("many"));
    await Promise.all(names.map((name) => cluster.apply(pod("many", name))));
    const before = cluster.auditEvents("mtlscope", "mtlscope").length;
    source = await follow(kubeconfigFile);
    await source.ready();
    expect(namesOf(source.current(), "Pod")).toEqual(names.map((name) => `many/${name}`));
    const lists = cluster.auditEvents("mtlscope", "mtlscope").slice(before).filter(({ verb, objectRef }) => verb === "list" && objectRef?.resource === "pods");
    const asked = lists.map(({ requestURI }) => new URL(requestURI, cluster.url).searchParams);
    expect(asked.map((parameters) => [parameters.get("limit"), parameters.has("continue")])).toEqual([["500", false], ["500", true], ["500", true]]);
    await cluster.remove(pod("many", "many-0700"));
    await eventually(() => {
      expect(namesOf(source.current(), "Pod")).toHaveLength(1_099);
    });
  });
});

describe("objects that are not understood", () => {
  const broken = { ...destinationRule("shop", "broken", "cart"), spec: { host: "cart", trafficPolicy: "none" } };

  it("are named with the field, cost nothing else, and are read once they are mended", async () => {
    await cluster.apply(broken, destinationRule("shop", "good", "cart"), meshConfigMap("istio-system", "istio", "trustDomain: [unfinished"));
    source = await follow(kubeconfigFile);
    await source.ready();
    await eventually(() => {
      expect(source.current().unread.map(({ kind, namespace: of, name, field }) => [kind, of, name, field]).toSorted()).toEqual([
        ["DestinationRule", "shop", "broken", "spec.trafficPolicy"],
        ["MeshConfig", "istio-system", "istio", "data.mesh"],
      ]);
      expect(namesOf(source.current(), "DestinationRule")).toEqual(["shop/good"]);
    });
    // the same as they change under a watch
    await cluster.apply(destinationRule("shop", "broken", "cart"), meshConfigMap("istio-system", "istio", "trustDomain: mended.example"));
    await eventually(() => {
      expect(source.current().unread).toEqual([]);
      expect(namesOf(source.current(), "DestinationRule")).toEqual(["shop/broken", "shop/good"]);
      expect(source.current().objects.MeshConfig.map(({ trustDomain }) => trustDomain)).toEqual(["mended.example"]);
    });
    await cluster.apply(broken);
    await eventually(() => {
      expect(namesOf(source.current(), "DestinationRule")).toEqual(["shop/good"]);
      expect(source.current().unread.map(({ name }) => name)).toEqual(["broken"]);
    });
  });
});
