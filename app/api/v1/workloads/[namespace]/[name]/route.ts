import { askedWindow } from "../../../askedWindow.ts";
import { respond } from "../../../respond.ts";

export { onlyGet as POST, onlyGet as PUT, onlyGet as PATCH, onlyGet as DELETE, onlyGet as OPTIONS } from "../../../respond.ts";

export async function GET(request: Request, { params }: { readonly params: Promise<{ readonly namespace: string; readonly name: string }> }): Promise<Response> {
  const { namespace, name } = await params;
  const window = askedWindow(request.url);
  return window instanceof Response ? window : await respond(request, "workload", namespace, name, ...window);
}
