import { chmodSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { KubernetesSource } from "../../lib/sources/kubernetes/index.ts";
import { eventually, namesOf } from "../sources/kubernetes/following.ts";
import { namespace, service } from "../sources/kubernetes/objects.ts";
import type { RawObject } from "../support/fakeApiServer.ts";
import { installReader, startMeshCluster } from "../support/meshCluster.ts";
import type { RealCluster } from "../support/realCluster.ts";
import { follow } from "./follow.ts";

const PKI = resolve(import.meta.dirname, "../support/pki");
let cluster: RealCluster;
const followed: KubernetesSource[] = [];

/** Lets a user, or a service account, read what deploy/rbac.yaml lets mtlscope read. */
function binding(name: string, subject: Readonly<Record<string, string>>): RawObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "mtlscope" }, subjects: [subject],
  };
}

async function reads(kubeconfigFile: string): Promise<KubernetesSource> {
  const source = await follow(kubeconfigFile);
  followed.push(source);
  await source.ready();
  expect(source.status()[0]).toMatchObject({ state: "live" });
  expect(namesOf(source.current(), "Namespace")).toContain("shop");
  return source;
}

beforeAll(async () => {
  cluster = await startMeshCluster();
  await installReader(cluster);
  await cluster.apply(namespace("shop"), binding("by-certificate", { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "client" }), binding("rotating", { kind: "ServiceAccount", namespace: "shop", name: "rotating" }));
});

afterEach(async () => {
  for (const source of followed.splice(0)) await source.stop();
});

afterAll(async () => {
  await cluster.stop();
});

describe("credentials against a real API server", () => {
  it("a client certificate", async () => {
    await reads(cluster.writeKubeconfig("certificate", { "client-certificate": join(PKI, "client.crt"), "client-key": join(PKI, "client.key") }));
  });

  it("a token that the server does not know is refused, and the status says what to do", async () => {
    const source = await follow(cluster.writeKubeconfig("unknown", { token: "not-a-token" }));
    followed.push(source);
    await source.ready();
    expect(source.status()[0]?.message).toMatch(/401|Unauthorized|credentials/i);
    expect(source.status()[0]?.message).not.toContain("not-a-token");
  });

  it("a token file and a plugin whose token rotates: where the old one is refused the new one is read at once", async () => {
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace: "shop", name: "rotating" } };
    const tokenFile = join(cluster.folder, "rotating.token");
    const rotate = async (): Promise<void> => {
      await cluster.apply(account);
      writeFileSync(tokenFile, await cluster.client.serviceAccountToken("shop", "rotating"));
    };
    const plugin = join(cluster.folder, "plugin.sh");
    writeFileSync(plugin, `#!/bin/sh\nprintf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$(cat ${tokenFile})"\n`);
    chmodSync(plugin, 0o700);
    await rotate();
    const sources = [
      await reads(cluster.writeKubeconfig("tokenFile", { tokenFile })),
      await reads(cluster.writeKubeconfig("plugin", { exec: { apiVersion: "client.authentication.k8s.io/v1", command: plugin, interactiveMode: "Never" } })),
    ];
    // tokens of an account that was deleted are void, and a server that was restarted remembers none of them
    await cluster.remove(account);
    await rotate();
    await cluster.killApiServer();
    await cluster.startApiServer();
    await cluster.apply(service("shop", "after-rotation"));
    for (const source of sources) {
      await eventually(() => {
        expect(namesOf(source.current(), "Service")).toContain("shop/after-rotation");
        expect(source.status()[0]).toMatchObject({ state: "live" });
      }, 30_000);
    }
  });
});
