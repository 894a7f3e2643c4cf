import type { Page } from "playwright-core";
import { beforeEach, expect, it } from "vitest";
import { expectAccessible } from "../support/browser.ts";
import { playground } from "../support/playground.ts";

// What an address asks for is shown, or it is said why not; the keyboard stays where it was.

const shop = playground("shop");
let page: Page;
let complaints: readonly string[];

beforeEach(async () => {
  ({ page, complaints } = await shop.open("/connections"));
  await page.getByRole("grid").waitFor();
  return async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  };
});

it.each([
  ["/?window=1w&ns=shop", "“1w” is no window: it is a number of minutes, hours or days, such as 15m, 6h or 7d."],
  ["/connections?state=secure&ns=shop", "“secure” is no state: it is one of "],
  ["/workloads?end=2026-11-24T10:00:00+02:00&ns=shop&select=workload:shop/cart", "the + of a zone is written %2B in an address."],
])("%s shows nothing else in its place, and the way on", async (path, sentence) => {
  await page.goto(`${shop.url}${path}`);
  const alert = page.getByRole("main").getByRole("alert");
  await alert.getByText(sentence).waitFor();
  expect(await page.getByRole("complementary").count()).toBe(0);
  expect(await page.getByRole("main").getByRole("heading").allInnerTexts()).toEqual(["This address is not understood"]);
  await expectAccessible(page);
  await alert.getByRole("button", { name: "Show it without that" }).click();
  await alert.waitFor({ state: "detached" });
  expect(new URL(page.url()).searchParams.getAll("ns")).toEqual(["shop"]);
});

it("a namespace of which nothing is known is no quiet namespace", async () => {
  await page.goto(`${shop.url}/?ns=nosuch`);
  await page.getByText("No workload and no traffic is known of a namespace “nosuch”.").waitFor();
  expect(await page.getByText("Nothing found that needs you").count()).toBe(0);
  await page.getByRole("button", { name: "Show all namespaces" }).click();
  await page.getByRole("heading", { name: "What needs you" }).waitFor();

  await page.goto(`${shop.url}/?ns=nosuch&ns=shop`);
  await page.getByRole("heading", { name: "What needs you" }).waitFor();
  await page.getByRole("status").filter({ hasText: "“nosuch”" }).getByRole("button", { name: "Show the others" }).click();
  await page.waitForURL(`${shop.url}/?ns=shop`);
});

it("what is unclear is found wherever it is part of mTLS", async () => {
  await page.getByRole("button", { name: /^unclear 4 \+ 1$/ }).click();
  const row = page.getByRole("row").filter({ hasText: "accounts/addresses" });
  await row.getByText(/, \d+ unclear$/).waitFor();
  await page.goto(`${shop.url}/workloads?q=accounts/addresses`);
  await page.getByRole("row").filter({ hasText: "accounts/addresses" }).getByText(/, \d+ unclear$/).waitFor();
});

it("the focus goes back to the row from inside the panel", async () => {
  const row = page.getByRole("row").filter({ hasText: "payments/vault" }).first();
  await row.click();
  await page.getByRole("complementary").getByRole("button", { name: /^why/ }).first().click();
  await page.keyboard.press("Escape");
  await page.getByRole("complementary").waitFor({ state: "detached" });
  await expect.poll(() => row.evaluate((element) => element === document.activeElement)).toBe(true);
});

it("lists are narrowed to one kind, by the address", async () => {
  await page.goto(shop.url);
  const kinds = page.getByRole("group", { name: "Only namespaces that are" });
  await kinds.getByRole("button", { name: /^not ready/ }).click();
  await expect.poll(() => new URL(page.url()).search).toBe("?only=not+ready");
  const answers = await page.getByRole("table").locator("tbody tr td:last-child").allInnerTexts();
  expect(answers.length).toBeGreaterThan(0);
  for (const answer of answers) expect(answer).toContain("not ready");
  await page.getByRole("link", { name: "Workloads" }).click();
  await page.getByRole("group", { name: "Only workloads" }).getByRole("button", { name: /^no proxy 18$/ }).click();
  await page.getByText("18 of 62").waitFor();
});
