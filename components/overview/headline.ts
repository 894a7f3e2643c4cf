import type { CountsView, TotalsView } from "#view";
import type { OverviewScope } from "./overviewScope.ts";
import { attempted, count, plural } from "../numbers.ts";

function listed(parts: readonly string[]): string {
  const said = parts.filter((part) => part !== "");
  return said.length <= 1 ? (said[0] ?? "") : `${said.slice(0, -1).join(", ")} and ${said.at(-1) ?? ""}`;
}

/** A part with its whole, for each family in which there is such a part: "450 of 1,350 requests and 3 of 48 TCP connections". */
function partOf({ requests, connections }: TotalsView, key: keyof CountsView): string {
  return listed([
    requests[key] > 0 ? `${count(requests[key])} of ${plural(attempted(requests), "request")}` : "",
    connections[key] > 0 ? `${count(connections[key])} of ${plural(attempted(connections), "TCP connection")}` : "",
  ]);
}

function verb({ requests, connections }: TotalsView, key: keyof CountsView): string {
  return requests[key] + connections[key] === 1 ? "was" : "were";
}

/** What was seen by nobody who can tell, and is plaintext where configuration is right: a number of its own, never one of plaintext. */
export function besideThat({ requests, connections }: OverviewScope["unreported"]): string {
  const amounts = listed([requests > 0 ? plural(requests, "request") : "", connections > 0 ? plural(connections, "TCP connection") : ""]);
  return amounts === "" ? "" : `Beside that, ${amounts} ${requests + connections === 1 ? "is" : "are"} plaintext by configuration, and nobody reported ${requests + connections === 1 ? "it" : "them"}.`;
}

/** The first sentence of the page: the worst that was seen, with its number and its whole. */
export function headline(totals: TotalsView): string {
  const { requests, connections } = totals;
  if (attempted(requests) + attempted(connections) === 0) return "No traffic was seen in the window. That is no evidence of safety.";
  const plaintext = partOf(totals, "plaintext");
  const refused = partOf(totals, "refused");
  const unclear = partOf(totals, "unclear");
  if (plaintext !== "") return `${plaintext} ${verb(totals, "plaintext")} plaintext.`;
  const doubt = unclear === "" ? "" : `, but nobody reported the security of ${unclear}`;
  if (refused !== "") return `No plaintext was seen${doubt}; ${refused} ${verb(totals, "refused")} blocked.`;
  if (unclear !== "") return `No plaintext was seen${doubt}.`;
  return `No plaintext was seen in ${listed([attempted(requests) > 0 ? plural(attempted(requests), "request") : "", attempted(connections) > 0 ? plural(attempted(connections), "TCP connection") : ""])}.`;
}
