/** The rules of the specification by id: what each says, in one observable sentence, and its authority. */
export const RULES = {
  "PA-0": { says: "without any PeerAuthentication a workload accepts plaintext and mTLS", source: "semantics A.1.6" },
} as const satisfies Record<string, { readonly says: string; readonly source: string }>;

export type RuleId = keyof typeof RULES;
