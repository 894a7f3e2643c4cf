import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { istiod, meshConfigMap, namespace, peerAuthentication, pod, service } from "../sources/kubernetes/objects.ts";
import { openStream } from "../server/connection.ts";
import { startApp, type RunningApp } from "../support/app.ts";
import { openBrowser, openPage } from "../support/browser.ts";
import { installReader, startMeshCluster } from "../support/meshCluster.ts";
import type { RealCluster } from "../support/realCluster.ts";

// The built application as a user starts it, against a real API server.

let cluster: RealCluster;
let app: RunningApp;
let browser: Browser;

interface Page {
  readonly nodes: readonly { readonly id: string; readonly accepts: readonly { readonly mode: string }[] }[];
  readonly sources: readonly { readonly state: string }[];
}

async function picture(): Promise<Page> {
  return (await (await fetch(`${app.url}/api/v1/mesh`)).json()) as Page;
}

async function modeOf(workload: string): Promise<string> {
  return (await picture()).nodes.find(({ id }) => id === workload)?.accepts.map(({ mode }) => mode).join() ?? "";
}

beforeAll(async () => {
  cluster = await startMeshCluster();
  const kubeconfigFile = await installReader(cluster);
  const cart = pod("shop", "cart", { labels: { app: "cart", "security.istio.io/tlsMode": "istio" } });
  const spec = { containers: [{ name: "app", image: "app:1", ports: [{ containerPort: 8080 }] }, { name: "istio-proxy", image: "proxy:1", args: ["proxy", "sidecar"] }] };
  const status = { phase: "Running", podIP: "10.244.0.7", podIPs: [{ ip: "10.244.0.7" }], conditions: [{ type: "Ready", status: "True" }] };
  await cluster.apply(namespace("shop"), namespace("elsewhere"), istiod("istio-system", "default"), meshConfigMap("istio-system", "istio", "{}"), { ...cart, spec, status }, service("shop", "cart"), pod("elsewhere", "hidden"));
  app = await startApp(["--kubeconfig", kubeconfigFile], { PROMETHEUS_URL: "" });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  await app.stop();
  await cluster.stop();
});

it("shows what the cluster holds", async () => {
  await expect.poll(() => modeOf("shop/cart"), { timeout: 20_000 }).toBe("PERMISSIVE");
});

it("the page shows what the cluster holds, and follows a change within a second of the request to make it", async () => {
  const { page, complaints } = await openPage(browser, `${app.url}/workloads`);
  const row = page.getByRole("row").filter({ hasText: "cart" }).first();
  await row.getByText(/permissive|both/i).first().waitFor();
  const before = await row.innerText();
  const changedAtMs = performance.now();
  await cluster.apply(peerAuthentication("shop", "default", "STRICT"));
  await expect.poll(() => row.innerText(), { timeout: 5_000, interval: 20 }).not.toBe(before);
  // half a second for a browser on a machine that runs two servers beside it
  expect(performance.now() - changedAtMs).toBeLessThan(1_500);
  expect(await modeOf("shop/cart")).toBe("STRICT");
  expect(complaints).toEqual([]);
  await page.context().close();
});

it("the event stream tells a change within a second of the request to make it", async () => {
  const stream = await openStream(`${app.url}/api/v1/events`);
  await stream.next();
  const changedAtMs = Date.now();
  await cluster.apply(peerAuthentication("shop", "default", "DISABLE"));
  let told = await stream.next();
  while ((await modeOf("shop/cart")) !== "DISABLE") told = await stream.next();
  expect(told.receivedAtMs - changedAtMs).toBeLessThan(1_000);
  stream.close();
});

it("limited to namespaces, it reads those and Istio's own, and says that it does", async () => {
  const limited = await startApp(["--kubeconfig", cluster.kubeconfigFile, "--namespaces", "shop"], { PROMETHEUS_URL: "" });
  try {
    const view = async (): Promise<Page & { readonly gaps: readonly { readonly because: string }[] }> => (await (await fetch(`${limited.url}/api/v1/mesh`)).json()) as never;
    await expect.poll(async () => (await view()).nodes.map(({ id }) => id), { timeout: 20_000 }).toContain("shop/cart");
    const { nodes, gaps } = await view();
    expect(nodes.map(({ id }) => id)).not.toContain("elsewhere/hidden");
    expect(gaps.map(({ because }) => because).join("\n")).toContain("told to read only namespaces `shop`, `istio-system`");
  } finally {
    await limited.stop();
  }
});
