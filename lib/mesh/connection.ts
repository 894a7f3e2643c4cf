import type { Answer, Verdict } from "./verdict.ts";
import type { Authorization, ClientMode, ServerMode, ServiceHost, Transport } from "./vocabulary.ts";

/** How a client dials: the Service (optionally one subset), or an address (optionally with a Host header). */
export type Via =
  | { readonly type: "service"; readonly host: ServiceHost; readonly subset?: string }
  | { readonly type: "podIP"; readonly ip: string; readonly host?: string };

/** One workload instance: a pod, or a WorkloadEntry, by namespace and name. */
export interface InstanceRef {
  readonly namespace: string;
  readonly name: string;
}

/** The unit of judgement: one client instance, one concrete endpoint, one port. Never a Service. */
export interface ConnectionQuestion {
  readonly client: InstanceRef;
  readonly server: InstanceRef;
  /** the Service's port with `via.type` service, the container's with `podIP` */
  readonly port: number;
  readonly via: Via;
}

/** What the client sends, what the server accepts, what follows on the wire, and what AuthorizationPolicy then does. */
export interface ConnectionVerdict {
  readonly clientMode: Verdict<ClientMode>;
  readonly serverMode: Verdict<ServerMode>;
  readonly transport: Verdict<Transport>;
  readonly authorization: Verdict<Authorization>;
}

/** The answers of a verdict, without their reasons: what is kept of the many connections of a mesh. */
export interface ConnectionAnswer {
  readonly clientMode: Answer<ClientMode>;
  readonly serverMode: Answer<ServerMode>;
  readonly transport: Answer<Transport>;
  readonly authorization: Answer<Authorization>;
}
