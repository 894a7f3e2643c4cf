import type { MeshVerdicts } from "#mesh";
import type { AddressView } from "./detailView.ts";
import { nodeId } from "./identify.ts";

/** Who has an address now, and who sent from it by what was observed. One on the host's network shares it with others. */
export function presentAddress({ judge, edges }: MeshVerdicts, address: string): AddressView {
  const owners = judge.instancesByAddress(address).map(({ workload }): string => workload);
  const senders = edges.filter(({ sender }) => sender.addresses.includes(address)).map(({ client, server }) => nodeId(client, server));
  return { schema: "mtlscope-address/1", address, nodes: [...new Set([...owners, ...senders])] };
}
