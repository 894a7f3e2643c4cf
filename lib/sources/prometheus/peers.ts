import type { ReportedPeer } from "#mesh";
import { known, label, type Labels } from "./schema.ts";

const SEPARATOR = "\u0000";

/** The ends that label sets name; equal ones are one object, since a workload is the end of many edges. */
export class Peers {
  readonly #all = new Map<string, ReportedPeer>();

  client(labels: Labels): ReportedPeer {
    const peer = { namespace: known(labels, "source_workload_namespace"), workload: known(labels, "source_workload"), principal: known(labels, "source_principal") };
    return this.#one(label(labels, "source_principal") === null ? { ...peer, principalDropped: true } : peer);
  }

  server(labels: Labels): ReportedPeer {
    return this.#one({ namespace: known(labels, "destination_workload_namespace"), workload: known(labels, "destination_workload"), principal: null });
  }

  #one(peer: ReportedPeer): ReportedPeer {
    const { namespace, workload, principal, principalDropped } = peer;
    const key = [namespace, workload, principal, principalDropped].join(SEPARATOR);
    const shared = this.#all.get(key) ?? peer;
    this.#all.set(key, shared);
    return shared;
  }
}
