import type { PortProtocol } from "../joining/protocol.ts";
import type { OwnListener } from "./sidecarScope.ts";

/** What is dialled: in the protocol of the Service's port, at an address of the Service's own or at that of an endpoint. */
interface Dialled {
  readonly protocol: PortProtocol;
  readonly hasAddress: boolean;
}

function takesRequests({ protocol, routesRequests }: OwnListener, { hasAddress }: Dialled): boolean {
  if (protocol?.tls === true) return hasAddress;
  return protocol?.class === "TCP" ? true : routesRequests;
}

function takesBytes(own: OwnListener, { protocol: spoken, hasAddress }: Dialled): boolean {
  const { protocol } = own;
  // at the Service's own address, or those of its endpoints, the listener for all ports has others
  if (protocol === null || own.isAtLarge) return true;
  if (protocol.class === "HTTP") return spoken.class === "AUTO";
  return !protocol.tls || hasAddress || spoken.tls;
}

/** Whether a Sidecar's listener for a port takes what a Service's port holds: HTTP takes requests, TLS without an address a name. */
export function takes(own: OwnListener, dialled: Dialled): boolean {
  return dialled.protocol.class === "HTTP" ? takesRequests(own, dialled) : takesBytes(own, dialled);
}

/** Whether it takes all that is dialled on the port, where the service has no address to tell it from others. */
export function takesAnything({ protocol }: OwnListener): boolean {
  return protocol !== null && !protocol.tls && protocol.class !== "HTTP";
}
