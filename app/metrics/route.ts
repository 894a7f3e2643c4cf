import { meshThread } from "#pipeline";

export const dynamic = "force-dynamic";

/** For Prometheus: the process, its sources, its evaluations. No names of workloads, and nothing secret. */
export async function GET(): Promise<Response> {
  const text = await (await meshThread()).metrics();
  return new Response(text, { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" } });
}
