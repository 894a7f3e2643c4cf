import { describe, expect, it } from "vitest";
import { evaluateMesh, type Container, type Gap, type MeshObject, type PeerAuthentication, type Probe } from "#mesh";
import { doubtsAbout, preview, proposalScope, proposeStrict } from "#proposals";
import { mesh, namespace, peerAuthentication, pod, service, type PodOptions } from "../support/mesh.ts";

// The kubelet has no mesh identity. What it asks of real pods, judged by the engine.

const AT_MS = Date.UTC(2026, 5, 1);
const PROXY: Container = { name: "istio-proxy", init: "app", args: ["proxy", "sidecar"], ports: [], runAsUser: 1337, probes: [{ kind: "http", port: 15_021 }] };

function app(probes?: readonly Probe[]): Container {
  return { name: "app", init: "app", args: [], ports: [{ name: "web", containerPort: 8080, protocol: "TCP" }], runAsUser: null, ...(probes === undefined ? {} : { probes }) };
}

function doubts(containers: readonly Container[], options: PodOptions = {}, ...others: readonly MeshObject[]): readonly Gap[] {
  const configuration = mesh([namespace("foo"), pod("foo", "server", { proxy: "sidecar", containers, ...options }), pod("foo", "other", { proxy: "sidecar" }), service("foo", "server"), ...others]);
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows: [], lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
  const verdicts = evaluateMesh({ capturedAtMs: AT_MS, configuration, telemetry });
  const scope = proposalScope("namespace:foo");
  const proposal = scope === undefined ? undefined : proposeStrict(verdicts, scope);
  if (proposal?.kind !== "proposal") throw new Error("nothing is proposed");
  return doubtsAbout(verdicts, preview(verdicts, proposal)).filter(({ wanted }) => wanted.includes("probes"));
}

const BECAUSE = "they go to a port that the proxy captures and not to its status port, and the kubelet sends plaintext: STRICT refuses them";
const UNREWRITTEN = { "sidecar.istio.io/rewriteAppHTTPProbers": "false" };

describe("probes of a pod with a sidecar", () => {
  it("to a port of the application are named with it, by number", () => {
    expect(doubts([app([{ kind: "http", port: "web" }, { kind: "grpc", port: 9090 }]), PROXY])).toEqual([{ wanted: "the kubelet's probes of `foo/server` over HTTP or gRPC to port `8080`, `9090`", because: BECAUSE }]);
  });

  it("that name a port nobody has are named as they are", () => {
    expect(doubts([app([{ kind: "http", port: "gone" }]), PROXY])[0]?.wanted).toContain("to port `gone`");
  });

  it("to the proxy's status port, or to one that is excluded, are in no danger", () => {
    expect(doubts([app([{ kind: "http", port: 15_020 }]), PROXY])).toEqual([]);
    expect(doubts([app([{ kind: "http", port: 8080 }]), PROXY], { annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } })).toEqual([]);
  });

  it("are in no danger of what is STRICT already", () => {
    const own: PeerAuthentication = peerAuthentication("foo", "own", "STRICT", { selector: { app: "server" } });
    expect(doubts([app([{ kind: "http", port: 8080 }]), PROXY], {}, own)).toEqual([]);
  });

  it("without a proxy are in no danger", () => {
    expect(doubts([app([{ kind: "http", port: 8080 }])])).toEqual([]);
  });

  it("that were read are told by themselves, and by the annotation only where they were not", () => {
    expect(doubts([app([]), PROXY], { annotations: UNREWRITTEN })).toEqual([]);
    expect(doubts([app(), { name: "istio-proxy", init: "app", args: ["proxy", "sidecar"], ports: [], runAsUser: null }], { annotations: UNREWRITTEN })).toEqual([
      { wanted: "the kubelet's probes of `foo/server`", because: "annotation `sidecar.istio.io/rewriteAppHTTPProbers` leaves them plaintext: STRICT refuses those that arrive over HTTP or gRPC" },
    ]);
  });
});
