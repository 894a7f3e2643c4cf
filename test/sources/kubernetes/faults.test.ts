import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KubernetesSource } from "../../../lib/sources/kubernetes/index.ts";
import { answer, cut, type Fault, FakeApiServer, goneInStream, ISTIO_1_30, neverAnswer, status } from "../../support/fakeApiServer.ts";
import { because, eventually, FAST, namesOf, openSource } from "./following.ts";
import { istiod, meshConfigMap, namespace, peerAuthentication, pod, service } from "./objects.ts";

let server: FakeApiServer;
let source: KubernetesSource | null = null;

beforeEach(async () => {
  server = await FakeApiServer.start();
  await server.apply(namespace("shop"), service("shop", "cart"), pod("shop", "cart-1"), istiod("istio-system", "default"), meshConfigMap("istio-system", "istio", "{}"));
});

afterEach(async () => {
  await source?.stop();
  source = null;
  await server.stop();
});

async function open(): Promise<KubernetesSource> {
  source = await openSource(server.kubeconfigFile);
  return source;
}

async function openReady(): Promise<KubernetesSource> {
  const opened = await open();
  await opened.ready();
  return opened;
}

/** The picture follows: what is created now is seen, what was there is still seen, nothing is unread. */
async function followsAgain(followed: KubernetesSource, marker: string, timeoutMs = 5_000): Promise<void> {
  await server.apply(service("shop", marker));
  await eventually(() => {
    expect(namesOf(followed.current(), "Service")).toEqual(["shop/cart", `shop/${marker}`].toSorted());
    expect(followed.current().unread).toEqual([]);
    expect(followed.status()[0]?.state).toBe("live");
  }, timeoutMs);
}

function listsOf(plural: string): number {
  return server.requests.filter((request) => request.verb === "list" && request.plural === plural && request.parameters.get("limit") !== "1").length;
}

describe("a watch that breaks is opened again, and nothing is lost", () => {
  const faults: readonly (readonly [name: string, fault: Omit<Fault, "verb">])[] = [
    ["HTTP 410", { times: 1, act: answer(410, status(410, "Expired", "too old resource version")) }],
    ["an ERROR event 410 on a connection that stays open", { times: 1, act: goneInStream }],
    ["an ERROR event 500", { times: 1, act: (reply) => reply.writeHead(200).write(`${JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 500, message: "etcd leader changed" } })}\n`) }],
    ["an ERROR event without a code", { times: 1, act: (reply) => reply.writeHead(200).write('{"type":"ERROR","object":null}\n') }],
    ["HTTP 500", { times: 2, act: answer(500, status(500, "InternalError", "etcdserver: leader changed")) }],
    ["HTTP 503 in HTML from a proxy", { times: 2, act: answer(503, "<html>unavailable</html>") }],
    ["HTTP 429 with Retry-After", { times: 1, act: answer(429, status(429, "TooManyRequests", "slow down"), { "retry-after": "1" }) }],
    ["a cut socket", { times: 2, act: cut }],
    ["a close without a word", { times: 2, act: (reply) => reply.writeHead(200).end() }],
    ["a line that is not JSON", { times: 1, act: (reply) => reply.writeHead(200).write("{broken\n") }],
    ["an event of no known type", { times: 1, act: (reply) => reply.writeHead(200).write('{"type":"RENAMED","object":{}}\n') }],
    ["half an event and then a cut", { times: 1, act: (reply) => reply.writeHead(200).end('{"type":"ADDED","object":{"meta') }],
    ["a server that never answers", { times: 1, act: neverAnswer }],
  ];

  it.each(faults)("%s", async (_, fault) => {
    server.faults.push({ verb: "watch", plural: "services", ...fault });
    const followed = await openReady();
    await followsAgain(followed, "after");
    expect(server.faults[0]?.times).toBe(0);
    await server.remove(service("shop", "cart"));
    await eventually(() => {
      expect(namesOf(followed.current(), "Service")).toEqual(["shop/after"]);
    });
  });

  it("a watch that was cut resumes where it was, without reading the list again", async () => {
    const followed = await openReady();
    await eventually(() => {
      expect(server.openWatches).toBeGreaterThan(15);
    });
    server.bookmark();
    const lists = listsOf("services");
    server.cutConnections();
    await followsAgain(followed, "after");
    const watch = server.requests.findLast((request) => request.verb === "watch" && request.plural === "services");
    expect(listsOf("services")).toBe(lists);
    expect(Number(watch?.parameters.get("resourceVersion"))).toBeGreaterThan(1000);
    expect(watch?.parameters.get("allowWatchBookmarks")).toBe("true");
  });

  it("a half-open connection is found by its silence", async () => {
    const followed = await openReady();
    await eventually(() => {
      expect(server.openWatches).toBeGreaterThan(15);
    });
    server.deafen();
    await followsAgain(followed, "unheard", 10_000);
  });

  it("Retry-After is obeyed", async () => {
    const times: number[] = [];
    server.faults.push({ verb: "watch", plural: "services", times: 2, act: (reply, request) => {
      times.push(performance.now());
      answer(429, "", times.length === 1 ? { "retry-after": "1" } : {})(reply, request);
    } });
    await openReady();
    await eventually(() => {
      expect(times).toHaveLength(2);
    });
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it("a server that forgot the past is read again, and what was deleted meanwhile is gone", async () => {
    const followed = await openReady();
    await server.down();
    await server.remove(service("shop", "cart"));
    await server.apply(service("shop", "orders"));
    server.compact();
    await server.listen(Number(new URL(server.url).port));
    await eventually(() => {
      expect(namesOf(followed.current(), "Service")).toEqual(["shop/orders"]);
    });
  });

  it("a server restored to an earlier state is read again, although its watch would be silent for ever", async () => {
    const followed = await openReady();
    server.bookmark();
    await eventually(() => {
      expect(followed.status()[0]?.state).toBe("live");
    });
    await server.down();
    await server.remove(service("shop", "cart"));
    server.restore(500);
    await eventually(() => {
      expect(followed.status()[0]?.state).toBe("stale");
    });
    await server.listen(Number(new URL(server.url).port));
    await eventually(() => {
      expect(namesOf(followed.current(), "Service")).toEqual([]);
    });
  });
});

describe("a list that breaks is read again from its start", () => {
  const many = Array.from({ length: 1_201 }, (_, index) => service("shop", `s${index}`));
  const faults: readonly (readonly [name: string, fault: Omit<Fault, "verb">])[] = [
    ["410 in the middle of the pages", { times: 1, after: 1, act: answer(410, status(410, "Expired", "continue token too old")) }],
    ["500 on the first page", { times: 1, act: answer(500, "") }],
    ["503 in the middle of the pages", { times: 1, after: 2, act: answer(503, "") }],
    ["a cut in the middle of a page", { times: 1, after: 1, act: (reply) => reply.writeHead(200).write('{"metadata":{"resourceVersion":"1"},"items":[', () => reply.socket?.destroy()) }],
    ["a page that is not JSON", { times: 1, act: answer(200, "<html>login</html>") }],
    ["a page that is JSON and no list", { times: 1, act: answer(200, '{"kind":"Table"}') }],
    ["a page that never comes", { times: 1, act: neverAnswer }],
  ];

  it.each(faults)("%s", async (_, fault) => {
    await server.apply(...many);
    server.faults.push({ verb: "list", plural: "services", ...fault });
    const followed = await open();
    await eventually(() => {
      expect(followed.current().objects.Service).toHaveLength(1_202);
    }, 10_000);
    expect(server.faults[0]?.times).toBe(0);
    expect(new Set(namesOf(followed.current(), "Service")).size).toBe(1_202);
    expect(followed.current().unread).toEqual([]);
  });

  it("pages hold at most 500 objects, and the picture is never half a list", async () => {
    await server.apply(...many);
    const followed = await open();
    const seen = new Set<number>();
    followed.onChange(() => seen.add(followed.current().objects.Service.length));
    await followed.ready();
    expect([...seen].filter((length) => length !== 0)).toEqual([1_202]);
    expect(server.requests.filter((request) => request.verb === "list" && request.plural === "services").map((request) => request.parameters.get("limit"))).toEqual(["500", "500", "500"]);
  });

  it("an object that did not change keeps its identity when the list is read again", async () => {
    const followed = await openReady();
    const before = followed.current();
    server.compact();
    const lists = listsOf("services");
    server.endWatches();
    await eventually(() => {
      expect(listsOf("services")).toBe(lists + 1);
    });
    await followsAgain(followed, "after");
    expect(followed.current().objects.Service.find(({ name }) => name === "cart")).toBe(before.objects.Service[0]);
    expect(followed.current().objects.Pod).toBe(before.objects.Pod);
  });
});

describe("what cannot be read is a gap that names it", () => {
  it("a forbidden kind: the gap says who may not, and which rule to add; everything else is there", async () => {
    server.forbidden.add("peerauthentications");
    const followed = await openReady();
    expect(followed.current().unread).toHaveLength(1);
    const gap = because(followed.current(), "PeerAuthentication");
    expect(gap).toContain('User "system:serviceaccount:mtlscope:mtlscope" cannot list resource "peerauthentications"');
    expect(gap).toContain('{apiGroups: ["security.istio.io"], resources: [peerauthentications], verbs: [list, watch]}');
    expect(namesOf(followed.current(), "Service")).toEqual(["shop/cart"]);
    expect(followed.status().map(({ name, state }) => [name, state])).toEqual([["Kubernetes API", "live"], ["PeerAuthentication", "absent"]]);

    server.forbidden.clear();
    await server.apply(peerAuthentication("shop", "default", "STRICT"));
    await eventually(() => {
      expect(namesOf(followed.current(), "PeerAuthentication")).toEqual(["shop/default"]);
      expect(followed.current().unread).toEqual([]);
    });
  });

  it("a right that is taken away leaves the last picture, and a gap", async () => {
    await server.apply(peerAuthentication("shop", "default", "STRICT"));
    const followed = await openReady();
    server.forbidden.add("peerauthentications");
    server.endWatches();
    await eventually(() => {
      expect(because(followed.current(), "PeerAuthentication")).toContain("forbids");
    });
    expect(namesOf(followed.current(), "PeerAuthentication")).toEqual(["shop/default"]);
  });

  it("a server that has just come up forbids everything for a moment: what was read before stands, nobody is told to grant a right, and it is followed again at once", async () => {
    const followed = await openReady();
    const told: string[] = [];
    followed.onChange(() => {
      told.push(...followed.current().unread.map(({ because }) => because), ...followed.status().map(({ message }) => message));
    });
    const forbid = answer(403, status(403, "Forbidden", 'services is forbidden: RBAC: clusterrole.rbac.authorization.k8s.io "mtlscope" not found'));
    server.faults.push({ verb: "watch", act: forbid, times: 1, plural: "services" }, { verb: "list", act: forbid, times: 1, plural: "services" });
    server.endWatches();
    await server.apply(service("shop", "after"));
    const tookMs = await eventually(() => {
      expect(namesOf(followed.current(), "Service")).toEqual(["shop/after", "shop/cart"]);
    });
    expect(tookMs).toBeLessThan(FAST.refusedRetryMs * 10);
    expect(told.filter((text) => /forbids it|not watched/.test(text))).toEqual([]);
  });

  it("lists without watches: read again from time to time, and the status says so", async () => {
    server.forbiddenVerbs.add("watch");
    const followed = await openReady();
    await server.apply(service("shop", "late"));
    await eventually(() => {
      expect(namesOf(followed.current(), "Service")).toEqual(["shop/cart", "shop/late"]);
      expect(followed.current().unread).toEqual([]);
      expect(followed.status().some(({ message }) => message.includes("may be listed but not watched"))).toBe(true);
    });
  });

  it("nothing at all may be read: no kind is empty by silence", async () => {
    server.forbiddenVerbs.add("list");
    const followed = await openReady();
    expect(followed.status()[0]).toMatchObject({ state: "absent" });
    for (const kind of ["Namespace", "Pod", "Service", "EndpointSlice", "PeerAuthentication", "DestinationRule", "ControlPlane", "MeshConfig", "ReplicaSet"]) {
      expect(followed.current().unread.map((unread) => unread.kind)).toContain(kind);
    }
  });

  it("forbidden ReplicaSets: workloads are named without the hash, and the gap says by what", async () => {
    await server.apply(pod("shop", "web-1", { owner: { kind: "ReplicaSet", name: "web-5d4f" }, labels: { "pod-template-hash": "5d4f" } }));
    server.forbidden.add("replicasets");
    const followed = await openReady();
    expect(followed.current().objects.Pod.find(({ name }) => name === "web-1")?.owner.name).toBe("web");
    expect(because(followed.current(), "ReplicaSet")).toContain("named by their ReplicaSet without its hash");
  });

  it("a mesh ConfigMap that may not be read is named", async () => {
    server.forbidden.add("configmaps");
    const followed = await openReady();
    expect(followed.current().unread).toMatchObject([{ kind: "MeshConfig", namespace: "istio-system", name: "istio" }]);
    expect(followed.current().unread[0]?.because).toContain("resourceNames: [istio]");
  });

  it("a shared mesh configuration that istiod merges is named, since it is not read", async () => {
    const shared = istiod("istio-system", "default", { env: { SHARED_MESH_CONFIG: "istio-user" } });
    await server.apply(shared);
    const followed = await openReady();
    expect(followed.current().unread).toMatchObject([{ kind: "MeshConfig", namespace: "istio-system", name: "istio-user" }]);
  });

  it("so is one of which istiod takes the name from another object", async () => {
    const shared = istiod("istio-system", "default", { env: { SHARED_MESH_CONFIG: { configMapKeyRef: { name: "settings", key: "shared" } } } });
    await server.apply(shared);
    const followed = await openReady();
    expect(followed.current().unread).toMatchObject([{ kind: "MeshConfig", namespace: "istio-system", name: null }]);
    expect(followed.current().unread[0]?.because).toContain("takes its name (SHARED_MESH_CONFIG) from another object");
  });

  it("where istiods may not be listed, the proxies tell the revisions", async () => {
    server.forbidden.add("deployments");
    await server.apply(pod("shop", "canary", { labels: { "istio.io/rev": "1-31" } }));
    await server.apply(meshConfigMap("istio-system", "istio-1-31", "trustDomain: canary.example"));
    const followed = await openReady();
    expect(followed.current().objects.MeshConfig.map(({ name }) => name).toSorted()).toEqual(["istio", "istio-1-31"]);
    expect(because(followed.current(), "ControlPlane")).toContain("forbids");
  });

  it("one object that is not understood is one gap, with its name and field", async () => {
    await server.apply({ ...peerAuthentication("shop", "broken", "STRICT"), spec: { mtls: "yes" } }, peerAuthentication("shop", "good", "STRICT"));
    await server.apply({ apiVersion: "v1", kind: "Service", metadata: { namespace: "shop", name: "labels", labels: [7] }, spec: {} });
    const followed = await openReady();
    expect(followed.current().unread).toMatchObject([{ kind: "Service", namespace: "shop", name: "labels", field: "metadata.labels" }, { kind: "PeerAuthentication", namespace: "shop", name: "broken", field: "spec.mtls" }]);
    expect(namesOf(followed.current(), "PeerAuthentication")).toEqual(["shop/good"]);
    await server.apply(peerAuthentication("shop", "broken", "STRICT"));
    await eventually(() => {
      expect(namesOf(followed.current(), "PeerAuthentication")).toEqual(["shop/broken", "shop/good"]);
    });
  });

  it("a server that is down from the start: every kind is unread and the message says where and why; it recovers by itself", async () => {
    const port = Number(new URL(server.url).port);
    await server.down();
    const followed = await open();
    await followed.ready();
    for (const kind of ["Pod", "PeerAuthentication", "ControlPlane", "MeshConfig"]) expect(because(followed.current(), kind)).not.toBe("");
    expect(followed.status()[0]).toMatchObject({ state: "starting", readAtMs: null });
    expect(followed.status()[0]?.message).toContain(`from http://127.0.0.1:${port} since`);
    expect(followed.status()[0]?.message).toContain("connection refused");
    await server.listen(port);
    await followsAgain(followed, "after");
  });

  it("a server that goes down leaves the last picture, stale, with its age", async () => {
    const followed = await openReady();
    const port = Number(new URL(server.url).port);
    await server.down();
    await eventually(() => {
      expect(followed.status()[0]?.state).toBe("stale");
    });
    const { readAtMs } = followed.status()[0] ?? {};
    expect(Math.abs(Date.now() - (readAtMs ?? 0))).toBeLessThan(5_000);
    expect(namesOf(followed.current(), "Service")).toEqual(["shop/cart"]);
    expect(followed.current().unread).toEqual([]);
    await server.listen(port);
    await followsAgain(followed, "after");
  });
});

describe("which version is read", () => {
  const paths = (): readonly string[] => [...new Set(server.requests.filter(({ verb, group }) => verb === "list" && /istio\.io$|^gateway\./.test(group)).map(({ group, version, plural }) => `${group}/${version}/${plural}`))];

  it("v1 where it is served, and never two versions of one kind", async () => {
    await openReady();
    expect(paths().filter((path) => path.includes("peerauthentications"))).toEqual(["security.istio.io/v1/peerauthentications"]);
    expect(paths().filter((path) => path.includes("envoyfilters"))).toEqual(["networking.istio.io/v1alpha3/envoyfilters"]);
    expect(paths()).toHaveLength(10);
  });

  it("Istio 1.18: v1 serves AuthorizationPolicy and not PeerAuthentication", async () => {
    server.served = { "security.istio.io": { v1: ["authorizationpolicies"], v1beta1: ["authorizationpolicies", "peerauthentications"] }, "networking.istio.io": { v1beta1: ["destinationrules"], v1alpha3: ["destinationrules", "envoyfilters"] } };
    await server.apply(peerAuthentication("shop", "default", "STRICT"));
    const followed = await openReady();
    expect(paths().toSorted()).toEqual(["networking.istio.io/v1alpha3/envoyfilters", "networking.istio.io/v1beta1/destinationrules", "security.istio.io/v1/authorizationpolicies", "security.istio.io/v1beta1/peerauthentications"]);
    expect(namesOf(followed.current(), "PeerAuthentication")).toEqual(["shop/default"]);
  });

  it("a group that is not served is no gap: nothing of it can exist, and the status says so; it is found when it comes", async () => {
    server.served = {};
    const followed = await openReady();
    expect(followed.current().unread).toEqual([]);
    expect(followed.status().map(({ name }) => name)).toEqual(["Kubernetes API", "security.istio.io", "networking.istio.io", "gateway.networking.k8s.io"]);
    expect(followed.status()[1]?.message).toContain("CRDs are not installed");
    server.served = { "security.istio.io": { v1beta1: ["peerauthentications"] } };
    await server.apply(peerAuthentication("shop", "default", "STRICT"));
    await eventually(() => {
      expect(namesOf(followed.current(), "PeerAuthentication")).toEqual(["shop/default"]);
    });
  });

  it("a kind whose CRD is removed has no objects any more", async () => {
    await server.apply(peerAuthentication("shop", "default", "STRICT"));
    const followed = await openReady();
    server.served = {};
    server.endWatches();
    await eventually(() => {
      expect(namesOf(followed.current(), "PeerAuthentication")).toEqual([]);
      expect(followed.current().unread).toEqual([]);
    });
  });

  it("a version that is no longer served gives way to the next at once, although discovery was asked a moment ago, and the objects stay in the picture", async () => {
    await server.apply(peerAuthentication("shop", "default", "STRICT"));
    // so long that what discovery said stays fresh for the whole test
    source = await openSource(server.kubeconfigFile, { timing: { ...FAST, refusedRetryMs: 60_000 } });
    await source.ready();
    const followed = source;
    const pictures: (readonly string[])[] = [];
    followed.onChange(() => pictures.push(namesOf(followed.current(), "PeerAuthentication")));
    server.served = { ...ISTIO_1_30, "security.istio.io": { v1beta1: ["peerauthentications", "authorizationpolicies"] } };
    server.endWatches();
    await server.apply({ ...peerAuthentication("shop", "second", "STRICT"), apiVersion: "security.istio.io/v1beta1" });
    await eventually(() => {
      expect(namesOf(followed.current(), "PeerAuthentication")).toEqual(["shop/default", "shop/second"]);
      expect(paths()).toContain("security.istio.io/v1beta1/peerauthentications");
    });
    expect(pictures.filter((names) => !names.includes("shop/default"))).toEqual([]);
  });

  it("a kind that discovery announces and lists deny is unread, and never taken for empty", async () => {
    server.faults.push({ verb: "list", plural: "peerauthentications", act: answer(404, "404 page not found\n") });
    const followed = await openReady();
    expect(because(followed.current(), "PeerAuthentication")).toContain("`peerauthentications.security.istio.io` is announced as v1, and 404 Not Found");
    server.faults.length = 0;
    await eventually(() => {
      expect(followed.current().unread).toEqual([]);
    });
  });

  it("where discovery is forbidden the versions are tried one after the other", async () => {
    server.faults.push({ verb: "discovery", act: answer(403, status(403, "Forbidden", "no")) });
    server.served = { "security.istio.io": { v1beta1: ["peerauthentications"] } };
    await server.apply(peerAuthentication("shop", "default", "STRICT"));
    const followed = await openReady();
    expect(namesOf(followed.current(), "PeerAuthentication")).toEqual(["shop/default"]);
    expect(followed.current().unread).toEqual([]);
  });

  it("owners are asked for as metadata only", async () => {
    await openReady();
    const owners = server.requests.filter(({ plural, verb }) => verb === "list" && (plural === "replicasets" || plural === "jobs"));
    expect(owners.map(({ accept }) => accept.split(",")[0])).toEqual(Array(2).fill("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"));
  });
});

describe("stop leaves nothing running", () => {
  const moments: readonly (readonly [name: string, prepare: () => Promise<KubernetesSource>])[] = [
    ["at once", open],
    ["while following", openReady],
    ["while a list is awaited", async () => {
      server.faults.push({ verb: "list", plural: "services", act: neverAnswer });
      const followed = await open();
      await eventually(() => {
        expect(listsOf("services")).toBe(1);
      });
      return followed;
    }],
    ["while a watch is being opened", async () => {
      server.faults.push({ verb: "watch", act: neverAnswer });
      const followed = await openReady();
      await eventually(() => {
        expect(server.requests.some(({ verb }) => verb === "watch")).toBe(true);
      });
      return followed;
    }],
    ["while it waits for the next attempt", async () => {
      server.faults.push({ verb: "list", act: answer(503, "", { "retry-after": "30" }) });
      const followed = await open();
      await eventually(() => {
        expect(followed.status()[0]?.message).toContain("HTTP 503");
      });
      return followed;
    }],
    ["while discovery is awaited", async () => {
      server.faults.push({ verb: "discovery", act: neverAnswer });
      const followed = await open();
      await eventually(() => {
        expect(server.requests.some(({ verb }) => verb === "get")).toBe(true);
      });
      return followed;
    }],
  ];

  it.each(moments)("%s", async (_, prepare) => {
    const followed = await prepare();
    let calls = 0;
    followed.onChange(() => calls++);
    const startedAtMs = performance.now();
    await followed.stop();
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
    // requests that were on the wire when it stopped still arrive
    await new Promise((later) => setTimeout(later, FAST.backoffMaxMs));
    const [asked, called] = [server.requests.length, calls];
    await new Promise((later) => setTimeout(later, 4 * FAST.backoffMaxMs));
    await server.apply(service("shop", "late"));
    expect(server.openConnections).toBe(0);
    expect(server.openWatches).toBe(0);
    expect(server.requests.length).toBe(asked);
    expect(calls).toBe(called);
  });
});

describe("the connection", () => {
  it("is pooled: 40 lists and watches later there are no more sockets than collections", async () => {
    await openReady();
    await eventually(() => {
      expect(server.openWatches).toBeGreaterThan(15);
    });
    expect(server.openConnections).toBeLessThanOrEqual(server.openWatches + 4);
  });

  it("a listener that throws neither stops the others nor the source", async () => {
    const followed = await openReady();
    let calls = 0;
    followed.onChange(() => {
      throw new Error("no");
    });
    followed.onChange(() => calls++);
    await followsAgain(followed, "after");
    expect(calls).toBeGreaterThan(0);
  });

  it("many changes at once are few configurations", async () => {
    const followed = await openReady();
    let calls = 0;
    followed.onChange(() => calls++);
    await server.apply(...Array.from({ length: 300 }, (_, index) => service("shop", `s${index}`)));
    await eventually(() => {
      expect(followed.current().objects.Service).toHaveLength(301);
    });
    expect(calls).toBeLessThan(30);
  });
});
