import type { Page } from "playwright-core";
import { beforeEach, expect, it } from "vitest";
import { expectAccessible } from "../support/browser.ts";
import { playground } from "../support/playground.ts";

// Another window than the last 15 minutes: chosen in the bar, kept in the address, followed by every page and panel.

const migration = playground("migration");
let page: Page;
let complaints: readonly string[];

beforeEach(async () => {
  ({ page, complaints } = await migration.open("/connections"));
  await page.getByRole("grid").waitFor();
  return async () => {
    await page.context().close();
    expect(complaints.filter((text) => !text.includes("400 (Bad Request)"))).toEqual([]);
  };
});

/** plaintext requests from legacy to foo, as the table shows them */
async function plaintext(): Promise<number> {
  const text = await page.getByRole("row").filter({ hasText: "legacy/sleep" }).filter({ hasText: "foo/httpbin" }).getByRole("gridcell").nth(5).innerText();
  return Number(text.replace(/\D/g, ""));
}

it("is chosen with the keyboard; address, counts, panel and the next page follow", async () => {
  const before = await plaintext();
  await page.getByRole("button", { name: "Window: last 15 min" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await page.getByText(/^Traffic from .* to .*, judged against today's configuration$/).waitFor();
  expect(new URL(page.url()).search).toBe("?window=1h");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Window: last 1 h" }).waitFor();
  await page.getByRole("grid").waitFor();
  // four times as long, and so are the counts, but for the seconds in between
  const ratio = (await plaintext()) / before;
  expect(ratio).toBeGreaterThan(3.7);
  expect(ratio).toBeLessThan(4.3);
  await page.getByRole("row").filter({ hasText: "legacy/sleep" }).filter({ hasText: "foo/httpbin" }).click();
  await page.getByRole("complementary").getByText("in 1 h").waitFor();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Plaintext senders" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(new URL(page.url()).searchParams.get("window")).toBe("1h");
  await page.getByRole("button", { name: "Back to now" }).click();
  await page.getByRole("button", { name: "Window: last 15 min" }).waitFor();
  expect(new URL(page.url()).searchParams.has("window")).toBe(false);
});

it("may have ended in the past", async () => {
  const end = `${new Date(Date.now() - 7_200_000).toISOString().slice(0, 16)}:00Z`;
  await page.goto(`${migration.url}/connections?window=6h&end=${end}`);
  await page.getByRole("button", { name: /^Window: 6 h to / }).waitFor();
  await page.getByText(/judged against today's configuration/).waitFor();
  await page.getByRole("button", { name: /^Window: 6 h to / }).click();
  await page.getByRole("button", { name: "Let it end now" }).click();
  await page.getByRole("button", { name: "Window: last 6 h" }).waitFor();
  await page.getByRole("button", { name: "Window: last 6 h" }).click();
  await page.getByLabel("Until when").fill("2026-01-02T03:04");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("button", { name: /^Window: 6 h to 2 Jan/ }).waitFor();
});

it("that is none is refused with the reason, and another can be chosen", async () => {
  await page.goto(`${migration.url}/connections?window=9d`);
  await page.getByText("A window is at most 7 d long, and this address asks for 9 d.").waitFor();
  await page.getByRole("button", { name: "Window: last 9 days" }).click();
  await page.getByLabel("1 day").click();
  await page.getByRole("grid").waitFor();
});

it("that is none leads back to now", async () => {
  await page.goto(`${migration.url}/connections?window=99d&end=2099-01-01T00:00:00Z&ns=foo`);
  await page.getByRole("alert").getByRole("button", { name: "Back to now" }).click();
  await page.getByRole("grid").waitFor();
  expect(new URL(page.url()).search).toBe("?ns=foo");
});

it("is chosen on a phone", async () => {
  await page.setViewportSize({ width: 390, height: 800 });
  await page.getByRole("button", { name: "Window: last 15 min" }).click();
  const box = await page.getByRole("group", { name: "Window: last 15 min" }).boundingBox();
  expect(box?.x).toBeGreaterThanOrEqual(0);
  expect((box?.x ?? 0) + (box?.width ?? 400)).toBeLessThanOrEqual(390);
  await page.getByLabel("6 h").click();
  await page.getByText(/judged against today's configuration/).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
