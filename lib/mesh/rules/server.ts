import type { Rule } from "./rule.ts";

/** What a server accepts. */
export const SERVER_RULES = {
  "PA-0": { says: "where no PeerAuthentication speaks for a workload it accepts plaintext and mTLS: PERMISSIVE", source: "semantics A.1.6" },
  "PA-1": { says: "a PeerAuthentication without selector in the root namespace speaks for the whole mesh", source: "semantics A.1.5" },
  "PA-2": { says: "a PeerAuthentication without selector in the workload's namespace beats the mesh's", source: "semantics A.1.6" },
  "PA-3": { says: "a PeerAuthentication whose selector matches the workload beats the namespace's and the mesh's", source: "semantics A.1.6" },
  "PA-4": { says: "an entry of `portLevelMtls` beats every mode for that port; its key is the workload's port, not the Service's", source: "semantics A.1.7, A.2" },
  "PA-5": { says: "UNSET, or no mode at all, inherits from the wider scope", source: "semantics A.1.6" },
  "PA-6": { says: "of several PeerAuthentications of one scope the oldest counts and the others do not exist; on equal timestamps the smaller name, and nothing is merged", source: "semantics A.1.1, A.1.3, A.1.7" },
  "PA-7": { says: "a PeerAuthentication with a selector in the root namespace is ignored, for pods of the root namespace too", source: "semantics A.1.5" },
  "PA-8": { says: "an entry of `portLevelMtls` for the Service's port is none for the container's port behind it", source: "semantics A.2" },
  "PLANE-1": { says: "without a proxy nothing enforces a PeerAuthentication and nothing sends mTLS, whatever labels say", source: "semantics A.5, A.7, B.1" },
  "PLANE-2": { says: "a pod on the host's network is never given a proxy", source: "semantics A.6, B.1" },
  "CAP-1": { says: "the proxy's own ports 15090, 15021, 15008 and the status port are not redirected to it", source: "semantics A.5" },
  "CAP-2": { says: "a port in `excludeInboundPorts` is not redirected: no mode is enforced there, and nothing ends mTLS", source: "semantics A.5" },
  "CAP-3": { says: "where `includeInboundPorts` names ports, the others are not redirected", source: "semantics A.5" },
  "CAP-4": { says: "a port of a pod with a sidecar is redirected to it", source: "semantics A.5" },
  "CAP-5": { says: "`interceptionMode: NONE` redirects nothing, in either direction", source: "semantics A.4, A.5" },
  "CAP-13": { says: "what comes or goes by an interface in `excludeInterfaces` is not redirected; `eth0` is that of the pod's own address", source: "Istio's `shortCircuitExcludeInterfaces`" },
  "GW-1": { says: "a gateway ignores PeerAuthentication: its Gateway resource decides", source: "semantics A.7" },
  "GRPC-1": { says: "gRPC without a proxy enforces STRICT and DISABLE as they are", source: "semantics A.8" },
  "GRPC-2": { says: "gRPC without a proxy has no PERMISSIVE: mTLS only where it advertises `tlsMode: istio`, else plaintext only", source: "semantics A.8" },
} as const satisfies Record<string, Rule>;
