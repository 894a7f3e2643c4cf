import { askedWindow } from "../askedWindow.ts";
import { respond } from "../respond.ts";

export { onlyGet as POST, onlyGet as PUT, onlyGet as PATCH, onlyGet as DELETE, onlyGet as OPTIONS } from "../respond.ts";

export async function GET(request: Request): Promise<Response> {
  const window = askedWindow(request.url);
  return window instanceof Response ? window : await respond(request, "senders", ...window);
}
