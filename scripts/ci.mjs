// `npm run ci`: `npm test`, then `npm run test:cluster`; the last line is the sum of both.
import { spawnSync } from "node:child_process";
import { CHECKOUT } from "./prepare.mjs";
import { forgetTotals, sumTotals } from "./suites.mjs";

const RUNS = ["test", "cluster"];

function npm(...args) {
  return spawnSync("npm", args, { cwd: CHECKOUT, stdio: "inherit", env: { ...process.env, CI: "true" } }).status === 0;
}

forgetTotals(RUNS);
const tested = npm("test");
const clusterTested = npm("run", "-s", "test:cluster");
sumTotals(RUNS);
if (!tested || !clusterTested) process.exitCode = 1;
