import { request } from "undici";
import { download, pictureOf, type Picture } from "../meshApi.ts";
import { until, type RunningApp } from "../runningApp.ts";
import type { MeshSize } from "../sizes.ts";

const PATIENCE_MS = 180_000;

/** Everything was read, and the traffic is in it. */
function isComplete({ sources, nodes, edges }: Picture, size: MeshSize): boolean {
  return sources.every(({ state }) => state === "live" || state === "absent") && nodes.length >= size.workloads && edges.length >= size.edges * 0.9;
}

/** `/readyz` is cheap to ask; the whole picture is looked at only once it says yes. */
async function isReady(url: string): Promise<boolean> {
  const reply = await request(`${url}/readyz`);
  await reply.body.dump();
  return reply.statusCode === 200 || reply.statusCode === 404;
}

export interface FirstPicture {
  readonly picture: Picture;
  readonly ms: number;
}

export async function firstPicture(app: RunningApp, size: MeshSize): Promise<FirstPicture> {
  let last: Picture | undefined;
  try {
    const picture = await until("the first complete picture", PATIENCE_MS, async () => {
      if (!app.isRunning()) throw new Error("mtlscope ended");
      if (!(await isReady(app.url))) return undefined;
      last = await pictureOf(await download(app.url));
      return isComplete(last, size) ? last : undefined;
    });
    return { picture, ms: performance.now() - app.startedMs };
  } catch (error) {
    const seen = last === undefined ? "no picture at all" : `${last.nodes.length} nodes, ${last.edges.length} edges, sources ${JSON.stringify(last.sources)}`;
    throw new Error(`${(error as Error).message}; last seen: ${seen}\n${app.output()}`, { cause: error });
  }
}
