import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KubernetesSource } from "../../../lib/sources/kubernetes/index.ts";
import { FakeApiServer } from "../../support/fakeApiServer.ts";
import { eventually, namesOf, openSource } from "./following.ts";
import { istiod, meshConfigMap, namespace, peerAuthentication, pod, service } from "./objects.ts";

let server: FakeApiServer;
let source: KubernetesSource;

beforeEach(async () => {
  server = await FakeApiServer.start();
  await server.apply(
    namespace("shop"), namespace("bank"), namespace("istio-system"), istiod("istio-system", "default"), meshConfigMap("istio-system", "istio", "{}"),
    service("shop", "cart"), service("bank", "ledger"), pod("shop", "cart-1"), peerAuthentication("istio-system", "default", "STRICT"),
  );
});

afterEach(async () => {
  await source.stop();
  await server.stop();
});

describe("limited to some namespaces", () => {
  it("reads those and Istio's own, asks for nothing else, and says what it therefore does not know", async () => {
    source = await openSource(server.kubeconfigFile, { namespaces: ["shop"] });
    await source.ready();
    const { objects, unread } = source.current();
    expect(namesOf(source.current(), "Namespace")).toEqual(["istio-system", "shop"]);
    expect(namesOf(source.current(), "Service")).toEqual(["shop/cart"]);
    expect(namesOf(source.current(), "PeerAuthentication")).toEqual(["istio-system/default"]);
    expect(objects.MeshConfig).toHaveLength(1);
    expect(objects.ControlPlane).toHaveLength(1);
    const elsewhere = unread.find(({ kind }) => kind === "Pod");
    expect(elsewhere).toMatchObject({ namespace: null, name: null, exceptNamespaces: ["shop", "istio-system"] });
    expect(elsewhere?.because).toContain("told to read only namespaces `shop`, `istio-system`");
    for (const kind of ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService"]) {
      expect(unread.filter((one) => one.kind === kind)).toEqual([{ kind, namespace: null, name: null, field: null, because: elsewhere?.because }]);
    }
    const asked = server.requests.filter(({ nonResource }) => nonResource === null);
    expect(asked.filter((request) => request.namespace === null && request.name === null)).toEqual([]);
    expect(asked.filter((request) => (request.namespace ?? request.name) === "bank")).toEqual([]);
  });

  it("a namespace that may not be read is a gap of that namespace, with the Role to write", async () => {
    server.faults.push({ verb: "list", plural: "pods", act: (reply, request) => {
      if (request.namespace === "shop") return reply.writeHead(403).end('{"message":"pods is forbidden"}');
      return reply.end('{"metadata":{"resourceVersion":"1"},"items":[]}');
    } });
    source = await openSource(server.kubeconfigFile, { namespaces: ["shop", "bank"] });
    await source.ready();
    const gap = source.current().unread.find(({ kind, namespace: of }) => kind === "Pod" && of === "shop");
    expect(gap?.because).toContain("add to a Role in namespace `shop`: {apiGroups: [\"\"], resources: [pods], verbs: [list, watch]}");
    expect(source.current().unread.some(({ kind, namespace: of }) => kind === "Pod" && of === "bank")).toBe(false);
    expect(source.status().map(({ name }) => name)).toEqual(["Kubernetes API", "Pod in shop"]);
    await eventually(() => {
      expect(namesOf(source.current(), "Service")).toEqual(["bank/ledger", "shop/cart"]);
    });
  });
});
