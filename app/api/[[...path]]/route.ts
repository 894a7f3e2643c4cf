import { refuse } from "../v1/respond.ts";

function unknownPath(request: Request): Response {
  const { pathname } = new URL(request.url);
  return refuse(404, "unknown_path", `nothing is at \`${pathname}\`; docs/api.md lists every address under /api/v1`);
}

export { unknownPath as GET, unknownPath as POST, unknownPath as PUT, unknownPath as PATCH, unknownPath as DELETE, unknownPath as OPTIONS };
