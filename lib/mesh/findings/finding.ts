import type { ObjectRef } from "../verdict.ts";
import type { ClientMode, ServerMode, Transport, WorkloadId } from "../vocabulary.ts";
import type { FindingRule } from "./rules.ts";

/** Worst first. `cannot be told`: the object makes verdicts unknown. */
export const FINDING_SEVERITIES = ["breaks traffic", "weaker than it seems", "no effect", "cannot be told"] as const;
export type FindingSeverity = (typeof FINDING_SEVERITIES)[number];

/** Whose connections are meant: of every client with a proxy, or of those of some namespaces or workloads. */
export type Clients =
  | { readonly kind: "all" }
  | { readonly kind: "namespace"; readonly namespace: string }
  | { readonly kind: "selected"; readonly namespace: string }
  | { readonly kind: "ambient" }
  | { readonly kind: "by address" };

/** What follows from the object as it stands: a fact that the engine has checked. */
export type Consequence =
  /** ports of the affected workloads have a mode that is not the one the object asks for */
  | { readonly kind: "mode"; readonly is: ServerMode; readonly wanted: string }
  /** nothing that exists is what the object names; `meant`: what it may stand for */
  | { readonly kind: "matches nothing"; readonly meant: string | null }
  /** what the clients send, what follows on the wire, and what they would send otherwise */
  | { readonly kind: "sends"; readonly clients: Clients; readonly sends: ClientMode; readonly transport: Transport; readonly otherwise: string | null }
  /** nothing enforces it at the affected workloads */
  | { readonly kind: "not enforced" }
  /** another object of the same kind is in force in its place */
  | { readonly kind: "ignored" }
  /** the ALLOW rule can match nobody: what it would let in is refused */
  | { readonly kind: "lets nobody in" }
  /** the DENY rule can match nobody: what it would refuse gets in */
  | { readonly kind: "refuses nobody" }
  /** a caller without identity, in plaintext, passes by the rule */
  | { readonly kind: "lets plaintext in" }
  /** the DENY rule refuses more than it names */
  | { readonly kind: "refuses more" }
  /** the server's certificate is accepted unread */
  | { readonly kind: "unverified" }
  /** requests routed there have nowhere to go */
  | { readonly kind: "no endpoint" }
  /** what it is to take is refused */
  | { readonly kind: "refused" }
  /** bytes are read by another protocol than the one declared */
  | { readonly kind: "protocol"; readonly is: string; readonly wanted: string }
  /** verdicts about the affected workloads are unknown */
  | { readonly kind: "unknown" };

/** One step that would mend a finding. `value` is what to write, `to` where to. */
export type Fix =
  | { readonly kind: "set"; readonly object: ObjectRef; readonly field: string; readonly value: string }
  | { readonly kind: "create"; readonly object: ObjectRef; readonly field: string; readonly value: string }
  | { readonly kind: "add"; readonly object: ObjectRef; readonly field: string; readonly value: string }
  | { readonly kind: "remove"; readonly object: ObjectRef; readonly field: string | null }
  | { readonly kind: "rename"; readonly object: ObjectRef; readonly field: string; readonly to: string }
  | { readonly kind: "move"; readonly object: ObjectRef; readonly to: string }
  | { readonly kind: "merge"; readonly object: ObjectRef; readonly into: ObjectRef }
  /** a proxy for the object, or for the affected workloads */
  | { readonly kind: "inject"; readonly object?: ObjectRef }
  /** the affected workloads take mTLS only */
  | { readonly kind: "strict" }
  | { readonly kind: "upgrade"; readonly to: string };

/** Configuration that does not do what it seems to do. */
export interface Finding {
  readonly rule: FindingRule;
  readonly severity: FindingSeverity;
  readonly object: ObjectRef;
  /** the path inside the object, or inside each of a namespace's pods that it is about, and what stands there */
  readonly field: string | null;
  readonly fieldOf: "object" | "its pods";
  readonly value: string | null;
  /** the other object that it takes for this, where there is one */
  readonly because: ObjectRef | null;
  readonly consequence: Consequence;
  /** servers whose connections it is about, ascending */
  readonly affected: readonly WorkloadId[];
  readonly hosts: readonly string[];
  /** target ports of the affected workloads */
  readonly ports: readonly number[];
  /** alternatives, the best first; never empty */
  readonly fixes: readonly [Fix, ...Fix[]];
}
