import type { Authorization, ClientMode, DataPlaneMode, InboundProtocol, Observation, ServerMode, Transport } from "#mesh";
import type { EdgeView, GapView, ObjectRefView, VerdictView } from "./meshView.ts";

/** One port of one workload: what it accepts and why. Instances that differ are separate rows. */
export interface PortView {
  readonly targetPort: number;
  /** Services that reach it: `httpbin.foo.svc.cluster.local:8000`; empty for a port that no Service declares */
  readonly services: readonly { readonly host: string; readonly port: number; readonly name: string | null }[];
  /** how the inbound listener treats it */
  readonly protocol: InboundProtocol;
  readonly serverMode: VerdictView<ServerMode>;
  /** how many instances share this answer, of how many */
  readonly instances: number;
  readonly ofInstances: number;
}

/** `GET /api/v1/workloads/{namespace}/{name}` */
export interface WorkloadView {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly ownerKind: string;
  readonly dataPlaneModes: readonly DataPlaneMode[];
  readonly instances: readonly { readonly name: string; readonly addresses: readonly string[]; readonly node: string | null; readonly ready: boolean; readonly serviceAccount: string; readonly dataPlaneMode: DataPlaneMode }[];
  readonly ports: readonly PortView[];
  /** every PeerAuthentication that selects it, winning or not, in order of precedence */
  readonly policies: readonly { readonly object: ObjectRefView; readonly scope: "mesh" | "namespace" | "workload"; readonly mode: string; readonly note: string }[];
  readonly incoming: readonly EdgeView[];
  readonly outgoing: readonly EdgeView[];
  readonly gaps: readonly GapView[];
}

/** One way the connection can go: a port and a kind of endpoint, judged. */
export interface PathView {
  readonly port: number;
  readonly portName: string | null;
  readonly targetPort: number;
  readonly pairs: number;
  readonly clientInstance: string | null;
  readonly serverInstance: string;
  readonly accepts: VerdictView<ServerMode>;
  readonly sends: VerdictView<ClientMode>;
  readonly transport: VerdictView<Transport>;
  readonly authorization: VerdictView<Authorization>;
}

/** One contribution to the counts of an edge: who reported it, and the rule by which it counts as what it is. */
export interface EvidenceView {
  /** "450 plaintext requests reported by foo/httpbin (destination, sidecar)" */
  readonly text: string;
  readonly rule: string;
  readonly counts: Observation["counts"];
  readonly count: number;
  readonly lastSeenMs: number | null;
}

/** `GET /api/v1/edges/{id}` */
export interface EdgeDetailView {
  readonly edge: EdgeView;
  readonly paths: readonly PathView[];
  readonly evidence: readonly EvidenceView[];
  readonly sender: {
    readonly confidence: EdgeView["confidence"];
    readonly sentence: string;
    readonly principals: readonly string[];
    readonly addresses: readonly string[];
    readonly candidates: readonly string[];
    /** what would make it surer, null where it is proved */
    readonly raise: string | null;
  };
  /** the questions put to Prometheus that this edge's numbers came from */
  readonly queries: readonly { readonly purpose: string; readonly text: string }[];
  /** why there is plaintext, a refusal, or traffic whose security nobody reported, one sentence; null where nothing but mTLS was seen, or nothing at all */
  readonly cause: string | null;
  /** what to do next, as a sentence an engineer would write */
  readonly fix: string | null;
  readonly gaps: readonly GapView[];
}

/** `GET /api/v1/addresses/{address}` */
export interface AddressView {
  readonly schema: "mtlscope-address/1";
  readonly address: string;
  /** ids of nodes that have it now, or sent from it; empty where nobody is known to */
  readonly nodes: readonly string[];
}

/** `GET /api/v1/senders`: plaintext and refused traffic by who sends it. */
export interface SendersView {
  readonly schema: "mtlscope-senders/1";
  readonly senders: readonly SenderView[];
  /** plaintext whose sender has a name, of all plaintext; separate for the two families */
  readonly named: { readonly requests: number; readonly ofRequests: number; readonly connections: number; readonly ofConnections: number };
  readonly gaps: readonly GapView[];
}

/** One cause of a sender's plaintext or refusals, what mends it, and the edges that it explains. */
export interface SenderExplanationView {
  /** why it is plaintext or refused, one sentence naming rule or object */
  readonly cause: string;
  readonly fix: string;
  /** ids of the edges that it explains; `admission` is the server's part in it, one sentence, where it has one */
  readonly edges: readonly { readonly id: string; readonly admission: string | null }[];
}

/** Who sends plaintext or is refused, how that is known, and why it happens. */
export interface SenderView {
  /** node id */
  readonly id: string;
  readonly name: string;
  readonly confidence: EdgeView["confidence"];
  /** how we know, one sentence */
  readonly how: string;
  /** one for each cause with its fix; what explains plaintext first */
  readonly explanations: readonly SenderExplanationView[];
  readonly requests: number;
  readonly connections: number;
  /** both families together, of which nothing can be said: read the two that follow */
  readonly refused: number;
  readonly refusedRequests: number;
  readonly refusedConnections: number;
  /** what nobody reported and configuration says is plaintext; in none of the numbers above */
  readonly unreportedRequests: number;
  readonly unreportedConnections: number;
  readonly lastSeenMs: number | null;
  /** where that is known only to within a stretch: it was after this; else `null` */
  readonly lastSeenAfterMs: number | null;
  readonly edges: readonly EdgeView[];
}
