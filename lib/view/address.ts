import type { MeshVerdicts, Party, WorkloadInstance } from "#mesh";
import type { AddressView } from "./detailView.ts";
import { nodeId } from "./identify.ts";

const NOBODY: Party = { kind: "unidentified" };

/** The node, and then the pods that share its address. @see rule SND-9 */
function owners(instances: readonly WorkloadInstance[]): readonly string[] {
  const nodes = instances.flatMap(({ hostNetwork, nodeName }) => (hostNetwork && nodeName !== null ? [nodeId({ kind: "node", name: nodeName }, NOBODY)] : []));
  return [...nodes, ...instances.map(({ workload }) => nodeId({ kind: "workload", id: workload }, NOBODY))];
}

/** Who has an address now, and who sent from it by what was observed. */
export function presentAddress({ judge, edges }: MeshVerdicts, address: string): AddressView {
  const senders = edges.filter(({ sender }) => sender.addresses.includes(address)).map(({ client, server }) => nodeId(client, server));
  return { schema: "mtlscope-address/1", address, nodes: [...new Set([...owners(judge.instancesByAddress(address)), ...senders])] };
}
