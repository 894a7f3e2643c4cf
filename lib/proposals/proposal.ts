import type { MeshChange, PolicyScope } from "#mesh";
import type { Holdouts } from "./holdouts.ts";

/** What a proposal wants to make STRICT. */
export type ProposalScope = PolicyScope;

/**
 * One change that takes a scope to STRICT, or one step nearer: from DISABLE the way goes through PERMISSIVE,
 * because clients that stopped sending mTLS need time to start again.
 */
export interface Proposal {
  readonly kind: "proposal";
  /** `mesh`, `namespace:foo`, `workload:foo/httpbin` */
  readonly id: string;
  readonly scope: ProposalScope;
  readonly mode: "STRICT" | "PERMISSIVE";
  readonly change: MeshChange;
  /** the version of `security.istio.io` to write */
  readonly apiVersion: "security.istio.io/v1" | "security.istio.io/v1beta1";
}

/** Why nothing is proposed for a scope. */
export interface NoProposal {
  readonly kind: "no proposal";
  readonly id: string;
  readonly scope: ProposalScope;
  readonly because:
    | "is STRICT already"
    | "is the root namespace"
    | "is not discovered"
    | "nothing to protect"
    | "no such scope"
    | "policies are unread"
    | "workloads are unread"
    | "nothing selects it alone"
    | "root namespace is unclear"
    /** what decides is STRICT for proxies of one and DISABLE for those of another, and one policy would be for both */
    | "control planes differ";
  /** where the policy that decides says STRICT already: where it does not hold all the same */
  readonly holdouts?: Holdouts;
}

/** The name of a proposal in addresses and in the API: `mesh`, `namespace:foo`, `workload:foo/httpbin`. */
export function proposalId(scope: ProposalScope): string {
  switch (scope.kind) {
    case "mesh":
      return "mesh";
    case "namespace":
      return `namespace:${scope.namespace}`;
    case "workload":
      return `workload:${scope.namespace}/${scope.name}`;
  }
}

/** @returns `undefined` where the text is not an id that `proposalId` gives */
export function proposalScope(id: string): ProposalScope | undefined {
  if (id === "mesh") return { kind: "mesh" };
  const [, kind, rest] = /^(namespace|workload):(.+)$/s.exec(id) ?? [];
  if (kind === undefined || rest === undefined) return undefined;
  if (kind === "namespace") return { kind, namespace: rest };
  const slash = rest.indexOf("/");
  if (slash < 1 || slash === rest.length - 1) return undefined;
  return { kind: "workload", namespace: rest.slice(0, slash), name: rest.slice(slash + 1) };
}
