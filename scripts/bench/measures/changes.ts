import { setTimeout as sleep } from "node:timers/promises";
import type { RealCluster } from "../../../test/support/realCluster.ts";
import { median } from "../median.ts";
import { row, type Row } from "../row.ts";
import type { OpenStreams } from "./eventStreams.ts";

const CHANGES = 6;
const BUDGET_MS = 1_000;
const PATIENCE_MS = 10_000;
const PAUSE_MS = 1_500;

function policy(mode: string): { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly namespace: string; readonly name: string }; readonly spec: object } {
  return { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata: { namespace: "team-1", name: "bench" }, spec: { mtls: { mode } } };
}

/** A policy is switched to and fro: how long until every open page has been told. */
export async function changeRows(cluster: RealCluster, streams: OpenStreams, pages: number): Promise<readonly Row[]> {
  await cluster.apply(policy("STRICT"));
  const delays: number[] = [];
  for (let at = 0; at < CHANGES; at += 1) {
    await sleep(PAUSE_MS);
    const told = streams.nextEverywhere(performance.now(), PATIENCE_MS);
    await cluster.apply(policy(at % 2 === 0 ? "PERMISSIVE" : "STRICT"));
    delays.push(await told);
  }
  await cluster.remove(policy("STRICT"));
  return [
    row(`a change of the cluster in ${pages} open pages: median`, median(delays), { unit: "ms" }),
    row(`a change of the cluster in ${pages} open pages: slowest`, Math.max(...delays), { unit: "ms", budget: BUDGET_MS }),
  ];
}
