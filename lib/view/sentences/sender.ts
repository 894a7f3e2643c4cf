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

/** Whether the certificates, or some of them, are of others than the workload that reports name. @see rule SND-8 */
function contradicted({ sender: { confidence, principals, candidates, evidence } }: Edge): "all" | "some" | null {
  if (confidence !== "address, one owner" || principals.length === 0) return null;
  if (evidence.every(({ method }) => method !== "principal")) return "all";
  return candidates.length > 0 ? "some" : null;
}

/** The certificate says who it was, and the name does not. */
function contradictionText(edge: Edge, which: "all" | "some"): string {
  const { client, server, sender: { principals, candidates } } = edge;
  const owners = candidates.length === 0 ? "no workload of this mesh is known to run with it" : `${listText(candidates)} ${candidates.length === 1 ? "runs" : "run"} with it`;
  const whose = which === "all" && principals.length === 1 ? "the certificate is another's" : which === "all" ? "the certificates are others'" : "not every certificate is its own";
  return `${partyName(client, server)} by name, known from ${methods(edge)}; ${whose}: ${listText(principals)} (${owners}). The certificate says who it was, and the name does not.`;
}

/** A node's address is the node's, whichever pods share it. @see rule SND-9 */
function candidatesText({ client, sender: { addresses, candidates } }: Edge, judge: MeshJudge): string {
  const its = addresses.length === 0 ? "its address" : listText(addresses);
  const isOfNode = candidates.length === 1 || addresses.some((address) => judge.instancesByAddress(address).some(({ hostNetwork }) => hostNetwork));
  if (!isOfNode) return `${its} belongs to ${candidates.length === 0 ? "several workloads" : listText(candidates)}`;
  const node = client.kind === "node" ? `node ${client.name}` : "a node";
  return `${its} belongs to ${node}${candidates.length === 0 ? "" : `, with whose network pods of ${listText(candidates)} run`}`;
}

/** How we know who sends. A name that came from an address is never called an identity. */
export function senderSentence(edge: Edge, judge: MeshJudge): string {
  const { sender, client, server } = edge;
  const name = partyName(client, server);
  const others = contradicted(edge);
  if (others !== null) return contradictionText(edge, others);
  switch (sender.confidence) {
    case "proved by identity":
      return `${name}, proved by identity: ${sender.principals.length === 0 ? "its certificate" : listText(sender.principals)}.`;
    case "address, one owner":
      return `${ownerText(edge, judge)}; known from ${methods(edge)}. An address is no identity.`;
    case "address, several candidates":
      return `${candidatesText(edge, judge)}: by address, several candidates.`;
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

export function raiseSentence(edge: Edge): string | null {
  return contradicted(edge) === null ? RAISES[edge.sender.confidence] : "See which pods run with that certificate, and why they send the name of another workload.";
}
