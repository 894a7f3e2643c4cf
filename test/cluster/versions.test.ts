import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Configuration } from "#mesh";
import type { KubernetesSource } from "../../lib/sources/kubernetes/index.ts";
import { eventually, namesOf } from "../sources/kubernetes/following.ts";
import { destinationRule, namespace, peerAuthentication } from "../sources/kubernetes/objects.ts";
import { RealCluster } from "../support/realCluster.ts";
import { install, installReader, istioCrds, serving, uninstall } from "../support/meshCluster.ts";
import { follow } from "./follow.ts";

let cluster: RealCluster;
let kubeconfigFile: string;
let source: KubernetesSource;

beforeAll(async () => {
  cluster = await RealCluster.start();
  kubeconfigFile = await installReader(cluster);
  await cluster.apply(namespace("shop"));
});

beforeEach(async () => {
  await install(cluster, istioCrds());
});

afterEach(async () => {
  await source.stop();
});

afterAll(async () => {
  await cluster.stop();
});

function modes({ objects }: Configuration): readonly string[] {
  return objects.PeerAuthentication.map(({ namespace: of, name, mode }) => `${of}/${name} ${mode}`).toSorted();
}

function absentGroups(): readonly string[] {
  return source.status().filter(({ state }) => state === "absent").map(({ name }) => name).toSorted();
}

/** The versions of a kind that were listed or watched since so many audit events. */
function versionsAsked(plural: string, since: number): readonly string[] {
  const asked = cluster.auditEvents("mtlscope", "mtlscope").slice(since).filter(({ objectRef }) => objectRef?.resource === plural);
  return [...new Set(asked.map(({ requestURI }) => requestURI.split("/")[3] ?? ""))];
}

describe("the versions that the cluster serves", () => {
  it("the best is read, and no object twice", async () => {
    const since = cluster.auditEvents("mtlscope", "mtlscope").length;
    await cluster.apply(peerAuthentication("shop", "default", "STRICT"));
    source = await follow(kubeconfigFile);
    await source.ready();
    expect(modes(source.current())).toEqual(["shop/default STRICT"]);
    expect(versionsAsked("peerauthentications", since)).toEqual(["v1"]);
    expect(versionsAsked("envoyfilters", since)).toEqual(["v1alpha3"]);
  });

  it("an Istio before 1.22 serves no v1: its objects are the same", async () => {
    await cluster.apply(peerAuthentication("shop", "default", "STRICT"), destinationRule("shop", "cart", "cart"));
    await install(cluster, istioCrds().map((crd) => (crd.spec.group === "gateway.networking.k8s.io" ? crd : serving(crd, ["v1beta1", "v1alpha3"]))));
    const since = cluster.auditEvents("mtlscope", "mtlscope").length;
    source = await follow(kubeconfigFile);
    await source.ready();
    expect(source.current().unread).toEqual([]);
    expect(modes(source.current())).toEqual(["shop/default STRICT"]);
    expect(namesOf(source.current(), "DestinationRule")).toEqual(["shop/cart"]);
    expect([versionsAsked("peerauthentications", since), versionsAsked("destinationrules", since)]).toEqual([["v1beta1"], ["v1beta1"]]);
  });

  it("one that is no longer served while it is followed gives way to the next, and no moment passes without the objects", async () => {
    await cluster.apply(peerAuthentication("shop", "default", "STRICT"));
    // with the timing of production: what discovery said a moment ago is wrong now
    source = await follow(kubeconfigFile, { timing: {} });
    await source.ready();
    const seen = new Set<string>();
    source.onChange(() => seen.add(JSON.stringify([modes(source.current()), source.current().unread])));
    await install(cluster, istioCrds().filter(({ spec }) => spec.group === "security.istio.io").map((crd) => serving(crd, ["v1beta1"])));
    await cluster.apply({ ...peerAuthentication("shop", "second", "DISABLE"), apiVersion: "security.istio.io/v1beta1" });
    await eventually(() => {
      expect(modes(source.current())).toEqual(["shop/default STRICT", "shop/second DISABLE"]);
    }, 20_000);
    await cluster.remove({ ...peerAuthentication("shop", "second", "DISABLE"), apiVersion: "security.istio.io/v1beta1" });
    await eventually(() => {
      expect(modes(source.current())).toEqual(["shop/default STRICT"]);
    }, 20_000);
    expect([...seen].filter((picture) => !picture.includes("shop/default STRICT") || !picture.endsWith(",[]]"))).toEqual([]);
  });
});

describe("kinds that are installed while mtlscope runs", () => {
  it("are absent, then read, then absent again, and it says so each time", async () => {
    await uninstall(cluster, istioCrds());
    source = await follow(kubeconfigFile);
    await source.ready();
    expect(absentGroups()).toEqual(["gateway.networking.k8s.io", "networking.istio.io", "security.istio.io"]);
    expect(source.status().find(({ name }) => name === "security.istio.io")?.message).toContain("its CRDs are not installed");
    // where no kind is, no object can be: that is knowledge
    expect(source.current().unread).toEqual([]);

    await install(cluster, istioCrds());
    await cluster.apply(peerAuthentication("shop", "default", "STRICT"));
    await eventually(() => {
      expect(modes(source.current())).toEqual(["shop/default STRICT"]);
      expect(absentGroups()).toEqual([]);
    });

    await uninstall(cluster, istioCrds());
    await eventually(() => {
      expect(modes(source.current())).toEqual([]);
      expect(absentGroups()).toEqual(["gateway.networking.k8s.io", "networking.istio.io", "security.istio.io"]);
    }, 10_000);
  });
});
