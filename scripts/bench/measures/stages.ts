import { request } from "undici";
import { row, type Row } from "../row.ts";

interface Total {
  readonly seconds: number;
  readonly count: number;
}

/** What each stage of a picture took so far, as the application says itself. */
async function stageTotals(url: string): Promise<ReadonlyMap<string, Total>> {
  const text = await (await request(`${url}/metrics`)).body.text();
  const numbers = (suffix: string): ReadonlyMap<string, number> =>
    new Map([...text.matchAll(new RegExp(`^mtlscope_stage_seconds_${suffix}\\{stage="(\\w+)"\\} (\\S+)$`, "gm"))].map(([, stage = "", value]) => [stage, Number(value)]));
  const counts = numbers("count");
  return new Map([...numbers("sum")].map(([stage, seconds]) => [stage, { seconds, count: counts.get(stage) ?? 0 }]));
}

/** Where the time goes while something is measured: of each stage, what it took on average. */
export async function withStageRows(url: string, measure: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
  const before = await stageTotals(url);
  const rows = await measure();
  const stages = [...(await stageTotals(url))].map(([stage, { seconds, count }]) => {
    const earlier = before.get(stage) ?? { seconds: 0, count: 0 };
    return row(`of it, stage ${stage}, on average`, (1000 * (seconds - earlier.seconds)) / Math.max(1, count - earlier.count), { unit: "ms" });
  });
  return [...rows, ...stages];
}
