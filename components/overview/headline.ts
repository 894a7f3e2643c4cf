import type { MeshView } from "#view";
import { attempted, count, plural } from "../numbers.ts";

function listed(parts: readonly string[]): string {
  return parts.length <= 1 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}

function unsafe(view: MeshView, key: "plaintext" | "refused"): readonly string[] {
  const { requests, connections } = view.totals;
  return [requests[key] > 0 ? plural(requests[key], "request") : "", connections[key] > 0 ? plural(connections[key], "TCP connection") : ""].filter((part) => part !== "");
}

/** The first sentence of the page: the worst that was seen, with its number and its whole. */
export function headline(view: MeshView): string {
  const { requests, connections } = view.totals;
  const all = attempted(requests) + attempted(connections);
  if (all === 0) return "No traffic was seen in the window. That is no evidence of safety.";
  const plaintext = unsafe(view, "plaintext");
  const refused = unsafe(view, "refused");
  const wholes = listed([attempted(requests) > 0 ? `${count(attempted(requests))} requests` : "", attempted(connections) > 0 ? `${count(attempted(connections))} TCP connections` : ""].filter((part) => part !== ""));
  if (plaintext.length > 0) return `${listed(plaintext)} of ${wholes} were plaintext${refused.length > 0 ? `; ${listed(refused)} were blocked` : ""}.`;
  if (refused.length > 0) return `No plaintext was seen; ${listed(refused)} of ${wholes} were blocked.`;
  const unclear = requests.unclear + connections.unclear;
  return unclear > 0 ? `No plaintext was seen in ${wholes}, but nobody reported the security of ${count(unclear)}.` : `No plaintext was seen in ${wholes}.`;
}
