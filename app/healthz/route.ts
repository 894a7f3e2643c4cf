export const dynamic = "force-dynamic";

/** The process serves. Says nothing about the mesh or its sources. */
export function GET(): Response {
  return Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } });
}
