import type { GatewayListener, GatewayPort } from "../gateway/gateway.ts";
import { listenerOf } from "../gateway/gateway.ts";
import type { Dropped, GatewayServer } from "../gateway/gatewayServers.ts";
import { gatewayTargetPorts, isHttp, isPlain } from "../gateway/gatewayServers.ts";
import { isWildcard } from "../host.ts";
import type { Asked } from "../gateway/joinGateway.ts";
import { clash, joinGateway } from "../gateway/joinGateway.ts";
import type { Arriving } from "../joining/transport.ts";
import type { Consequence, FindingSeverity, Fix } from "./finding.ts";
import { create, remove, set } from "./fixes.ts";
import type { Ledger } from "./ledger.ts";
import type { Resident } from "./resident.ts";
import type { Survey } from "./survey.ts";

interface Place {
  readonly survey: Survey;
  readonly ledger: Ledger;
  readonly resident: Resident;
  readonly targetPort: number;
  readonly port: GatewayPort;
}

const ARRIVALS: readonly Arriving[] = ["plaintext", "istio-mtls", "other-tls"];

const NO_NAME = { name: null, passes: null };

/** What asks for a name that it is for; for none where it is for any. */
function askFor({ accepts, names: [first] }: GatewayListener): Pick<Asked, "name" | "passes"> {
  if (first === undefined) return NO_NAME;
  const host = isWildcard(first) ? `any${first.slice(1)}` : first;
  return accepts === "auto-passthrough" ? { name: `outbound_.443_._.${host}`, passes: host } : { name: host, passes: null };
}

function alone(listener: GatewayListener): GatewayPort {
  return { listeners: [listener], idle: [], dropped: [], elsewhere: [] };
}

/** Whether a listener by itself would take what the port refuses; false where that is not known. */
function isMissed(listener: GatewayListener, port: GatewayPort): boolean {
  const asked = askFor(listener);
  return ARRIVALS.some((arrives) => {
    const [wanted, is] = [joinGateway(alone(listener), { arrives, ...asked }), joinGateway(port, { arrives, ...asked })];
    return wanted.transport !== "blocked" && is.transport === "blocked" && wanted.gaps.length + is.gaps.length === 0;
  });
}

function protocolOf(server: GatewayServer): "HTTP" | "TCP" {
  return isHttp(server) ? "HTTP" : "TCP";
}

/** What becomes of what a server was to take, which another leaves no room. */
function lost(place: Place, { server, rival }: Dropped): { readonly severity: FindingSeverity; readonly consequence: Consequence } | null {
  const { view, of } = place.resident;
  const { value: listener, gaps } = listenerOf({ view, namespace: of.namespace }, server);
  if (listener === null || gaps.length > 0) return null;
  if (isPlain(server) && isPlain(rival) && protocolOf(server) !== protocolOf(rival)) {
    return { severity: isHttp(rival) ? "breaks traffic" : "weaker than it seems", consequence: { kind: "protocol", is: protocolOf(rival), wanted: protocolOf(server) } };
  }
  return isMissed(listener, place.port) ? { severity: "breaks traffic", consequence: { kind: "refused" } } : null;
}

function roomFor({ by, field, tlsMode }: GatewayServer, rival: GatewayServer): readonly [Fix, ...Fix[]] {
  const isTwice = tlsMode !== null && rival.tlsMode !== null;
  return [isTwice ? set(by, `${field}.hosts`, "hosts that no other server of the port has") : set(by, `${field}.port.number`, "a port that no other server has"), remove(by, field)];
}

function add({ survey, ledger, resident, targetPort }: Place, { by, field, value }: Pick<GatewayServer, "by" | "field" | "value">, what: Pick<Parameters<Ledger["add"]>[0], "rule" | "severity" | "consequence" | "fixes" | "because">): void {
  ledger.add({ ...what, object: by, field, value, workloads: survey.workloadsOf(resident), ports: [targetPort] });
}

/** FND-63: a server that an older one leaves no room. */
function crowdedOut(place: Place): void {
  for (const dropped of place.port.dropped) {
    const { server, rival } = dropped;
    const found = server.gateway === null ? null : lost(place, dropped);
    if (found !== null) add(place, server, { rule: "FND-63", ...found, because: rival.by, fixes: roomFor(server, rival) });
  }
}

/** FND-64: a server from which nothing leads on, where no other takes what it is for. */
function unled(place: Place): void {
  for (const server of place.port.idle) {
    const { by, field, tlsMode } = server;
    const isTaken = ARRIVALS.some((arrives) => joinGateway(place.port, { arrives, ...NO_NAME }).transport !== "blocked");
    if (isTaken) continue;
    const routes = tlsMode === "PASSTHROUGH" || tlsMode === "" ? "tls" : "tcp";
    const led = { kind: "VirtualService", namespace: by.namespace, name: by.name } as const;
    const isThere = place.resident.view.configuration.objects.VirtualService.some(({ namespace, name }) => namespace === led.namespace && name === led.name);
    const value = `a route from gateway ${by.namespace}/${by.name} to the service that it is for`;
    const route = isThere ? ({ kind: "add", object: led, field: `spec.${routes}`, value } as const) : create(led, `spec.${routes}`, value);
    add(place, server, { rule: "FND-64", severity: "breaks traffic", consequence: { kind: "refused" }, fixes: [route, remove(by, field)] });
  }
}

/** FND-65: neither of the two is listened to. */
function refusedWhole(place: Place): void {
  const found = clash(place.port.listeners);
  if (found === null || found.plain.gaps.length + found.other.gaps.length > 0) return;
  const { plain, other } = found;
  const fixes = [set(plain.by, `${plain.field}.port.number`, "a port without TLS"), set(other.by, `${other.field}.hosts`, "the hosts that it is for")] as const;
  add(place, plain, { rule: "FND-65", severity: "breaks traffic", consequence: { kind: "refused" }, because: other.by, fixes });
}

/** FND-63 to FND-65: servers of Gateways that a gateway pod does not listen for. */
export function gatewaySurprises(survey: Survey, ledger: Ledger): void {
  for (const resident of survey.residents.filter(({ of }) => of.dataPlaneMode === "gateway")) {
    if (!survey.hasRead(["Service", "ServiceEntry"], resident.of.namespace) || resident.view.envoyFilterGaps(resident.of, "GATEWAY").length > 0) continue;
    for (const targetPort of gatewayTargetPorts(resident.view, resident.one)) {
      const port = resident.revision.inbound.gatewayPort(resident.one, targetPort);
      if (port.gaps.length > 0) continue;
      const place = { survey, ledger, resident, targetPort, port: port.value };
      crowdedOut(place);
      unled(place);
      refusedWhole(place);
    }
  }
}
