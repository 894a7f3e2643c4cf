import { download } from "../meshApi.ts";
import { median } from "../median.ts";
import { row, type Row } from "../row.ts";

const TIMES = 9;
const BUDGET_MS = 200;
const BUDGET_MB = 2;

/** From a warm server, compressed as a browser asks for it. */
export async function wholeViewRows(url: string): Promise<readonly Row[]> {
  const downloads = [];
  for (let at = 0; at < TIMES; at += 1) downloads.push(await download(url));
  return [
    row("the whole view over HTTP: median", median(downloads.map(({ ms }) => ms)), { unit: "ms", budget: BUDGET_MS }),
    row("the whole view over HTTP: slowest", Math.max(...downloads.map(({ ms }) => ms)), { unit: "ms" }),
    row("the whole view over HTTP: compressed", Math.max(...downloads.map(({ bytes }) => bytes)) / 1e6, { unit: "MB", budget: BUDGET_MB }),
  ];
}
