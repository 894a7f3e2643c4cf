import type { AttentionView, ClientMode, DisagreementView, EdgeView, NodeView } from "#view";
import type { Address } from "../address/address.ts";
import { configuredText, nodeName, sendsText } from "../address/scope.ts";
import { isolated } from "../isolated.ts";
import { plural, traffic } from "../numbers.ts";

type Names = ReadonlyMap<string, NodeView>;

/** Connections that share a cause, and the filter that finds them. */
export interface Cause {
  readonly edges: readonly EdgeView[];
  readonly sentence: string;
  readonly filter: Partial<Address>;
}

const CAUSES: Readonly<Record<ClientMode | "unknown", string>> = {
  NONE: "The sender runs no proxy",
  BYPASS: "The sender goes past its proxy",
  PASSTHROUGH: "The sender's proxy passes on what the application sends",
  BLACKHOLE: "The sender's proxy drops it",
  AUTO_MTLS: "The sender should send mTLS, by auto mTLS",
  AUTO_PLAINTEXT: "Auto mTLS found no endpoint that takes mTLS",
  DR_DISABLE: "A DestinationRule turns mTLS off",
  DR_SIMPLE: "A DestinationRule asks for TLS without a client certificate",
  DR_MUTUAL: "A DestinationRule asks for TLS with a certificate of its own",
  DR_ISTIO_MUTUAL: "A DestinationRule asks for mTLS",
  DR_DROPPED: "A DestinationRule asks for TLS that istiod cannot build",
  HBONE: "The sender should send mTLS, in an HBONE tunnel",
  ZT_PLAINTEXT: "Ztunnel passes it on as plaintext",
  unknown: "What the sender sends is not known",
};

function configurationSays({ transports, isDenied }: DisagreementView): string {
  return `configuration says ${transports.join(" or ")}${isDenied ? ", denied by authorization" : ""}`;
}

function causeOf(kind: AttentionView["kind"], edge: EdgeView): { readonly says: string; readonly text: string } {
  if (kind === "past STRICT") return { says: "Plaintext reached servers that are STRICT", text: "accepts STRICT" };
  if (kind === "disagreement" && edge.disagreement !== null) {
    return { says: `Observed otherwise, ${configurationSays(edge.disagreement)}`, text: configuredText(edge.disagreement) };
  }
  if (edge.confidence === "unidentified") return { says: "Nothing names the sender", text: "unidentified" };
  const [only = "unknown", ...others] = edge.sends;
  const says = others.length === 0 ? CAUSES[only] : `The sender's pods or ports differ (${edge.sends.join(" or ")})`;
  return { says, text: `sends ${sendsText(edge)},` };
}

function amountOf(kind: AttentionView["kind"], { counts, unreportedPlaintext }: EdgeView): number {
  switch (kind) {
    case "unreported plaintext":
      return unreportedPlaintext;
    case "refused":
      return counts.refused;
    case "past STRICT":
    case "plaintext":
    case "disagreement":
      return counts.plaintext;
    case "expected blocked":
    case "ready":
      return 0;
  }
}

/** `12 workloads of 3 namespaces`: of whom it is, or whom it reaches where nobody is named. */
function ends(edges: readonly EdgeView[], names: Names): string {
  const isNamed = edges.some(({ confidence }) => confidence !== "unidentified");
  const ids = [...new Set(edges.map(({ client, server }) => (isNamed ? client : server)))];
  const namespaces = new Set(ids.map((id) => names.get(id)?.namespace ?? "").filter((name) => name !== ""));
  const of = namespaces.size === 0 ? "" : ` of ${plural(namespaces.size, "namespace")}`;
  return `${isNamed ? "from" : "to"} ${plural(ids.length, isNamed ? "sender" : "workload")}${of}`;
}

function sentenceOf(kind: AttentionView["kind"], says: string, edges: readonly EdgeView[], names: Names): string {
  const [most] = edges.toSorted((one, other) => amountOf(kind, other) - amountOf(kind, one));
  const opening = `${says}: ${plural(edges.length, "connection")} ${ends(edges, names)}`;
  if (most === undefined || amountOf(kind, most) === 0) return `${opening}.`;
  const [client = "", server = ""] = [most.client, most.server].map((id) => isolated(nodeName(names.get(id), id)));
  return `${opening}; the most is ${client} → ${server}, ${traffic(most.family, amountOf(kind, most), most.extrapolated)}.`;
}

/** Connections of one kind by their cause, the cause of most of them first. */
export function causesOf(kind: AttentionView["kind"], edges: readonly EdgeView[], names: Names): readonly Cause[] {
  return [...Map.groupBy(edges, (edge) => causeOf(kind, edge).text)]
    .map(([text, shared]): Cause => {
      const [first] = shared;
      return { edges: shared, sentence: sentenceOf(kind, first === undefined ? "" : causeOf(kind, first).says, shared, names), filter: { text } };
    })
    .sort((one, other) => other.edges.length - one.edges.length);
}
