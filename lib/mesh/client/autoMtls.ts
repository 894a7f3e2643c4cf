import type { ClientPolicy } from "./clientTls.ts";
import { tlsMode } from "./clientTls.ts";
import type { ClientScope, ServiceAndPort } from "./clientScope.ts";
import type { Evidence, Deduction } from "../deduction.ts";
import { foundBy, Trail } from "../deduction.ts";
import type { InstanceClass } from "../instances/instances.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import type { Endpoint } from "../registry/endpoint.ts";
import type { Labels } from "../snapshot.ts";

/** How a client's proxy reaches the endpoints of one service port. */
export interface Cluster {
  readonly view: IstiodView;
  readonly scope: ClientScope;
  readonly client: InstanceClass;
  readonly at: ServiceAndPort;
  readonly policy: ClientPolicy | null;
  /** it sends wherever the application dialled: nothing can be told per endpoint */
  readonly originalDestination: boolean;
}

const NO_LABELS: Labels = {};

function endpointRef({ toldBy, toldIn, tlsMode }: Endpoint): Evidence {
  return { object: toldBy, field: toldIn, value: tlsMode };
}

/** A headless Service's cluster has one answer for all its endpoints: one that has no proxy turns mTLS off. */
function inferred({ view, at }: Cluster): Deduction<"DISABLE" | "CONTINUE"> {
  const trail = new Trail().lacks(view.registry.endpoints.gaps(at.service));
  const endpoints = view.registry.endpoints.of(at.service, at.port);
  if (endpoints.length === 0) return trail.because("AUTO-5", { object: at.service.ref }).found("DISABLE");
  const disabled = endpoints.find((endpoint) => endpoint.tlsMode === "disabled");
  if (disabled === undefined) return trail.found("CONTINUE");
  trail.lacks(disabled.gaps);
  return trail.because("AUTO-6", endpointRef(disabled)).found("DISABLE");
}

/** Whether the cluster is told of mTLS at all: only the namespace's and the mesh's PeerAuthentication are read. */
export function serviceMode(cluster: Cluster): Deduction<"DISABLE" | "CONTINUE"> {
  const trail = new Trail();
  const { view, at, policy } = cluster;
  const infers = at.service.resolution === "ORIGINAL_DST" || policy?.inferenceReadsPassthrough === true;
  if (infers && trail.follow(inferred(cluster)) === "DISABLE") return trail.found("DISABLE");
  const mode = view.peerAuthentications.namespaceMode(at.service.namespace);
  if (mode.value !== "DISABLE") return trail.lacks(mode.gaps).found("CONTINUE");
  trail.follow(mode);
  return trail.because("AUTO-4", { object: at.service.ref }).found("DISABLE");
}

/** What a client can know of an endpoint: policies of a namespace that is out of its scope are not sent to it. */
function peerMode({ view, scope }: Cluster, endpoint: Endpoint): Deduction<string> {
  const trail = new Trail();
  const policies = view.peerAuthentications;
  const full = view.peerModeOf(endpoint);
  if (trail.follow(scope.knowsNamespace(endpoint.namespace))) return full;
  const narrow = policies.mode({ namespace: policies.rootNamespace, labels: NO_LABELS }, endpoint.targetPort);
  const older = full.value === narrow.value ? narrow : full;
  return trail.follow(view.settings.since("1.30", narrow, older));
}

/** What a client sends to one endpoint of a cluster that is left to auto mTLS: by what the endpoint advertises, then by the DestinationRule or the PeerAuthentication that speaks for it. */
export function endpointVerdict(cluster: Cluster, endpoint: Endpoint): Deduction<"AUTO_MTLS" | "AUTO_PLAINTEXT"> {
  const trail = new Trail().lacks(endpoint.gaps);
  if (endpoint.tlsMode !== "istio") return trail.because("AUTO-2", endpointRef(endpoint)).found("AUTO_PLAINTEXT");
  const told = cluster.policy?.endpointMode ?? null;
  if (told !== null) {
    const mutual = tlsMode(told.tls) === "ISTIO_MUTUAL";
    return trail.because(mutual ? "AUTO-8" : "AUTO-9", told.evidence).found(mutual ? "AUTO_MTLS" : "AUTO_PLAINTEXT");
  }
  const mode = peerMode(cluster, endpoint);
  trail.lacks(mode.gaps);
  if (mode.value !== "DISABLE") return trail.because("AUTO-1", endpointRef(endpoint)).found("AUTO_MTLS");
  trail.follow(mode);
  return trail.because("AUTO-3", endpointRef(endpoint)).found("AUTO_PLAINTEXT");
}

/** What auto mTLS makes of one endpoint, with no TLS block in force. */
export function autoMtls(cluster: Cluster, endpoint: Endpoint | null): Deduction<"AUTO_MTLS" | "AUTO_PLAINTEXT"> {
  const trail = new Trail();
  const { view, at } = cluster;
  if (at.service.external) return foundBy("AUTO_PLAINTEXT", "AUTO-10", { object: at.service.ref, field: "spec.location", value: externalAsWritten(at) });
  trail.lacks(view.settings.meshGapsOn("enableAutoMtls"));
  if (!view.settings.mesh.enableAutoMtls) return trail.because("AUTO-11", { object: view.settings.meshRef, field: "data.mesh enableAutoMtls", value: "false" }).found("AUTO_PLAINTEXT");
  if (trail.follow(serviceMode(cluster)) === "DISABLE") return trail.found("AUTO_PLAINTEXT");
  if (cluster.originalDestination) return trail.because("AUTO-7", { object: at.service.ref }).found("AUTO_MTLS");
  if (endpoint === null) return trail.because("AUTO-2").found("AUTO_PLAINTEXT");
  return trail.found(trail.follow(endpointVerdict(cluster, endpoint)));
}

function externalAsWritten({ service: { source } }: ServiceAndPort): string {
  return source.kind === "ServiceEntry" ? (source.location ?? "(absent)") : "";
}
