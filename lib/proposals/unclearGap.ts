import type { Edge, Gap, Observation } from "#mesh";
import type { Load } from "./load.ts";

const REPORTERS: ReadonlySet<string> = new Set(["source", "destination", "waypoint"]);

function labelText({ reporter, connectionSecurityPolicy: policy }: Observation): string {
  if (!REPORTERS.has(reporter)) return reporter === "" ? "the label `reporter` is missing" : `\`reporter\` is \`${reporter}\`, which Istio does not write there`;
  const who = reporter === "source" ? "the client's proxy" : `the ${reporter === "waypoint" ? "waypoint" : "server's proxy"}`;
  return policy === null ? `the label \`connection_security_policy\` is missing from what ${who} reported` : `\`connection_security_policy\` is \`${policy}\` in what ${who} reported, which Istio does not write there`;
}

function serverText({ server }: Edge): string {
  return server.kind === "workload" ? `\`${server.id}\`` : "the server";
}

/** Of what only the client's side counted, or a waypoint on the way. */
function whyUnreported({ rule, detail }: Observation): string | undefined {
  if (rule === "OBS-5") return "the client's proxy alone counted them, and told of no certificate";
  if (rule === "OBS-8") return "the client's ztunnel alone counted them, and says `unknown`";
  if (rule === "OBS-25") return detail ?? "the waypoint alone counted them, and tells of the hop to it";
  return rule === "OBS-23" ? (detail ?? "the client's proxy used no certificate for them") : undefined;
}

/** Why nobody knows the security of traffic that was counted by one rule: who did not report it, or which label is missing. */
export function unclearGap({ before, observations }: Load, edge: Edge): Gap {
  const traffic = edge.family === "http" ? "requests" : "connections";
  if (before) return { wanted: `the security of ${traffic} seen before the window`, because: "no proxy reported it, and nothing was seen since" };
  const [first] = observations;
  const unreported = first === undefined ? undefined : whyUnreported(first);
  if (unreported !== undefined) return { wanted: `the security of ${traffic} that no proxy of ${serverText(edge)} reported`, because: unreported };
  const labels = [...new Set(observations.map(labelText))].sort();
  return { wanted: `the security of ${traffic} in the window`, because: labels.length > 0 ? labels.join("; ") : "no server reported it, and the client reported no identity" };
}
