import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startApp, type RunningApp } from "../support/app.ts";
import { expectAccessible, openBrowser, openPage } from "../support/browser.ts";

// A mesh saved with `npm run snapshot`, opened somewhere else: everything can be looked at, nothing moves.

const CHECKOUT = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "mtlscope-saved-"));
const file = join(folder, "shop");
let app: RunningApp;
let browser: Browser;
let page: Page;
let complaints: readonly string[];
let printed = "";

beforeAll(async () => {
  printed = spawnSync(process.execPath, [join(CHECKOUT, "scripts/snapshot.mjs"), "--playground", "migration", file], { encoding: "utf8" }).stdout;
  app = await startApp(["--snapshot", file]);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  await app.stop();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  ({ page, complaints } = await openPage(browser, app.url));
  return async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  };
});

it("saving says what the file holds", () => {
  expect(printed).toMatch(/^saved the simulated mesh .* as of 20\d\d-.* kB\)\nIt holds:\n/);
  expect(printed).toContain("  5 Pod\n");
  expect(printed).toContain("rows of traffic");
  expect(printed).toContain("Everything could be read.");
});

it("every page says that it is a saved state, of which mesh and from when; the terminal does too", async () => {
  for (const path of ["/", "/graph", "/connections", "/proposals"]) {
    await page.goto(`${app.url}${path}`);
    await page.getByText(/Mutual TLS migration.*, as of .*20\d\d.*; nothing is read again/).waitFor();
  }
  await expectAccessible(page);
  expect(app.output()).toMatch(/It shows Mutual TLS migration.* as it was saved at 20\d\d/);
});

it("a proposal is previewed and cannot be applied", async () => {
  await page.getByRole("link", { name: "Proposals" }).click();
  await page.getByRole("row").filter({ hasText: "STRICT for foo" }).click();
  const panel = page.getByRole("complementary");
  await panel.getByText("STRICT for foo", { exact: true }).waitFor();
  await panel.getByText("copy the manifest or the command and apply it yourself").waitFor();
  expect(await panel.getByRole("button", { name: /Apply/ }).count()).toBe(0);
  const refused = await fetch(`${app.url}/api/v1/playground/apply`, { method: "POST", headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" }, body: JSON.stringify({ proposal: "namespace:foo" }) });
  expect(refused.status).toBe(409);
});

it("nothing moves: the picture is of the time when it was saved", async () => {
  const view = async (): Promise<{ readonly capturedAtMs: number; readonly mesh: { readonly savedAtMs: number; readonly simulated: boolean }; readonly edges: unknown }> => (await (await fetch(`${app.url}/api/v1/mesh`)).json()) as never;
  const before = await view();
  await page.waitForTimeout(2_000);
  const after = await view();
  expect(after.capturedAtMs).toBe(before.mesh.savedAtMs);
  expect(after.edges).toEqual(before.edges);
  expect(after.mesh.simulated).toBe(true);
});
