import { describe, expect, it } from "vitest";
import { ambientControlPlane, controlPlane, envoyFilter, namespace, peerAuthentication, pod, second, service } from "../../support/mesh.ts";
import { cards, HOST, httpbin, httpbinService, QUIET, rulesOf, sleep } from "./found.ts";

const APP = { app: "httpbin" } as const;
const TLS_MODE = "security.istio.io/tlsMode";
const TEMPLATE = "spec.template.metadata";
const strictInBar = peerAuthentication("bar", "default", "STRICT");
const app = { name: "app", init: "app", args: [], ports: [], runAsUser: null } as const;
const proxy = { name: "istio-proxy", init: "app", args: ["proxy", "sidecar"], ports: [], runAsUser: 1337 } as const;

describe("what clients believe of a workload", () => {
  it("[FND-14] the label without a proxy: clients send mTLS to nothing (L 6, J 35)", () => {
    const labelled = pod("bar", "httpbin", { labels: { [TLS_MODE]: "istio" } });
    expect(cards("FND-14", [sleep, labelled, httpbinService])).toEqual([
      {
        severity: "breaks traffic", object: "Deployment bar/httpbin", field: `${TEMPLATE}.labels.${TLS_MODE}`, value: "istio", because: null,
        consequence: { kind: "sends", clients: { kind: "all" }, sends: "AUTO_MTLS", transport: "blocked", otherwise: "AUTO_PLAINTEXT" }, affected: ["bar/httpbin"], hosts: [HOST], ports: [8080],
      },
    ]);
  });

  it("[FND-15] a sidecar without the label: clients send plaintext (L 6)", () => {
    const unlabelled = pod("bar", "httpbin", { proxy: "sidecar", labels: { [TLS_MODE]: "disabled" } });
    expect(cards("FND-15", [sleep, unlabelled, httpbinService])).toMatchObject([{ severity: "weaker than it seems", value: "disabled", consequence: { sends: "AUTO_PLAINTEXT", transport: "plaintext", otherwise: "AUTO_MTLS" } }]);
    expect(cards("FND-15", [sleep, unlabelled, httpbinService, strictInBar])).toMatchObject([{ severity: "breaks traffic" }]);
  });

  it("[FND-15] is none where the port takes plaintext only", () => {
    const unlabelled = pod("bar", "httpbin", { proxy: "sidecar", labels: { [TLS_MODE]: "disabled" } });
    expect(rulesOf([sleep, unlabelled, httpbinService, peerAuthentication("bar", "httpbin", "DISABLE", { selector: APP })])).toEqual([]);
  });

  it("[FND-16] an excluded port that a Service leads to: clients still send mTLS (L 7, J 7)", () => {
    const excluded = pod("bar", "httpbin", { proxy: "sidecar", annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } });
    expect(cards("FND-16", [sleep, excluded, httpbinService])).toMatchObject([
      { severity: "breaks traffic", object: "Deployment bar/httpbin", field: `${TEMPLATE}.annotations.traffic.sidecar.istio.io/excludeInboundPorts`, value: "8080", consequence: { sends: "AUTO_MTLS", transport: "blocked" } },
    ]);
    const told = peerAuthentication("bar", "httpbin", null, { selector: APP, portLevelMtls: { "8080": "DISABLE" } });
    expect(rulesOf([sleep, excluded, httpbinService, told])).toEqual([]);
  });

  it("[FND-17] one pod without sidecar turns mTLS off for a headless Service (L 16, J 13)", () => {
    const bare = pod("bar", "httpbin-2", { labels: { app: "httpbin" } });
    const headless = service("bar", "httpbin", { clusterIPs: ["None"] });
    expect(cards("FND-17", [sleep, httpbin, bare, headless])).toEqual([
      {
        severity: "weaker than it seems", object: "Service bar/httpbin", field: "spec.clusterIP", value: "None", because: "Pod bar/httpbin-2",
        consequence: { kind: "sends", clients: { kind: "all" }, sends: "AUTO_PLAINTEXT", transport: "plaintext", otherwise: "AUTO_MTLS" }, affected: ["bar/httpbin"], hosts: [HOST], ports: [8080],
      },
    ]);
    expect(cards("FND-17", [sleep, httpbin, bare, headless, strictInBar])).toMatchObject([{ severity: "breaks traffic" }]);
    expect(rulesOf([sleep, httpbin, bare, httpbinService])).toEqual([]);
    expect(rulesOf([sleep, httpbin, headless])).toEqual([]);
  });

  it("[FND-18] a TCP port named udp is passed on in plaintext (IST0118 where it matters)", () => {
    const named = service("bar", "httpbin", { ports: [{ port: 80, name: "udp-dns", targetPort: 8080 }] });
    expect(cards("FND-18", [sleep, httpbin, named])).toMatchObject([{ severity: "weaker than it seems", object: "Service bar/httpbin", field: "spec.ports[0].name", value: "udp-dns", consequence: { sends: "PASSTHROUGH", transport: "plaintext" } }]);
    const unnamed = service("bar", "httpbin", { ports: [{ port: 80, name: "data", targetPort: 8080 }] });
    expect(rulesOf([sleep, httpbin, unnamed])).toEqual([]);
  });

  it("[FND-19] two Services to one port: the older says it is HTTP, so TCP breaks (IST0116, IST0137)", () => {
    const older = service("bar", "httpbin", { createdAtMs: second(1) });
    const younger = service("bar", "raw", { selector: APP, createdAtMs: second(2), ports: [{ port: 9000, name: "tcp", targetPort: 8080 }] });
    expect(cards("FND-19", [sleep, httpbin, older, younger])).toMatchObject([
      { severity: "breaks traffic", object: "Service bar/raw", field: "spec.ports[0].name", because: "Service bar/httpbin", consequence: { kind: "protocol", is: "HTTP", wanted: "TCP" }, ports: [8080] },
    ]);
    const alike = service("bar", "second", { selector: APP, createdAtMs: second(2), ports: [{ port: 9000, name: "http", targetPort: 8080 }] });
    expect(rulesOf([sleep, httpbin, older, alike])).toEqual([]);
  });
});

describe("pods that are not what their namespace says", () => {
  const injected = namespace("bar", { "istio-injection": "enabled" });

  it("[FND-20] a pod without proxy in a namespace with injection (IST0103)", () => {
    expect(cards("FND-20", [injected, sleep, pod("bar", "bare")])).toMatchObject([{ severity: "weaker than it seems", object: "Namespace bar", field: "metadata.labels.istio-injection", value: "enabled", affected: ["bar/bare"] }]);
    expect(cards("FND-20", [namespace("bar", { "istio.io/rev": "stable" }), sleep, pod("bar", "bare")])).toMatchObject([{ field: "metadata.labels.istio.io/rev" }]);
  });

  it("[FND-20] is none for who asked for it, for host networking, for Jobs that ended, and where injection is off", () => {
    expect(rulesOf([injected, pod("bar", "bare", { labels: { "sidecar.istio.io/inject": "false" } })])).toEqual([]);
    expect(rulesOf([injected, pod("bar", "agent", { hostNetwork: true })])).toEqual([]);
    expect(rulesOf([injected, pod("bar", "done", { phase: "Succeeded" })])).toEqual([]);
    expect(rulesOf([namespace("bar", { "istio-injection": "disabled", "istio.io/rev": "stable" }), pod("bar", "bare")])).toEqual([]);
    expect(rulesOf([namespace("kube-system", { "istio-injection": "enabled" }), pod("kube-system", "dns")])).toEqual([]);
  });

  it("[FND-21] a container with the proxy's user is not captured (IST0144)", () => {
    const container = { ...app, runAsUser: 1337 };
    expect(cards("FND-21", [pod("bar", "httpbin", { proxy: "sidecar", containers: [container, proxy] })])).toMatchObject([
      { severity: "weaker than it seems", object: "Deployment bar/httpbin", field: "spec.template.spec.containers.app.securityContext.runAsUser", value: "1337", consequence: { sends: "BYPASS" } },
    ]);
    expect(rulesOf([pod("bar", "httpbin", { proxy: "sidecar", containers: [app, proxy] })])).toEqual([]);
  });

  it("[FND-22] a STRICT port that Prometheus is told to scrape by address (L 17, J 5)", () => {
    const scraped = (port: string, more = {}) => pod("bar", "httpbin", { proxy: "sidecar", annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": port, ...more } });
    expect(cards("FND-22", [scraped("9090"), strictInBar])).toMatchObject([{ severity: "breaks traffic", object: "Deployment bar/httpbin", value: "9090", consequence: { clients: { kind: "by address" }, transport: "blocked" }, ports: [9090] }]);
    expect(rulesOf([scraped("9090")])).toEqual([]);
    expect(rulesOf([scraped("15020"), strictInBar])).toEqual([]);
    expect(rulesOf([scraped("9090", { "prometheus.io/scheme": "https" }), strictInBar])).toEqual([]);
  });
});

describe("ambient beside sidecars, and filters", () => {
  const ambient = pod("foo", "wanderer", { proxy: "ambient" });

  it("[FND-23] ztunnel sends plaintext to a sidecar without the tunnel's label (L 22, J 31)", () => {
    expect(cards("FND-23", [ambientControlPlane(), ambient, httpbin, httpbinService])).toMatchObject([{ severity: "weaker than it seems", object: "Namespace bar", affected: ["bar/httpbin"], consequence: { clients: { kind: "ambient" }, sends: "ZT_PLAINTEXT", transport: "plaintext" } }]);
    expect(cards("FND-23", [ambientControlPlane(), ambient, httpbin, httpbinService, strictInBar])).toMatchObject([{ severity: "breaks traffic" }]);
    const tunnelled = pod("bar", "httpbin", { proxy: "sidecar", labels: { "networking.istio.io/tunnel": "http" } });
    expect(rulesOf([ambientControlPlane(), ambient, tunnelled, httpbinService])).toEqual([]);
  });

  it("[FND-24] sidecars of a control plane without ambient send plaintext to ambient workloads (L 22)", () => {
    const served = service("foo", "wanderer");
    const tunnelled = pod("bar", "httpbin", { proxy: "sidecar", labels: { "networking.istio.io/tunnel": "http" } });
    expect(cards("FND-24", [controlPlane(), ambient, served, tunnelled])).toMatchObject([{ severity: "weaker than it seems", object: "ControlPlane istio-system/istiod", field: "env.PILOT_ENABLE_AMBIENT", affected: ["foo/wanderer"], consequence: { sends: "AUTO_PLAINTEXT", otherwise: "HBONE" } }]);
    expect(rulesOf([ambientControlPlane(), ambient, served, tunnelled])).toEqual([]);
  });

  it("[FND-25] an EnvoyFilter on the transport makes verdicts unknown (J 36)", () => {
    const filter = envoyFilter("bar", "raw", { patches: [{ applyTo: "FILTER_CHAIN", context: "SIDECAR_INBOUND", touchesTransport: true }] });
    expect(cards("FND-25", [...QUIET, filter])).toMatchObject([{ severity: "cannot be told", object: "EnvoyFilter bar/raw", field: "spec.configPatches[0]", affected: ["bar/httpbin"], consequence: { kind: "unknown" } }]);
    expect(rulesOf([...QUIET, envoyFilter("bar", "header", { patches: [{ applyTo: "HTTP_FILTER", context: "SIDECAR_INBOUND", touchesTransport: false }] })])).toEqual([]);
    expect(rulesOf([...QUIET, { ...filter, workloadSelector: { app: "other" } }])).toEqual([]);
  });
});
