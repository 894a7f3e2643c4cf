import { isIP } from "node:net";
import { askedWindow } from "../../askedWindow.ts";
import { refuse, respond } from "../../respond.ts";

export { onlyGet as POST, onlyGet as PUT, onlyGet as PATCH, onlyGet as DELETE, onlyGet as OPTIONS } from "../../respond.ts";

export async function GET(request: Request, { params }: { readonly params: Promise<{ readonly address: string }> }): Promise<Response> {
  const { address } = await params;
  if (isIP(address) === 0) return refuse(400, "bad_request", `\`${address}\` is no IP address`);
  const window = askedWindow(request.url);
  return window instanceof Response ? window : await respond(request, "address", address.toLowerCase(), ...window);
}
