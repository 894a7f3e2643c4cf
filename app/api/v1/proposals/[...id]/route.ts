import { askedWindow } from "../../askedWindow.ts";
import { respond } from "../../respond.ts";

export { onlyGet as POST, onlyGet as PUT, onlyGet as PATCH, onlyGet as DELETE, onlyGet as OPTIONS } from "../../respond.ts";

/** The id of a workload's proposal holds a slash; it may come encoded or as it is. */
export async function GET(request: Request, { params }: { readonly params: Promise<{ readonly id: readonly string[] }> }): Promise<Response> {
  const { id } = await params;
  const window = askedWindow(request.url);
  return window instanceof Response ? window : await respond(request, "proposal", id.join("/"), ...window);
}
