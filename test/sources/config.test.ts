import { describe, expect, it } from "vitest";
import { type Config, ConfigError, readConfig, type Surroundings } from "../../lib/sources/config.ts";

const HOME_KUBECONFIG = "/home/me/.kube/config";
const TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";

function withFiles(...files: readonly string[]): Surroundings {
  return { home: "/home/me", fileExists: (path) => files.includes(path) };
}

function read(environment: Readonly<Record<string, string>>, ...files: readonly string[]): Config {
  return readConfig(environment, withFiles(...files));
}

function problems(environment: Readonly<Record<string, string>>, ...files: readonly string[]): readonly string[] {
  try {
    read(environment, ...files);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function kubeconfigFiles(config: Config): readonly string[] | null {
  return config.mesh.kind === "cluster" ? config.mesh.kubernetes.kubeconfigFiles : null;
}

describe("what is shown", () => {
  it("the playground when nothing is asked for, also beside a kubeconfig that merely lies in the home directory", () => {
    expect(read({}, HOME_KUBECONFIG).mesh).toEqual({ kind: "playground", scene: null });
  });

  it("a scene of the playground by name, also with KUBECONFIG in the environment", () => {
    expect(read({ MTLSCOPE_PLAYGROUND: "shop", KUBECONFIG: "/k" }, "/k").mesh).toEqual({ kind: "playground", scene: "shop" });
  });

  it.each([
    ["a kubeconfig", { MTLSCOPE_KUBECONFIG: "/a", KUBECONFIG: "/b" }, ["/a"]],
    ["KUBECONFIG, of several files those that exist", { KUBECONFIG: "/a:/b:/gone" }, ["/a", "/b"]],
    ["a context: the kubeconfig in the home directory is then asked for", { MTLSCOPE_CONTEXT: "prod" }, [HOME_KUBECONFIG]],
    ["the account of the pod", { KUBERNETES_SERVICE_HOST: "10.0.0.1" }, []],
  ])("a cluster, asked for by %s", (_, environment, files) => {
    expect(kubeconfigFiles(read(environment, "/a", "/b", HOME_KUBECONFIG, TOKEN))).toEqual(files);
  });

  it("no cluster in a pod that has no account", () => {
    expect(read({ KUBERNETES_SERVICE_HOST: "10.0.0.1" }).mesh.kind).toBe("playground");
  });

  it("an empty variable counts as not set", () => {
    expect(read({ MTLSCOPE_KUBECONFIG: "", KUBECONFIG: "", PROMETHEUS_URL: "", MTLSCOPE_PORT: "" })).toEqual({ mesh: { kind: "playground", scene: null }, host: "127.0.0.1", port: 3000 });
  });

  it("a cluster without Prometheus", () => {
    expect(read({ KUBECONFIG: "/a" }, "/a").mesh).toMatchObject({ kind: "cluster", prometheus: null, kubernetes: { context: null, namespaces: null, istioNamespace: "istio-system" } });
  });

  it("everything that can be said", () => {
    const environment = {
      MTLSCOPE_KUBECONFIG: "/a", MTLSCOPE_CONTEXT: "prod", MTLSCOPE_NAMESPACES: "foo, bar", MTLSCOPE_ISTIO_NAMESPACE: "mesh", MTLSCOPE_HOST: "::1", MTLSCOPE_PORT: "8080",
      PROMETHEUS_URL: "https://prometheus.example/api", PROMETHEUS_BEARER_TOKEN_FILE: "/token", PROMETHEUS_HEADERS: "X-Scope-OrgID=team=a, X-Other=b", PROMETHEUS_SELECTOR: 'cluster="x",env=~"p.*"',
      PROMETHEUS_CA_FILE: "/ca", PROMETHEUS_CERT_FILE: "/cert", PROMETHEUS_KEY_FILE: "/key",
    };
    expect(read(environment, "/a", "/token", "/ca", "/cert", "/key")).toEqual({
      mesh: {
        kind: "cluster",
        kubernetes: { kubeconfigFiles: ["/a"], context: "prod", namespaces: ["foo", "bar"], istioNamespace: "mesh" },
        prometheus: {
          url: "https://prometheus.example/api", bearerToken: null, bearerTokenFile: "/token", username: null, password: null, passwordFile: null,
          caFile: "/ca", certificateFile: "/cert", keyFile: "/key", headers: { "X-Scope-OrgID": "team=a", "X-Other": "b" }, selector: 'cluster="x",env=~"p.*"',
        },
      },
      host: "::1",
      port: 8080,
    });
  });
});

describe("what is wrong is said, all of it at once, and without the values", () => {
  it("every malformed setting in one error", () => {
    const found = problems({ MTLSCOPE_PORT: "0", MTLSCOPE_NAMESPACES: "Foo", PROMETHEUS_URL: "prometheus:9090", PROMETHEUS_HEADERS: "hidden-value", PROMETHEUS_SELECTOR: 'x} or y{a="b"', KUBECONFIG: "/a" }, "/a");
    expect(found.map((problem) => problem.split(" ")[0]).toSorted()).toEqual(["MTLSCOPE_NAMESPACES", "MTLSCOPE_PORT", "PROMETHEUS_HEADERS", "PROMETHEUS_SELECTOR", "PROMETHEUS_URL"]);
    expect(found.join()).not.toContain("hidden-value");
  });

  it("what has an option is named by it, too", () => {
    for (const port of ["0", "65536", "x", "1e3"]) expect(problems({ MTLSCOPE_PORT: port })).toEqual(["MTLSCOPE_PORT (--port) is a number from 1 to 65535"]);
    expect(problems({ MTLSCOPE_NAMESPACES: "Foo" })).toEqual(["MTLSCOPE_NAMESPACES (--namespaces) is not the name of a namespace"]);
    expect(problems({ PROMETHEUS_URL: "http://p:9090" })[0]).toMatch(/^PROMETHEUS_URL \(--prometheus\) is of use only with a cluster/);
  });

  it.each([
    ["a simulated mesh and a cluster", { MTLSCOPE_PLAYGROUND: "shop", MTLSCOPE_KUBECONFIG: "/a" }, "choose one"],
    ["a Prometheus without a cluster", { PROMETHEUS_URL: "http://p:9090" }, "is of use only with a cluster, and none is asked for"],
    ["a kubeconfig that is not there", { MTLSCOPE_KUBECONFIG: "/gone" }, "`/gone` does not exist"],
    ["KUBECONFIG of which no file is there", { KUBECONFIG: "/gone:/lost" }, "`/lost` does not exist"],
    ["two ways to log in", { KUBECONFIG: "/a", PROMETHEUS_URL: "http://p", PROMETHEUS_BEARER_TOKEN: "t", PROMETHEUS_USERNAME: "u" }, "exclude each other"],
    ["a certificate without its key", { KUBECONFIG: "/a", PROMETHEUS_URL: "http://p", PROMETHEUS_CERT_FILE: "/a" }, "belong together"],
    ["a token file that is not there", { KUBECONFIG: "/a", PROMETHEUS_URL: "http://p", PROMETHEUS_BEARER_TOKEN_FILE: "/gone" }, "PROMETHEUS_BEARER_TOKEN_FILE: `/gone` does not exist"],
  ])("%s", (_, environment, message) => {
    expect(problems(environment, "/a").join("\n")).toContain(message);
  });
});
