// What a proposal tells people to type, typed: a real shell, a real kubectl, a real API server.
import { spawnSync } from "node:child_process";
import { delimiter } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { MeshChange, PeerAuthentication } from "#mesh";
import { commandText, undoCommandText } from "#proposals";
import type { Proposal } from "#proposals";
import { mapPeerAuthentication } from "../../lib/sources/kubernetes/mapPolicy.ts";
import { namespace } from "../sources/kubernetes/objects.ts";
import type { RawObject } from "../support/fakeApiServer.ts";
import type { RealCluster } from "../support/realCluster.ts";
import { startMeshCluster } from "../support/meshCluster.ts";

// envtest's folder holds kubectl too
const PATH = [process.env["KUBEBUILDER_ASSETS"], process.env["PATH"], process.env["KUBECTL_FOLDER"]].join(delimiter);

const COLLECTION = "/apis/security.istio.io/v1/namespaces/foo/peerauthentications";

let cluster: RealCluster;

interface Stored {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly spec?: object;
}

beforeAll(async () => {
  cluster = await startMeshCluster();
  await cluster.apply(namespace("foo"));
  // the server's storage of a kind is ready a moment after the kind is served
  await vi.waitFor(stored, 10_000);
});

afterAll(async () => {
  await cluster.stop();
});

async function stored(): Promise<readonly Stored[]> {
  return ((await cluster.client.send("GET", COLLECTION)) as { readonly items: readonly Stored[] }).items;
}

/** Nothing but this one is there. */
async function only(spec: object | undefined): Promise<PeerAuthentication> {
  for (const { metadata } of await stored()) await cluster.client.send("DELETE", `${COLLECTION}/${metadata.name}`);
  const value: RawObject = { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata: { name: "default", namespace: "foo" }, ...(spec !== undefined && { spec }) };
  await cluster.client.send("POST", COLLECTION, { contentType: "application/json", value });
  const [object] = await stored();
  return mapPeerAuthentication(object, { ...value.metadata, creationTimestamp: null });
}

function toStrict(from: PeerAuthentication): Proposal {
  return proposal({ update: [[from, { ...from, mode: "STRICT" }]] });
}

function proposal(change: Partial<MeshChange>): Proposal {
  return { kind: "proposal", id: "namespace:foo", scope: { kind: "namespace", namespace: "foo" }, mode: "STRICT", change: { add: [], update: [], remove: [], ...change }, apiVersion: "security.istio.io/v1" };
}

function type(text: string): "done" | "refused" {
  const { status } = spawnSync("/bin/sh", ["-c", text], { env: { ...process.env, PATH, KUBECONFIG: cluster.kubeconfigFile } });
  return status === 0 ? "done" : "refused";
}

async function somebodySets(mtls: object): Promise<void> {
  await cluster.client.send("PATCH", `${COLLECTION}/default`, { contentType: "application/merge-patch+json", value: { spec: { mtls } } });
}

const PORTS = { portLevelMtls: { "8080": { mode: "PERMISSIVE" } } };

describe("the commands of a proposal", () => {
  it.each([
    ["no `mtls`", {}],
    ["an empty `mtls`", { mtls: {} }],
    ["no `spec`", undefined],
    ["ports alone", PORTS],
    ["ports and an empty `mtls`", { mtls: {}, ...PORTS }],
  ])("name a mode where there is none, and take it away again: %s", async (_, spec) => {
    const ports = spec !== undefined && "portLevelMtls" in spec ? PORTS : {};
    const change = toStrict(await only(spec));
    expect(type(commandText(change))).toBe("done");
    expect(await stored()).toMatchObject([{ spec: { mtls: { mode: "STRICT" }, ...ports } }]);
    expect(type(undoCommandText(change))).toBe("done");
    const [after] = await stored();
    expect(after?.spec).toEqual(ports);
  });

  it.each([
    ["no mode", {}],
    ["an empty `mtls`", { mtls: {} }],
    ["no `spec`", undefined],
    ["PERMISSIVE", { mtls: { mode: "PERMISSIVE" } }],
  ])("change nothing where somebody set another mode in between: %s", async (_, spec) => {
    const change = toStrict(await only(spec));
    await somebodySets({ mode: "DISABLE" });
    const between = await stored();
    expect(type(commandText(change))).toBe("refused");
    expect(type(undoCommandText(change))).toBe("refused");
    expect(await stored()).toEqual(between);
  });

  it.each([
    ["the selector was taken away", { selector: null }],
    ["the selector became another", { selector: { matchLabels: { app: "other" } } }],
    ["a port was opened", { portLevelMtls: { "9090": { mode: "DISABLE" } } }],
  ])("change nothing where in between %s", async (_, between) => {
    const change = toStrict(await only({ selector: { matchLabels: { app: "httpbin" } }, mtls: { mode: "PERMISSIVE" } }));
    await cluster.client.send("PATCH", `${COLLECTION}/default`, { contentType: "application/merge-patch+json", value: { spec: between } });
    const now = await stored();
    expect(type(commandText(change))).toBe("refused");
    expect(await stored()).toEqual(now);
  });

  it("set the mode of a policy with a selector and ports, and undo that", async () => {
    const spec = { selector: { matchLabels: { app: "httpbin" } }, mtls: { mode: "PERMISSIVE" }, ...PORTS };
    const change = toStrict(await only(spec));
    expect(type(commandText(change))).toBe("done");
    expect(await stored()).toMatchObject([{ spec: { ...spec, mtls: { mode: "STRICT" } } }]);
    expect(type(undoCommandText(change))).toBe("done");
    expect((await stored())[0]?.spec).toEqual(spec);
  });

  it("create what is not there, and delete that again", async () => {
    const policy = await only({ selector: { matchLabels: { app: "httpbin" } } });
    const change = proposal({ add: [{ ...policy, name: "httpbin", mode: "STRICT" }] });
    expect(type(commandText(change))).toBe("done");
    expect((await stored()).map(({ metadata }) => metadata.name)).toEqual(["default", "httpbin"]);
    expect(type(commandText(change))).toBe("refused");
    expect(type(undoCommandText(change))).toBe("done");
    expect((await stored()).map(({ metadata }) => metadata.name)).toEqual(["default"]);
    expect(type(undoCommandText(change))).toBe("refused");
  });

  it("do not delete what somebody made of it in between", async () => {
    const change = proposal({ add: [await only({ mtls: { mode: "STRICT" } })] });
    await somebodySets({ mode: "PERMISSIVE" });
    const between = await stored();
    expect(type(undoCommandText(change))).toBe("refused");
    expect(await stored()).toEqual(between);
  });

  it("nor what somebody makes of it while it is being deleted", async () => {
    const change = proposal({ add: [await only({ mtls: { mode: "STRICT" } })] });
    const meddling = `command kubectl patch peerauthentications.security.istio.io/default --namespace=foo --type=merge --patch='{"spec":{"mtls":{"mode":"PERMISSIVE"}}}'`;
    expect(type(`kubectl() { if [ "$1" = delete ]; then ${meddling}; fi; command kubectl "$@"; }\n${undoCommandText(change)}`)).toBe("refused");
    expect(await stored()).toMatchObject([{ spec: { mtls: { mode: "PERMISSIVE" } } }]);
  });
});
