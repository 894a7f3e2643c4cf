import { z } from "zod";
import { readBody } from "../../readBody.ts";
import { respond } from "../../respond.ts";

export { onlyPost as GET, onlyPost as PUT, onlyPost as PATCH, onlyPost as DELETE, onlyPost as OPTIONS } from "../../respond.ts";

const Settings = z.strictObject({ resolvePeersByAddress: z.boolean(), accessLogs: z.boolean(), scene: z.string().max(100) }).partial();

export async function POST(request: Request): Promise<Response> {
  const body = await readBody(request, Settings);
  if (body.kind === "refused") return body.response;
  return await respond(request, "setPlayground", body.value);
}
