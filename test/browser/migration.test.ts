import type { Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { expectAccessible } from "../support/browser.ts";
import { playground } from "../support/playground.ts";

// The classic migration, as an engineer walks it: see legacy's plaintext, ask what STRICT would do, apply, see it blocked, undo.
// Every expectation was written from Istio's documentation of the task, before the pages existed.

const PLAINTEXT_TO_FOO = "legacy/sleep → foo/httpbin";
const migration = playground("migration");
let page: Page;
let complaints: readonly string[];

beforeEach(async () => {
  ({ page, complaints } = await migration.open("/"));
  return async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  };
});

function panel(): ReturnType<Page["getByRole"]> {
  return page.getByRole("complementary");
}

/** The row of the connections table for one client and server, as its text. */
async function connection(client: string, server: string): Promise<string> {
  const row = page.getByRole("row").filter({ hasText: client }).filter({ hasText: server });
  return (await row.first().innerText()).replaceAll(/\s+/g, " ");
}

async function expectState(client: string, server: string, state: RegExp): Promise<void> {
  await expect.poll(async () => await connection(client, server), { timeout: 10_000 }).toMatch(state);
}

async function openProposalForFoo(): Promise<void> {
  await page.getByRole("link", { name: "Proposals" }).click();
  await page.getByRole("row").filter({ hasText: "STRICT for foo" }).click();
  await panel().getByText("STRICT for foo", { exact: true }).waitFor();
}

async function applyStrictToFoo(): Promise<void> {
  await openProposalForFoo();
  await panel().getByRole("button", { name: "Apply to the playground: 1 object in foo" }).click();
  await panel().getByText("Applied: STRICT for foo").waitFor();
}

async function undo(): Promise<void> {
  await page.getByRole("button", { name: /Mutual TLS migration/ }).click();
  await page.getByRole("group", { name: /simulated mesh/ }).getByRole("button", { name: "Undo STRICT for foo" }).click();
  await page.getByText("No change applied here").waitFor();
  await page.keyboard.press("Escape");
}

/** A switch of the playground shows what the server says, so it follows a moment after the click. */
async function setSwitch(name: RegExp, on: boolean): Promise<void> {
  await page.getByRole("button", { name: /Mutual TLS migration/ }).click();
  const control = page.getByRole("switch", { name });
  expect(await control.isChecked()).toBe(!on);
  await control.click();
  await expect.poll(async () => await control.isChecked(), { timeout: 10_000 }).toBe(on);
  await page.keyboard.press("Escape");
}

describe("the migration of foo to STRICT", () => {
  it("says on the first page that it is simulated, and who sends plaintext to whom", async () => {
    await page.getByText("simulated", { exact: true }).waitFor();
    await page.getByText(PLAINTEXT_TO_FOO).first().waitFor();
    await page.getByText("legacy/sleep → bar/httpbin").first().waitFor();
    await expectAccessible(page);
  });

  it("names legacy/sleep by its address, and says that an address is no identity", async () => {
    await page.getByRole("link", { name: "Plaintext senders" }).click();
    await page.getByRole("main").getByText("legacy/sleep").first().waitFor();
    await page.getByRole("main").getByText("address, one owner").first().waitFor();
    await page.goto(`${migration.url}/connections`);
    await page.getByRole("row").filter({ hasText: "legacy/sleep" }).filter({ hasText: "foo/httpbin" }).click();
    await panel().getByText("observed", { exact: true }).waitFor();
    const text = await panel().innerText();
    expect(text).toContain("PERMISSIVE");
    expect(text).toContain("it runs no proxy");
    expect(text).toMatch(/\d+ plaintext requests/);
    expect(text).toContain("An address is no identity");
    await expectAccessible(page);
  });

  it("previews STRICT: legacy/sleep becomes blocked, the others stay mTLS", async () => {
    await openProposalForFoo();
    await panel().getByText("becomes blocked", { exact: true }).first().waitFor();
    await panel().getByLabel(/Only what changes/).uncheck();
    await panel().getByText("stays mTLS", { exact: true }).first().waitFor();
    const text = (await panel().innerText()).replaceAll(/\s+/g, " ");
    const [changes = "", stays = ""] = text.split("stays mTLS");
    expect(changes).toContain("legacy/sleep → foo/httpbin");
    expect(changes).not.toContain("foo/sleep → foo/httpbin");
    expect(stays).toContain("foo/sleep → foo/httpbin");
    expect(stays).toContain("bar/sleep → foo/httpbin");
    expect(text).not.toContain("→ bar/httpbin");
    expect(text).toContain("mode: STRICT");
    await expectAccessible(page);
  });

  it("applies it: the edge is blocked by the access log's evidence, bar is untouched, and undo brings the plaintext back", async () => {
    await applyStrictToFoo();
    await page.getByRole("link", { name: "Connections" }).click();
    await expectState("legacy/sleep", "foo/httpbin", /\bblocked\b/);
    await expectState("legacy/sleep", "bar/httpbin", /\bplaintext\b/);
    await expectState("foo/sleep", "foo/httpbin", /\bmTLS\b/);
    await expectState("bar/sleep", "foo/httpbin", /\bmTLS\b/);
    expect(await connection("legacy/sleep", "foo/httpbin")).not.toMatch(/expected blocked|mixed/);

    await page.getByRole("row").filter({ hasText: "legacy/sleep" }).filter({ hasText: "foo/httpbin" }).click();
    await panel().getByRole("button", { name: /evidence/ }).click();
    await panel().getByText(/filter_chain_not_found/).first().waitFor();

    await undo();
    await expectState("legacy/sleep", "foo/httpbin", /\bplaintext\b/);
  });

  it("says expected blocked where no access log can show the refusals", async () => {
    await setSwitch(/access log/i, false);
    await applyStrictToFoo();
    await page.getByRole("link", { name: "Connections" }).click();
    await expectState("legacy/sleep", "foo/httpbin", /expected blocked/);
    await undo();
    await setSwitch(/access log/i, true);
  });

  it("has an unidentified sender where Istio resolves no peers by address", async () => {
    await setSwitch(/by address/i, false);
    await page.getByRole("link", { name: "Connections" }).click();
    await expectState("unidentified", "foo/httpbin", /\bplaintext\b/);
    await setSwitch(/by address/i, true);
    await expectState("legacy/sleep", "foo/httpbin", /\bplaintext\b/);
  });
});
