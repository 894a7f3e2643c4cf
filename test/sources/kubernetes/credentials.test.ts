import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kubernetesSource, type KubernetesSource } from "../../../lib/sources/kubernetes/index.ts";
import { FakeApiServer } from "../../support/fakeApiServer.ts";
import { eventually, FAST, namesOf, openSource } from "./following.ts";
import { namespace, service } from "./objects.ts";

const PKI = resolve(import.meta.dirname, "../../support/pki");
let server: FakeApiServer;
let source: KubernetesSource | null = null;

async function readsWith(kubeconfigFile: string): Promise<KubernetesSource> {
  await server.apply(namespace("shop"));
  source = await openSource(kubeconfigFile);
  await source.ready();
  expect(source.status()[0]).toMatchObject({ state: "live" });
  expect(namesOf(source.current(), "Namespace")).toEqual(["shop"]);
  return source;
}

afterEach(async () => {
  await source?.stop();
  source = null;
  await server.stop();
});

describe("credentials of a kubeconfig", () => {
  beforeEach(async () => {
    server = await FakeApiServer.start();
    server.token = "secret-one";
  });

  it("a token", async () => {
    await readsWith(server.writeKubeconfig("token", "{token: secret-one}"));
  });

  it("a token file beside the kubeconfig that rotates: a refused token is read again at once", async () => {
    const tokenFile = join(server.folder, "token");
    writeFileSync(tokenFile, "secret-one\n");
    const followed = await readsWith(server.writeKubeconfig("tokenFile", "{tokenFile: token}"));
    writeFileSync(tokenFile, "secret-two\n");
    server.token = "secret-two";
    server.cutConnections();
    await server.apply(service("shop", "cart"));
    const tookMs = await eventually(() => {
      expect(namesOf(followed.current(), "Service")).toEqual(["shop/cart"]);
    });
    expect(tookMs).toBeLessThan(3_000);
  });

  it("a plugin: told the protocol, asked once for all collections, and again when its token is refused", async () => {
    const [plugin, token, asked] = ["plugin.sh", "token", "asked"].map((name) => join(server.folder, name));
    writeFileSync(token ?? "", "secret-one");
    writeFileSync(plugin ?? "", `#!/bin/sh
printf '%s\\n' "$KUBERNETES_EXEC_INFO" >> ${asked ?? ""}
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$(cat ${token ?? ""})"
`);
    chmodSync(plugin ?? "", 0o755);
    const followed = await readsWith(server.writeKubeconfig("exec", "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin.sh, interactiveMode: Never}}"));
    const questions = (): readonly string[] => readFileSync(asked ?? "", "utf8").trim().split("\n");
    expect(questions().map((info) => JSON.parse(info) as unknown)).toEqual([{ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", spec: { interactive: false } }]);

    writeFileSync(token ?? "", "secret-two");
    server.token = "secret-two";
    server.cutConnections();
    await server.apply(service("shop", "cart"));
    await eventually(() => {
      expect(namesOf(followed.current(), "Service")).toEqual(["shop/cart"]);
    });
    expect(questions()).toHaveLength(2);
  });

  it("a plugin that fails: the message is its own, without the token it printed", async () => {
    const plugin = join(server.folder, "plugin.sh");
    writeFileSync(plugin, "#!/bin/sh\necho 'login expired for token=abcdef123 Bearer abcdef123' >&2\nexit 1\n");
    chmodSync(plugin, 0o755);
    source = await openSource(server.writeKubeconfig("exec", "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin.sh}}"));
    await source.ready();
    const [status] = source.status();
    expect(status).toMatchObject({ state: "starting" });
    expect(status?.message).toContain("no credentials: login expired");
    expect(JSON.stringify([source.status(), source.current().unread])).not.toContain("abcdef123");
  });

  it("a refused token: the status says 401 and does not repeat it", async () => {
    source = await openSource(server.writeKubeconfig("token", "{token: secret-wrong}"));
    await source.ready();
    expect(source.status()[0]?.message).toContain("HTTP 401");
    expect(JSON.stringify([source.status(), source.current().unread])).not.toContain("secret-wrong");
  });

  it("one file of several: the first of two entries with one name, as kubectl merges", async () => {
    const files = [server.writeKubeconfig("one", "{token: secret-one}"), server.writeKubeconfig("two", "{token: secret-wrong}")];
    source = await kubernetesSource({ kubeconfigFiles: files, context: "fake", namespaces: null, istioNamespace: "istio-system", timing: FAST });
    await source.ready();
    expect(source.name).toBe("fake");
    expect(source.status()[0]).toMatchObject({ state: "live" });
  });
});

describe("a kubeconfig that leads nowhere", () => {
  beforeEach(async () => {
    server = await FakeApiServer.start();
  });

  it.each([
    ["a context that is not in it", () => server.kubeconfigFile, "nowhere", "context `nowhere` is not in kubeconfig"],
    ["no such file", () => join(server.folder, "absent"), null, "cannot be read"],
    ["not YAML, with a token in the line", () => written("{users: [{user: {token: hidden-token-1}]"), null, "is not YAML at character"],
    ["YAML and no kubeconfig", () => written("users: {a: b}"), null, "is not a kubeconfig: `users`"],
    ["no current context", () => written("contexts: []"), null, "has no current context"],
    ["a user that is not there", () => written(`{current-context: a, contexts: [{name: a, context: {cluster: c, user: gone}}], clusters: [{name: c, cluster: {server: "https://x"}}], users: []}`), null, "names a user that is not in kubeconfig"],
  ])("%s", async (_, file, context, message) => {
    const opening = kubernetesSource({ kubeconfigFiles: [file()], context, namespaces: null, istioNamespace: "istio-system" });
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.not.toThrow("hidden-token-1");
  });

  function written(text: string): string {
    const file = join(server.folder, "written");
    writeFileSync(file, text);
    return file;
  }
});

describe("TLS", () => {
  const pem = (name: string): Buffer => readFileSync(join(PKI, name));
  const user = `{client-certificate: "${join(PKI, "client.crt")}", client-key: "${join(PKI, "client.key")}"}`;

  beforeEach(async () => {
    server = await FakeApiServer.start({ key: pem("server.key"), cert: pem("server.crt"), ca: pem("ca.crt"), requestCert: true, rejectUnauthorized: true });
  });

  it("a client certificate, and a server that the kubeconfig's CA signed", async () => {
    await readsWith(server.writeKubeconfig("certificate", user, join(PKI, "ca.crt")));
    expect(server.openConnections).toBeLessThan(40);
  });

  it("a server that another CA signed is not trusted, and the message says so", async () => {
    source = await openSource(server.writeKubeconfig("certificate", user, join(PKI, "other-ca.crt")));
    await source.ready();
    expect(source.status()[0]?.message).toContain("its certificate is not signed by the CA of the kubeconfig");
    expect(server.requests).toEqual([]);
  });
});
