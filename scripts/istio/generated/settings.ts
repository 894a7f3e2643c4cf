import type { Draw, Json } from "./draw.ts";
import { maybe } from "./draw.ts";
import type { Places } from "./places.ts";

/** The mesh config, as YAML that is JSON for its values. */
export function meshConfigOf(draw: Draw, places: Places): Json {
  const policy = draw.weighted<string | null>([[10, null], [1.3, "{mode: REGISTRY_ONLY}"], [places.nasty ? 0.2 : 0, "{}"]]);
  const lines = [
    `rootNamespace: ${places.root}`,
    `trustDomain: ${places.trustDomain}`,
    ...(policy === null ? [] : [`outboundTrafficPolicy: ${policy}`]),
    ...(draw.chance(0.07) ? ["enableAutoMtls: false"] : []),
    ...(draw.chance(0.05) ? [`defaultDestinationRuleExportTo: [${draw.pick(['"."', '"*"'])}]`] : []),
    ...(draw.chance(0.04) ? [`defaultServiceExportTo: [${draw.pick(['"."', '"*"', '"~"', ...places.namespaces])}]`] : []),
    ...(draw.chance(0.02) ? [`defaultVirtualServiceExportTo: [${draw.pick(['"."', ...places.namespaces])}]`] : []),
  ];
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "istio", namespace: "istio-system" }, data: { mesh: lines.join("\n") } };
}

export function namespacesOf({ namespaces, ambient }: Places): readonly Json[] {
  return [...namespaces].sort().map((name) => ({
    apiVersion: "v1", kind: "Namespace",
    metadata: { name, labels: { "kubernetes.io/metadata.name": name, ...maybe(!name.startsWith("istio"), () => (ambient ? { "istio.io/dataplane-mode": "ambient" } : { "istio-injection": "enabled" })) } },
  }));
}

const FLAGS: readonly (readonly [string, string])[] = [
  ["PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES", "true"], ["ENABLE_ENHANCED_DESTINATIONRULE_MERGE", "false"], ["PILOT_ALLOW_SIDECAR_SERVICE_INBOUND_LISTENER_MERGE", "true"], ["PILOT_ENABLE_SENDING_HBONE", "false"], ["PILOT_PREFER_SENDING_HBONE", "true"],
];

/** Istiod's environment, where it is not the default. */
export function environmentOf(draw: Draw, { ambient, wild }: Places): Readonly<Record<string, string>> {
  const flag = wild && draw.chance(0.3) ? draw.pick(FLAGS) : null;
  return { ...(ambient ? { PILOT_ENABLE_AMBIENT: "true" } : {}), ...(flag === null ? {} : { [flag[0]]: flag[1] }) };
}
