import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { expectAccessible } from "../support/browser.ts";
import { playground } from "../support/playground.ts";

// The shop scene holds every state: every page must show it without complaint, in both themes, by keyboard, and on a phone.

const PAGES = ["/", "/graph", "/connections", "/workloads", "/senders", "/findings", "/proposals"];
const checkout = resolve(import.meta.dirname, "../..");
const shop = playground("shop");

describe.each(["light", "dark"] as const)("every page in the %s theme", (theme) => {
  it.each(PAGES)("%s: no complaint, accessible", async (path) => {
    const { page, complaints } = await shop.open(path, theme);
    await page.getByText("simulated", { exact: true }).waitFor();
    await page.getByRole("main").getByText(/\d/).filter({ visible: true }).first().waitFor();
    await expectAccessible(page);
    await page.context().close();
    expect(complaints).toEqual([]);
  });
});

describe("on a phone", () => {
  it.each(PAGES)("%s: nothing is wider than the screen", async (path) => {
    const { page } = await shop.open(path);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("main").getByText(/\d/).filter({ visible: true }).first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.context().close();
  });
});

describe("the table and the graph are one picture", () => {
  it("the legend's filter is in the address, and the table keeps it", async () => {
    const { page, complaints } = await shop.open("/graph");
    const legend = page.getByRole("list", { name: "States of connections, each a filter" });
    const plaintext = legend.getByRole("button", { name: /^Hide plaintext|^plaintext/ });
    await plaintext.waitFor();
    await plaintext.click();
    await expect.poll(() => page.url()).toContain("state=");
    expect(new URL(page.url()).searchParams.getAll("state")).not.toContain("plaintext");
    await page.getByRole("link", { name: "Connections" }).click();
    await page.waitForURL(/connections.*state=/);
    await page.getByRole("row").nth(2).waitFor();
    const states = await page.getByRole("row").evaluateAll((rows) => rows.slice(1).map((row) => (row as HTMLElement).innerText.trim().split("\n")[0]));
    expect(states).not.toContain("plaintext");
    expect(states.length).toBeGreaterThan(5);
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  it("Escape closes the panel, and the back button opens it again", async () => {
    const { page } = await shop.open("/connections");
    await page.getByRole("row").nth(1).click();
    await page.getByRole("complementary").getByText("observed", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("complementary").waitFor({ state: "detached" });
    await page.goBack();
    await page.getByRole("complementary").waitFor();
    await page.context().close();
  });
});

describe("what is counted leads to exactly that", () => {
  interface Listed {
    readonly state: string;
    readonly client: string;
    readonly server: string;
    readonly plaintext: number;
  }

  async function listed(page: Page): Promise<readonly Listed[]> {
    const rows = await page.getByRole("row").filter({ has: page.getByRole("gridcell") }).all();
    const cells = await Promise.all(rows.map(async (row) => await row.getByRole("gridcell").allInnerTexts()));
    return cells.map(([state = "", client = "", server = "", , , plaintext = ""]) => ({ state, client, server, plaintext: Number(plaintext.replace(/\D/g, "")) }));
  }

  /** Every cell of every row is asked for: on a busy machine once may take longer than a second. */
  const READ = { timeout: 20_000 };

  it("a namespace's plaintext: the connections that end there and had some, in the table and in the graph", async () => {
    const { page, complaints } = await shop.open("/");
    const row = page.getByRole("table").getByRole("row").filter({ has: page.getByRole("rowheader", { name: "payments" }) });
    await row.getByRole("link").first().click();
    await page.waitForURL(/connections/);
    await page.getByRole("grid").waitFor();
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ ns: "payments", dir: "in", with: "plaintext" });
    const filters = page.getByRole("group", { name: "Filter by state" });
    await filters.getByText("with plaintext", { exact: true }).waitFor();
    await filters.getByText("that end in payments", { exact: true }).waitFor();
    const edges = await listed(page);
    expect(edges.length).toBeGreaterThan(0);
    expect(edges.filter(({ server, plaintext }) => !server.startsWith("payments/") || plaintext === 0)).toEqual([]);
    await page.getByRole("link", { name: "Graph" }).click();
    await page.waitForURL(/graph/);
    await page.getByText(new RegExp(`, ${String(edges.length)} connections?$`)).filter({ visible: true }).waitFor();
    await page.getByRole("button", { name: "Clear filters: with plaintext, that end in payments" }).click();
    await expect.poll(() => new URL(page.url()).search).toBe("?ns=payments");
    await page.getByRole("link", { name: "Connections" }).click();
    await page.waitForURL(/connections/);
    await expect.poll(async () => (await listed(page)).length, READ).toBeGreaterThan(edges.length);
    // no direction any more: who calls from there is listed, too
    expect((await listed(page)).some(({ client, server }) => client.startsWith("payments/") && !server.startsWith("payments/"))).toBe(true);
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  it("in the address alone: `with` without a namespace is of the whole mesh, and `dir` says nothing then", async () => {
    const { page } = await shop.open("/connections?with=refused&dir=in");
    await page.getByRole("grid").waitFor();
    const filters = page.getByRole("group", { name: "Filter by state" });
    await filters.getByText("with refusals", { exact: true }).waitFor();
    expect(await filters.getByText(/^that end in/).count()).toBe(0);
    const states = new Set((await listed(page)).map(({ state }) => state));
    expect([...states].filter((state) => !state.includes("blocked"))).toEqual([]);
    expect(states.size).toBeGreaterThan(0);
    await filters.getByRole("button", { name: "Clear filters" }).click();
    await expect.poll(() => new URL(page.url()).search).toBe("");
    await expect.poll(async () => new Set((await listed(page)).map(({ state }) => state)).has("mTLS"), READ).toBe(true);
    await page.context().close();
  });
});

describe("what the browser is given", () => {
  it("holds no engine and no source: verdicts are made on the server only", () => {
    const chunks = join(checkout, ".next/static/chunks");
    const files = readdirSync(chunks, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
    const text = files.map((file) => readFileSync(join(chunks, file), "utf8")).join("\n");
    expect(files.length).toBeGreaterThan(5);
    const found = ["cytoscape", "PILOT_ENABLE_AMBIENT", "notServiceAccounts", "istio_requests_total"].filter((word) => text.includes(word));
    expect(found).toEqual(["cytoscape"]);
  });
});
