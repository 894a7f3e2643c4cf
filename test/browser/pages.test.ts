import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { playground } from "../support/playground.ts";

// What single pages say of the shop scene. What happens in it is written down in its own tests (test/sources/playground/shop.test.ts).

const shop = playground("shop");

async function shown(path: string, look: (page: Page) => Promise<void>, width = 1440): Promise<void> {
  const { page } = await shop.open(path);
  await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
  await page.getByRole("main").getByRole("heading", { level: 1 }).waitFor();
  await look(page);
  await page.context().close();
}

const PAST_END = new Date(Date.now() - 3 * 3_600_000).toISOString().slice(0, 16);
const ON_A_PHONE = ["/", "/graph?ns=istio-system&ns=analytics", `/connections?window=6h&end=${PAST_END}:00Z`, "/senders?ns=istio-system&ns=analytics&select=namespace:analytics"];

describe("the bar on a phone", () => {
  it.each([390, 360].flatMap((width) => ON_A_PHONE.map((path) => [width, path] as const)))("%d px, %s: nothing is wider than the screen, and every control can be touched", async (width, path) => {
    const { page } = await shop.open(path);
    await page.setViewportSize({ width, height: 800 });
    const bar = page.getByRole("banner");
    await bar.getByRole("combobox").waitFor();
    if (!path.includes("end=")) await bar.getByText("live").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const controls = [bar.getByRole("button", { name: /^Scope/ }), bar.getByRole("button", { name: /^Window/ }), bar.getByRole("combobox"), bar.getByRole("button", { name: /^Theme/ })];
    const boxes = await Promise.all(controls.map(async (control) => (await control.boundingBox()) ?? { x: -1, width: 0 }));
    const edges = boxes.flatMap(({ x, width: own }) => [Math.round(x), Math.round(x + own)]);
    expect(edges).toEqual(edges.toSorted((left, right) => left - right));
    expect(edges.at(-1)).toBeLessThanOrEqual(width);
    await page.context().close();
  });
});

describe("what happened is never shown as 0 only", () => {
  it.each([1440, 1100, 800, 390])("unclear traffic and application TLS stand in the connections' table, %d px wide", async (width) => {
    await shown(
      "/connections?state=unclear&state=application+TLS",
      async (page) => {
        const row = (text: string) => page.getByRole("row").filter({ hasText: text });
        await expect.poll(() => row("shop/search").filter({ hasText: "data/elasticsearch" }).innerText()).toMatch(/[1-9][\d,]*\s+unclear/);
        expect(await row("legacy/crm").innerText()).toMatch(/[1-9]\d*\s+application TLS/);
      },
      width,
    );
  });

  it("they stand in the table of namespaces, and lead to the connections", async () => {
    await shown("/", async (page) => {
      const row = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "accounts" }) });
      await expect.poll(() => row.innerText()).toMatch(/[1-9]\d* tcp application TLS/);
      await row.getByRole("link", { name: /^180 tcp$/ }).click();
      await page.waitForURL(/connections\?ns=accounts&with=tls&dir=in/);
    });
  });
});

describe("a filter is seen, and can be taken away, on every page that heeds it", () => {
  it.each(["/connections", "/workloads", "/senders", "/findings", "/proposals"])("%s", async (path) => {
    await shown(`${path}?q=zzz`, async (page) => {
      await page.getByText("contains “zzz”").waitFor();
      await page.getByText("Nothing matches these filters.").waitFor();
      await page.getByRole("button", { name: "Clear filters" }).click();
      await page.getByText("contains “zzz”").waitFor({ state: "detached" });
      expect(new URL(page.url()).search).toBe("");
    });
  });

  it("findings are told as a part of all", async () => {
    await shown("/connections?q=wishlist&state=mTLS", async (page) => {
      await page.getByRole("link", { name: "Findings" }).click();
      await page.getByText(/^\d+ of \d+ places where/).waitFor();
      expect(new URL(page.url()).search).toBe("?q=wishlist");
    });
  });

  it("what is searched on the overview filters the connections", async () => {
    await shown("/", async (page) => {
      await page.getByRole("combobox").fill("wishlist");
      await page.getByRole("option", { name: /^Show only/ }).click();
      await page.waitForURL(/connections\?q=wishlist$/);
    });
  });
});

describe("plaintext senders", () => {
  const card = (page: Page, name: string) => page.getByRole("article", { name, exact: true });

  it("who was only refused stands apart, and the rail counts those who sent plaintext", async () => {
    await shown("/senders", async (page) => {
      const sent = page.getByRole("region", { name: /^Sent plaintext/ });
      await sent.getByRole("article").first().waitFor();
      const waiting = await page.getByRole("navigation").getByText(/\d+ sending plaintext/).innerText();
      expect(await sent.getByRole("article").count()).toBe(Number.parseInt(waiting, 10));
      const refused = page.getByRole("region", { name: /^Only refused/ });
      await refused.getByRole("article", { name: "accounts/audit" }).waitFor();
      expect(await sent.getByRole("article", { name: "accounts/audit", exact: true }).count()).toBe(0);
    });
  });

  it("each cause names its servers, plaintext first, and letting in is not the first thing said of a refusal", async () => {
    await shown("/senders", async (page) => {
      const text = (await card(page, "accounts/notifications").innerText()).replaceAll("\n", " ");
      expect(text).toMatch(/to shop\/newsletter cause .* fix Remove spec\.trafficPolicy\.tls from DestinationRule accounts\/newsletter-plain, and auto mTLS decides.* to payments\/invoices cause .* fix Leave it refused/);
    });
  });

  it("what is said of a namespace is of its connections only", async () => {
    await shown("/senders?ns=payments", async (page) => {
      await page.getByText(/^A sender is named for 90 of 90 plaintext TCP connections/).waitFor();
      const text = await card(page, "legacy/erp").innerText();
      expect(text).toContain("180 refused requests");
      expect(text).not.toContain("orders-db");
    });
  });
});

describe("a scope that is STRICT", () => {
  it("says what decides that, and how to reopen it", async () => {
    await shown("/proposals?select=proposal:namespace:payments", async (page) => {
      const panel = page.getByRole("complementary");
      await panel.getByText("payments is STRICT already.").waitFor();
      await panel.getByText("PeerAuthentication payments/default").first().waitFor();
      await panel.getByText(/^Plaintext to payments would be accepted again, and 4 connections that STRICT refuses would get through \(720 requests refused in 15 min\)/).waitFor();
      const line = await panel.getByRole("region", { name: "the command that reopens it" }).innerText();
      expect(line).toContain('{"op":"test","path":"/spec/mtls/mode","value":"STRICT"},{"op":"replace","path":"/spec/mtls/mode","value":"PERMISSIVE"}]');
    });
  });
});

describe("proposals", () => {
  it("each namespace stands before its workloads, with what stays mTLS", async () => {
    await shown("/proposals", async (page) => {
      await page.getByRole("row").nth(3).waitFor();
      const rows = await page.getByRole("row").evaluateAll((all) => all.slice(1).map((row) => (row as HTMLElement).innerText.split(/[\n\t]+/)));
      const titles = rows.map(([title]) => title ?? "");
      for (const [at, title] of titles.entries()) {
        const [, namespace] = /^STRICT for ([^/]+)\/.+$/.exec(title) ?? [];
        if (namespace !== undefined) expect(titles.slice(0, at)).toContain(`STRICT for ${namespace}`);
      }
      const numbers = (wanted: string) => rows.find(([title]) => title === wanted)?.slice(1, 6);
      expect(numbers("STRICT for analytics")).toEqual(["namespace", "5", "1", "0", "0"]);
      // its 1,080 mTLS requests go on, and so do 540 to the pod that has no proxy
      expect(numbers("STRICT for accounts/addresses")).toEqual(["workload", "1", "0", "1", "0"]);
      await page.getByRole("row", { name: /^STRICT for analytics namespace/ }).click();
      await page.getByRole("complementary").getByText("stay mTLS", { exact: false }).first().waitFor();
    });
  });
});

it("the way back from STRICT names what would get through, and who sends it", async () => {
  await shown("/proposals?select=proposal:namespace:logistics", async (page) => {
    const panel = page.getByRole("complementary");
    await panel.getByText("The way back to PERMISSIVE").waitFor();
    expect(await panel.getByRole("term").filter({ hasText: "become accepted" }).innerText()).toMatch(/\d+ TCP connections/);
    const accepted = panel.getByRole("region", { name: "becomes accepted" });
    await expect.poll(() => accepted.getByRole("listitem").innerText()).toMatch(/legacy\/fax-gateway\s*→\s*logistics\/labels[\s\S]*refuses legacy\/fax-gateway now/);
    expect(await panel.getByRole("region", { name: "the command that reopens it" }).innerText()).toContain('"op":"test"');
  });
});

it("the search finds who has an address", async () => {
  await shown("/connections", async (page) => {
    const answer = await page.request.get(`${shop.url}/api/v1/workloads/legacy/erp`);
    const { instances } = (await answer.json()) as { readonly instances: readonly { readonly addresses: readonly string[] }[] };
    await page.getByRole("combobox").fill(instances[0]?.addresses[0] ?? "");
    await page.getByRole("option", { name: /^legacy\/erp/ }).click();
    await page.waitForURL(/select=workload:legacy\/erp/);
  });
});
