import { describe, expect, it } from "vitest";
import { mapObject } from "#kubernetes-objects";

// Which patches can change what a proxy's listeners and clusters do about TLS: after those nothing is sure. Envoy reads both spellings of a field.

interface Patched {
  readonly applyTo: string;
  readonly operation: string;
  readonly value?: unknown;
  readonly touches: boolean;
}

const LUA = { name: "envoy.filters.http.lua", typed_config: { inline_code: "function envoy_on_request(handle) end" } };

const patches: readonly Patched[] = [
  { applyTo: "CLUSTER", operation: "MERGE", value: { transport_socket: { name: "envoy.transport_sockets.tls" } }, touches: true },
  { applyTo: "CLUSTER", operation: "MERGE", value: { transportSocket: { name: "envoy.transport_sockets.raw_buffer" } }, touches: true },
  { applyTo: "CLUSTER", operation: "MERGE", value: { transport_socket_matches: [] }, touches: true },
  { applyTo: "CLUSTER", operation: "MERGE", value: { connect_timeout: "1s" }, touches: false },
  { applyTo: "CLUSTER", operation: "REMOVE", touches: true },
  { applyTo: "LISTENER", operation: "MERGE", value: { use_original_dst: false }, touches: true },
  { applyTo: "LISTENER", operation: "MERGE", value: { useOriginalDst: false }, touches: true },
  { applyTo: "LISTENER", operation: "MERGE", value: { per_connection_buffer_limit_bytes: 32_768 }, touches: false },
  { applyTo: "LISTENER", operation: "ADD", value: { name: "own" }, touches: true },
  { applyTo: "FILTER_CHAIN", operation: "INSERT_FIRST", value: { name: "own" }, touches: true },
  { applyTo: "FILTER_CHAIN", operation: "MERGE", value: { filterChainMatch: { destinationPort: 8080 } }, touches: true },
  { applyTo: "LISTENER_FILTER", operation: "INSERT_FIRST", value: { name: "envoy.filters.listener.proxy_protocol" }, touches: true },
  { applyTo: "NETWORK_FILTER", operation: "REMOVE", touches: true },
  { applyTo: "HTTP_FILTER", operation: "INSERT_BEFORE", value: LUA, touches: false },
  { applyTo: "HTTP_FILTER", operation: "REMOVE", touches: false },
  { applyTo: "HTTP_ROUTE", operation: "MERGE", value: { route: { timeout: "1s" } }, touches: false },
];

function touches({ applyTo, operation, value }: Patched): boolean | undefined {
  const patch = { applyTo, match: { context: "SIDECAR_INBOUND" }, patch: { operation, value } };
  const mapped = mapObject({ apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter", metadata: { name: "raw", namespace: "foo" }, spec: { configPatches: [patch] } });
  return mapped.kind === "object" && mapped.object.kind === "EnvoyFilter" ? mapped.object.patches[0]?.touchesTransport : undefined;
}

describe("an EnvoyFilter that touches the transport", () => {
  it.each(patches)("$applyTo $operation $value: $touches", (patch) => {
    expect(touches(patch)).toBe(patch.touches);
  });
});
