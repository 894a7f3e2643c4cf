import { TLS_MODE_LABEL, TUNNEL_LABEL } from "../instances/dataPlane.ts";
import { label } from "../order.ts";
import type { ControlPlane } from "../snapshot.ts";
import type { Consequence } from "./finding.ts";
import { metadataField, set, severityOf } from "./fixes.ts";
import type { Ledger, Sighting } from "./ledger.ts";
import type { Resident } from "./resident.ts";
import type { Fate, Survey, Way } from "./survey.ts";

interface Seen {
  readonly resident: Resident;
  readonly way: Way;
  readonly fate: Fate;
}

type Mark = Pick<Sighting, "rule" | "object" | "fixes"> & Pick<Sighting, "field" | "value" | "because">;

function sends({ fate }: Seen, otherwise: string | null): Consequence {
  return { kind: "sends", clients: { kind: "all" }, sends: fate.sends, transport: fate.transport, otherwise };
}

/** FND-14: clients take it for one that has a proxy. */
function markWithoutProxy({ resident, fate }: Seen): Mark | null {
  const { of, one } = resident;
  if (of.dataPlaneMode !== "none" || of.tlsMode !== "istio" || fate.sends !== "AUTO_MTLS" || fate.transport !== "blocked") return null;
  const at = metadataField(one.object, "labels", TLS_MODE_LABEL);
  return { rule: "FND-14", object: at.object, field: at.field, value: of.tlsMode, fixes: [{ kind: "remove", object: at.object, field: at.field }, { kind: "inject" }] };
}

/** FND-15: clients take it for one that has none. */
function proxyWithoutMark({ resident, fate }: Seen): Mark | null {
  const { of, one } = resident;
  if (of.dataPlaneMode !== "sidecar" || of.tlsMode === "istio" || fate.sends !== "AUTO_PLAINTEXT") return null;
  if (fate.serverMode === "DISABLE" || !fate.sentBecause.some(({ rule }) => rule === "AUTO-2")) return null;
  const at = metadataField(one.object, "labels", TLS_MODE_LABEL);
  return { rule: "FND-15", object: at.object, field: at.field, value: of.tlsMode, fixes: [set(at.object, at.field, "istio")] };
}

const INBOUND_ANNOTATIONS = ["excludeInboundPorts", "includeInboundPorts"].map((name) => `traffic.sidecar.istio.io/${name}`);

function isUncaptured({ resident, fate }: Seen): boolean {
  return resident.of.dataPlaneMode === "sidecar" && fate.serverMode === "UNCAPTURED" && fate.sends === "AUTO_MTLS" && fate.transport === "blocked";
}

/** FND-16: nothing ends the mTLS that clients still send. */
function uncapturedPort(survey: Survey, seen: Seen): Mark | null {
  if (!isUncaptured(seen)) return null;
  const { resident, way } = seen;
  const { of, one, revision } = resident;
  const [workload = ""] = survey.workloadsOf(resident);
  const exception = { kind: "PeerAuthentication", namespace: of.namespace, name: workload.slice(workload.indexOf("/") + 1) };
  const disable = { kind: "create", object: exception, field: `spec.portLevelMtls.${way.targetPort}.mode`, value: "DISABLE" } as const;
  const key = INBOUND_ANNOTATIONS.find((annotation) => label(one.object.annotations, annotation) !== undefined);
  if (key === undefined) {
    const [reason] = revision.inbound.mode(one, way.targetPort).reasons;
    return { rule: "FND-16", object: one.object, field: reason?.field ?? "spec", value: reason?.value ?? "", fixes: [disable] };
  }
  const at = metadataField(one.object, "annotations", key);
  return { rule: "FND-16", object: at.object, field: at.field, value: at.value ?? "", fixes: [disable, { kind: "remove", object: at.object, field: at.field }] };
}

/** FND-17: the whole Service goes by the one endpoint that advertises nothing. */
function headless({ resident, way, fate }: Seen): Mark | null {
  const culprit = fate.sentBecause.find(({ rule }) => rule === "AUTO-6")?.object ?? null;
  const { dataPlaneMode, tlsMode } = resident.of;
  if (culprit === null || fate.sends !== "AUTO_PLAINTEXT") return null;
  if (dataPlaneMode === "ambient") {
    const fixes = [{ kind: "set", object: way.service.ref, field: "spec.clusterIP", value: "an address of its own" }] as const;
    return { rule: "FND-17", object: way.service.ref, field: "spec.clusterIP", value: "None", because: culprit, fixes };
  }
  if (dataPlaneMode !== "sidecar" || tlsMode !== "istio") return null;
  return { rule: "FND-17", object: way.service.ref, field: "spec.clusterIP", value: "None", because: culprit, fixes: [{ kind: "inject", object: culprit }] };
}

/** FND-18: proxies do not know the port. */
function namedUdp({ resident, way, fate }: Seen): Mark | null {
  const { protocol, name } = way.port;
  if (protocol.class !== "UDP" || protocol.datagrams || resident.of.dataPlaneMode === "none" || fate.sends !== "PASSTHROUGH") return null;
  const { source } = way.service;
  const at = source.kind === "Service" ? source.ports.findIndex(({ port }) => port === way.port.number) : -1;
  const field = `spec.ports[${at}].name`;
  return { rule: "FND-18", object: way.service.ref, field, value: name, fixes: [set(way.service.ref, field, "a name that begins with tcp-, or with the protocol spoken")] };
}

const OTHERWISE: Readonly<Record<string, string>> = { "FND-14": "AUTO_PLAINTEXT", "FND-16": "AUTO_PLAINTEXT" };

function markOf(survey: Survey, seen: Seen): Mark | null {
  return markWithoutProxy(seen) ?? uncapturedPort(survey, seen) ?? headless(seen) ?? proxyWithoutMark(seen) ?? namedUdp(seen);
}

function atWay(survey: Survey, ledger: Ledger, { resident, way }: Omit<Seen, "fate">): void {
  const fate = survey.fate(way, resident.one, { namespace: way.service.namespace, revision: resident.of.revision });
  const mark = fate === null ? null : markOf(survey, { resident, way, fate });
  if (fate === null || mark === null) return;
  const otherwise = OTHERWISE[mark.rule] ?? (resident.of.dataPlaneMode === "ambient" ? "HBONE" : "AUTO_MTLS");
  const consequence = sends({ resident, way, fate }, otherwise);
  ledger.add({ ...mark, severity: severityOf(fate.transport), consequence, workloads: survey.workloadsOf(resident), host: way.service.host, ports: [way.targetPort] });
}

/** FND-14 to FND-18: what Services, labels and annotations make clients believe of an endpoint. */
export function endpointMarks(survey: Survey, ledger: Ledger): void {
  if (survey.clientsIn(null).length === 0) return;
  for (const resident of survey.residents) {
    for (const way of suspicious(survey, resident)) atWay(survey, ledger, { resident, way });
  }
}

function isMixed({ view }: Resident, { service, port }: Way): boolean {
  return service.headless && view.registry.endpoints.of(service, port).some(({ tlsMode }) => tlsMode === "disabled");
}

/** Ways worth a question to the engine: something about them is out of the ordinary. */
function suspicious(survey: Survey, resident: Resident): readonly Way[] {
  const { dataPlaneMode, tlsMode } = resident.of;
  const isSidecar = dataPlaneMode === "sidecar";
  const isOdd = (dataPlaneMode === "none" && tlsMode === "istio") || (isSidecar && tlsMode !== "istio");
  const ways = survey.ways(resident) ?? [];
  return ways.filter((way) => isOdd || way.port.protocol.class === "UDP" || isMixed(resident, way) || (isSidecar && survey.mode(resident, way.targetPort) === "UNCAPTURED"));
}

const WAYPOINT = "istio.io/use-waypoint";

/** ztunnel asks for the tunnel and the waypoint, never for the name: what is alike in both shares the answer. */
function throughZtunnel(survey: Survey, known: Map<string, Fate | null>, { resident, way }: Omit<Seen, "fate">): Fate | null {
  const { service, targetPort } = way;
  const waypoints = [service.meta.labels, resident.one.object.labels].map((labels) => label(labels, WAYPOINT) ?? "");
  const protocol = resident.revision.inbound.protocol(resident.one, targetPort);
  const key = [service.namespace, resident.of.namespace, ...waypoints, survey.mode(resident, targetPort), resident.of.revision, protocol.value.class].join("\n");
  const answer = known.get(key);
  if (answer !== undefined) return answer;
  const fate = survey.fate(way, resident.one, { namespace: "", revision: resident.of.revision, plane: "ambient" });
  known.set(key, fate);
  return fate;
}

/** FND-23: ztunnel has no other way into a sidecar than the tunnel. */
export function tunnels(survey: Survey, ledger: Ledger): void {
  if (!survey.residents.some(({ of }) => of.dataPlaneMode === "ambient")) return;
  const known = new Map<string, Fate | null>();
  for (const resident of survey.residents.filter(({ of }) => of.dataPlaneMode === "sidecar" && !of.tunnel)) {
    for (const way of survey.ways(resident) ?? []) {
      const fate = throughZtunnel(survey, known, { resident, way });
      if (fate?.sends !== "ZT_PLAINTEXT") continue;
      const { namespace } = resident.of;
      const consequence = { kind: "sends", clients: { kind: "ambient" }, sends: fate.sends, transport: fate.transport, otherwise: "HBONE" } as const;
      const object = { kind: "Namespace", namespace: "", name: namespace };
      const field = `metadata.labels.${TUNNEL_LABEL}`;
      const fixes = [set(object, "the pods' label networking.istio.io/tunnel", 'http: ISTIO_META_ENABLE_HBONE: "true" in proxyMetadata and a restart do it')] as const;
      ledger.add({ rule: "FND-23", severity: severityOf(fate.transport), object, field, fieldOf: "its pods", value: "(absent)", consequence, workloads: survey.workloadsOf(resident), host: way.service.host, ports: [way.targetPort], fixes });
    }
  }
}

function istiodOf({ view }: Resident, revision: string): ControlPlane | undefined {
  const istiods = view.configuration.objects.ControlPlane;
  return istiods.find((one) => one.revision === revision) ?? istiods[0];
}

/** What an istiod must have on before its sidecars use the tunnel, and whether it is on by default. */
const TUNNEL_SWITCHES = [["PILOT_ENABLE_AMBIENT", false], ["PILOT_ENABLE_SENDING_HBONE", true]] as const;

/** FND-24: what a control plane without ambient tells its sidecars of ambient workloads. */
export function plainToAmbient(survey: Survey, ledger: Ledger): void {
  const servers = survey.residents.filter(({ of }) => of.dataPlaneMode === "ambient");
  if (servers.length === 0) return;
  const clients = new Map(survey.clientsIn(null).map((resident) => [resident.of.revision, resident]));
  for (const [revision, client] of clients) {
    const istiod = istiodOf(client, revision);
    const off = TUNNEL_SWITCHES.find(([name, isOnByDefault]) => !client.view.settings.flag(name, isOnByDefault).value);
    if (istiod !== undefined && off !== undefined) for (const server of servers) plainTo(survey, ledger, { server, revision, istiod, variable: off[0] });
  }
}

function plainTo(survey: Survey, ledger: Ledger, { server, revision, istiod, variable }: { readonly server: Resident; readonly revision: string; readonly istiod: ControlPlane; readonly variable: string }): void {
  const ways = (survey.ways(server) ?? []).filter(({ service }) => !service.headless);
  for (const way of ways) {
    const fate = survey.fate(way, server.one, { namespace: "", revision });
    if (fate?.sends !== "AUTO_PLAINTEXT") continue;
    const consequence = { kind: "sends", clients: { kind: "all" }, sends: fate.sends, transport: fate.transport, otherwise: "HBONE" } as const;
    const field = `env.${variable}`;
    const value = label(istiod.env, variable) ?? "(absent)";
    ledger.add({ rule: "FND-24", severity: severityOf(fate.transport), object: istiod, field, value, consequence, workloads: survey.workloadsOf(server), host: way.service.host, ports: [way.targetPort], fixes: [set(istiod, field, "true")] });
  }
}
