import { describe, expect, it } from "vitest";
import type { ConnectionAnswer } from "#mesh";
import { judgeMesh, serviceHost, workloadId } from "#mesh";
import { egress, mesh, peerAuthentication, pod, service, sidecar, virtualService } from "../support/mesh.ts";

// Services that a Sidecar does not import are judged once for all that are of one kind.

const SERVERS = ["one", "two", "strict"];
const host = (name: string) => `${name}.bar.svc.cluster.local`;

/** One namespace sees nothing of the servers' and passes on, one refuses, one has no Sidecar. */
const OBJECTS = [
  ...["passing", "refusing", "open"].map((namespace) => pod(namespace, "client", { proxy: "sidecar" })),
  sidecar("passing", "default", { egress: egress("./*") }),
  sidecar("refusing", "default", { egress: egress("./*"), outboundTrafficPolicyMode: "REGISTRY_ONLY" }),
  ...SERVERS.flatMap((name) => [pod("bar", name, { proxy: "sidecar" }), service("bar", name)]),
  peerAuthentication("bar", "strict", "STRICT", { selector: { app: "strict" } }),
];

function told({ clientMode, transport }: ConnectionAnswer): string {
  return [clientMode, transport].map((answer) => (answer.kind === "known" ? answer.value : "?")).join(" ");
}

/** What each client is told of each server, in one order of asking. */
function answers(objects: Parameters<typeof mesh>[0], clients: readonly string[], servers: readonly string[]): Readonly<Record<string, string>> {
  const judge = judgeMesh(mesh(objects));
  const dials = clients.flatMap((client) => servers.map((server) => [client, server] as const));
  return Object.fromEntries(
    dials.map(([client, server]) => {
      const [path] = judge.paths(workloadId(client, "client"), workloadId("bar", server), serviceHost(host(server)), "http");
      if (path === undefined) throw new Error(`no way from ${client} to ${server}`);
      return [`${client} ${server}`, told(path.verdict)];
    }),
  );
}

describe("what a Sidecar hides", () => {
  const clients = ["passing", "refusing", "open"];
  const expected = {
    "passing one": "PASSTHROUGH plaintext",
    "passing two": "PASSTHROUGH plaintext",
    "passing strict": "PASSTHROUGH blocked",
    "refusing one": "BLACKHOLE blocked",
    "refusing two": "BLACKHOLE blocked",
    "refusing strict": "BLACKHOLE blocked",
    "open one": "AUTO_MTLS mTLS",
    "open two": "AUTO_MTLS mTLS",
    "open strict": "AUTO_MTLS mTLS",
  };

  it.each([[clients, SERVERS], [clients.toReversed(), SERVERS], [clients, SERVERS.toReversed()]])("[REG-3] [REG-6] is dialled by address, whoever was asked about first: %s to %s", (some, servers) => {
    expect(answers(OBJECTS, some, servers)).toEqual(expected);
  });

  it("[REG-3] is hidden, too, where a VirtualService of the client's namespace sends to it under another name", () => {
    const front = virtualService("passing", "front", { hosts: ["front"], http: [{ conditional: false, destinations: [{ host: host("two"), subset: null, port: null }] }] });
    expect(answers([...OBJECTS, service("passing", "front"), front], ["passing"], ["one", "two"])).toEqual({ "passing one": "PASSTHROUGH plaintext", "passing two": "PASSTHROUGH plaintext" });
  });
});
