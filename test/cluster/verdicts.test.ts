import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { judgeMesh, type ConnectionVerdict } from "#mesh";
import type { KubernetesSource } from "../../lib/sources/kubernetes/index.ts";
import { deploymentPod, MIGRATION } from "../server/migrationObjects.ts";
import { eventually } from "../sources/kubernetes/following.ts";
import { namespace, peerAuthentication } from "../sources/kubernetes/objects.ts";
import type { RawObject } from "../support/fakeApiServer.ts";
import { type Answer, byHost, flattened, question } from "../support/judging.ts";
import type { RealCluster } from "../support/realCluster.ts";
import { installReader, startMeshCluster } from "../support/meshCluster.ts";
import { follow } from "./follow.ts";

// From objects that a client writes to what happens to connections: the API server, the source and the engine together.
let cluster: RealCluster;
let kubeconfigFile: string;
let source: KubernetesSource;

beforeAll(async () => {
  cluster = await startMeshCluster();
  kubeconfigFile = await installReader(cluster);
  await cluster.apply(...MIGRATION, namespace("bar", { "istio-injection": "enabled" }), deploymentPod("bar", "sleep", { ip: "10.0.0.20", sidecar: true }));
});

beforeEach(async () => {
  source = await follow(kubeconfigFile);
  await source.ready();
});

afterEach(async () => {
  await source.stop();
});

afterAll(async () => {
  await cluster.stop();
});

const HTTPBIN = "foo/httpbin-5f7d8-abcde";
const LEGACY = "legacy/sleep-5f7d8-abcde";
const BAR = "bar/sleep-5f7d8-abcde";

function verdict(client: string): ConnectionVerdict {
  const configuration = source.current();
  return judgeMesh(configuration).connection(question(configuration, { client, server: HTTPBIN, port: 8000, via: byHost("httpbin.foo.svc.cluster.local") }));
}

async function expectVerdicts(expected: { readonly legacy: Answer; readonly bar: Answer }): Promise<void> {
  await eventually(() => {
    expect(source.current().unread).toEqual([]);
    expect({ legacy: flattened(verdict(LEGACY)), bar: flattened(verdict(BAR)) }).toMatchObject(expected);
  });
}

function portException(): RawObject {
  const spec = { selector: { matchLabels: { app: "httpbin" } }, mtls: { mode: "STRICT" }, portLevelMtls: { "8080": { mode: "PERMISSIVE" } } };
  return { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata: { namespace: "foo", name: "httpbin" }, spec };
}

const NO_TLS: RawObject = {
  apiVersion: "networking.istio.io/v1", kind: "DestinationRule", metadata: { namespace: "foo", name: "httpbin" },
  spec: { host: "httpbin.foo.svc.cluster.local", trafficPolicy: { tls: { mode: "DISABLE" } } },
};

const ONLY_BAR: RawObject = {
  apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", metadata: { namespace: "foo", name: "only-bar" },
  spec: { action: "ALLOW", rules: [{ from: [{ source: { principals: ["cluster.local/ns/bar/sa/sleep"] } }] }] },
};

describe("Istio's migration to mutual TLS, on a real API server", () => {
  it("goes from PERMISSIVE to STRICT as Istio's task says, and each step is judged within moments", async () => {
    const permissive = { legacy: { clientMode: "NONE", serverMode: "PERMISSIVE", transport: "plaintext", authz: "allow" }, bar: { clientMode: "AUTO_MTLS", serverMode: "PERMISSIVE", transport: "mTLS", authz: "allow" } };
    await expectVerdicts(permissive);

    // Istio's own words: plaintext requests from legacy are refused, those of workloads with sidecars succeed
    await cluster.apply(peerAuthentication("foo", "default", "STRICT"));
    await expectVerdicts({ legacy: { serverMode: "STRICT", transport: "blocked" }, bar: { serverMode: "STRICT", transport: "mTLS" } });

    await cluster.apply(NO_TLS);
    await expectVerdicts({ legacy: { transport: "blocked" }, bar: { clientMode: "DR_DISABLE", serverMode: "STRICT", transport: "blocked" } });

    await cluster.apply(portException());
    await expectVerdicts({ legacy: { serverMode: "PERMISSIVE", transport: "plaintext" }, bar: { clientMode: "DR_DISABLE", serverMode: "PERMISSIVE", transport: "plaintext" } });

    await cluster.remove(NO_TLS);
    await cluster.apply(ONLY_BAR);
    await expectVerdicts({ legacy: { transport: "plaintext", authz: "deny" }, bar: { transport: "mTLS", authz: "allow" } });

    await cluster.remove(ONLY_BAR, portException(), peerAuthentication("foo", "default", "STRICT"));
    await expectVerdicts(permissive);

    // the whole mesh, from the root namespace
    await cluster.apply(peerAuthentication("istio-system", "default", "STRICT"));
    await expectVerdicts({ legacy: { serverMode: "STRICT", transport: "blocked" }, bar: { transport: "mTLS" } });
    await cluster.remove(peerAuthentication("istio-system", "default", "STRICT"));
  });

  it("names what decided: the object as it stands in the cluster", async () => {
    await cluster.apply(peerAuthentication("foo", "default", "STRICT"));
    await eventually(() => {
      const { serverMode } = verdict(LEGACY);
      const decided = serverMode.kind === "known" ? serverMode.reasons.map(({ rule, object }) => [rule, object?.kind, object?.namespace, object?.name]) : [];
      expect(decided).toContainEqual(["PA-2", "PeerAuthentication", "foo", "default"]);
    });
    await cluster.remove(peerAuthentication("foo", "default", "STRICT"));
  });

  it("an account that may not read PeerAuthentications makes what servers accept unknown, and says why", async () => {
    const blind = await cluster.serviceAccount("default", "blind");
    const rbac = "rbac.authorization.k8s.io";
    await cluster.apply(
      { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: "blind" }, rules: [{ apiGroups: ["", "apps", "batch", "discovery.k8s.io", "networking.istio.io", "gateway.networking.k8s.io"], resources: ["*"], verbs: ["list", "watch"] }] },
      { apiVersion: `${rbac}/v1`, kind: "ClusterRoleBinding", metadata: { name: "blind" }, roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "blind" }, subjects: [{ kind: "ServiceAccount", namespace: "default", name: "blind" }] },
    );
    await source.stop();
    source = await follow(blind);
    await source.ready();
    await eventually(() => {
      const { serverMode, transport } = verdict(LEGACY);
      expect([serverMode.kind, transport.kind]).toEqual(["unknown", "unknown"]);
      expect(JSON.stringify(serverMode)).toContain("peerauthentications.security.istio.io is forbidden");
    });
  });
});
