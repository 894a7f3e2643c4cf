import type { Cluster } from "./autoMtls.ts";
import { autoMtls } from "./autoMtls.ts";
import type { ServiceAndPort } from "./clientScope.ts";
import type { ClientPolicy, TlsBlock } from "./clientTls.ts";
import { clientPolicy, tlsMode } from "./clientTls.ts";
import type { Deduction } from "./deduction.ts";
import { Trail } from "./deduction.ts";
import { label } from "./order.ts";
import type { Dial } from "./outbound.ts";
import { outbound } from "./outbound.ts";
import type { Endpoint } from "./registry/endpoints.ts";
import type { Routes } from "./virtualService.ts";
import type { ClientMode } from "./vocabulary.ts";

/** What leaves the client, and to which service its proxy thinks it sends. */
export interface Sent {
  readonly mode: ClientMode;
  readonly at: ServiceAndPort | null;
  readonly policy: ClientPolicy | null;
  readonly endpoint: Endpoint | null;
}

function nowhere(mode: ClientMode): Sent {
  return { mode, at: null, policy: null, endpoint: null };
}

function policyOf({ view, client }: Dial, { service, port }: ServiceAndPort, subset: string | null): Deduction<ClientPolicy | null> {
  const trail = new Trail();
  const rule = trail.follow(view.destinationRules.of(client.class, service));
  if (rule === null) return trail.found(null);
  return trail.found(trail.follow(clientPolicy(rule, { port: port.number, subset, settings: view.settings })));
}

function isOriginalDestination({ view, scope }: Dial, { service }: ServiceAndPort, policy: ClientPolicy | null): Deduction<boolean> {
  const trail = new Trail();
  if (policy?.passthrough === true) return trail.found(true);
  if (service.resolution !== "ORIGINAL_DST" || scope.isGateway) return trail.found(false);
  if (!service.headless) return trail.found(true);
  return trail.found(!trail.follow(view.settings.flag("PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES", false)));
}

/** A TLS block that istiod cannot turn into TLS is dropped, and nothing is said of it. */
function isDropped({ tls }: TlsBlock, mode: string, dial: Dial, policy: ClientPolicy): boolean {
  const credential = tls.credentialName ?? "";
  if (credential !== "") return !dial.scope.isGateway && policy.rule.selector === null && !credential.startsWith("configmap://");
  return mode === "MUTUAL" && ((tls.clientCertificate ?? "") === "" || (tls.privateKey ?? "") === "");
}

function written(block: TlsBlock, dial: Dial, policy: ClientPolicy): Deduction<ClientMode> {
  const trail = new Trail();
  const mode = tlsMode(block.tls);
  switch (mode) {
    case "DISABLE":
      return trail.because(block.tls.mode === null ? "DR-11" : "DR-10", block.evidence).found("DR_DISABLE");
    case "ISTIO_MUTUAL":
      return trail.because("DR-12", block.evidence).found("DR_ISTIO_MUTUAL");
    case "SIMPLE":
    case "MUTUAL":
      if (isDropped(block, mode, dial, policy)) return trail.because("DR-14", block.evidence).found("DR_DROPPED");
      return trail.because("DR-13", block.evidence).found(mode === "SIMPLE" ? "DR_SIMPLE" : "DR_MUTUAL");
  }
  const object = policy.rule.first;
  return trail.lacks([{ wanted: `the TLS mode of \`DestinationRule\` \`${object.namespace}/${object.name}\``, because: `\`${mode}\` is no mode that Istio knows` }]).found("DR_DISABLE");
}

const FILE_CERTIFICATES = "TLS_CLIENT_CERT_CHAIN";

/** Certificates mounted as files change what the client sends, in ways that objects do not tell. */
function fileCertificateGaps({ client }: Dial, mode: ClientMode): Deduction<null> {
  const config = label(client.object.annotations, "proxy.istio.io/config") ?? "";
  const trail = new Trail();
  if (config.includes(FILE_CERTIFICATES) && mode !== "DR_DISABLE" && mode !== "DR_SIMPLE") {
    trail.lacks([{ wanted: "the certificate that the client sends", because: `its proxy is given \`${FILE_CERTIFICATES}\`` }]);
  }
  return trail.found(null);
}

/** A proxy of an ambient control plane prefers the tunnel for whatever has one and does not speak Istio's mTLS itself. */
function tunnels(dial: Dial, cluster: Cluster, endpoint: Endpoint | null): Deduction<boolean> {
  const trail = new Trail();
  if (endpoint?.tunnel !== true || cluster.originalDestination) return trail.found(false);
  const { settings } = dial.view;
  const enabled = trail.follow(settings.flag("PILOT_ENABLE_AMBIENT", false)) && trail.follow(settings.flag("PILOT_ENABLE_SENDING_HBONE", true));
  if (!enabled) return trail.found(false);
  const prefers = endpoint.tlsMode === "istio" && trail.follow(settings.flag("PILOT_PREFER_SENDING_HBONE", false));
  return trail.found(endpoint.tlsMode !== "istio" || prefers);
}

function byCluster(dial: Dial, at: ServiceAndPort, subset: string | null): Deduction<Sent> {
  const trail = new Trail();
  const policy = trail.follow(policyOf(dial, at, subset));
  const originalDestination = trail.follow(isOriginalDestination(dial, at, policy));
  const cluster: Cluster = { view: dial.view, scope: dial.scope, client: dial.client.class, at, policy, originalDestination };
  const endpoint = dial.view.registry.endpoints.find(at.service, at.port, dial.to.server);
  if (endpoint === null && !originalDestination) trail.lacks([...dial.view.registry.endpoints.gaps(at.service), unreachable(dial, at)]);
  if (trail.follow(tunnels(dial, cluster, endpoint))) return trail.because("AMB-10", { object: endpoint?.instance?.object ?? null }).found({ mode: "HBONE", at, policy, endpoint });
  const block = policy?.tls ?? null;
  const mode = trail.follow(block === null || policy === null ? autoMtls(cluster, endpoint) : written(block, dial, policy));
  trail.follow(fileCertificateGaps(dial, mode));
  return trail.found({ mode, at, policy, endpoint });
}

/** Several ways of one dial have one answer where they agree. */
function byRoutes(dial: Dial, { all, by }: Routes): Deduction<Sent> {
  const [first, ...others] = all;
  const trail = new Trail();
  const sent = trail.follow(byCluster(dial, first.at, first.subset));
  for (const { at, subset } of others) {
    const other = byCluster(dial, at, subset);
    trail.lacks(other.gaps);
    if (other.value.mode !== sent.mode) trail.lacks([{ wanted: "which way the request takes", because: `\`VirtualService\` \`${by?.namespace ?? ""}/${by?.name ?? ""}\` has several, and they differ` }]);
  }
  return trail.found(sent);
}

function unreachable({ to: { server } }: Dial, { service, port }: ServiceAndPort): { readonly wanted: string; readonly because: string } {
  const { namespace, name } = server.told.ref;
  return { wanted: `the way to \`${namespace}/${name}\``, because: `the client's proxy takes the dial for \`${service.host}\` port ${port.number}, which has no such endpoint` };
}

/** What a sidecar or gateway sends. */
export function proxyMode(dial: Dial): Deduction<Sent> {
  const trail = new Trail().lacks(dial.view.envoyFilterGaps(dial.client.class, dial.scope.isGateway ? "GATEWAY" : "SIDECAR_OUTBOUND"));
  const found = trail.follow(outbound(dial));
  switch (found.kind) {
    case "bypass":
      return trail.found(nowhere("BYPASS"));
    case "unmatched": {
      const policy = trail.follow(dial.scope.outboundPolicy());
      return trail.found(nowhere(policy === "ALLOW_ANY" ? "PASSTHROUGH" : "BLACKHOLE"));
    }
    case "cluster":
      return trail.found(trail.follow(byRoutes(dial, found.routes)));
  }
}

/** What ztunnel sends for an ambient client: DestinationRules and Sidecars are not for it. */
export function ztunnelMode({ to, view }: Dial): Deduction<Sent> {
  const trail = new Trail();
  if (to.isDatagram) return trail.because("CAP-10", { object: to.service?.ref ?? null }).found(nowhere("BYPASS"));
  const endpoint = to.service === null || to.port === null ? null : view.everything.endpoints.find(to.service, to.port, to.server);
  const tunnel = endpoint?.tunnel ?? to.server.class.tunnel;
  const { object } = to.server;
  if (tunnel) return trail.because("AMB-8", { object }).found(nowhere("HBONE"));
  return trail.because("AMB-9", { object }).found(nowhere("ZT_PLAINTEXT"));
}

/** gRPC without proxy speaks mTLS only where a DestinationRule says ISTIO_MUTUAL. */
export function proxylessMode(dial: Dial): Deduction<Sent> {
  const trail = new Trail();
  const { to } = dial;
  if (to.service === null || to.port === null) return trail.because("GRPC-4").found(nowhere("NONE"));
  const at = { service: to.service, port: to.port };
  const policy = trail.follow(policyOf(dial, at, dial.subset));
  if (policy?.tls != null && tlsMode(policy.tls.tls) === "ISTIO_MUTUAL") return trail.because("GRPC-3", policy.tls.evidence).found({ mode: "DR_ISTIO_MUTUAL", at, policy, endpoint: to.endpoint });
  return trail.because("GRPC-4").found({ mode: "AUTO_PLAINTEXT", at, policy, endpoint: to.endpoint });
}
