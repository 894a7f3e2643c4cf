import { mostSentFirst, namedShare, sentOver, type Sent } from "#sent";
import type { EdgeView, NodeView, SenderExplanationView, SendersView, SenderView } from "#view";
import type { Filters } from "../address/scope.ts";
import { inScope } from "../address/scope.ts";

/** What a sender did in the part of the mesh that is looked at. */
export interface SenderInScope extends Sent {
  readonly sender: SenderView;
  readonly edges: readonly EdgeView[];
  readonly explanations: readonly SenderExplanationView[];
}

export interface SendersInScope {
  readonly plaintext: readonly SenderInScope[];
  /** connections on which nobody reported plaintext, and configuration says it of what nobody reported; their senders may have sent plaintext elsewhere */
  readonly unreported: readonly SenderInScope[];
  /** nothing they sent got through as plaintext */
  readonly onlyRefused: readonly SenderInScope[];
  /** plaintext whose sender has a name, of all plaintext */
  readonly named: SendersView["named"];
}

function narrowed(sender: SenderView, edges: readonly EdgeView[]): SenderInScope {
  const ids = new Set(edges.map(({ id }) => id));
  const explanations = sender.explanations
    .map((explanation) => ({ ...explanation, edges: explanation.edges.filter(({ id }) => ids.has(id)) }))
    .filter((explanation) => explanation.edges.length > 0);
  return {
    sender,
    edges,
    explanations,
    ...sentOver(edges),
  };
}

function isUnreported({ counts, unreportedPlaintext }: EdgeView): boolean {
  return unreportedPlaintext > 0 && counts.plaintext + counts.refused === 0;
}

/** Every number, cause and fix is of the connections in scope; so is who is listed, and in which order. */
export function sendersInScope(senders: readonly SenderView[], filters: Filters, nodesById: ReadonlyMap<string, NodeView>): SendersInScope {
  const lies = inScope(filters, nodesById);
  const those = (wanted: (edge: EdgeView) => boolean) => senders.map((sender) => narrowed(sender, sender.edges.filter((edge) => lies(edge) && wanted(edge)))).filter(({ edges }) => edges.length > 0).sort(mostSentFirst);
  const shown = those((edge) => !isUnreported(edge));
  return {
    plaintext: shown.filter(({ requests, connections }) => requests + connections > 0),
    unreported: those(isUnreported),
    onlyRefused: shown.filter(({ requests, connections }) => requests + connections === 0),
    named: namedShare(shown.flatMap(({ edges }) => edges)),
  };
}
