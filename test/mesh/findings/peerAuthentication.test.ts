import { describe, expect, it } from "vitest";
import { ambientControlPlane, peerAuthentication, pod, second, service } from "../../support/mesh.ts";
import { cards, HOST, httpbin, httpbinService, QUIET, rulesOf, sleep } from "./found.ts";

const APP = { app: "httpbin" } as const;
const strictInBar = peerAuthentication("bar", "default", "STRICT");

describe("PeerAuthentications that are not asked", () => {
  it("[FND-1] a selector in the root namespace is ignored (L 4, J 39)", () => {
    expect(cards("FND-1", [...QUIET, peerAuthentication("istio-system", "exception", "STRICT", { selector: APP })])).toEqual([
      {
        severity: "weaker than it seems", object: "PeerAuthentication istio-system/exception", field: "spec.selector", value: "STRICT", because: null,
        consequence: { kind: "mode", is: "PERMISSIVE", wanted: "STRICT" }, affected: ["bar/httpbin"], hosts: [], ports: [8080],
      },
    ]);
  });

  it("[FND-1] an exception that was to open a port breaks what relies on it", () => {
    const open = peerAuthentication("istio-system", "exception", null, { selector: APP, portLevelMtls: { "8080": "PERMISSIVE" } });
    expect(cards("FND-1", [...QUIET, strictInBar, open])).toMatchObject([{ severity: "breaks traffic", consequence: { is: "STRICT", wanted: "PERMISSIVE" } }]);
  });

  it("[FND-1] is none where the mesh says the same", () => {
    const mesh = peerAuthentication("istio-system", "default", "STRICT");
    expect(rulesOf([...QUIET, mesh, peerAuthentication("istio-system", "exception", "STRICT", { selector: APP })])).toEqual([]);
  });

  it("[FND-2] two policies select one workload: the younger does not exist (L 5)", () => {
    const older = peerAuthentication("bar", "old", null, { selector: APP, portLevelMtls: { "8080": "PERMISSIVE" }, createdAtMs: second(1) });
    const younger = peerAuthentication("bar", "new", null, { selector: APP, portLevelMtls: { "9090": "STRICT" }, createdAtMs: second(2) });
    expect(cards("FND-2", [...QUIET, older, younger])).toEqual([
      {
        severity: "weaker than it seems", object: "PeerAuthentication bar/new", field: "metadata.creationTimestamp", value: "STRICT", because: "PeerAuthentication bar/old",
        consequence: { kind: "mode", is: "PERMISSIVE", wanted: "STRICT" }, affected: ["bar/httpbin"], hosts: [], ports: [9090],
      },
    ]);
  });

  it("[FND-2] on one timestamp the smaller name counts", () => {
    expect(cards("FND-2", [...QUIET, peerAuthentication("bar", "b", "STRICT"), peerAuthentication("bar", "a", "PERMISSIVE")])).toMatchObject([{ object: "PeerAuthentication bar/b", because: "PeerAuthentication bar/a" }]);
  });

  it("[FND-2] is none where the younger says the same, or nothing", () => {
    const older = peerAuthentication("bar", "a", "STRICT", { createdAtMs: second(1) });
    expect(rulesOf([...QUIET, older, peerAuthentication("bar", "b", "STRICT", { createdAtMs: second(2) })])).toEqual([]);
    expect(rulesOf([...QUIET, older, peerAuthentication("bar", "b", "UNSET", { createdAtMs: second(2) })])).toEqual([]);
  });

  it("[FND-3] the Service's port where the workload's is meant (L 2, J 39)", () => {
    const policy = peerAuthentication("bar", "httpbin", null, { selector: APP, portLevelMtls: { "80": "DISABLE" } });
    expect(cards("FND-3", [...QUIET, strictInBar, policy])).toEqual([
      {
        severity: "breaks traffic", object: "PeerAuthentication bar/httpbin", field: "spec.portLevelMtls.80", value: "DISABLE", because: null,
        consequence: { kind: "mode", is: "STRICT", wanted: "DISABLE" }, affected: ["bar/httpbin"], hosts: [], ports: [8080],
      },
    ]);
  });

  it("[FND-3] is none for the workload's own port, or one that is both", () => {
    expect(rulesOf([...QUIET, peerAuthentication("bar", "httpbin", "STRICT", { selector: APP, portLevelMtls: { "8080": "PERMISSIVE" } })])).toEqual([]);
    const both = service("bar", "httpbin", { ports: [{ port: 80, name: "http", targetPort: 8080 }, { port: 81, name: "http-admin", targetPort: 80 }] });
    expect(rulesOf([sleep, httpbin, both, peerAuthentication("bar", "httpbin", null, { selector: APP, portLevelMtls: { "80": "STRICT" } })])).toEqual([]);
  });

  it("[FND-4] ports without a selector are ignored (IST0106)", () => {
    const policy = peerAuthentication("bar", "default", "PERMISSIVE", { portLevelMtls: { "8080": "STRICT" } });
    expect(cards("FND-4", [...QUIET, policy])).toMatchObject([{ severity: "weaker than it seems", object: "PeerAuthentication bar/default", field: "spec.portLevelMtls", ports: [8080] }]);
    expect(rulesOf([...QUIET, peerAuthentication("bar", "default", "STRICT", { portLevelMtls: { "8080": "STRICT" } })])).toEqual([]);
  });

  it("[FND-5] a selector that matches nothing (IST0127, which does not look at PeerAuthentication)", () => {
    const policy = peerAuthentication("bar", "typo", "STRICT", { selector: { app: "htpbin" } });
    expect(cards("FND-5", [...QUIET, policy])).toMatchObject([{ severity: "no effect", object: "PeerAuthentication bar/typo", value: "app=htpbin", consequence: { kind: "matches nothing" } }]);
    expect(rulesOf([...QUIET, strictInBar, policy])).toEqual([]);
  });
});

describe("PeerAuthentications that are not enforced, or not read by clients", () => {
  it("[FND-6] STRICT at a workload without proxy (L 6)", () => {
    const bare = pod("bar", "bare");
    expect(cards("FND-6", [sleep, bare, service("bar", "bare"), strictInBar])).toMatchObject([{ severity: "weaker than it seems", object: "PeerAuthentication bar/default", affected: ["bar/bare"], ports: [8080], consequence: { kind: "not enforced" } }]);
  });

  it("[FND-6] is none for the mesh's STRICT: what is outside the mesh is not what it is about (K21)", () => {
    expect(rulesOf([sleep, pod("bar", "bare"), service("bar", "bare"), peerAuthentication("istio-system", "default", "STRICT")])).toEqual([]);
  });

  it("[FND-7] STRICT at a gateway (L 20, J 34)", () => {
    const gateway = pod("bar", "gateway", { proxy: "gateway" });
    expect(cards("FND-7", [sleep, gateway, service("bar", "gateway"), strictInBar])).toMatchObject([{ severity: "weaker than it seems", affected: ["bar/gateway"], consequence: { kind: "not enforced" } }]);
  });

  it("[FND-8] the namespace says DISABLE, the workload STRICT: clients send plaintext and are refused (L 3)", () => {
    const general = peerAuthentication("bar", "default", "DISABLE");
    expect(cards("FND-8", [...QUIET, general, peerAuthentication("bar", "httpbin", "STRICT", { selector: APP })])).toEqual([
      {
        severity: "breaks traffic", object: "PeerAuthentication bar/httpbin", field: "spec.mtls.mode", value: "STRICT", because: "PeerAuthentication bar/default",
        consequence: { kind: "sends", clients: { kind: "all" }, sends: "AUTO_PLAINTEXT", transport: "blocked", otherwise: "AUTO_MTLS" }, affected: ["bar/httpbin"], hosts: [HOST], ports: [8080],
      },
    ]);
  });

  it("[FND-8] a port does it too, under the mesh's DISABLE", () => {
    const port = peerAuthentication("bar", "httpbin", null, { selector: APP, portLevelMtls: { "8080": "STRICT" } });
    expect(cards("FND-8", [...QUIET, peerAuthentication("istio-system", "default", "DISABLE"), port])).toMatchObject([{ because: "PeerAuthentication istio-system/default" }]);
  });

  it("[FND-8] is none where the namespace is PERMISSIVE", () => {
    expect(rulesOf([...QUIET, peerAuthentication("bar", "default", "PERMISSIVE"), peerAuthentication("bar", "httpbin", "STRICT", { selector: APP })])).toEqual([]);
  });

  it("[FND-9] an exception behind a headless Service is not read by its clients (L 16)", () => {
    const headless = service("bar", "httpbin", { clusterIPs: ["None"] });
    const exception = peerAuthentication("bar", "httpbin", "DISABLE", { selector: APP });
    expect(cards("FND-9", [sleep, httpbin, headless, strictInBar, exception])).toMatchObject([
      { severity: "breaks traffic", object: "PeerAuthentication bar/httpbin", because: "Service bar/httpbin", hosts: [HOST], consequence: { kind: "sends", sends: "AUTO_MTLS", transport: "blocked" } },
    ]);
    expect(rulesOf([sleep, httpbin, httpbinService, strictInBar, exception])).toEqual([]);
  });
});

describe("PeerAuthentications of ambient workloads", () => {
  const ztunneled = pod("bar", "httpbin", { proxy: "ambient" });
  const AMBIENT = [ambientControlPlane(), ztunneled, httpbinService];

  it("[FND-10] DISABLE is PERMISSIVE: mTLS goes on (L 21, K19)", () => {
    expect(cards("FND-10", [...AMBIENT, peerAuthentication("bar", "default", "DISABLE")])).toMatchObject([{ severity: "no effect", value: "DISABLE", consequence: { kind: "mode", is: "PERMISSIVE", wanted: "DISABLE" }, affected: ["bar/httpbin"] }]);
    expect(rulesOf([...AMBIENT, peerAuthentication("bar", "default", "PERMISSIVE")])).toEqual([]);
  });

  it("[FND-11] a DISABLE port below an inherited STRICT still refuses plaintext (L 23, J 32)", () => {
    const port = peerAuthentication("bar", "httpbin", null, { selector: APP, portLevelMtls: { "8080": "DISABLE" } });
    expect(cards("FND-11", [...AMBIENT, strictInBar, port])).toMatchObject([{ severity: "breaks traffic", field: "spec.portLevelMtls.8080", consequence: { is: "STRICT", wanted: "DISABLE" } }]);
    expect(rulesOf([...AMBIENT, strictInBar, { ...port, portLevelMtls: { "8080": "PERMISSIVE" } }])).toEqual([]);
  });

  it("[FND-12] a STRICT port is not enforced below the mesh's STRICT (L 23, J 32)", () => {
    const port = peerAuthentication("bar", "httpbin", "PERMISSIVE", { selector: APP, portLevelMtls: { "8080": "STRICT" } });
    const mesh = peerAuthentication("istio-system", "default", "STRICT");
    expect(cards("FND-12", [...AMBIENT, mesh, port])).toMatchObject([{ severity: "weaker than it seems", because: "PeerAuthentication istio-system/default", consequence: { is: "PERMISSIVE", wanted: "STRICT" } }]);
    expect(rulesOf([...AMBIENT, port])).toEqual([]);
    expect(rulesOf([...AMBIENT, mesh, strictInBar, port])).toEqual([]);
  });

  it("[FND-13] `selector: {}` in the root namespace is no policy of the mesh (L 23)", () => {
    const mesh = peerAuthentication("istio-system", "default", "STRICT", { selector: {} });
    expect(cards("FND-13", [...AMBIENT, mesh])).toMatchObject([{ severity: "weaker than it seems", object: "PeerAuthentication istio-system/default", field: "spec.selector", consequence: { is: "PERMISSIVE", wanted: "STRICT" } }]);
    expect(rulesOf([sleep, httpbin, httpbinService, mesh])).toEqual([]);
  });

  it("[FND-26] plaintext that bypasses ztunnel is not refused (L 23, J 30)", () => {
    const bypassing = pod("bar", "httpbin", { proxy: "ambient", annotations: { "ambient.istio.io/bypass-inbound-capture": "true" } });
    expect(cards("FND-26", [ambientControlPlane(), bypassing, httpbinService, strictInBar])).toMatchObject([
      { severity: "weaker than it seems", object: "Deployment bar/httpbin", field: "spec.template.metadata.annotations.ambient.istio.io/bypass-inbound-capture", consequence: { kind: "mode", is: "UNCAPTURED", wanted: "STRICT" } },
    ]);
    expect(rulesOf([ambientControlPlane(), bypassing, httpbinService])).toEqual([]);
  });
});
