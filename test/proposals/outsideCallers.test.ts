import { describe, expect, it } from "vitest";
import { evaluateMesh, type MeshObject } from "#mesh";
import { doubtsAbout, preview, proposeStrict } from "#proposals";
import { mesh, meshConfig, namespace, peerAuthentication, pod, service, slice, type PodOptions } from "../support/mesh.ts";

// Callers without a certificate of the mesh that no metric tells of before they call.

const AT_MS = Date.UTC(2026, 5, 1);
const TELEMETRY = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows: [], lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };

function wanted(...objects: readonly MeshObject[]): readonly string[] {
  const verdicts = evaluateMesh({ capturedAtMs: AT_MS, configuration: mesh([namespace("foo"), meshConfig(), pod("foo", "other", { proxy: "sidecar" }), ...objects]), telemetry: TELEMETRY });
  const proposal = proposeStrict(verdicts, { kind: "namespace", namespace: "foo" });
  if (proposal.kind !== "proposal") throw new Error("nothing is proposed");
  return doubtsAbout(verdicts, preview(verdicts, proposal)).map((gap) => gap.wanted);
}

function web(options: PodOptions = { proxy: "sidecar" }, type: "ClusterIP" | "NodePort" | "LoadBalancer" = "LoadBalancer", externalIPs: readonly string[] = []): readonly MeshObject[] {
  const [own, served] = [pod("foo", "web", options), service("foo", "web", { type, externalIPs })];
  return [own, served, slice(served, [own])];
}

const named = (texts: readonly string[]): readonly string[] => texts.filter((text) => /foo\/web/.test(text) && !text.startsWith("plaintext to") && !text.startsWith("calls of"));
const CALLERS = "callers from outside the cluster, health checks of load balancers among them, of Service";

describe("callers from outside the cluster", () => {
  it("are named by the Service that lets them in", () => {
    expect(named(wanted(...web()))).toEqual([`${CALLERS} \`foo/web (LoadBalancer)\``]);
    expect(named(wanted(...web({ proxy: "sidecar" }, "NodePort")))).toEqual([`${CALLERS} \`foo/web (NodePort)\``]);
    expect(named(wanted(...web({ proxy: "sidecar" }, "ClusterIP", ["192.0.2.1"])))).toEqual([`${CALLERS} \`foo/web (externalIPs)\``]);
  });

  it.each([
    ["of no Service that lets them in", web({ proxy: "sidecar" }, "ClusterIP")],
    ["of a pod without a proxy", web({})],
    ["of a gateway, which asks no PeerAuthentication", web({ proxy: "gateway" })],
    ["of a port past the proxy", web({ proxy: "sidecar", annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } })],
    ["of what refuses them already", [...web(), peerAuthentication("foo", "web", "STRICT", { selector: { app: "web" } })]],
  ])("are not told %s", (_name, objects) => {
    expect(named(wanted(...objects))).toEqual([]);
  });
});

function scraped(annotations: Readonly<Record<string, string>>): readonly MeshObject[] {
  return web({ proxy: "sidecar", annotations }, "ClusterIP");
}

describe("scrapes", () => {
  it("are told by workload and port where annotations ask for a port that STRICT closes", () => {
    expect(named(wanted(...scraped({ "prometheus.io/scrape": "true", "prometheus.io/port": "9102" })))).toEqual(["scrapes of `foo/web:9102`"]);
  });

  it.each([
    ["the port for merged metrics is the proxy's own", { "prometheus.io/scrape": "true", "prometheus.io/port": "15020" }],
    ["nothing is to be scraped", { "prometheus.io/scrape": "false", "prometheus.io/port": "9102" }],
    ["no port is given", { "prometheus.io/scrape": "true" }],
  ])("are not told where %s", (_name, annotations) => {
    expect(named(wanted(...scraped(annotations)))).toEqual([]);
  });
});

it("nothing of it is a doubt of the first step out of DISABLE, which refuses nobody", () => {
  expect(wanted(...web(), peerAuthentication("foo", "default", "DISABLE")).filter((text) => /callers from|scrape|balancer|webhook/.test(text))).toEqual([]);
});

it("what is never read is told in pieces, each with where it would stand", () => {
  expect(wanted().slice(-3)).toEqual(["health checks of load balancers that call pods directly", "scrapers that are told of their targets elsewhere", "conversion webhooks that the API server calls"]);
});
