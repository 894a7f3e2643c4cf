import { describe, expect, it } from "vitest";
import type { Pod } from "#mesh";
import { mapConfiguration, mapObject } from "#kubernetes-objects";

// From what the API serves to what the engine reads.

function object(apiVersion: string, kind: string, rest: object, metadata: object = {}): object {
  return { apiVersion, kind, metadata: { namespace: "foo", name: "one", ...metadata }, ...rest };
}

function mapped(raw: unknown): unknown {
  const result = mapObject(raw);
  return result.kind === "object" ? result.object : result;
}

const owned = (kind: string, name: string, labels: object = {}) => object("v1", "Pod", { spec: {} }, { labels, ownerReferences: [{ kind, name, controller: true }] });

describe("pods", () => {
  it.each([
    ["a Deployment's, not its ReplicaSet's", owned("ReplicaSet", "web-5d4f", { "pod-template-hash": "5d4f" }), { kind: "Deployment", name: "web" }],
    ["a ReplicaSet of its own", owned("ReplicaSet", "web"), { kind: "ReplicaSet", name: "web" }],
    ["a CronJob's, not its Job's", owned("Job", "backup-28901234"), { kind: "CronJob", name: "backup" }],
    ["a Job of its own", owned("Job", "migrate-2"), { kind: "Job", name: "migrate-2" }],
    ["a StatefulSet's", owned("StatefulSet", "db"), { kind: "StatefulSet", name: "db" }],
    ["its own", object("v1", "Pod", { spec: {} }), { kind: "Pod", name: "one" }],
  ])("have a workload's name: %s", (_name, raw, owner) => {
    expect(mapped(raw)).toMatchObject({ kind: "Pod", owner });
  });

  it("have containers by when they run", () => {
    const spec = { initContainers: [{ name: "istio-init", args: ["-b", "*"] }, { name: "istio-proxy", restartPolicy: "Always" }], containers: [{ name: "app", ports: [{ name: "web", containerPort: 8080 }] }] };
    const status = { phase: "Running", podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }], conditions: [{ type: "Ready", status: "True" }] };
    expect(mapped(object("v1", "Pod", { spec, status }))).toMatchObject({
      ips: ["10.0.0.1", "fd00::1"],
      ready: true,
      serviceAccountName: "default",
      containers: [
        { name: "istio-init", init: "init", args: ["-b", "*"] },
        { name: "istio-proxy", init: "native-sidecar" },
        { name: "app", init: "app", ports: [{ name: "web", containerPort: 8080, protocol: "TCP" }] },
      ],
    });
  });
});

describe("probes of containers", () => {
  const probes = (container: object) => (mapped(object("v1", "Pod", { spec: { containers: [{ name: "app", ...container }] } })) as Pod).containers[0]?.probes;

  it("are those that the kubelet sends over HTTP or gRPC, hooks included", () => {
    expect(probes({ livenessProbe: { httpGet: { path: "/", port: 8080 } }, readinessProbe: { grpc: { port: 9090 } }, startupProbe: { httpGet: { port: "web" } }, lifecycle: { postStart: { exec: { command: ["true"] } }, preStop: { httpGet: { port: 8081 } } } })).toEqual([
      { kind: "http", port: 8080 }, { kind: "grpc", port: 9090 }, { kind: "http", port: "web" }, { kind: "http", port: 8081 },
    ]);
  });

  it("are none that run a command, are content with a connection, or ask another host", () => {
    expect(probes({ livenessProbe: { exec: { command: ["true"] } }, readinessProbe: { tcpSocket: { port: 5432 } }, startupProbe: { httpGet: { port: 80, host: "127.0.0.1" } } })).toEqual([]);
  });
});

describe("users of containers", () => {
  it("are the pod's where the container says none", () => {
    const spec = { securityContext: { runAsUser: 1337 }, initContainers: [{ name: "setup" }], containers: [{ name: "app" }, { name: "other", securityContext: { runAsUser: 1000 } }] };
    expect(mapped(object("v1", "Pod", { spec }))).toMatchObject({ containers: [{ name: "setup", runAsUser: 1337 }, { name: "app", runAsUser: 1337 }, { name: "other", runAsUser: 1000 }] });
  });
});

describe("policies", () => {
  it.each([
    ["no selector", {}, null],
    ["an empty selector", { selector: {} }, {}],
    ["a selector", { selector: { matchLabels: { app: "x" } } }, { app: "x" }],
  ])("tell %s from the others", (_name, spec, selector) => {
    expect(mapped(object("security.istio.io/v1", "PeerAuthentication", { spec }))).toMatchObject({ selector, mode: null });
  });

  it("keep a mode that Istio does not know", () => {
    const spec = { mtls: { mode: "STRICTISH" }, portLevelMtls: { 8080: { mode: "DISABLE" }, 9090: {} } };
    expect(mapped(object("security.istio.io/v1beta1", "PeerAuthentication", { spec }))).toMatchObject({ mode: "STRICTISH", portLevelMtls: { 8080: "DISABLE", 9090: null } });
  });

  it("tell a TLS block without mode from none, and a port entry without TLS from one with", () => {
    const spec = { host: "x", trafficPolicy: { tls: { sni: "y" }, portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: "RANDOM" } }] } };
    expect(mapped(object("networking.istio.io/v1", "DestinationRule", { spec }))).toMatchObject({
      trafficPolicy: { tls: { mode: null, sni: "y" }, hasLoadBalancer: false, portLevelSettings: [{ port: 80, tls: null, loadBalancerSimple: "RANDOM", hasLoadBalancer: true }] },
    });
  });

  it("tell no rules from an empty list", () => {
    const policy = (spec: object) => mapped(object("security.istio.io/v1", "AuthorizationPolicy", { spec }));
    expect(policy({})).toMatchObject({ rules: null, action: "ALLOW" });
    expect(policy({ action: "DENY", rules: [] })).toMatchObject({ rules: [], action: "DENY" });
    expect(policy({ rules: [{}] })).toMatchObject({ rules: [{ from: [], to: [], when: [] }] });
    expect(policy({ targetRef: { kind: "Service", name: "x" } })).toMatchObject({ targetRefs: [{ group: "", kind: "Service", name: "x" }] });
  });

  it.each([
    ["SIDECAR_INBOUND", { applyTo: "FILTER_CHAIN", match: { context: "SIDECAR_INBOUND" }, patch: { operation: "MERGE", value: { transport_socket: {} } } }, true],
    ["ANY", { applyTo: "LISTENER", patch: { operation: "REMOVE" } }, true],
    ["SIDECAR_INBOUND", { applyTo: "FILTER_CHAIN", match: { context: "SIDECAR_INBOUND" }, patch: { operation: "ADD", value: { name: "open", filters: [{ name: "envoy.filters.network.tcp_proxy" }] } } }, true],
    ["ANY", { applyTo: "FILTER_CHAIN", patch: { operation: "INSERT_FIRST", value: { name: "open" } } }, true],
    ["ANY", { applyTo: "FILTER_CHAIN", patch: { operation: "REPLACE", value: { name: "open" } } }, true],
    ["ANY", { applyTo: "LISTENER", patch: { operation: "ADD", value: { name: "beside" } } }, true],
    ["ANY", { applyTo: "LISTENER", patch: { value: { name: "no operation" } } }, true],
    ["ANY", { applyTo: "LISTENER", patch: { operation: "MERGE", value: { per_connection_buffer_limit_bytes: 1024 } } }, false],
    ["ANY", { applyTo: "FILTER_CHAIN", patch: { operation: "MERGE", value: { name: "renamed" } } }, false],
    ["ANY", { applyTo: "NETWORK_FILTER", patch: { operation: "INSERT_FIRST", value: { name: "envoy.filters.network.ext_authz" } } }, false],
    ["ANY", { applyTo: "HTTP_FILTER", patch: { operation: "INSERT_BEFORE", value: { name: "lua" } } }, false],
  ])("say of a patch in %s whether it touches the transport", (context, patch, touchesTransport) => {
    expect(mapped(object("networking.istio.io/v1alpha3", "EnvoyFilter", { spec: { configPatches: [patch] } }))).toMatchObject({ patches: [{ applyTo: patch.applyTo, context, touchesTransport }] });
  });
});

describe("gateways of the Gateway API", () => {
  it("have listeners with the TLS that istiod makes of theirs", () => {
    const tls = [null, {}, { mode: "Terminate" }, { mode: "Passthrough" }, { options: { "gateway.istio.io/tls-terminate-mode": "ISTIO_MUTUAL" } }, { mode: "Terminate", options: { "gateway.istio.io/tls-terminate-mode": "MUTUAL" } }];
    const listeners = tls.map((one, at) => ({ name: `l${at}`, port: 443, protocol: "HTTPS", ...(one === null ? {} : { tls: one }) }));
    const made = mapped(object("gateway.networking.k8s.io/v1", "Gateway", { spec: { gatewayClassName: "istio", listeners } }));
    expect(made).toMatchObject({ listeners: [null, "SIMPLE", "SIMPLE", "PASSTHROUGH", "ISTIO_MUTUAL", "MUTUAL"].map((tlsMode) => ({ tlsMode })) });
  });
});

describe("listeners", () => {
  const made = (spec: object, apiVersion = "gateway.networking.k8s.io/v1", labels: object = {}) => mapped(object(apiVersion, "Gateway", { spec }, { labels }));

  it("are for a host, or for any", () => {
    const listeners = [{ name: "a", port: 443, protocol: "HTTPS", hostname: "*.example" }, { name: "b", port: 80, protocol: "HTTP" }];
    expect(made({ listeners })).toMatchObject({ listeners: [{ hostname: "*.example" }, { hostname: null }] });
  });

  // Istio's `IsAutoPassthrough`
  it("pass mTLS on by an option, or on the port for other networks of a gateway that is for one", () => {
    const passing = (port: number, options?: object) => ({ name: `p${port}`, port, protocol: "TLS", tls: { mode: "Passthrough", ...(options === undefined ? {} : { options }) } });
    const listeners = [passing(15_443), passing(443), passing(8443, { "gateway.istio.io/listener-protocol": "auto-passthrough" })];
    const modes = (labels: object) => (made({ listeners }, undefined, labels) as { readonly listeners: readonly { readonly tlsMode: string }[] }).listeners.map(({ tlsMode }) => tlsMode);
    expect(modes({})).toEqual(["PASSTHROUGH", "PASSTHROUGH", "AUTO_PASSTHROUGH"]);
    expect(modes({ "topology.istio.io/network": "west" })).toEqual(["AUTO_PASSTHROUGH", "PASSTHROUGH", "AUTO_PASSTHROUGH"]);
    expect(modes({ "topology.istio.io/network": "west", "networking.istio.io/gatewayPort": "443" })).toEqual(["PASSTHROUGH", "AUTO_PASSTHROUGH", "AUTO_PASSTHROUGH"]);
  });

  it("of Istio's Gateways say where they listen, if at one address", () => {
    const server = (bind?: string) => ({ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"], ...(bind === undefined ? {} : { bind }) });
    const plain = { port: 80, protocol: "HTTP", hosts: ["*"], tlsMode: null };
    expect(made({ servers: [server("127.0.0.1"), server(""), server()] }, "networking.istio.io/v1")).toMatchObject({ servers: [{ ...plain, bind: "127.0.0.1" }, plain, plain] });
  });
});

describe("routes", () => {
  it("leave out destinations without a share, and know what takes everything", () => {
    const to = (subset: string, weight?: number) => ({ destination: { host: "x", subset }, ...(weight === undefined ? {} : { weight }) });
    const http = [{ match: [{ headers: {} }], route: [to("a")] }, { match: [{ uri: { prefix: "/" } }], route: [to("b", 100), to("c", 0)] }];
    expect(mapped(object("networking.istio.io/v1", "VirtualService", { spec: { hosts: ["x"], http } }))).toMatchObject({
      http: [{ conditional: true, destinations: [{ subset: "a" }] }, { conditional: false, destinations: [{ subset: "b" }] }],
    });
  });

  it("a Sidecar's outbound policy without mode is not the same as none", () => {
    const sidecar = (spec: object) => mapped(object("networking.istio.io/v1", "Sidecar", { spec }));
    expect(sidecar({})).toMatchObject({ outboundTrafficPolicyMode: null, egress: null, ingress: null });
    expect(sidecar({ outboundTrafficPolicy: {} })).toMatchObject({ outboundTrafficPolicyMode: "" });
  });
});

const meshConfig = (mesh: string, metadata: object = {}) => mapped(object("v1", "ConfigMap", { data: { mesh } }, { namespace: "istio-system", name: "istio", ...metadata }));

describe("the control plane", () => {
  it("has Istio's defaults for what its configuration leaves out", () => {
    expect(meshConfig("")).toMatchObject({ revision: "default", rootNamespace: "istio-system", trustDomain: "cluster.local", enableAutoMtls: true, outboundTrafficPolicyMode: "ALLOW_ANY", defaultServiceExportTo: ["*"], statusPort: 15_020 });
  });

  it("has what its configuration says", () => {
    const text = "rootNamespace: admin\nenableAutoMtls: false\noutboundTrafficPolicy: {}\ncaCertificates:\n- trustDomains: [a, b]\ndiscoverySelectors:\n- matchLabels: {mesh: \"on\"}\ndefaultConfig: {statusPort: 15777}";
    expect(meshConfig(text, { name: "istio-canary" })).toMatchObject({
      revision: "canary", rootNamespace: "admin", enableAutoMtls: false, outboundTrafficPolicyMode: "REGISTRY_ONLY", caTrustDomains: ["a", "b"], statusPort: 15_777,
      discoverySelectors: [{ matchLabels: { mesh: "on" }, matchExpressions: [] }],
    });
  });

  it.each(["istio-ca-root-cert", "istio-sidecar-injector", "kube-root-ca.crt"])("is not in the ConfigMap %s", (name) => {
    expect(meshConfig("", { name })).toEqual({ kind: "irrelevant" });
  });

  it.each([
    ["docker.io/istio/pilot:1.30.3-distroless", "1.30.3"],
    ["registry.example:5000/istio/pilot:1.31.0-rc.0", "1.31.0"],
    ["istio/pilot@sha256:0123", null],
    ["istio/pilot:latest", null],
  ])("has the version of its image %s", (image, version) => {
    const containers = [{ name: "discovery", image, env: [{ name: "REVISION", value: "canary" }, { name: "PILOT_ENABLE_AMBIENT", value: "true" }, { name: "SECRET", value: "x" }] }];
    expect(mapped(object("apps/v1", "Deployment", { spec: { template: { spec: { containers } } } }, { name: "istiod-canary", labels: { app: "istiod" } }))).toMatchObject({
      kind: "ControlPlane", revision: "canary", version, env: { PILOT_ENABLE_AMBIENT: "true" },
    });
  });

  it("is no other Deployment", () => {
    expect(mapped(object("apps/v1", "Deployment", { spec: {} }))).toEqual({ kind: "irrelevant" });
  });
});

describe("a configuration", () => {
  it("names what it could not understand, and loses nothing else", () => {
    const configuration = mapConfiguration([object("v1", "Namespace", {}, { namespace: undefined, name: "foo" }), object("v1", "Service", { spec: { ports: [{ port: "80" }] } }), object("batch/v1", "Job", {})]);
    expect(configuration.objects.Namespace).toHaveLength(1);
    expect(configuration.unread).toEqual([{ kind: "Service", namespace: "foo", name: "one", field: "spec.ports[0].port", because: "expected number, received string" }]);
  });

  it("takes an object that is served in two versions once", () => {
    const twice = ["v1", "v1beta1"].map((version) => object(`security.istio.io/${version}`, "PeerAuthentication", { spec: {} }));
    expect(mapConfiguration(twice).objects.PeerAuthentication).toHaveLength(1);
  });
});
