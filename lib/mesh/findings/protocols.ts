import type { DeclaredPort } from "../server/declaredPorts.ts";
import type { InboundProtocol } from "../judge.ts";
import { isPublic } from "../registry/registry.ts";
import type { RegistryPort, RegistryService } from "../registry/service.ts";
import { set } from "./fixes.ts";
import type { Ledger } from "./ledger.ts";
import type { Resident } from "./resident.ts";
import type { Survey } from "./survey.ts";

interface Told {
  readonly service: RegistryService;
  readonly port: RegistryPort;
}

function portField({ service, port }: Told): string {
  const { source } = service;
  if (source.kind !== "Service") return "spec.ports";
  return `spec.ports[${source.ports.findIndex((one) => one.port === port.number)}].name`;
}

/** Bytes of TCP in the HTTP codec break; HTTP taken for TCP only loses what would be read of it. */
function isRead(older: InboundProtocol, younger: InboundProtocol): "breaks traffic" | "weaker than it seems" | null {
  if (older === "HTTP" && younger === "TCP") return "breaks traffic";
  return older === "TCP" && younger === "HTTP" ? "weaker than it seems" : null;
}

function contradicted(survey: Survey, ledger: Ledger, at: { readonly resident: Resident; readonly port: DeclaredPort; readonly told: Told }): void {
  const { resident, told } = at;
  const { protocol, by, targetPort } = at.port;
  const severity = isRead(protocol.class, told.port.protocol.class);
  if (severity === null) return;
  const consequence = { kind: "protocol", is: protocol.class, wanted: told.port.protocol.class } as const;
  const field = portField(told);
  const fixes = [set(told.service.ref, field, `the protocol that ${by.kind} ${by.namespace}/${by.name} gives it`)] as const;
  ledger.add({ rule: "FND-19", severity, object: told.service.ref, field, value: told.port.name, because: by, consequence, workloads: survey.workloadsOf(resident), host: told.service.host, ports: [targetPort], fixes });
}

/** FND-19: two Services to one target port that disagree on what is spoken there. */
export function protocolConflicts(survey: Survey, ledger: Ledger): void {
  for (const resident of survey.residents.filter(({ of }) => of.dataPlaneMode === "sidecar")) {
    const declared = resident.revision.inbound.declared(resident.one);
    if (declared.gaps.length > 0 || !survey.hasRead(["Service", "ServiceEntry"], resident.of.namespace)) continue;
    const shared = [...declared.value.values()].filter(({ services }) => services.length > 1);
    for (const port of shared) for (const told of port.services) contradicted(survey, ledger, { resident, port, told });
  }
}

/** FND-62: one host and port with two protocols. */
export function entryConflicts(survey: Survey, ledger: Ledger): void {
  if (!survey.hasRead(["ServiceEntry", "Service"], null)) return;
  for (const { view } of survey.revisions) {
    const hosts = new Set(view.registry.services.filter(({ source }) => source.kind === "ServiceEntry").map(({ host }) => host));
    const isOpen = ({ exportTo }: RegistryService): boolean => isPublic(exportTo.length > 0 ? exportTo : view.settings.mesh.defaultServiceExportTo);
    for (const host of hosts) conflictsOf(ledger, view.registry.named(host).filter(isOpen).sort(kubernetesFirst));
  }
}

function kubernetesFirst(a: RegistryService, b: RegistryService): number {
  return Number(a.source.kind !== "Service") - Number(b.source.kind !== "Service");
}

function conflictsOf(ledger: Ledger, [first, ...others]: readonly RegistryService[]): void {
  if (first === undefined) return;
  for (const other of others.filter(({ source }) => source.kind === "ServiceEntry")) {
    for (const port of other.ports) {
      const counts = first.ports.find(({ number }) => number === port.number);
      if (counts === undefined || counts.protocol.class === port.protocol.class) continue;
      const consequence = { kind: "protocol", is: counts.protocol.class, wanted: port.protocol.class } as const;
      const field = "spec.ports";
      ledger.add({ rule: "FND-62", severity: "weaker than it seems", object: other.ref, field, value: port.name, because: first.ref, consequence, host: other.host, fixes: [set(other.ref, field, "the same protocol in both, or another port")] });
    }
  }
}
