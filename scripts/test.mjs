// `npm test`: installs what the tests need, runs everything, and ends with one line `N passed, N failed`.
import { ensureChromium, ensureServers } from "./debian.mjs";
import { ensureBuild, ensureDependencies } from "./prepare.mjs";
import { Run } from "./suites.mjs";

const run = new Run();
const ready = run.check("dependencies", () => ensureDependencies()) && run.check("servers and browser", () => {
  ensureServers();
  ensureChromium();
});
if (ready) {
  run.check("types", () => run.spawn("npm", ["run", "-s", "types"]));
  run.check("lint", () => run.spawn("npm", ["run", "-s", "lint"]));
  run.check("imports", () => run.spawn("npm", ["run", "-s", "imports"]));
  const built = run.check("build", () => ensureBuild());
  run.suite("unit", "test/rules/vitest.mjs");
  if (built) run.suite("browser", "test/rules/vitest.browser.mjs");
}
run.end();
