import { respond } from "../respond.ts";

export { onlyGet as POST, onlyGet as PUT, onlyGet as PATCH, onlyGet as DELETE, onlyGet as OPTIONS } from "../respond.ts";

export async function GET(request: Request): Promise<Response> {
  return await respond(request, "findings");
}
