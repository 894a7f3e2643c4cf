export type * from "./meshView.ts";
export type * from "./detailView.ts";
export * from "./proposalView.ts";
