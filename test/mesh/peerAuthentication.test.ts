import { describe, expect, it } from "vitest";
import { judgeMesh, workloadId } from "#mesh";
import { chainOf, describeRules, question } from "../support/judging.ts";
import { envoyFilter, mesh, peerAuthentication, pod, second, service } from "../support/mesh.ts";

const client = pod("foo", "client");
const server = pod("bar", "server", { proxy: "sidecar" });
const web = service("bar", "server", { ports: [{ port: 80, name: "http", targetPort: 8080 }, { port: 90, name: "http-admin", targetPort: 9090 }] });
const base = [client, server, web];
const app = { app: "server" };

describeRules("PeerAuthentication", [
  { rule: "PA-0", name: "no policy at all", objects: base, expect: { serverMode: "PERMISSIVE", transport: "plaintext" } },
  { rule: "PA-0", name: "a mesh policy without mode is no policy", objects: [...base, peerAuthentication("istio-system", "default", "UNSET")], expect: { serverMode: "PERMISSIVE" } },
  { rule: "PA-1", name: "the root namespace speaks for the mesh", objects: [...base, peerAuthentication("istio-system", "default", "STRICT")], expect: { serverMode: "STRICT", transport: "blocked" } },
  {
    rule: "PA-2",
    name: "the namespace beats the mesh",
    objects: [...base, peerAuthentication("istio-system", "default", "STRICT"), peerAuthentication("bar", "default", "PERMISSIVE")],
    expect: { serverMode: "PERMISSIVE", transport: "plaintext" },
  },
  {
    rule: "PA-2",
    name: "a selector that is there and empty is none",
    objects: [...base, peerAuthentication("bar", "default", "STRICT", { selector: {} })],
    expect: { serverMode: "STRICT" },
  },
  {
    rule: "PA-3",
    name: "the workload beats the namespace",
    objects: [...base, peerAuthentication("bar", "default", "STRICT"), peerAuthentication("bar", "server", "DISABLE", { selector: app })],
    expect: { serverMode: "DISABLE", transport: "plaintext" },
  },
  {
    rule: "PA-4",
    name: "a port beats its own policy's mode",
    objects: [...base, peerAuthentication("bar", "server", "STRICT", { selector: app, portLevelMtls: { 8080: "PERMISSIVE" } })],
    expect: { serverMode: "PERMISSIVE", transport: "plaintext" },
  },
  {
    rule: "PA-4",
    name: "a port that no Service declares is covered too",
    objects: [...base, peerAuthentication("bar", "server", null, { selector: app, portLevelMtls: { 9999: "STRICT" } })],
    asked: { port: 9999, via: "podIP" },
    expect: { serverMode: "STRICT", transport: "blocked" },
  },
  {
    rule: "PA-3",
    name: "a port that is not listed has the policy's mode",
    objects: [...base, peerAuthentication("bar", "server", "STRICT", { selector: app, portLevelMtls: { 8080: "PERMISSIVE" } })],
    asked: { port: 90 },
    expect: { serverMode: "STRICT", transport: "blocked" },
  },
  {
    rule: "PA-5",
    name: "a namespace without mode inherits the mesh's",
    objects: [...base, peerAuthentication("istio-system", "default", "STRICT"), peerAuthentication("bar", "default", "UNSET")],
    expect: { serverMode: "STRICT" },
  },
  {
    rule: "PA-5",
    name: "a port entry without mode inherits",
    objects: [...base, peerAuthentication("bar", "default", "STRICT"), peerAuthentication("bar", "server", null, { selector: app, portLevelMtls: { 8080: "UNSET" } })],
    expect: { serverMode: "STRICT" },
  },
  {
    rule: "PA-6",
    name: "the older of two namespace policies counts",
    objects: [...base, peerAuthentication("bar", "a", "PERMISSIVE", { createdAtMs: second(2) }), peerAuthentication("bar", "z", "STRICT", { createdAtMs: second(1) })],
    expect: { serverMode: "STRICT" },
  },
  {
    rule: "PA-6",
    name: "of equal age the smaller name counts",
    objects: [...base, peerAuthentication("bar", "b", "PERMISSIVE"), peerAuthentication("bar", "a", "STRICT")],
    expect: { serverMode: "STRICT" },
  },
  {
    rule: "PA-6",
    name: "ports of a younger policy are not merged in",
    objects: [
      ...base,
      peerAuthentication("bar", "old", "STRICT", { selector: app, createdAtMs: second(1) }),
      peerAuthentication("bar", "young", null, { selector: app, portLevelMtls: { 8080: "PERMISSIVE" }, createdAtMs: second(2) }),
    ],
    expect: { serverMode: "STRICT" },
  },
  { rule: "PA-7", name: "a selector in the root namespace is ignored", objects: [...base, peerAuthentication("istio-system", "server", "STRICT", { selector: app })], expect: { serverMode: "PERMISSIVE" } },
  {
    rule: "PA-7",
    name: "for pods of the root namespace too",
    objects: [client, pod("istio-system", "server", { proxy: "sidecar" }), service("istio-system", "server"), peerAuthentication("istio-system", "server", "STRICT", { selector: app })],
    asked: { server: "istio-system/server", via: "podIP" },
    expect: { serverMode: "PERMISSIVE" },
  },
  {
    rule: "PA-8",
    name: "an entry for the Service's port does not reach the container's",
    objects: [...base, peerAuthentication("bar", "default", "STRICT"), peerAuthentication("bar", "server", null, { selector: app, portLevelMtls: { 80: "PERMISSIVE" } })],
    expect: { serverMode: "STRICT", transport: "blocked" },
  },
  { rule: "PLANE-1", name: "without a proxy nothing is enforced", objects: [client, pod("bar", "server"), web, peerAuthentication("istio-system", "default", "STRICT")], expect: { serverMode: "NONE", transport: "plaintext" } },
  {
    rule: "PLANE-1",
    name: "a label does not make a proxy",
    objects: [client, pod("bar", "server", { labels: { "security.istio.io/tlsMode": "istio" } }), web, peerAuthentication("bar", "default", "STRICT")],
    expect: { serverMode: "NONE" },
  },
  { rule: "PLANE-2", name: "a pod on the host's network has no proxy", objects: [client, pod("bar", "server", { hostNetwork: true }), web], expect: { serverMode: "NONE" } },
]);

describe("PeerAuthentication in full", () => {
  const objects = [
    ...base,
    peerAuthentication("istio-system", "mesh", "STRICT"),
    peerAuthentication("istio-system", "selective", "DISABLE", { selector: app }),
    peerAuthentication("bar", "namespace", "UNSET"),
    peerAuthentication("bar", "workload", "PERMISSIVE", { selector: app, portLevelMtls: { 9999: "STRICT" } }),
    peerAuthentication("bar", "younger", "STRICT", { selector: app, createdAtMs: second(9) }),
  ];
  const judge = () => judgeMesh(mesh(objects));

  it("tells every policy that is about a workload, and its standing", () => {
    expect(judge().policies(workloadId("bar", "server")).map(({ object, scope, mode, standing, rule }) => [object.name, scope, mode, standing, rule])).toEqual([
      ["workload", "workload", "PERMISSIVE", "in force", null],
      ["namespace", "namespace", "UNSET", "overridden", "PA-5"],
      ["mesh", "mesh", "STRICT", "overridden", "PA-2"],
      ["younger", "workload", "STRICT", "ignored", "PA-6"],
      ["selective", "workload", "DISABLE", "ignored", "PA-7"],
    ]);
  });

  it("tells the ports of an instance, those that only a policy names last", () => {
    const ports = judge().ports({ namespace: "bar", name: "server" });
    expect(ports.map(({ targetPort, protocol, services, serverMode }) => [targetPort, protocol, services.map(({ port }) => port), serverMode.kind === "known" ? serverMode.value : "unknown"])).toEqual([
      [8080, "HTTP", [80], "PERMISSIVE"],
      [9090, "HTTP", [90], "PERMISSIVE"],
      [9999, "AUTO", [], "STRICT"],
    ]);
  });

  it("says what decided and what that overrode", () => {
    const verdict = judge().serverMode({ namespace: "bar", name: "server" }, 8080);
    expect(verdict).toMatchObject({ kind: "known", value: "PERMISSIVE" });
    expect(verdict.kind === "known" ? verdict.reasons.at(-1) : null).toEqual({
      rule: "PA-3",
      object: { kind: "PeerAuthentication", namespace: "bar", name: "workload" },
      field: "spec.mtls.mode",
      value: "PERMISSIVE",
      overrode: [
        { rule: "PA-3", object: { kind: "PeerAuthentication", namespace: "bar", name: "namespace" }, field: "spec.mtls.mode", value: "UNSET" },
        { rule: "PA-3", object: { kind: "PeerAuthentication", namespace: "istio-system", name: "mesh" }, field: "spec.mtls.mode", value: "STRICT" },
        { rule: "PA-6", object: { kind: "PeerAuthentication", namespace: "bar", name: "younger" }, field: null, value: "STRICT" },
        { rule: "PA-7", object: { kind: "PeerAuthentication", namespace: "istio-system", name: "selective" }, field: null, value: "DISABLE" },
      ],
    });
  });

  it("takes a mode that Istio does not know for a gap", () => {
    const unsure = judgeMesh(mesh([...base, peerAuthentication("bar", "odd", "STRICTISH")])).serverMode({ namespace: "bar", name: "server" }, 8080);
    expect(unsure).toEqual({ kind: "unknown", gaps: [{ wanted: "the mode of `PeerAuthentication` `bar/odd`", because: "`spec.mtls.mode` is `STRICTISH`, which Istio does not know" }] });
  });

  it("an EnvoyFilter that touches the transport makes the workload's mode unknown, and no other's", () => {
    const filter = envoyFilter("bar", "patch", { workloadSelector: app, patches: [{ applyTo: "FILTER_CHAIN", context: "SIDECAR_INBOUND", touchesTransport: true }] });
    const patched = judgeMesh(mesh([...base, pod("bar", "other", { proxy: "sidecar" }), filter]));
    expect(patched.serverMode({ namespace: "bar", name: "server" }, 8080).kind).toBe("unknown");
    expect(patched.serverMode({ namespace: "bar", name: "other" }, 8080).kind).toBe("known");
  });
});

describe("what a server's mode rests on", () => {
  const strict = peerAuthentication("istio-system", "default", "STRICT", { createdAtMs: second(1) });
  const own = peerAuthentication("bar", "default", "PERMISSIVE");
  const chain = (...objects: Parameters<typeof mesh>[0]) => {
    const configuration = mesh([...base, ...objects]);
    return chainOf(judgeMesh(configuration).connection(question(configuration)).serverMode);
  };
  const captured = "CAP-4 Pod bar/server";

  it("[PA-4] the port, before the rest of its policy, the namespace and the mesh", () => {
    const policy = peerAuthentication("bar", "server", "STRICT", { selector: app, portLevelMtls: { 8080: "DISABLE" } });
    expect(chain(strict, own, policy)).toEqual([
      captured, "PA-4 PeerAuthentication bar/server spec.portLevelMtls.8080.mode = DISABLE", "  PA-4 PeerAuthentication bar/server spec.mtls.mode = STRICT",
      "  PA-4 PeerAuthentication bar/default spec.mtls.mode = PERMISSIVE", "  PA-4 PeerAuthentication istio-system/default spec.mtls.mode = STRICT",
    ]);
  });

  it("[PA-3] the workload, before the namespace and the mesh", () => {
    expect(chain(strict, own, peerAuthentication("bar", "server", "DISABLE", { selector: app }))).toEqual([
      captured, "PA-3 PeerAuthentication bar/server spec.mtls.mode = DISABLE", "  PA-3 PeerAuthentication bar/default spec.mtls.mode = PERMISSIVE", "  PA-3 PeerAuthentication istio-system/default spec.mtls.mode = STRICT",
    ]);
  });

  it("[PA-2] the namespace, before the mesh; the younger of two is ignored", () => {
    const younger = peerAuthentication("bar", "late", "DISABLE", { createdAtMs: second(9) });
    expect(chain(strict, { ...own, createdAtMs: second(2) }, younger)).toEqual([
      captured, "PA-2 PeerAuthentication bar/default spec.mtls.mode = PERMISSIVE", "  PA-2 PeerAuthentication istio-system/default spec.mtls.mode = STRICT", "  PA-6 PeerAuthentication bar/late = DISABLE",
    ]);
  });

  it("[PA-1] the mesh, where a namespace and a workload say nothing; a selector in the root namespace selects nobody here", () => {
    const silent = peerAuthentication("bar", "server", null, { selector: app });
    const elsewhere = peerAuthentication("istio-system", "server", "DISABLE", { selector: app });
    expect(chain(strict, peerAuthentication("bar", "default", "UNSET"), silent, elsewhere)).toEqual([
      captured, "PA-1 PeerAuthentication istio-system/default spec.mtls.mode = STRICT",
      "  PA-5 PeerAuthentication bar/default = UNSET", "  PA-5 PeerAuthentication bar/server = UNSET", "  PA-7 PeerAuthentication istio-system/server = DISABLE",
    ]);
  });

  it("[PA-0] Istio's default, where nothing is said; an empty text says nothing", () => {
    expect(chain(peerAuthentication("istio-system", "default", "UNSET"), peerAuthentication("bar", "default", ""))).toEqual([
      captured, "PA-0 (default)", "  PA-5 PeerAuthentication bar/default = ", "  PA-5 PeerAuthentication istio-system/default = UNSET",
    ]);
  });

  it("[PA-8] an entry for the Service's port is ignored, and said to be", () => {
    expect(chain(peerAuthentication("bar", "server", "PERMISSIVE", { selector: app, portLevelMtls: { 80: "STRICT" } }))).toEqual([
      captured, "PA-3 PeerAuthentication bar/server spec.mtls.mode = PERMISSIVE", "  PA-8 PeerAuthentication bar/server spec.portLevelMtls.80.mode = STRICT",
    ]);
  });

  it("a mode that Istio does not know is not guessed", () => {
    expect(chain(peerAuthentication("bar", "default", "LOOSE"))).toEqual([expect.stringContaining("`LOOSE`")]);
  });
});
