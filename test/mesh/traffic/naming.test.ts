import { expect, it } from "vitest";
import { applyChange, evaluateMesh, judgeMesh, type Configuration, type MeshVerdicts, type Pod, type Telemetry, type TrafficRow } from "#mesh";
import { mesh, pod } from "../../support/mesh.ts";
import { clientRow, NOBODY, row, WINDOW_START_MS } from "../../support/telemetry.ts";

const ADDRESS = "10.0.0.99";
const [web, api] = [pod("foo", "web"), pod("foo", "api")];

function telemetry(rows: readonly TrafficRow[]): Telemetry {
  return { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, rows, lookBackRows: [], lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [] };
}

const toAddress = clientRow({ server: NOBODY, serviceHost: ADDRESS, serviceName: "PassthroughCluster" });

function moved(configuration: Configuration, one: Pod): Configuration {
  return applyChange(configuration, { add: [], update: [[one, { ...one, ips: [ADDRESS] }]], remove: [] });
}

function evaluated(configuration: Configuration, rows: readonly TrafficRow[], before: MeshVerdicts | null): MeshVerdicts {
  return evaluateMesh({ capturedAtMs: 0, configuration, telemetry: telemetry(rows) }, judgeMesh(configuration, before?.judge), before);
}

function servers({ edges }: MeshVerdicts): readonly string[] {
  return edges.map(({ server }) => (server.kind === "workload" ? server.id : server.kind));
}

it("what follows from one mesh in two ways knows in each whose address a row names", () => {
  const before = evaluated(mesh([web, api]), [row()], null);
  const { configuration } = before.snapshot;
  const ofWeb = evaluated(moved(configuration, web), [toAddress], before);
  const ofApi = evaluated(moved(configuration, api), [toAddress], before);
  expect([servers(before), servers(ofWeb), servers(ofApi)]).toEqual([["foo/httpbin"], ["foo/web"], ["foo/api"]]);
});

it("edges are in the order of their keys, however many are named for the first time", () => {
  const servers = ["d", "b", "c"];
  const between = (client: string, server: string): TrafficRow => row({ client: { namespace: "foo", workload: client, principal: null }, server: { namespace: "foo", workload: server, principal: null }, serviceHost: null });
  const rowsOf = (clients: readonly string[]): readonly TrafficRow[] => clients.flatMap((client) => servers.map((server) => between(client, server)));
  let verdicts = evaluated(mesh([]), rowsOf(["m"]), null);
  for (const clients of [["m", "a"], ["z", "t", "q", "g", "a", "m"], ["q"], ["q", "x"]]) {
    verdicts = evaluated(verdicts.snapshot.configuration, rowsOf(clients), verdicts);
    const expected = clients.toSorted().flatMap((client) => ["b", "c", "d"].map((server) => `foo/${client}|foo/${server}||http`));
    expect(verdicts.edges.map(({ key }) => key)).toEqual(expected);
  }
});
