import type { ClientMode, DataPlaneMode, EdgeState, ProtocolFamily, SenderConfidence, ServerMode, Transport } from "#mesh";

/** Plain JSON all through: no Map, Set, Date, class or `undefined` hole. What the API serves is what the components draw. */

/** One sentence, and the object it speaks of, where there is one. */
export interface SentenceView {
  readonly text: string;
  /** rule id of lib/mesh/SPEC.md */
  readonly rule: string | null;
  readonly object: ObjectRefView | null;
  readonly field: string | null;
  readonly value: string | null;
  /** what this step overrode or ignored, each with why */
  readonly overrode: readonly SentenceView[];
}

/** An object of the cluster; `namespace` is empty for a cluster-scoped kind. */
export interface ObjectRefView {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What could not be seen, and why, in words. */
export interface GapView {
  readonly wanted: string;
  readonly because: string;
}

/** A verdict as shown: the value and why, or what is missing. */
export type VerdictView<T extends string> =
  | { readonly kind: "known"; readonly value: T; readonly sentences: readonly SentenceView[] }
  | { readonly kind: "unknown"; readonly gaps: readonly GapView[] };

/** How fresh one source is. `state` `stale`: the last picture is shown, with its age. */
export interface SourceView {
  /** `window`: traffic of a window that was asked for; `evaluation` is no source, and stands among them while it fails */
  readonly kind: "configuration" | "telemetry" | "window" | "evaluation";
  readonly name: string;
  readonly state: "live" | "starting" | "stale" | "absent";
  readonly readAtMs: number | null;
  /** what happened, to what, and what to do; empty while `live` */
  readonly message: string;
}

/** Requests for `http`, connections for `tcp`; never added together. */
export interface CountsView {
  readonly mtls: number;
  readonly plaintext: number;
  readonly tls: number;
  readonly unclear: number;
  readonly refused: number;
}

/** How many edges are in a state. */
export interface EdgeStateCount {
  readonly state: EdgeState;
  readonly edges: number;
}

/** Sums over edges; `edges` counts each state, `requests` and `connections` are separate facts. */
export interface TotalsView {
  readonly requests: CountsView;
  readonly connections: CountsView;
  readonly edges: readonly EdgeStateCount[];
  readonly workloads: number;
  readonly workloadsWithoutProxy: number;
}

/** A namespace: what its ports accept, what arrived there, and whether it is ready for STRICT. */
export interface NamespaceView {
  readonly name: string;
  /** what the workloads' declared ports accept: one word when all agree, else each mode with its number of ports */
  readonly accepts: readonly { readonly mode: ServerMode | "unknown"; readonly ports: number }[];
  /** what the namespace's clients and servers did: sums over edges that end here (servers in this namespace) */
  readonly incoming: TotalsView;
  readonly outgoing: TotalsView;
  readonly workloads: number;
  readonly workloadsWithoutProxy: number;
  readonly readiness: ReadinessView;
}

/** Is the namespace ready for STRICT? `unknown` names what is missing. Numbers are those of its proposal: an edge counts in each that some of its traffic is of. */
export interface ReadinessView {
  readonly kind: "is STRICT" | "STRICT in part" | "ready" | "not ready" | "unknown" | "nothing to protect";
  readonly sentence: string;
  /** edges that would be blocked */
  readonly blockers: number;
  /** edges of which it cannot be said whether they would be blocked */
  readonly uncertain: number;
  /** the proposal that would take it there, null where there is none */
  readonly proposal: string | null;
}

/** A node of the graph: a workload, or what kind of thing it is where that is all that is known. */
export interface NodeView {
  /** `namespace/name` for a workload; otherwise a stable id such as `unidentified:foo/httpbin` */
  readonly id: string;
  readonly kind: "workload" | "node" | "address" | "external" | "unidentified";
  /** box the node is drawn in; empty for things outside */
  readonly namespace: string;
  readonly name: string;
  readonly ownerKind: string | null;
  readonly dataPlaneModes: readonly DataPlaneMode[];
  readonly instances: number;
  readonly accepts: readonly { readonly mode: ServerMode | "unknown"; readonly ports: number }[];
}

/** An edge for graph, table and lists: everything that is needed without asking again. */
export interface EdgeView {
  /** stable, safe in an address */
  readonly id: string;
  /** ids of nodes */
  readonly client: string;
  readonly server: string;
  /** service host as dialled, null where telemetry does not say */
  readonly host: string | null;
  readonly family: ProtocolFamily;
  readonly state: EdgeState;
  readonly counts: CountsView;
  /** of `unclear`: what was carried, and which configuration says is plaintext; part of no other count */
  readonly unreportedPlaintext: number;
  readonly bytes: number;
  readonly extrapolated: boolean;
  readonly lastSeenMs: number | null;
  readonly lastPlaintextMs: number | null;
  /** where a time above is known only to within a stretch: it was after this, and not after that; else `null` */
  readonly lastSeenAfterMs: number | null;
  readonly lastPlaintextAfterMs: number | null;
  readonly confidence: SenderConfidence;
  /** distinct answers of configuration over ports and endpoints; `unknown` among them where one is */
  readonly configured: readonly (Transport | "unknown")[];
  readonly accepts: readonly (ServerMode | "unknown")[];
  readonly sends: readonly (ClientMode | "unknown")[];
  /** one sentence: what it is, because of what */
  readonly sentence: string;
  readonly disagreement: DisagreementView | null;
  /** why it needs a person, most urgent first; nearly always empty */
  readonly concerns: readonly ConcernKind[];
}

/** What was observed is not what configuration says. */
export interface DisagreementView {
  /** both sides in one clause */
  readonly text: string;
  /** what configuration says of the ways it can have gone; empty where it says no more than that every port takes mTLS only */
  readonly transports: readonly Transport[];
  /** and authorization refuses it */
  readonly isDenied: boolean;
}

/**
 * Why a connection needs a person. `past STRICT`: plaintext arrived where every port takes nothing but mTLS. That is no `plaintext` and no `disagreement` beside it:
 * these are the others.
 */
export type ConcernKind = "past STRICT" | "plaintext" | "unreported plaintext" | "refused" | "expected blocked" | "disagreement";

/** The stretch of time that traffic is counted in, and how much of it was scraped. */
export interface WindowView {
  readonly startMs: number;
  readonly endMs: number;
  readonly seconds: number;
  readonly lookBackStartMs: number;
  /** it ends now and moves on with every picture; another is judged against the configuration of `capturedAtMs` all the same */
  readonly followed: boolean;
  /** the parts that the counts tell of, oldest first; `null` where that is not known */
  readonly covered: readonly { readonly startMs: number; readonly endMs: number }[] | null;
  readonly coveredSeconds: number | null;
}

/** What the process was pointed at. */
export interface MeshIdentityView {
  /** context name of the kubeconfig, `in-cluster`, or the scene's name */
  readonly name: string;
  readonly simulated: boolean;
  /** present in the playground only */
  readonly playground: PlaygroundView | null;
  /** the mesh is a saved state, of this time, and does not change; `null`: it is followed */
  readonly savedAtMs: number | null;
  readonly istioVersions: readonly string[];
}

/** How the simulated mesh is set up, and what was applied to it. */
export interface PlaygroundView {
  readonly scene: string;
  readonly scenes: readonly { readonly id: string; readonly title: string }[];
  /** Istio proxies resolve plaintext peers by address (PEER_METADATA_DISCOVERY) */
  readonly resolvePeersByAddress: boolean;
  readonly accessLogs: boolean;
  /** changes applied here that can be undone, newest first */
  readonly applied: readonly { readonly id: string; readonly title: string; readonly atMs: number }[];
}

/** The whole picture: `GET /api/v1/mesh`. */
export interface MeshView {
  readonly schema: "mtlscope-view/1";
  /** grows with every change of the picture in this process */
  readonly revision: number;
  readonly capturedAtMs: number;
  readonly mesh: MeshIdentityView;
  readonly window: WindowView;
  readonly sources: readonly SourceView[];
  readonly gaps: readonly GapView[];
  readonly totals: TotalsView;
  readonly namespaces: readonly NamespaceView[];
  readonly nodes: readonly NodeView[];
  readonly edges: readonly EdgeView[];
  /** what needs a person, most urgent first */
  readonly attention: readonly AttentionView[];
}

/** Something that needs a person, or a namespace that is ready, and where it leads. */
export interface AttentionView {
  readonly kind: ConcernKind | "ready";
  readonly sentence: string;
  /** when it was last seen, null where that has no meaning */
  readonly atMs: number | null;
  /** what to select when clicked */
  readonly edge: string | null;
  readonly node: string | null;
  readonly namespace: string | null;
  /** of the item that stands for those that are not listed: how many of this kind there are beside; else 0 */
  readonly hidden: number;
}
