// `npm test`: installs what the tests need, runs everything, and ends with one line `N passed, N failed`.
import { ensureChromium, ensureServers } from "./debian.mjs";
import { ensureBuild, ensureDependencies } from "./prepare.mjs";
import { Run } from "./suites.mjs";

const run = new Run("test");
const ready = (await run.check("dependencies", () => ensureDependencies())) && (await run.check("servers and browser", () => {
  ensureServers();
  ensureChromium();
}));
if (ready) {
  await run.check("types", () => run.spawn("npm", ["run", "-s", "types"]));
  await run.check("lint", () => run.spawn("npm", ["run", "-s", "lint"]));
  await run.check("imports", () => run.spawn("npm", ["run", "-s", "imports"]));
  const built = await run.check("build", () => ensureBuild());
  run.suite("unit", "test/rules/vitest.mjs");
  if (built) run.suite("browser", "test/rules/vitest.browser.mjs");
}
run.end();
