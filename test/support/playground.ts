import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { startApp, type RunningApp } from "./app.ts";
import { openBrowser, openPage } from "./browser.ts";

export interface Playground {
  readonly url: string;
  /** @param path with its query */
  open(path: string, theme?: "light" | "dark"): Promise<{ readonly page: Page; readonly complaints: readonly string[] }>;
}

/** A simulated mesh and a browser, for all tests of a file. */
export function playground(scene: "migration" | "shop"): Playground {
  let app: RunningApp;
  let browser: Browser;
  beforeAll(async () => {
    app = await startApp(["--playground", scene]);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await app.stop();
  });
  return {
    get url() {
      return app.url;
    },
    open: (path, theme) => openPage(browser, `${app.url}${path}`, theme),
  };
}
