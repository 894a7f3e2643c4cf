import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { OBJECT_KINDS } from "#mesh";
import type { KubernetesSource } from "../../lib/sources/kubernetes/index.ts";
import { because, eventually, namesOf } from "../sources/kubernetes/following.ts";
import { istiod, meshConfigMap, namespace, peerAuthentication, pod, service } from "../sources/kubernetes/objects.ts";
import type { AuditEvent, RealCluster } from "../support/realCluster.ts";
import { installReader, startMeshCluster } from "../support/meshCluster.ts";
import { follow } from "./follow.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Role {
  readonly kind: string;
  readonly rules?: readonly Rule[];
}

let cluster: RealCluster;
let reader: string;
let source: KubernetesSource;

beforeAll(async () => {
  cluster = await startMeshCluster();
  reader = await installReader(cluster);
  await cluster.apply(
    namespace("shop"), namespace("bank"), istiod("istio-system", "default"), meshConfigMap("istio-system", "istio", "{}"),
    pod("shop", "cart-1"), pod("bank", "ledger-1"), service("shop", "cart"), service("bank", "ledger"), peerAuthentication("shop", "default", "STRICT"),
  );
});

afterEach(async () => {
  await source.stop();
});

afterAll(async () => {
  await cluster.stop();
});

function decision({ annotations }: AuditEvent): string {
  return annotations?.["authorization.k8s.io/decision"] ?? "";
}

/** `list pods.` or, for discovery, `get /apis` */
function requestOf({ verb, objectRef, requestURI }: AuditEvent): string {
  if (objectRef === undefined) return `${verb} ${requestURI}`;
  const { resource, apiGroup, subresource } = objectRef;
  return `${verb} ${resource}${subresource === undefined ? "" : `/${subresource}`}.${apiGroup ?? ""}`;
}

interface Grant {
  readonly kind: "ClusterRole" | "Role";
  readonly namespace?: string;
  /** the account's when not given */
  readonly name?: string;
  readonly rules: readonly Rule[];
}

async function bind(account: string, role: Grant): Promise<void> {
  const metadata = { name: role.name ?? account, ...(role.namespace !== undefined && { namespace: role.namespace }) };
  const rbac = "rbac.authorization.k8s.io";
  const subjects = [{ kind: "ServiceAccount", name: account, namespace: "default" }];
  await cluster.apply(
    { apiVersion: `${rbac}/v1`, kind: role.kind, metadata, rules: role.rules },
    { apiVersion: `${rbac}/v1`, kind: `${role.kind}Binding`, metadata, roleRef: { apiGroup: rbac, kind: role.kind, name: metadata.name }, subjects },
  );
}

/** What the source tells a person to add, as that person would write it. */
function advice(): readonly { readonly role: string; readonly rule: Rule }[] {
  return source.current().unread.flatMap(({ because: text }) => {
    const found = /add to (its ClusterRole|a Role in namespace `([^`]+)`): (\{.*?\})(;|$)/.exec(text);
    return found === null ? [] : [{ role: found[2] ?? "", rule: parse(found[3] ?? "") as Rule }];
  });
}

async function followAdvice(account: string, name = account): Promise<void> {
  const given = advice();
  for (const role of new Set(given.map((one) => one.role))) {
    const rules = given.filter((one) => one.role === role).map(({ rule }) => rule);
    await bind(account, role === "" ? { kind: "ClusterRole", name, rules } : { kind: "Role", namespace: role, name, rules });
  }
}

describe("an account bound to exactly deploy/rbac.yaml", () => {
  it("reads everything, and nothing is denied", async () => {
    source = await follow(reader);
    await source.ready();
    await eventually(() => {
      expect(source.current().unread).toEqual([]);
      expect(source.status().map(({ state }) => state)).toEqual(["live"]);
    });
    expect(namesOf(source.current(), "Pod")).toEqual(["bank/ledger-1", "shop/cart-1"]);
    expect(source.current().objects.MeshConfig).toHaveLength(1);
    const events = cluster.auditEvents("mtlscope", "mtlscope");
    // a kind just installed may answer "not yet", which is no denial
    expect(events.filter((event) => decision(event) !== "allow" || [401, 403].includes(event.responseStatus?.code ?? 0)).map(requestOf)).toEqual([]);
    expect(events.length).toBeGreaterThan(30);
  });

  it("asks for no verb and no resource beyond it, and for all that is in it", async () => {
    source = await follow(reader);
    await source.ready();
    const roles = parseAllDocuments(readFileSync(resolve(import.meta.dirname, "../../deploy/rbac.yaml"), "utf8")).map((document) => document.toJS() as Role);
    const granted = roles.flatMap(({ rules }) => rules ?? []).flatMap(({ apiGroups, resources, verbs }) => apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${group}`))));
    await eventually(() => {
      const asked = cluster.auditEvents("mtlscope", "mtlscope").filter(({ objectRef }) => objectRef !== undefined).map(requestOf);
      expect([...new Set(asked)].toSorted()).toEqual([...new Set(granted)].toSorted());
    });
    const discovery = cluster.auditEvents("mtlscope", "mtlscope").filter(({ objectRef }) => objectRef === undefined).map(requestOf);
    expect([...new Set(discovery)].filter((request) => !/^get \/apis(\/[a-z0-9.]+\/v\w+)?$/.test(request))).toEqual([]);
  });

  it("was needed: the API server allowed each request because of it, and none for another reason", async () => {
    source = await follow(reader);
    await source.ready();
    const events = cluster.auditEvents("mtlscope", "mtlscope").filter(({ objectRef }) => objectRef !== undefined);
    const reasons = new Set(events.map(({ annotations }) => annotations?.["authorization.k8s.io/reason"] ?? ""));
    expect([...reasons].toSorted()).toEqual([
      'RBAC: allowed by ClusterRoleBinding "mtlscope" of ClusterRole "mtlscope" to ServiceAccount "mtlscope/mtlscope"',
      'RBAC: allowed by RoleBinding "mtlscope/istio-system" of Role "mtlscope" to ServiceAccount "mtlscope/mtlscope"',
    ]);
  });
});

describe("an account with less", () => {
  it("gives exactly the gaps it has, each with the line to add, and the rest is read", async () => {
    const kubeconfigFile = await cluster.serviceAccount("default", "less");
    const verbs = ["list", "watch"];
    await bind("less", { kind: "ClusterRole", rules: [
      { apiGroups: [""], resources: ["namespaces", "services", "pods"], verbs },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs },
      { apiGroups: ["apps"], resources: ["deployments", "replicasets"], verbs },
      { apiGroups: ["security.istio.io"], resources: ["peerauthentications"], verbs },
      { apiGroups: ["networking.istio.io"], resources: ["*"], verbs },
      { apiGroups: ["gateway.networking.k8s.io"], resources: ["gateways"], verbs },
    ] });
    source = await follow(kubeconfigFile);
    await source.ready();
    await eventually(() => {
      expect(source.current().unread.map(({ kind, namespace: of, name }) => `${kind} ${of ?? "everywhere"} ${name ?? "all"}`).toSorted()).toEqual([
        "APIService everywhere all", "AuthorizationPolicy everywhere all", "Job everywhere all", "MeshConfig istio-system istio", "MutatingWebhookConfiguration everywhere all", "ValidatingWebhookConfiguration everywhere all",
      ]);
    });
    expect(because(source.current(), "AuthorizationPolicy")).toContain('add to its ClusterRole: {apiGroups: ["security.istio.io"], resources: [authorizationpolicies], verbs: [list, watch]}');
    expect(because(source.current(), "AuthorizationPolicy")).toContain('User "system:serviceaccount:default:less" cannot list resource "authorizationpolicies"');
    expect(because(source.current(), "APIService")).toContain('add to its ClusterRole: {apiGroups: ["apiregistration.k8s.io"], resources: [apiservices], verbs: [list, watch]}');
    expect(namesOf(source.current(), "PeerAuthentication")).toEqual(["shop/default"]);
    expect(source.status().filter(({ state }) => state === "absent").map(({ name }) => name).toSorted()).toEqual(["APIService", "AuthorizationPolicy", "Job", "MeshConfig in istio-system", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]);
  });

  it("with nothing at all it says so; whoever adds what it asks for, line by line, has given it everything", async () => {
    const kubeconfigFile = await cluster.serviceAccount("default", "nothing");
    source = await follow(kubeconfigFile);
    await source.ready();
    expect(source.status()[0]).toMatchObject({ state: "absent" });
    expect(OBJECT_KINDS.flatMap((kind) => namesOf(source.current(), kind))).toEqual([]);
    // where no istiod is in sight, the mesh's configuration is looked for where it usually is
    expect(advice().map(({ role, rule }) => `${role} ${rule.resources.join()}`)).toContain("istio-system configmaps");
    await followAdvice("nothing");
    await eventually(() => {
      expect(source.current().unread).toEqual([]);
      expect(source.status().map(({ state }) => state)).toEqual(["live"]);
    });
    expect(namesOf(source.current(), "Pod")).toEqual(["bank/ledger-1", "shop/cart-1"]);
  });

  it("lists without watches are read again from time to time, and it says that changes arrive late", async () => {
    const kubeconfigFile = await cluster.serviceAccount("default", "lists");
    await bind("lists", { kind: "ClusterRole", rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["list"] }] });
    source = await follow(kubeconfigFile);
    await source.ready();
    await eventually(() => {
      expect(source.status().find(({ name }) => name === "Kubernetes API (watch)")?.message).toContain("may be listed but not watched");
      expect(source.current().unread).toEqual([]);
    });
    await cluster.apply(service("shop", "late"));
    await eventually(() => {
      expect(namesOf(source.current(), "Service")).toContain("shop/late");
    });
    await cluster.remove(service("shop", "late"));
  });
});

describe("an account of some namespaces", () => {
  it("needs Roles there only, and names of namespaces; with what it asks for it reads those, and never asks for others", async () => {
    const kubeconfigFile = await cluster.serviceAccount("default", "shopkeeper");
    source = await follow(kubeconfigFile, { namespaces: ["shop"] });
    await source.ready();
    await followAdvice("shopkeeper");
    await eventually(() => {
      expect(advice().filter(({ rule }) => !rule.resources.includes("configmaps"))).toEqual([]);
    });
    await followAdvice("shopkeeper", "shopkeeper-mesh");
    await eventually(() => {
      expect(advice()).toEqual([]);
    });
    expect(namesOf(source.current(), "Namespace")).toEqual(["istio-system", "shop"]);
    expect(namesOf(source.current(), "Pod")).toEqual(["shop/cart-1"]);
    expect(namesOf(source.current(), "PeerAuthentication")).toEqual(["shop/default"]);
    const unread = source.current().unread.find(({ kind }) => kind === "Pod");
    expect(unread?.exceptNamespaces).toEqual(["shop", "istio-system"]);
    const asked = cluster.auditEvents("default", "shopkeeper").filter(({ objectRef }) => objectRef !== undefined);
    const places = new Set(asked.map(({ objectRef }) => (objectRef?.resource === "namespaces" ? `namespace ${objectRef.name ?? ""}` : (objectRef?.namespace ?? "the whole cluster"))));
    expect([...places].toSorted()).toEqual(["istio-system", "namespace istio-system", "namespace shop", "shop"]);
  });
});
