import { declarations } from "./declaredPorts.ts";
import type { Deduction } from "./deduction.ts";
import { Trail } from "./deduction.ts";
import type { Instance } from "./instances.ts";
import type { IstiodView } from "./istiodView.ts";
import { byName, label, selects } from "./order.ts";
import type { ObjectRef } from "./verdict.ts";

/** What a gateway does with what arrives on a port. `raw`: bytes are forwarded as they come; `http`: plaintext HTTP is expected. */
export interface GatewayListener {
  readonly accepts: "http" | "raw" | "tls" | "istio-mutual" | "passthrough" | "auto-passthrough";
  readonly by: ObjectRef;
  readonly field: string;
  readonly value: string;
}

const BY_TLS_MODE: ReadonlyMap<string, GatewayListener["accepts"]> = new Map([
  ["PASSTHROUGH", "passthrough"], ["SIMPLE", "tls"], ["MUTUAL", "tls"], ["OPTIONAL_MUTUAL", "tls"], ["AUTO_PASSTHROUGH", "auto-passthrough"], ["ISTIO_MUTUAL", "istio-mutual"],
  // the mode's zero value
  ["", "passthrough"],
]);

const BY_PROTOCOL: ReadonlyMap<string, GatewayListener["accepts"]> = new Map([["HTTPS", "tls"], ["TLS", "tls"], ["TCP", "raw"], ["MONGO", "raw"], ["MYSQL", "raw"], ["REDIS", "raw"]]);

function accepts(protocol: string, tlsMode: string | null): GatewayListener["accepts"] {
  const plain = BY_PROTOCOL.get(protocol.toUpperCase()) ?? "http";
  const saysTls = tlsMode !== null && (tlsMode !== "" || plain === "tls");
  return saysTls ? (BY_TLS_MODE.get(tlsMode) ?? "tls") : plain;
}

const GATEWAY_NAME_LABEL = "gateway.networking.k8s.io/gateway-name";

/** A server's port is one of the gateway's Services first, and then listens on its target port; else it is taken literally. */
function listensOn(view: IstiodView, instance: Instance, asked: { readonly serverPort: number; readonly targetPort: number }): boolean {
  const declared = declarations(view, instance).find(({ port, targetPort }) => port.number === asked.serverPort && targetPort !== undefined);
  return (declared?.targetPort ?? asked.serverPort) === asked.targetPort;
}

/** The listeners of a gateway pod on a target port. */
export function gatewayListeners(view: IstiodView, instance: Instance, targetPort: number): Deduction<readonly GatewayListener[]> {
  const trail = new Trail().lacks(view.knowledge.gapsAnywhere("Gateway")).lacks(view.knowledge.gaps("KubernetesGateway", instance.class.namespace));
  const { objects } = view.configuration;
  const istio = [...objects.Gateway].sort(byName).filter(({ selector }) => selects(selector, instance.told.labels)).flatMap((gateway) =>
    gateway.servers.map((server, at) => ({ server, by: gateway, field: `spec.servers[${at}]` })),
  );
  const name = label(instance.told.labels, GATEWAY_NAME_LABEL);
  const kubernetes = objects.KubernetesGateway.filter((gateway) => gateway.name === name && gateway.namespace === instance.class.namespace).flatMap((gateway) =>
    gateway.listeners.map(({ port, protocol, tlsMode }, at) => ({ server: { port, protocol, tlsMode }, by: gateway, field: `spec.listeners[${at}]` })),
  );
  const listeners = [...istio, ...kubernetes]
    .filter(({ server }) => listensOn(view, instance, { serverPort: server.port, targetPort }))
    .map(({ server, by, field }) => ({ accepts: accepts(server.protocol, server.tlsMode), by, field, value: `${server.protocol}${server.tlsMode === null ? "" : ` ${server.tlsMode}`}` }));
  return trail.found(listeners);
}
