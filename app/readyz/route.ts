import { meshThread } from "#pipeline";

export const dynamic = "force-dynamic";

/** Whether the picture can be relied upon: each source was read once, and the newest state could be evaluated. Says why not. */
export async function GET(): Promise<Response> {
  const { revision, notReady, sources } = (await meshThread()).health;
  const isReady = notReady.length === 0;
  return Response.json({ status: isReady ? "ready" : "not ready", because: notReady, revision, sources }, { status: isReady ? 200 : 503, headers: { "cache-control": "no-store" } });
}
