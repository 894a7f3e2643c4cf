import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { mapConfiguration } from "#kubernetes-objects";
import { evaluateMesh, judgeMesh, type Configuration, type ConnectionVerdict, type MeshSnapshot, type Telemetry } from "#mesh";
import { doubtsAbout, namespaceOutlook, preview, proposalScope, proposeStrict } from "#proposals";
import { openSources, savedState, snapshotBytes, type SavedState } from "#sources";
import { presentFindings, presentMesh } from "#view";
import { parseSnapshot } from "../../../lib/sources/snapshotFile/index.ts";
import { generatedMesh, questionsOf } from "../../support/generated.ts";

// Saving and opening changes no answer: verdicts before and after are compared whole.

const REQUEST = { windowSeconds: 900, lookBackSeconds: 3_600, endMs: null };
const SILENT: Telemetry = { windowStartMs: 0, windowEndMs: 900_000, rows: [], lookBackRows: [], lookBackStartMs: 0, gaps: [], queries: [] };

async function again(saved: SavedState): Promise<SavedState> {
  return parseSnapshot(await snapshotBytes(saved));
}

async function configurationAgain(configuration: Configuration): Promise<Configuration> {
  const snapshot = { capturedAtMs: 900_000, configuration, telemetry: SILENT };
  return (await again({ name: "m", simulated: false, snapshot, sources: [] })).snapshot.configuration;
}

function verdicts(configuration: Configuration): readonly ConnectionVerdict[] {
  const judge = judgeMesh(configuration);
  return questionsOf(configuration).map((question) => judge.connection(question));
}

/** As whoever looks at the mesh gets them: in words, all of them. */
function answers(snapshot: MeshSnapshot): unknown {
  const evaluated = evaluateMesh(snapshot);
  const scope = proposalScope("mesh");
  const proposal = scope === undefined ? undefined : proposeStrict(evaluated, scope);
  const doubts = proposal?.kind === "proposal" ? doubtsAbout(evaluated, preview(evaluated, proposal)) : [];
  const mesh = { name: "m", simulated: true, playground: null, savedAtMs: null };
  return { view: presentMesh(evaluated, { revision: 1, mesh, sources: [], outlook: namespaceOutlook(evaluated) }), findings: presentFindings(evaluated), doubts };
}

async function savedScene(scene: string): Promise<SavedState> {
  const sources = await openSources({ mesh: { kind: "playground", scene }, host: "127.0.0.1", port: 1 });
  try {
    return await savedState(sources, REQUEST);
  } finally {
    await sources.stop();
  }
}

describe("a mesh that was saved and opened again", () => {
  it.each(["migration", "shop"])("scene %s: edges, findings, gaps and proposals are the same", async (scene) => {
    const saved = await savedScene(scene);
    const opened = await again(saved);
    expect(saved.snapshot.telemetry.rows.length).toBeGreaterThan(3);
    expect(opened.snapshot.capturedAtMs).toBe(saved.snapshot.capturedAtMs);
    expect(answers(opened.snapshot)).toEqual(answers(saved.snapshot));
  });

  it.each(Array.from({ length: 15 }, (_, n) => 20_260_822 + n))("generated mesh %d: every connection's verdict is the same", async (seed) => {
    const configuration = generatedMesh(seed);
    expect(verdicts(await configurationAgain(configuration))).toEqual(verdicts(configuration));
  });

  it("Istio's cases: every connection's verdict is the same", async () => {
    const corpus = JSON.parse(gunzipSync(readFileSync(join(import.meta.dirname, "../../conformance/cases.json.gz"))).toString("utf8")) as { readonly meshes: readonly { readonly objects: readonly unknown[] }[] };
    expect(corpus.meshes.length).toBeGreaterThan(10);
    for (const { objects } of corpus.meshes) {
      const configuration = mapConfiguration(objects);
      expect(verdicts(await configurationAgain(configuration))).toEqual(verdicts(configuration));
    }
  });

  it("what routes and listeners of Sidecars ask of a port is kept", async () => {
    const metadata = { name: "a", namespace: "foo" };
    const configuration = mapConfiguration([
      { apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata, spec: { hosts: ["a"], tcp: [{ match: [{ port: 80, gateways: ["gate"] }] }], tls: [{ match: [{ sniHosts: ["b"], sourceLabels: { app: "c" } }] }, { match: [{ sniHosts: ["d"] }] }] } },
      { apiVersion: "networking.istio.io/v1", kind: "Sidecar", metadata, spec: { egress: [{ port: { number: 80, protocol: "HTTP" }, hosts: ["./*"] }, { hosts: ["*/*"] }] } },
    ]);
    const { objects } = await configurationAgain(configuration);
    expect(objects).toEqual(configuration.objects);
    expect(objects.VirtualService).toMatchObject([{ tcp: [{ matches: [{ port: 80, gateways: ["gate"], conditional: false }] }], tls: [{ matches: [{ port: null, sniHosts: ["b"], conditional: true }] }, { sniHosts: ["d"] }] }]);
    expect(objects.Sidecar).toMatchObject([{ egress: [{ port: 80, protocol: "HTTP" }, { port: null }] }]);
  });

  it("where servers of gateways listen, and for whom, is kept", async () => {
    const metadata = { name: "a", namespace: "foo" };
    const configuration = mapConfiguration([
      { apiVersion: "networking.istio.io/v1", kind: "Gateway", metadata, spec: { selector: {}, servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"], bind: "127.0.0.1" }] } },
      { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", metadata, spec: { gatewayClassName: "istio", listeners: [{ name: "a", port: 80, protocol: "HTTP" }, { name: "b", port: 443, protocol: "HTTPS", hostname: "a.example", tls: {} }] } },
    ]);
    const { objects } = await configurationAgain(configuration);
    expect(objects).toEqual(configuration.objects);
    expect(objects).toMatchObject({ Gateway: [{ servers: [{ bind: "127.0.0.1" }] }], KubernetesGateway: [{ listeners: [{ hostname: null }, { hostname: "a.example" }] }] });
  });

  it("saved once more it is the same file content", async () => {
    const once = await again(await savedScene("shop"));
    expect(await again(once)).toEqual(once);
  });
});
