import { describe, expect, it } from "vitest";
import type { MeshObject, Service, Sidecar } from "#mesh";
import { judgeMesh } from "#mesh";
import { flattened, question, wholeOf, type Asked } from "../support/judging.ts";
import { mesh, pod, service, sidecar } from "../support/mesh.ts";

// A listener of a Sidecar for one port: in which protocol it takes what is dialled there.

const client = pod("foo", "client", { proxy: "sidecar" });
const server = pod("bar", "server", { proxy: "sidecar" });
const HOST = "bar/server.bar.svc.cluster.local";

function listens(protocol: string | null, hosts: readonly string[] = [HOST], others: readonly string[] = []): Sidecar {
  const own = { hosts, port: 80, captureMode: null, ...(protocol === null ? {} : { protocol }) };
  return sidecar("foo", "own", { egress: [own, ...(others.length === 0 ? [] : [{ hosts: others, port: null, captureMode: null }])] });
}

function sent(name: string, kind: "address" | "headless", egress: Sidecar, asked: Asked = {}): readonly string[] {
  const web: Service = service("bar", "server", { ports: [{ port: 80, name, targetPort: 8080 }], ...(kind === "headless" ? { clusterIPs: ["None"] } : {}) });
  const objects: readonly MeshObject[] = [client, server, web, egress];
  const configuration = mesh(objects);
  return wholeOf(judgeMesh(configuration).connection(question(configuration, asked)).clientMode);
}

const BY_ADDRESS: Asked = { port: 80, via: "podIP" };

describe("a port of a Sidecar's own", () => {
  it.each([
    ["http", "address", "HTTP", "AUTO_MTLS"], ["http", "address", "TCP", "AUTO_MTLS"], ["http", "address", "TLS", "AUTO_MTLS"], ["http", "headless", "HTTP", "AUTO_MTLS"], ["http", "headless", "TCP", "AUTO_MTLS"], ["http", "headless", "TLS", "PASSTHROUGH"],
    ["tcp", "address", "HTTP", "PASSTHROUGH"], ["tcp", "address", "GRPC", "PASSTHROUGH"], ["tcp", "address", "TCP", "AUTO_MTLS"], ["tcp", "address", "TLS", "AUTO_MTLS"], ["tcp", "headless", "HTTP", "PASSTHROUGH"], ["tcp", "headless", "MONGO", "AUTO_MTLS"], ["tcp", "headless", "HTTPS", "PASSTHROUGH"],
    ["tls", "address", "HTTP", "PASSTHROUGH"], ["tls", "address", "TCP", "AUTO_MTLS"], ["tls", "headless", "HTTP", "PASSTHROUGH"], ["tls", "headless", "TLS", "AUTO_MTLS"],
    ["x", "headless", "TLS", "PASSTHROUGH"], ["x", "headless", "TCP", "AUTO_MTLS"],
  ] as const)("[REG-20] a port named %s with an %s, listened to as %s: %s", (name, kind, protocol, expected) => {
    expect(sent(name, kind, listens(protocol))[0]).toBe(expected);
  });

  it.each([
    ["tcp", "address", "HTTP", "AUTO_MTLS"], ["tcp", "headless", "HTTP", "AUTO_MTLS"], ["tcp", "headless", "TLS", "AUTO_MTLS"], ["tls", "headless", "HTTP", "AUTO_MTLS"], ["http", "headless", "TLS", "PASSTHROUGH"],
  ] as const)("[REG-20] a port named %s with an %s, listened to as %s and with all others: %s", (name, kind, protocol, expected) => {
    expect(sent(name, kind, listens(protocol, [HOST], ["*/*"]))[0]).toBe(expected);
  });

  it.each([
    ["http", "HTTP", "PASSTHROUGH"], ["http", "TCP", "AUTO_MTLS"], ["tcp", "TCP", "AUTO_MTLS"], ["tcp", "HTTP", "PASSTHROUGH"], ["tcp", "TLS", "PASSTHROUGH"], ["x", "HTTP", "PASSTHROUGH"], ["x", "TCP", "AUTO_MTLS"], ["tls", "TCP", "AUTO_MTLS"], ["tls", "TLS", "PASSTHROUGH"],
  ] as const)("[REG-20] an address of a headless Service whose port is named %s, listened to as %s: %s", (name, protocol, expected) => {
    expect(sent(name, "headless", listens(protocol), BY_ADDRESS)[0]).toBe(expected);
  });

  it("[REG-20] is named where it decides", () => {
    expect(sent("tcp", "address", listens("HTTP"))).toEqual(expect.arrayContaining(["PASSTHROUGH", "REG-20 Sidecar foo/own spec.egress[].port"]));
    expect(sent("tcp", "headless", listens("TCP"), BY_ADDRESS)).toEqual(expect.arrayContaining(["AUTO_MTLS", "REG-20 Sidecar foo/own spec.egress[].port"]));
  });

  it("[REG-20] routes requests among its own services, though others are imported for all ports", () => {
    const only = listens("HTTP", ["bar/other.bar.svc.cluster.local"], ["*/*"]);
    expect([sent("http", "address", only)[0], sent("tcp", "address", only)[0]]).toEqual(["PASSTHROUGH", "AUTO_MTLS"]);
  });

  it("[REG-4] is for another port, or does not say its protocol", () => {
    const other = sidecar("foo", "own", { egress: [{ hosts: [HOST], port: 81, protocol: "HTTP", captureMode: null }, { hosts: ["*/*"], port: null, captureMode: null }] });
    expect([sent("tcp", "address", other)[0], sent("tcp", "address", listens(null))[0]]).toEqual(["AUTO_MTLS", "AUTO_MTLS"]);
  });

  it("[REG-20] is not shared with clients of other namespaces, which send alike otherwise", () => {
    const web = service("bar", "server", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] });
    const configuration = mesh([client, pod("qux", "client", { proxy: "sidecar" }), server, web, listens("HTTP")]);
    const judge = judgeMesh(configuration);
    expect(["qux/client", "foo/client"].map((one) => flattened(judge.connection(question(configuration, { client: one }))).clientMode)).toEqual(["AUTO_MTLS", "PASSTHROUGH"]);
  });
});
