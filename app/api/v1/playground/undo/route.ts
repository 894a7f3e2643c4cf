import { z } from "zod";
import { readBody } from "../../readBody.ts";
import { respond } from "../../respond.ts";

export { onlyPost as GET, onlyPost as PUT, onlyPost as PATCH, onlyPost as DELETE, onlyPost as OPTIONS } from "../../respond.ts";

const Undo = z.strictObject({ id: z.string().max(600) });

export async function POST(request: Request): Promise<Response> {
  const body = await readBody(request, Undo);
  if (body.kind === "refused") return body.response;
  return await respond(request, "undo", body.value.id);
}
