export * from "./proposal.ts";
export * from "./consequence.ts";
