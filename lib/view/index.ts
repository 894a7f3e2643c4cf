export type * from "./meshView.ts";
export type * from "./detailView.ts";
export type * from "./proposalView.ts";
export type { EdgeConsequence, ProposalScope } from "#proposals";
export type { Authorization, ClientMode, DataPlaneMode, EdgeState, ProtocolFamily, SenderConfidence, ServerMode, Transport } from "#mesh";
export { EDGE_CONSEQUENCES } from "#proposals";
export { EDGE_STATES, SENDER_CONFIDENCES } from "#mesh";
export * from "./layout/index.ts";
