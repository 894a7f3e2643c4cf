import { tlsMode } from "./clientTls.ts";
import { clusterMode, policyOf, waypointClusterMode } from "./clusterMode.ts";
import type { Deduction } from "../deduction.ts";
import { foundBy, Trail } from "../deduction.ts";
import type { Dial } from "./outbound.ts";
import { outbound } from "./outbound.ts";
import type { Sent } from "./sent.ts";
import { nowhere, pastWaypoint } from "./sent.ts";
import type { Routes } from "./virtualService.ts";
import type { DataPlaneMode } from "../vocabulary.ts";
import { ingressWaypointFor, waypointFor } from "../joining/waypoint.ts";

/** Several ways of one dial have one answer where they agree. */
function byRoutes(dial: Dial, { all, by }: Routes): Deduction<Sent> {
  const [first, ...others] = all;
  const trail = new Trail();
  const sent = trail.follow(clusterMode(dial, first));
  for (const route of others) {
    const other = clusterMode(dial, route);
    trail.lacks(other.gaps);
    if (other.value.mode !== sent.mode) trail.lacks([{ wanted: "which way the request takes", because: `\`VirtualService\` \`${by?.namespace ?? ""}/${by?.name ?? ""}\` has several, and they differ` }]);
  }
  return trail.found(sent);
}

/** What a sidecar or gateway sends. */
function proxyMode(dial: Dial): Deduction<Sent> {
  const trail = new Trail().lacks(dial.view.envoyFilterGaps(dial.client.class, dial.scope.isGateway ? "GATEWAY" : "SIDECAR_OUTBOUND"));
  if (!dial.scope.isGateway) return routedMode(dial, trail);
  const looked = ingressWaypointFor(dial.view, dial.to);
  const waypoint = trail.follow(looked);
  return waypoint === null ? pastWaypoint(routedMode(dial, trail), looked) : trail.found({ ...nowhere("HBONE"), waypoint });
}

/** What goes where the proxy's own routes lead. */
function routedMode(dial: Dial, trail: Trail): Deduction<Sent> {
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
function ztunnelMode({ to, view }: Dial): Deduction<Sent> {
  const trail = new Trail();
  const { object } = to.server;
  if (to.isDatagram) return trail.because("CAP-10", { object: to.service?.ref ?? null }).found(nowhere("BYPASS"));
  if (to.isOwnAddress) return trail.because("CAP-11", { object }).found(nowhere("BYPASS"));
  const looked = waypointFor(view, to);
  const waypoint = trail.follow(looked);
  if (waypoint !== null) return trail.found({ ...nowhere("HBONE"), waypoint });
  const tunnels = to.endpoint?.tunnel ?? to.server.class.tunnel;
  return pastWaypoint(trail.because(tunnels ? "AMB-8" : "AMB-9", { object }).found(nowhere(tunnels ? "HBONE" : "ZT_PLAINTEXT")), looked);
}

/** A waypoint's own clusters know the tunnel and plaintext, whatever PeerAuthentication says of the server. */
function waypointMode(dial: Dial): Deduction<Sent> {
  const trail = new Trail().lacks(dial.view.envoyFilterGaps(dial.client.class, "GATEWAY"));
  const { service, port, server, isDatagram } = dial.to;
  if (isDatagram) return trail.because("CAP-10", { object: service?.ref ?? null }).found(nowhere("BYPASS"));
  if (service !== null && port !== null) return trail.found(trail.follow(waypointClusterMode(dial, { at: { service, port }, subset: dial.subset })));
  return trail.because("AMB-13", { object: server.object }).found(nowhere(server.class.tunnel ? "HBONE" : "AUTO_PLAINTEXT"));
}

/** gRPC without proxy speaks mTLS only where a DestinationRule says ISTIO_MUTUAL. */
function proxylessMode(dial: Dial): Deduction<Sent> {
  const trail = new Trail();
  const { service, port } = dial.to;
  if (service === null || port === null) return trail.because("GRPC-4", { object: dial.client.object }).found(nowhere("AUTO_PLAINTEXT"));
  const at = { service, port };
  const policy = trail.follow(policyOf(dial, { at, subset: dial.subset }));
  const tls = policy?.tls ?? null;
  const sent = { at, policy, subset: dial.subset, waypoint: null };
  if (tls !== null && tlsMode(tls.tls) === "ISTIO_MUTUAL") return trail.because("GRPC-3", tls.evidence).found({ mode: "DR_ISTIO_MUTUAL", ...sent });
  return trail.because("GRPC-4", tls?.evidence ?? { object: dial.client.object }).found({ mode: "AUTO_PLAINTEXT", ...sent });
}

/** What a client sends, by its data plane mode: one without a proxy sends plaintext wherever it dials, for all others the destination counts. */
export function clientMode(dial: Dial): Deduction<Sent> {
  const { object, class: of } = dial.client;
  if (of.dataPlaneMode === "none") return foundBy(nowhere("NONE"), object.kind === "Pod" && object.hostNetwork ? "PLANE-2" : "PLANE-1", { object });
  const trail = new Trail().lacks(dial.toGaps);
  return trail.found(trail.follow(byProxy(dial, of.dataPlaneMode)));
}

function byProxy(dial: Dial, plane: Exclude<DataPlaneMode, "none">): Deduction<Sent> {
  switch (plane) {
    case "ambient":
      return ztunnelMode(dial);
    case "grpc-proxyless":
      return proxylessMode(dial);
    case "waypoint":
      return waypointMode(dial);
    case "sidecar":
    case "gateway":
      return proxyMode(dial);
  }
}
