import { capturesNamedPortsOnly, excludedInboundPorts, excludedInterfaces, list } from "./capture.ts";
import type { Engine } from "../engine.ts";
import type { Instance } from "../instances/instances.ts";
import type { PastProxy, PortVerdict } from "../judge.ts";
import { label } from "../order.ts";
import type { WorkloadId } from "../vocabulary.ts";

function withoutProxy(of: readonly PortVerdict[]): readonly PastProxy[] {
  return of.length === 0 ? [{ kind: "no proxy" }] : [];
}

function pastSidecar(engine: Engine, { class: of, object }: Instance, declared: ReadonlySet<number>): readonly PastProxy[] {
  if (object.kind !== "Pod") return [];
  const others = capturesNamedPortsOnly(object);
  const ports = others ? [] : excludedInboundPorts(object, engine.seenBy(of).view.settings).filter((port) => !declared.has(port));
  const interfaces = list(excludedInterfaces(object)?.written ?? "");
  return [
    ...(others ? [{ kind: "undeclared ports" as const }] : []),
    ...(ports.length === 0 ? [] : [{ kind: "ports" as const, ports: [...new Set(ports)].sort((one, other) => one - other) }]),
    ...(interfaces.length === 0 ? [] : [{ kind: "interfaces" as const, interfaces }]),
  ];
}

function pastInstance(engine: Engine, instance: Instance, ports: readonly PortVerdict[]): readonly PastProxy[] {
  switch (instance.class.dataPlaneMode) {
    case "none":
      return withoutProxy(ports);
    case "sidecar":
      return pastSidecar(engine, instance, new Set(ports.map(({ targetPort }) => targetPort)));
    case "ambient":
      return label(instance.object.annotations, "ambient.istio.io/bypass-inbound-capture") === "true" ? [{ kind: "undeclared ports" }] : [];
    case "gateway":
    case "waypoint":
    case "grpc-proxyless":
      return [];
  }
}

/** By the ports of a workload: these are made anew with its instances, and with what its proxies are told */
const kept = new WeakMap<readonly PortVerdict[], readonly PastProxy[]>();

/** Ways to a workload that no proxy guards and no port of it tells of; each once. */
export function pastProxy(engine: Engine, workload: WorkloadId, of: readonly PortVerdict[]): readonly PastProxy[] {
  // a list of none may be anybody's
  if (of.length === 0) return found(engine, workload, of);
  const known = kept.get(of) ?? found(engine, workload, of);
  kept.set(of, known);
  return known;
}

function found(engine: Engine, workload: WorkloadId, of: readonly PortVerdict[]): readonly PastProxy[] {
  const ways = engine.instances.classesOf(workload).flatMap(([first]) => (first === undefined ? [] : pastInstance(engine, first, of.filter(({ instance: { name } }) => name === first.told.ref.name))));
  const datagrams = [...new Set(of.filter(({ protocol }) => protocol === "UDP").map(({ targetPort }) => targetPort))].sort((one, other) => one - other);
  const all: readonly PastProxy[] = datagrams.length === 0 ? ways : [...ways, { kind: "UDP", ports: datagrams }];
  return all.length < 2 ? all : [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}
