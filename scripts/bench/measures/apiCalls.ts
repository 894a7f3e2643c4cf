import type { RealCluster } from "../../../test/support/realCluster.ts";
import { row, type Row } from "../row.ts";

/** What the API server wrote down of the account that reads: every request once, watches at their beginning. */
export function apiCallRows(cluster: RealCluster): readonly Row[] {
  const events = cluster.auditEvents("mtlscope", "mtlscope").filter(({ stage, verb }) => stage === (verb === "watch" ? "ResponseStarted" : "ResponseComplete"));
  const of = (verb: string): number => events.filter((event) => event.verb === verb).length;
  return [
    row("API calls: pages of lists", of("list"), { unit: "calls" }),
    row("API calls: watches", of("watch"), { unit: "calls" }),
    row("API calls: discovery and others", events.length - of("list") - of("watch"), { unit: "calls" }),
  ];
}
