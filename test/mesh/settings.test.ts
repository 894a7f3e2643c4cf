import { describe, expect, it } from "vitest";
import type { Configuration, ControlPlane, DiscoverySelector, Labels, MeshObject } from "#mesh";
import { judgeMesh } from "#mesh";
import { describeChains, flattened, question, wholeOf } from "../support/judging.ts";
import { ambientControlPlane, authorizationPolicy, authorizationRule, controlPlane, egress, mesh, meshConfig, namespace, peerAuthentication, pod, service, sidecar, source, unread } from "../support/mesh.ts";

// What istiod is told: its version, its environment, the namespaces it looks into, its revisions. And addresses in ranges.

const client = pod("foo", "client", { proxy: "sidecar" });
const server = pod("bar", "server", { proxy: "sidecar" });
const web = service("bar", "server");
const base: readonly MeshObject[] = [client, server, web];
const excluding = sidecar("foo", "scope", { egress: egress("*/*", "~bar/*") });

function clientMode(configuration: Configuration): string {
  return flattened(judgeMesh(configuration).connection(question(configuration))).clientMode;
}

describe("the version of istiod", () => {
  it.each([
    ["1.30.9", "AUTO_MTLS"], ["1.9.0", "AUTO_MTLS"], ["0.40.1", "AUTO_MTLS"], ["1.31.0", "PASSTHROUGH"], ["1.31", "PASSTHROUGH"], ["1.31-alpha.3", "PASSTHROUGH"], ["1.32.1", "PASSTHROUGH"], ["2.0.0", "PASSTHROUGH"], ["2", "PASSTHROUGH"], ["1", "AUTO_MTLS"],
  ])("[REG-3] an excluding entry of a Sidecar counts since 1.31: %s", (version, expected) => {
    expect(clientMode(mesh([...base, excluding, controlPlane({ version })]))).toBe(expected);
  });

  const unknown = (configuration: Configuration) => wholeOf(judgeMesh(configuration).connection(question(configuration)).clientMode);
  const without = (configuration: Configuration): Configuration => ({ ...configuration, objects: { ...configuration.objects, ControlPlane: [] } });

  it("is a gap where it matters and is not known, with the reason", () => {
    expect(unknown(mesh([...base, excluding, controlPlane({ version: null })]))).toEqual(["unknown", "? version of istiod (before 1.31 or since): its image tag does not tell"]);
    expect(unknown(without(mesh([...base, excluding])))).toEqual(["unknown", "? version of istiod (before 1.31 or since): no istiod of revision `default` was found"]);
    expect(unknown(mesh([...base, excluding, controlPlane()], { unread: [unread("ControlPlane")] }))).toEqual(["unknown", "? `ControlPlane` objects: forbidden"]);
  });

  it("is a gap where there are several and none is of the client's revision", () => {
    const tagged = pod("foo", "client", { proxy: "sidecar", annotations: { "istio.io/rev": "stable" } });
    const two: readonly ControlPlane[] = [controlPlane(), controlPlane({ name: "istiod-canary", revision: "canary" })];
    expect(unknown(mesh([tagged, server, web, excluding, ...two]))).toEqual(["unknown", "? istiod of revision `stable`: no object has that revision, and there are several"]);
    const configured = (options: Parameters<typeof meshConfig>[0]) => unknown(mesh([tagged, server, web, ...two, meshConfig(), meshConfig({ name: "istio-canary", revision: "canary", ...options })]));
    expect(configured({ enableAutoMtls: false })).toEqual(["unknown", "? mesh configuration of revision `stable`: no object has that revision, and there are several"]);
    expect(configured({})[0]).toBe("AUTO_MTLS");
  });

  describe("without a mesh configuration of its own", () => {
    const canary = (name: string, ns: string) => pod(ns, name, { proxy: "sidecar", annotations: { "istio.io/rev": "canary" } });
    const istiods = [controlPlane(), controlPlane({ name: "istiod-canary", revision: "canary" })];
    const GAP = "? mesh configuration of revision `canary`: no object has that revision, and there are several control planes";
    const asked = (options: Parameters<typeof meshConfig>[0], ...more: readonly MeshObject[]) => {
      const configuration = mesh([canary("client", "foo"), server, web, ...istiods, meshConfig(options), ...more]);
      const { clientMode, transport, authorization } = judgeMesh(configuration).connection(question(configuration));
      return [clientMode, transport, authorization].map((verdict) => wholeOf(verdict).slice(0, verdict.kind === "known" ? 1 : 2));
    };

    it("is known where that of the other says what Istio's defaults say", () => {
      expect(asked({})).toEqual([["AUTO_MTLS"], ["mTLS"], ["allow"]]);
    });

    it("is a gap where they differ in what decides, and only there", () => {
      expect(asked({ enableAutoMtls: false })).toEqual([["unknown", GAP], ["unknown", GAP], ["allow"]]);
      expect(asked({ outboundTrafficPolicyMode: "REGISTRY_ONLY" })).toEqual([["AUTO_MTLS"], ["mTLS"], ["allow"]]);
      expect(asked({ trustDomain: "other.example", trustDomainAliases: ["cluster.local"] })).toEqual([["AUTO_MTLS"], ["unknown", GAP], ["allow"]]);
    });

    it("is one of the server's where that has none", () => {
      const serverMode = (options: Parameters<typeof meshConfig>[0]) => {
        const configuration = mesh([pod("foo", "client", { proxy: "sidecar" }), canary("server", "bar"), web, ...istiods, meshConfig(options), peerAuthentication("bar", "strict", "STRICT")]);
        return wholeOf(judgeMesh(configuration).connection(question(configuration)).serverMode).slice(0, 2);
      };
      expect(serverMode({ rootNamespace: "bar" })).toEqual(["unknown", GAP]);
      expect(serverMode({ enableAutoMtls: false })[0]).toBe("STRICT");
    });
  });
});

describe("what the mesh configuration says of every proxy", () => {
  it("is a gap where it is followed in single pods only", () => {
    const configuration = mesh([...base, meshConfig({ unfollowed: ["interceptionMode"] })]);
    expect(wholeOf(judgeMesh(configuration).connection(question(configuration)).serverMode)).toEqual(["unknown", "? what `defaultConfig.interceptionMode` makes of every proxy: mtlscope follows it in the annotations of pods only, and ConfigMap `istio-system/istio` sets it for all"]);
    const quiet = mesh([...base, meshConfig()]);
    expect(wholeOf(judgeMesh(quiet).connection(question(quiet)).serverMode)[0]).toBe("PERMISSIVE");
  });
});

describe("istiod's environment", () => {
  it.each([["true", "HBONE"], ["TRUE", "HBONE"], ["t", "HBONE"], ["1", "HBONE"], ["false", "AUTO_PLAINTEXT"], ["yes", "AUTO_PLAINTEXT"], ["truely", "AUTO_PLAINTEXT"], ["untrue", "AUTO_PLAINTEXT"], ["0", "AUTO_PLAINTEXT"]])(
    "[CP-1] PILOT_ENABLE_AMBIENT = %s",
    (written, expected) => {
      expect(clientMode(mesh([client, pod("bar", "server", { proxy: "ambient" }), web, controlPlane({ env: { PILOT_ENABLE_AMBIENT: written } })]))).toBe(expected);
    },
  );

  it("[CP-1] is named, with what is written there", () => {
    const configuration = mesh([client, pod("bar", "server", { proxy: "ambient" }), web, ambientControlPlane()]);
    expect(wholeOf(judgeMesh(configuration).connection(question(configuration)).clientMode)).toContain("CP-1 ControlPlane istio-system/istiod env.PILOT_ENABLE_AMBIENT = true");
  });

  it("is a gap where it stands in an object that is not read, and only for the variable that does", () => {
    const told = (unreadEnv: readonly string[]) => {
      const configuration = mesh([client, pod("bar", "server", { proxy: "ambient" }), web, controlPlane({ unreadEnv })]);
      return wholeOf(judgeMesh(configuration).connection(question(configuration)).clientMode);
    };
    expect(told(["PILOT_ENABLE_AMBIENT"])).toEqual(["unknown", "? environment variable `PILOT_ENABLE_AMBIENT` of istiod: its Deployment takes that from another object, which is not read"]);
    expect(told(["PILOT_SKIP_VALIDATE_TRUST_DOMAIN"])[0]).toBe("AUTO_PLAINTEXT");
  });

  it("is a gap where it matters and no istiod was found", () => {
    const configuration = mesh([client, pod("bar", "server", { proxy: "ambient" }), web]);
    const without = { ...configuration, objects: { ...configuration.objects, ControlPlane: [] } };
    expect(wholeOf(judgeMesh(without).connection(question(without)).clientMode)).toEqual(["unknown", "? environment variable `PILOT_ENABLE_AMBIENT` of istiod: no istiod of revision `default` was found"]);
  });
});

describe("the namespaces that istiod looks into", () => {
  const one = (key: string, operator: string, ...values: readonly string[]): DiscoverySelector => ({ matchLabels: {}, matchExpressions: [{ key, operator, values }] });
  const by = (matchLabels: Labels, ...more: readonly DiscoverySelector[]): DiscoverySelector => ({ matchLabels, matchExpressions: more.flatMap(({ matchExpressions }) => matchExpressions) });

  it.each([
    [[], true],
    [[by({ env: "prod" })], true],
    [[by({ env: "test" })], false],
    [[by({ env: "prod", team: "a" })], false],
    [[by({ env: "test" }), by({ env: "prod" })], true],
    [[one("env", "In", "test", "prod")], true],
    [[one("env", "In", "test")], false],
    [[one("team", "In", "")], false],
    [[one("env", "NotIn", "prod")], false],
    [[one("env", "NotIn", "test")], true],
    [[one("team", "NotIn", "a")], true],
    [[one("env", "Exists")], true],
    [[one("team", "Exists")], false],
    [[one("env", "DoesNotExist")], false],
    [[one("team", "DoesNotExist")], true],
    [[one("env", "Sometimes")], false],
    [[by({ env: "prod" }, one("tier", "Exists"), one("team", "DoesNotExist"))], true],
    [[by({ env: "prod" }, one("tier", "Exists"), one("team", "Exists"))], false],
    [[by({ env: "test" }, one("tier", "Exists"))], false],
  ] as const)("[REG-1] %j: %s", (discoverySelectors, found) => {
    const labels = { env: "prod", tier: "one" };
    const configuration = mesh([...base, namespace("foo", labels), namespace("bar", labels), meshConfig({ discoverySelectors })]);
    expect(clientMode(configuration)).toBe(found ? "AUTO_MTLS" : "PASSTHROUGH");
  });
});

describe("addresses in ranges", () => {
  it.each([
    ["10.1.2.3", "10.1.2.3", true], ["10.1.2.3", "10.1.2.4", false], ["10.1.2.3", "10.1.2.3/32", true], ["10.1.2.3", "10.1.2.2/32", false], ["10.1.2.3", "10.1.2.2/31", true], ["10.1.2.3", "10.1.2.4/31", false],
    ["10.1.2.3", "10.1.3.0/23", true], ["10.1.2.3", "10.1.4.0/23", false], ["10.1.2.3", "10.9.9.9/8", true], ["10.1.2.3", "11.1.2.3/8", false], ["200.1.2.3", "0.0.0.0/0", true], ["200.1.2.3", "72.1.2.3/1", false],
    ["10.1.2.3", "10.1.2.3/33", false], ["10.1.2.3", "10.1.2.3/-1", false], ["10.1.2.3", "10.1.2.3/x", false], ["10.1.2.3", "10.1.2.3/8.5", false],
    ["10.1.2.3", "10.1.2/24", false], ["10.1.2.3", "10.1.2.3.4/24", false], ["10.1.2.3", "10.1.2.256/24", false], ["10.1.2.255", "10.1.2.255", true], ["10.1.2.3", "10.1.2.0003/24", false], ["10.1.2.3", "10.1.2.x3/24", false], ["10.1.2.3", "10.1.2.3x/24", false],
    ["10.1.2.3", "", false], ["10.1.2.3", "/8", false], ["10.1.2.3", "::/0", false], ["10.1.2.3", "::ffff:10.1.2.3/0", false],
    ["fd00::1:2", "fd00::/16", true], ["fd00::1:2", "fd01::/16", false], ["fd00::1:2", "FD00::1:2", true], ["fd00::1:2", "fd00:0:0:0:0:0:1:2", true], ["fd00::1:2", "fd00::1:3/127", true], ["fd00::1:2", "fd00::1:4/127", false],
    ["fd00::1:2", "fd00::1:2/128", true], ["fd00::1:2", "fd00::1:2/129", false], ["fd00::1:2", "::/0", true], ["fd00::1:2", "0.0.0.0/0", false], ["fd00::1:102", "fd00::1:2/120", false], ["fd00::1:102", "fd00::1:102/120", true],
    ["fd00::1:2", "fd00::1::2/16", false], ["fd00::1:2", "fd00:1:2/16", false], ["fd00::1:2", "fd00:0:0:0:0:0:0:1:2/16", false], ["fd00::1:2", "fd00:0:0:0:0::0:0:0:1:2/16", false], ["fd00::1:2", "fd00::g/16", false], ["fd00::1:2", "g::fd00/16", false],
    ["fd00::1:2", "fd00::12345/16", false], ["fd00::1:2", "xfd00::/16", false], ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", true], ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::/112", true], ["1:2:3:4:5:6:7:8", "::7:8/0", true], ["::1", "::1", true], ["::1", "::2", false],
  ] as const)("%s in %s: %s", (address, range, expected) => {
    const plain = pod("foo", "client", { ips: [address] });
    const configuration = mesh([plain, server, web, authorizationPolicy("bar", "only", { rules: [authorizationRule({ from: [source({ ipBlocks: [range] })] })] })]);
    expect(flattened(judgeMesh(configuration).connection(question(configuration))).authz).toBe(expected ? "allow" : "deny");
  });
});

describeChains("istiod and its mesh", [
  { name: "[AUTO-11] the mesh's configuration is a ConfigMap of its name", objects: [...base, meshConfig({ enableAutoMtls: false })], says: { clientMode: ["AUTO_PLAINTEXT", "AUTO-11 ConfigMap istio-system/istio data.mesh enableAutoMtls = false"] } },
  { name: "[PA-1] UNSET of the mesh is as if nothing was said", objects: [...base, peerAuthentication("istio-system", "default", "UNSET")], says: { serverMode: ["PERMISSIVE"] } },
]);
