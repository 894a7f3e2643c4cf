import type { Edge, MeshJudge, SenderConfidence, SenderEvidence } from "#mesh";
import { RAISE } from "./cause.ts";
import { partyName } from "./party.ts";
import { listText } from "./quantity.ts";

const METHODS: Readonly<Record<SenderEvidence["method"], string>> = {
  principal: "the certificate of its mTLS connections",
  "peer metadata": "the server's proxy, which looked the address up or read a header that the sender can forge",
  ztunnel: "ztunnel, which looked the address up",
  "access log": "the access log of the server",
  "own report": "the report of the client's own proxy",
};

function methods({ sender }: Edge): string {
  return listText([...new Set(sender.evidence.map(({ method }) => METHODS[method]))], "; ");
}

/** Addresses that evidence gave; else those its pods have now, said as such. */
function ownerText({ sender, client, server }: Edge, judge: MeshJudge): string {
  const name = partyName(client, server);
  if (sender.addresses.length > 0) return `${listText(sender.addresses)} = ${name}, by address, one owner`;
  const instances = client.kind === "workload" ? (judge.workloads.get(client.id)?.instances ?? []) : [];
  const now = [...new Set(instances.flatMap(({ addresses }) => addresses.slice(0, 1)))];
  return `${name}${now.length === 0 ? "" : ` (${listText(now)} now)`}, by address, one owner`;
}

/** How we know who sends. A name that came from an address is never called an identity. */
export function senderSentence(edge: Edge, judge: MeshJudge): string {
  const { sender, client, server } = edge;
  const name = partyName(client, server);
  switch (sender.confidence) {
    case "proved by identity":
      return `${name}, proved by identity: ${sender.principals.length === 0 ? "its certificate" : listText(sender.principals)}.`;
    case "address, one owner":
      return `${ownerText(edge, judge)}; known from ${methods(edge)}. An address is no identity.`;
    case "address, several candidates":
      return `${sender.addresses.length === 0 ? "its address" : listText(sender.addresses)} belongs to ${sender.candidates.length === 0 ? "several workloads" : listText(sender.candidates)}: by address, several candidates.`;
    case "inferred":
      return `${name}, inferred from configuration or timing; nothing observed names it.`;
    case "unidentified":
      return "Nothing names this sender: its traffic carried no identity, and no proxy looked its address up.";
  }
}

const CONFIDENCE_CLAUSES: Readonly<Record<SenderConfidence, string>> = {
  "proved by identity": "sender proved by identity",
  "address, one owner": "sender by address, one owner",
  "address, several candidates": "sender by address, several candidates",
  inferred: "sender inferred",
  unidentified: "sender unidentified",
};

export function confidenceClause({ sender }: Edge): string {
  return CONFIDENCE_CLAUSES[sender.confidence];
}

const RAISES: Readonly<Record<SenderConfidence, string | null>> = {
  "proved by identity": null,
  "address, one owner": "Only mTLS proves an identity: bring the sender into the mesh.",
  "address, several candidates": "Compare the time of the calls with the pods that had the address then; pods on the host network share their node's.",
  inferred: `To see who it is, ${RAISE}.`,
  unidentified: `To see who it is, ${RAISE}.`,
};

export function raiseSentence(confidence: SenderConfidence): string | null {
  return RAISES[confidence];
}
