import { describe, expect, it } from "vitest";
import type { Configuration, MeshSnapshot, MeshVerdicts, RefusalRow, Telemetry, TrafficRow } from "#mesh";
import { evaluateMesh, judgeMesh } from "#mesh";
import { namespaceOutlook } from "#proposals";
import { presentMesh } from "#view";
import { ADDRESSES, changed } from "../support/changes.ts";
import { dice, generatedMesh, NAMESPACES, questionsOf, type Dice } from "../support/generated.ts";
import { refusal, row, WINDOW_START_MS } from "../support/telemetry.ts";

const SEED = Number(process.env["MTLSCOPE_SEED"] ?? 20_260_822);
const STEPS = 30;
const NAMES = ["cart", "shop", "mail", "way", "other"] as const;

function peer({ one, chance }: Dice): TrafficRow["client"] {
  const [namespace, workload] = [one(NAMESPACES), one(NAMES)];
  const principal = chance(0.5) ? `spiffe://cluster.local/ns/${namespace}/sa/${one(["a", "b"])}` : null;
  return chance(0.15) ? { namespace: null, workload: null, principal } : { namespace, workload, principal };
}

/** By name, by the host of an entry, an alias or a Service elsewhere, by address, or past the registry. */
function randomRow(rolled: Dice): TrafficRow {
  const { one, chance, upTo } = rolled;
  const server = peer(rolled);
  const own = `${server.workload ?? "cart"}.${server.namespace ?? "foo"}.svc.cluster.local`;
  const serviceHost = one([own, own, own, "entry.example", "cart.bar.svc.cluster.local", "mail.foo.svc.cluster.local", `${one(ADDRESSES)}:8080`, null]);
  return row({
    reporter: one(["destination", "destination", "source", "waypoint"]), proxy: one(["envoy", "envoy", "ztunnel"]), family: one(["http", "tcp"]), connectionSecurityPolicy: one(["mutual_tls", "none", "unknown"]),
    client: peer(rolled), server: chance(0.1) ? { namespace: null, workload: null, principal: null } : { ...server, principal: null }, serviceHost, serviceName: chance(0.1) ? "PassthroughCluster" : "x",
    responseCode: one([null, "503", "403"]), responseFlags: one([null, "-", "UC", "UF", "DENY"]), count: 1 + upTo(50),
  });
}

function randomRefusal({ one }: Dice): RefusalRow {
  return refusal({ serverAddress: one(ADDRESSES), clientAddress: one(ADDRESSES), targetPort: one([8080, 9090]) });
}

function randomTelemetry(rolled: Dice): Telemetry {
  const rows = [...Array.from({ length: 120 }, () => randomRow(rolled)), ...Array.from({ length: 3 }, () => randomRefusal(rolled))];
  const lookBackRows = Array.from({ length: 30 }, () => randomRow(rolled));
  return { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, rows, lookBackRows, lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [] };
}

const PICTURE = { revision: 1, mesh: { name: "law", simulated: true, playground: null, savedAtMs: null }, sources: [] };

/** Everything that can be asked, and how it looks. */
function answers(verdicts: MeshVerdicts, before: MeshVerdicts | null): unknown {
  const { snapshot: { configuration }, judge, edges, gaps } = verdicts;
  const ids = [...judge.workloads.keys()];
  return {
    edges,
    gaps,
    workloads: [...judge.workloads],
    connections: questionsOf(configuration, 15).map((question) => judge.connection(question)),
    picture: presentMesh(verdicts, { ...PICTURE, before, outlook: namespaceOutlook(verdicts, before) }),
    workloadPorts: ids.map((id) => judge.workloadPorts(id)),
    ports: ids.map((id) => judge.workloads.get(id)?.instances.map(({ ref }) => judge.ports(ref))),
    policies: ids.map((id) => judge.policies(id)),
    holders: ADDRESSES.map((address) => judge.instancesByAddress(address)),
  };
}

/** Named in the failure: what the last step changed. */
function stepText(before: Configuration, after: Configuration, step: number): string {
  const kinds = Object.entries(after.objects).filter(([kind, objects]) => objects !== before.objects[kind as keyof Configuration["objects"]]);
  return `step ${step}: ${kinds.map(([kind]) => kind).join() || "knowledge"}`;
}

describe(`evaluating what changed, seed ${SEED}`, () => {
  it.each(Array.from({ length: 30 }, (_, n) => SEED + n))("comes to the same as evaluating afresh, after any changes (%i)", (seed) => {
    const rolled = dice(seed);
    let snapshot: MeshSnapshot = { capturedAtMs: WINDOW_START_MS + 900_000, configuration: generatedMesh(seed), telemetry: randomTelemetry(rolled) };
    let verdicts = evaluateMesh(snapshot);
    for (let step = 0; step < STEPS; step += 1) {
      const configuration = rolled.chance(0.2) ? snapshot.configuration : changed(snapshot.configuration, rolled);
      const text = stepText(snapshot.configuration, configuration, step);
      snapshot = { ...snapshot, configuration, telemetry: rolled.chance(0.3) ? randomTelemetry(rolled) : snapshot.telemetry };
      const before = verdicts;
      const judge = configuration === before.snapshot.configuration ? before.judge : judgeMesh(configuration, before.judge);
      verdicts = evaluateMesh(snapshot, judge, before);
      // what is remembered of a configuration is not of its copy
      const afresh = evaluateMesh({ ...snapshot, configuration: { ...configuration } });
      expect(answers(verdicts, before), text).toEqual(answers(afresh, null));
    }
  });
});
