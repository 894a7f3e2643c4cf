import { z } from "zod";
import { readBody } from "../../readBody.ts";
import { respond } from "../../respond.ts";

export { onlyPost as GET, onlyPost as PUT, onlyPost as PATCH, onlyPost as DELETE, onlyPost as OPTIONS } from "../../respond.ts";

const Apply = z.strictObject({ proposal: z.string().max(600) });

export async function POST(request: Request): Promise<Response> {
  const body = await readBody(request, Apply);
  if (body.kind === "refused") return body.response;
  return await respond(request, "apply", body.value.proposal);
}
