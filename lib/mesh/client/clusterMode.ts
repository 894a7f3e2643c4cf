import type { Cluster } from "./autoMtls.ts";
import { autoMtls } from "./autoMtls.ts";
import type { ServiceAndPort } from "./clientScope.ts";
import type { ClientPolicy, TlsBlock } from "./clientTls.ts";
import { clientPolicy, tlsMode } from "./clientTls.ts";
import type { Deduction } from "../deduction.ts";
import { Trail } from "../deduction.ts";
import { label } from "../order.ts";
import type { Dial } from "./outbound.ts";
import type { Endpoint } from "../registry/endpoint.ts";
import type { Sent } from "./sent.ts";
import type { Gap } from "../verdict.ts";
import type { Route } from "./virtualService.ts";
import type { ClientMode } from "../vocabulary.ts";

/** What a client's DestinationRule says of a service port; `null` where none is in force. */
export function policyOf({ view, client, to }: Dial, { at: { service, port }, subset }: Route): Deduction<ClientPolicy | null> {
  const trail = new Trail();
  const rule = trail.follow(view.destinationRules.of(client.class, service));
  if (rule === null) return trail.found(null);
  const targetPort = view.registry.endpoints.find(service, port, to.server)?.targetPort ?? null;
  return trail.found(trail.follow(clientPolicy(rule, { port: port.number, targetPort, subset, settings: view.settings })));
}

function isOriginalDestination({ view, scope }: Dial, { service }: ServiceAndPort, policy: ClientPolicy | null): Deduction<boolean> {
  const trail = new Trail();
  if (policy?.passthrough === true) return trail.found(true);
  if (service.resolution !== "ORIGINAL_DST" || scope.isGateway) return trail.found(false);
  return trail.found(!service.headless || !trail.follow(view.settings.flag("PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES", false)));
}

/** A TLS block that istiod cannot turn into TLS is dropped, and nothing is said of it. */
function isDropped({ tls }: TlsBlock, { scope }: Dial, { rule }: ClientPolicy): boolean {
  const credential = tls.credentialName ?? "";
  if (credential !== "") return !scope.isGateway && rule.selector === null && !credential.startsWith("configmap://");
  const files = [tls.clientCertificate, tls.privateKey];
  return tlsMode(tls) === "MUTUAL" && files.some((file) => file === null || file === "");
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
      if (isDropped(block, dial, policy)) return trail.because("DR-14", block.evidence).found("DR_DROPPED");
      return trail.because("DR-13", block.evidence).found(mode === "SIMPLE" ? "DR_SIMPLE" : "DR_MUTUAL");
  }
  const { namespace, name } = policy.rule.first;
  return trail.lacks([{ wanted: `the TLS mode of \`DestinationRule\` \`${namespace}/${name}\``, because: `\`${mode}\` is no mode that Istio knows` }]).found("DR_DISABLE");
}

const FILE_CERTIFICATES = "TLS_CLIENT_CERT_CHAIN";

/** Certificates mounted as files change what the client sends, in ways that objects do not tell. */
function fileCertificates({ client }: Dial, mode: ClientMode): readonly Gap[] {
  const config = label(client.object.annotations, "proxy.istio.io/config") ?? "";
  if (!config.includes(FILE_CERTIFICATES) || mode === "DR_DISABLE" || mode === "DR_SIMPLE") return [];
  return [{ wanted: "the certificate that the client sends", because: `its proxy is given \`${FILE_CERTIFICATES}\`` }];
}

/** Endpoints of another network are reached through its gateway, and only by mTLS. */
function otherNetwork({ client }: Dial, endpoint: Endpoint | null, mode: ClientMode): readonly Gap[] {
  const [ours, theirs] = [client.class.network, endpoint?.network ?? ""];
  if (ours === theirs || ours === "" || theirs === "" || mode === "AUTO_MTLS" || mode === "DR_ISTIO_MUTUAL") return [];
  return [{ wanted: `the way from network \`${ours}\` to network \`${theirs}\``, because: "a gateway between them takes mTLS only, and whether there is one is not among what is read" }];
}

/** A proxy of an ambient control plane prefers the tunnel for whatever has one and does not speak Istio's mTLS itself. */
function tunnels({ view: { settings } }: Dial, { originalDestination }: Cluster, endpoint: Endpoint | null): Deduction<boolean> {
  const trail = new Trail();
  if (endpoint?.tunnel !== true || originalDestination) return trail.found(false);
  const enabled = trail.follow(settings.flag("PILOT_ENABLE_AMBIENT", false)) && trail.follow(settings.flag("PILOT_ENABLE_SENDING_HBONE", true));
  if (!enabled) return trail.found(false);
  return trail.found(endpoint.tlsMode !== "istio" || trail.follow(settings.flag("PILOT_PREFER_SENDING_HBONE", false)));
}

/** Another host's cluster takes the dial, and the server is none of its endpoints. */
function unreachable({ view, to: { server, host, endpoint } }: Dial, { service, port }: ServiceAndPort): readonly Gap[] {
  const unread = view.registry.endpoints.gaps(service);
  if (host !== null && endpoint === null) return unread;
  const { namespace, name } = server.told.ref;
  return [...unread, { wanted: `the way to \`${namespace}/${name}\``, because: `the client's proxy takes the dial for \`${service.host}\` port ${port.number}, which has no such endpoint` }];
}

/** What a client's proxy sends through one of its clusters. */
export function clusterMode(dial: Dial, route: Route): Deduction<Sent> {
  const trail = new Trail();
  const { at } = route;
  const { view, scope, client, to } = dial;
  const policy = trail.follow(policyOf(dial, route));
  const originalDestination = trail.follow(isOriginalDestination(dial, at, policy));
  const cluster: Cluster = { view, scope, client: client.class, at, policy, originalDestination };
  const endpoint = view.registry.endpoints.find(at.service, at.port, to.server);
  if (endpoint === null && !originalDestination) trail.lacks(unreachable(dial, at));
  const sent = { at, policy, subset: route.subset, waypoint: null };
  if (trail.follow(tunnels(dial, cluster, endpoint))) return trail.because("AMB-10", { object: to.server.object }).found({ ...sent, mode: "HBONE" });
  const mode = trail.follow(policy?.tls == null ? autoMtls(cluster, endpoint) : written(policy.tls, dial, policy));
  trail.lacks(fileCertificates(dial, mode)).lacks(otherNetwork(dial, endpoint, mode));
  return trail.found({ ...sent, mode });
}

/** Of what a DestinationRule says a waypoint takes the TLS of others alone. */
const PASSED_ON: ReadonlySet<string> = new Set(["SIMPLE", "MUTUAL"]);

/** What a waypoint sends of its own: through the tunnel, TLS of others inside; where there is none, that TLS or plaintext, and never mTLS of the mesh. */
export function waypointClusterMode(dial: Dial, route: Route): Deduction<Sent> {
  const trail = new Trail();
  const { server, endpoint } = dial.to;
  const policy = trail.follow(policyOf(dial, route));
  const block = policy !== null && policy.tls !== null && PASSED_ON.has(tlsMode(policy.tls.tls)) ? policy.tls : null;
  const sent = { at: route.at, policy, subset: route.subset, waypoint: null };
  trail.because("AMB-13", { object: server.object });
  if (endpoint?.tunnel ?? server.class.tunnel) return trail.found({ ...sent, mode: "HBONE" });
  return trail.found({ ...sent, mode: block === null || policy === null ? "AUTO_PLAINTEXT" : trail.follow(written(block, dial, policy)) });
}
