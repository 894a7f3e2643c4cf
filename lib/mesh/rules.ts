import { FINDING_RULES } from "./findings/rules.ts";
import { CLIENT_RULES } from "./rules/client.ts";
import { JOINING_RULES } from "./rules/joining.ts";
import { SERVER_RULES } from "./rules/server.ts";
import { TRAFFIC_RULES } from "./traffic/rules.ts";

/** The rules of the specification by id: what each says, in one observable sentence, and its authority. */
export const RULES = { ...SERVER_RULES, ...CLIENT_RULES, ...JOINING_RULES, ...TRAFFIC_RULES, ...FINDING_RULES } as const;

export type RuleId = keyof typeof RULES;
