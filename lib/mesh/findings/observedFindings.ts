import type { MeshVerdicts } from "../evaluate.ts";
import { groupBy } from "../order.ts";
import { pathVerdict } from "../ways/paths.ts";
import type { ConfiguredPath, Edge } from "../traffic/edge.ts";
import type { ObjectRef } from "../verdict.ts";
import type { ServiceHost, Transport, WorkloadId } from "../vocabulary.ts";
import { workloadIdParts } from "../vocabulary.ts";
import type { Finding, Fix } from "./finding.ts";
import { set, severityOf } from "./fixes.ts";
import { byWeight } from "./ledger.ts";

/** A way that traffic took past a Sidecar which does not import where it leads. */
interface Unimported {
  readonly sidecar: ObjectRef;
  readonly namespace: string;
  readonly transport: Transport;
  readonly server: WorkloadId;
  readonly host: ServiceHost;
  readonly port: number;
}

/** What an imported service would be sent as mTLS. */
function takesMtls({ verdict: { serverMode } }: ConfiguredPath): boolean {
  return serverMode.kind === "known" && (serverMode.value === "PERMISSIVE" || serverMode.value === "STRICT");
}

function isPassedOn({ verdict: { clientMode, transport } }: ConfiguredPath): boolean {
  return clientMode.kind === "known" && clientMode.value === "PASSTHROUGH" && transport.kind === "known";
}

function unimportedBy({ client, server, host, counts, configured }: Edge, judge: MeshVerdicts["judge"]): readonly Unimported[] {
  if (client.kind !== "workload" || server.kind !== "workload" || host === null || counts.plaintext + counts.unclear + counts.refused === 0) return [];
  const ends = { client: client.id, server: server.id, host };
  return configured.filter((path) => isPassedOn(path) && takesMtls(path)).flatMap((path) => {
    const { clientMode, transport } = pathVerdict(judge, ends, path);
    const sidecar = clientMode.kind === "known" ? clientMode.reasons.find(({ rule }) => rule === "REG-3")?.object : null;
    if (sidecar === null || sidecar === undefined || transport.kind === "unknown") return [];
    return [{ sidecar, namespace: workloadIdParts(client.id).namespace, transport: transport.value, server: server.id, host, port: path.targetPort }];
  });
}

function keyOf({ sidecar, namespace, transport }: Pick<Unimported, "sidecar" | "namespace" | "transport">): string {
  return JSON.stringify([sidecar.namespace, sidecar.name, namespace, transport]);
}

/** The same of an object that configuration alone tells of. */
function keyOfKnown({ rule, object, consequence }: Finding): string | null {
  if (rule !== "FND-56" || consequence.kind !== "sends" || consequence.clients.kind !== "selected") return null;
  return keyOf({ sidecar: object, namespace: consequence.clients.namespace, transport: consequence.transport });
}

function union<T extends string | number>(known: readonly T[] | undefined, seen: readonly T[]): readonly T[] {
  return [...new Set([...(known ?? []), ...seen])].sort((one, other) => (one < other ? -1 : 1));
}

function importOf({ sidecar, namespace, host }: { readonly sidecar: ObjectRef; readonly namespace: string; readonly host: string }): Fix {
  // a ServiceEntry's host does not tell its namespace
  const owner = /^[^.]+\.([^.]+)\.svc\./.exec(host)?.[1] ?? "*";
  return { kind: "add", object: sidecar, field: "spec.egress[].hosts", value: `${owner === namespace ? "." : owner}/${host}` };
}

function told([first, ...others]: readonly [Unimported, ...Unimported[]], known: Finding | undefined): Finding {
  const seen = [first, ...others];
  const { sidecar, namespace, transport } = first;
  const hosts = union(known?.hosts, seen.map(({ host }) => host));
  const imports = hosts.map((host) => importOf({ sidecar, namespace, host }));
  return {
    rule: "FND-56", severity: severityOf(transport), object: sidecar, field: "spec.egress", fieldOf: "object", value: "does not name it", because: null,
    consequence: { kind: "sends", clients: { kind: "selected", namespace }, sends: "PASSTHROUGH", transport, otherwise: "AUTO_MTLS" },
    affected: union(known?.affected, seen.map(({ server }) => server)), hosts, ports: union(known?.ports, seen.map(({ port }) => port)),
    fixes: [...imports, set(sidecar, "spec.outboundTrafficPolicy.mode", "REGISTRY_ONLY")] as unknown as Finding["fixes"],
  };
}

/**
 * What configuration does otherwise than it seems, worst first, with what only traffic shows to be more than an intention:
 * a Sidecar for some workloads may mean to leave a service out, until one of them is seen calling it.
 *
 * @see rule FND-56
 */
export function observedFindings({ judge, edges }: MeshVerdicts): readonly Finding[] {
  const known = judge.findings();
  const seen = groupBy(edges.flatMap((edge) => unimportedBy(edge, judge)), keyOf);
  if (seen.size === 0) return known;
  const before = new Map(known.flatMap((finding) => {
    const key = keyOfKnown(finding);
    return key === null ? [] : [[key, finding] as const];
  }));
  const fresh = [...seen].flatMap(([key, [first, ...others]]) => (first === undefined ? [] : [told([first, ...others], before.get(key))]));
  const replaced = new Set([...seen.keys()].flatMap((key) => before.get(key) ?? []));
  return [...known.filter((finding) => !replaced.has(finding)), ...fresh].sort(byWeight);
}
