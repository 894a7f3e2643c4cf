import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { withMeshDelta } from "#delta";
import type { MeshView } from "#view";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApp, type RunningApp } from "../support/app.ts";
import { openStream, post, raw } from "./connection.ts";

let app: RunningApp;

beforeAll(async () => {
  app = await startApp(["--playground", "migration"]);
});

afterAll(async () => {
  await app.stop();
});

async function meshView(): Promise<MeshView> {
  return (await (await fetch(`${app.url}/api/v1/mesh`)).json()) as MeshView;
}

async function json(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(`${app.url}${path}`);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  return { status: answer.status, body: await answer.json() };
}

function edgeBetween(view: MeshView, client: string, server: string): MeshView["edges"][number] {
  const edge = view.edges.find((one) => one.client === client && one.server === server);
  if (edge === undefined) throw new Error(`no edge ${client} → ${server} among ${view.edges.map((one) => `${one.client} → ${one.server}`).join(", ")}`);
  return edge;
}

describe("the icon", () => {
  it.each(["/icon.svg", "/favicon.ico"])("is at %s too, which a browser may ask for before it has read the page's own", async (path) => {
    const answer = await fetch(`${app.url}${path}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toMatch(/^image\/svg\+xml/);
    expect(await answer.text()).toMatch(/^<svg /);
  });
});

describe("GET /healthz", () => {
  it("answers", async () => {
    expect(await json("/healthz")).toEqual({ status: 200, body: { status: "ok" } });
  });
});

describe("for operators", () => {
  it("GET /readyz is ready once everything was read, and names each source", async () => {
    const { status, body } = await json("/readyz");
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "ready", because: [], sources: [{ state: "live" }, { state: "live" }] });
  });

  it("GET /metrics tells of both threads, and of no workload", async () => {
    const answer = await fetch(`${app.url}/metrics`);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await answer.text();
    for (const name of ["nodejs_eventloop_lag_p99_seconds", "process_resident_memory_bytes", "mtlscope_thread_up", "mtlscope_revision", "mtlscope_evaluation_seconds_count"]) {
      expect(text).toMatch(new RegExp(`^${name} [0-9.e+-]+$`, "m"));
    }
    expect(text).not.toContain("httpbin");
  });

  it("every metric of mtlscope is in docs/api.md", async () => {
    const page = readFileSync(join(resolve(import.meta.dirname, "../.."), "docs/api.md"), "utf8");
    const names = (await (await fetch(`${app.url}/metrics`)).text()).match(/^# TYPE mtlscope_\w+/gm) ?? [];
    expect(names.length).toBeGreaterThan(10);
    expect(names.map((line) => line.slice("# TYPE ".length)).filter((name) => !page.includes(name))).toEqual([]);
  });
});

describe("GET /api/v1/mesh", () => {
  it("is the classic migration: three namespaces, every pair sends, legacy in plaintext", async () => {
    const view = await meshView();
    expect(view.schema).toBe("mtlscope-view/1");
    expect(view.mesh).toMatchObject({ simulated: true, playground: { scene: "migration", resolvePeersByAddress: true } });
    expect(view.namespaces.map(({ name }) => name)).toEqual(expect.arrayContaining(["bar", "foo", "legacy"]));
    expect(view.window.seconds).toBe(900);
    expect(edgeBetween(view, "legacy/sleep", "foo/httpbin")).toMatchObject({ state: "plaintext", accepts: ["PERMISSIVE"] });
    expect(edgeBetween(view, "legacy/sleep", "bar/httpbin").state).toBe("plaintext");
    expect(edgeBetween(view, "bar/sleep", "foo/httpbin").state).toBe("mTLS");
    expect(edgeBetween(view, "foo/sleep", "bar/httpbin").state).toBe("mTLS");
  });

  it("is plain JSON whose edges end at its nodes, each id once", async () => {
    const view = await meshView();
    const nodes = view.nodes.map(({ id }) => id);
    expect(new Set(nodes).size).toBe(nodes.length);
    expect(new Set(view.edges.map(({ id }) => id)).size).toBe(view.edges.length);
    for (const { client, server } of view.edges) expect(nodes).toEqual(expect.arrayContaining([client, server]));
  });

  it("names every source and how it is", async () => {
    const { sources } = await meshView();
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(source).toMatchObject({ state: "live", message: "" });
  });

  it("is gzipped for who accepts it, and the same then", async () => {
    const plain = await raw(`${app.url}/api/v1/mesh`);
    const answer = await new Promise<Buffer>((done, failed) => {
      void import("node:http").then(({ get }) => {
        get(`${app.url}/api/v1/mesh`, { headers: { "accept-encoding": "gzip" }, agent: false }, (message) => {
          expect(message.headers["content-encoding"]).toBe("gzip");
          expect(String(message.headers.vary).toLowerCase()).toContain("accept-encoding");
          const chunks: Buffer[] = [];
          message.on("data", (chunk: Buffer) => chunks.push(chunk));
          message.on("end", () => {
            done(Buffer.concat(chunks));
          });
        }).on("error", failed);
      });
    });
    const unzipped = JSON.parse(gunzipSync(answer).toString()) as MeshView;
    expect(unzipped.nodes).toEqual((JSON.parse(plain.body) as MeshView).nodes);
    expect(answer.length).toBeLessThan(plain.body.length / 3);
  });

  it("is not sent again to who has this revision", async () => {
    // a telemetry refresh may come in between: then the answer is the next revision, whole
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 5 && !statuses.includes(304); attempt += 1) {
      const { headers } = await raw(`${app.url}/api/v1/mesh`);
      statuses.push((await raw(`${app.url}/api/v1/mesh`, { headers: { "if-none-match": headers.etag ?? "" } })).status);
    }
    expect(statuses).toContain(304);
    expect((await raw(`${app.url}/api/v1/mesh`, { headers: { "if-none-match": 'W/"another-1"' } })).status).toBe(200);
  });
});

describe("details", () => {
  it("of a workload: what each port accepts, with the deciding rule", async () => {
    const { status, body } = await json("/api/v1/workloads/foo/httpbin");
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: "foo/httpbin", ownerKind: "Deployment", dataPlaneModes: ["sidecar"] });
    const { ports } = body as { readonly ports: readonly { readonly serverMode: { readonly kind: string; readonly value: string } }[] };
    expect(ports.length).toBeGreaterThan(0);
    for (const { serverMode } of ports) expect(serverMode).toMatchObject({ kind: "known", value: "PERMISSIVE" });
  });

  it("of an edge, by the id that the whole view gives", async () => {
    const edge = edgeBetween(await meshView(), "legacy/sleep", "foo/httpbin");
    expect(edge.id).toBe(encodeURIComponent(edge.id));
    const { status, body } = await json(`/api/v1/edges/${edge.id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ edge: { id: edge.id, state: "plaintext" }, sender: { confidence: "address, one owner" } });
  });

  it("of an address: who has it", async () => {
    const { body } = await json("/api/v1/workloads/foo/httpbin");
    const address = (body as { readonly instances: readonly { readonly addresses: readonly string[] }[] }).instances[0]?.addresses[0] ?? "";
    expect(await json(`/api/v1/addresses/${address}`)).toEqual({ status: 200, body: { schema: "mtlscope-address/1", address, nodes: ["foo/httpbin"] } });
    expect(await json("/api/v1/addresses/192.0.2.7")).toMatchObject({ status: 200, body: { nodes: [] } });
    expect(await json("/api/v1/addresses/httpbin")).toMatchObject({ status: 400, body: { error: { code: "bad_request" } } });
  });

  it("of senders: legacy/sleep", async () => {
    const { status, body } = await json("/api/v1/senders");
    expect(status).toBe(200);
    expect(body).toMatchObject({ schema: "mtlscope-senders/1" });
    expect((body as { readonly senders: readonly { readonly id: string }[] }).senders.map(({ id }) => id)).toContain("legacy/sleep");
  });

  it("of proposals, and of one: foo blocks legacy/sleep", async () => {
    const list = await json("/api/v1/proposals");
    expect((list.body as { readonly proposals: readonly { readonly id: string }[] }).proposals.map(({ id }) => id)).toEqual(expect.arrayContaining(["namespace:foo", "namespace:bar"]));
    const { status, body } = await json("/api/v1/proposals/namespace:foo");
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: "namespace:foo", mode: "STRICT", applicable: true });
    const { consequences, manifest } = body as { readonly consequences: readonly { readonly consequence: string; readonly edge: { readonly client: string; readonly server: string } }[]; readonly manifest: string };
    const blocked = consequences.filter(({ consequence }) => consequence === "becomes blocked").map(({ edge }) => `${edge.client} → ${edge.server}`);
    expect(blocked).toEqual(["legacy/sleep → foo/httpbin"]);
    expect(manifest).toContain("mode: STRICT");
  });

  it("of a workload's proposal, whose id holds a slash, written either way", async () => {
    const encoded = await json("/api/v1/proposals/workload%3Afoo%2Fhttpbin");
    expect(encoded.status).toBe(200);
    expect(await json("/api/v1/proposals/workload:foo/httpbin")).toMatchObject({ status: 200, body: { id: "workload:foo/httpbin" } });
  });
});

function fieldsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsOf);
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...fieldsOf(inner)]);
}

describe("docs/api.md", () => {
  it("names every field that any page of either scene holds", async () => {
    const page = readFileSync(join(resolve(import.meta.dirname, "../.."), "docs/api.md"), "utf8").replaceAll(/```[\s\S]*?```/g, "");
    const documented = new Set(page.match(/`[^`]+`/g)?.flatMap((code) => code.match(/\w+/g) ?? []));
    const undocumented = new Set<string>();
    for (const scene of ["shop", "migration"]) {
      await post(`${app.url}/api/v1/playground/settings`, { scene });
      const { nodes, edges } = await meshView();
      const { proposals } = (await json("/api/v1/proposals")).body as { readonly proposals: readonly { readonly id: string }[] };
      const paths = [
        "/api/v1/mesh",
        "/api/v1/senders",
        "/api/v1/proposals",
        ...nodes.filter(({ kind }) => kind === "workload").slice(0, 20).map(({ id }) => `/api/v1/workloads/${id}`),
        ...edges.slice(0, 20).map(({ id }) => `/api/v1/edges/${id}`),
        ...proposals.slice(0, 10).map(({ id }) => `/api/v1/proposals/${id}`),
      ];
      for (const path of paths) for (const field of fieldsOf((await json(path)).body)) if (!documented.has(field)) undocumented.add(field);
    }
    expect([...undocumented]).toEqual([]);
  });
});

describe("errors are JSON with a message a person can act on", () => {
  it.each([
    ["/api", 404, "unknown_path", "docs/api.md"],
    ["/api/v1/nothing/here", 404, "unknown_path", "/api/v1/nothing/here"],
    ["/api/v1/workloads/foo/nobody", 404, "not_found", "`foo/nobody`"],
    ["/api/v1/workloads/foo/__proto__", 404, "not_found", "`foo/__proto__`"],
    ["/api/v1/edges/nobody", 404, "not_found", "`nobody`"],
    ["/api/v1/proposals/nothing", 404, "not_found", "`nothing`"],
    ["/api/v1/proposals/%25zz", 404, "not_found", "`%zz`"],
    ["/api/v1/proposals/namespace:nowhere", 404, "not_found", "`namespace:nowhere`"],
    ["/api/v1/edges/%E0%A4%A", 400, "bad_request", "%"],
    ["/api/v1/playground/apply", 405, "method_not_allowed", "POST"],
  ])("GET %s", async (path, status, code, words) => {
    expect(await json(path)).toEqual({ status, body: { error: { code, message: expect.stringContaining(words) as string } } });
  });

  it.each([["POST"], ["PUT"], ["PATCH"], ["DELETE"], ["OPTIONS"]])("%s of something that is only read", async (method) => {
    const headers = { origin: app.url, "content-type": "application/json" };
    const { status, headers: answered, body } = await raw(`${app.url}/api/v1/mesh`, { method, headers });
    expect(status).toBe(405);
    expect(answered.allow).toBe("GET");
    expect(JSON.parse(body)).toMatchObject({ error: { code: "method_not_allowed" } });
  });

  it.each([
    ["an empty body", "apply", {}, 400, "`proposal`"],
    ["a number for a text", "apply", { proposal: 7 }, 400, "`proposal`"],
    ["a field that nobody knows", "apply", { proposal: "mesh", force: true }, 400, "force"],
    ["a list", "apply", [], 400, "body"],
    ["more than 16 KiB", "apply", { proposal: "x".repeat(20_000) }, 413, "16384"],
    ["no proposal's id", "apply", { proposal: "nothing" }, 404, "`nothing`"],
    ["no change's id", "undo", { id: "nothing" }, 404, "`nothing`"],
    ["no scene's id", "settings", { scene: "nowhere" }, 404, "`migration`"],
    ["a text for a switch", "settings", { accessLogs: "yes" }, 400, "`accessLogs`"],
  ])("POST of %s", async (_, action, sent, status, words) => {
    const answer = await post(`${app.url}/api/v1/playground/${action}`, sent);
    expect(answer.status).toBe(status);
    expect((JSON.parse(answer.body) as { readonly error: { readonly message: string } }).error.message).toContain(words);
  });

  it("POST of something that is not JSON", async () => {
    const headers = { origin: app.url, "content-type": "application/json" };
    const { status, body } = await raw(`${app.url}/api/v1/playground/apply`, { method: "POST", headers, body: "{" });
    expect(status).toBe(400);
    expect(JSON.parse(body)).toEqual({ error: { code: "bad_request", message: "the body is not JSON" } });
  });
});

describe("playground, and the event stream", () => {
  it("tells the newest revision at once, and a change within a second", async () => {
    const stream = await openStream(`${app.url}/api/v1/events`);
    expect(stream.headers).toMatchObject({ "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache, no-transform" });
    const first = await stream.next();
    expect(first.event).toBe("view");
    const changedAtMs = Date.now();
    const applied = await post(`${app.url}/api/v1/playground/apply`, { proposal: "namespace:foo" });
    expect(applied.status).toBe(200);
    const { revision, id } = JSON.parse(applied.body) as { readonly revision: number; readonly id: string };
    let event = await stream.next();
    while (event.data.revision < revision) event = await stream.next();
    expect(event.receivedAtMs - changedAtMs).toBeLessThan(1_000);

    const strict = await meshView();
    expect(strict.revision).toBeGreaterThanOrEqual(revision);
    expect(strict.mesh.playground?.applied.map((change) => change.id)).toEqual([id]);
    expect(edgeBetween(strict, "legacy/sleep", "foo/httpbin").configured).toEqual(["blocked"]);
    expect(edgeBetween(strict, "legacy/sleep", "bar/httpbin").state).toBe("plaintext");
    expect(edgeBetween(strict, "bar/sleep", "foo/httpbin").state).toBe("mTLS");
    expect(await json("/api/v1/proposals/namespace:foo")).toMatchObject({ status: 200, body: { schema: "mtlscope-no-proposal/1", sentence: "foo is STRICT already." } });

    const undone = await post(`${app.url}/api/v1/playground/undo`, { id });
    expect(undone.status).toBe(200);
    const after = await meshView();
    expect(after.mesh.playground?.applied).toEqual([]);
    expect(edgeBetween(after, "legacy/sleep", "foo/httpbin").configured).toEqual(["plaintext"]);
    stream.close();
  });

  it("tells changes that make the whole picture of the newest revision, and to who comes back what it missed", async () => {
    const stream = await openStream(`${app.url}/api/v1/events`);
    await stream.next();
    let view = await meshView();
    const turned = await post(`${app.url}/api/v1/playground/settings`, { accessLogs: false });
    const { revision } = JSON.parse(turned.body) as { readonly revision: number };
    const missed = view.revision;
    while (view.revision < revision) {
      const { data } = await stream.next();
      if (data.revision <= view.revision) continue;
      expect(data.since).toBe(view.revision);
      if (data.delta !== null) view = withMeshDelta(view, data.delta);
    }
    stream.close();
    expect(view.mesh.playground?.accessLogs).toBe(false);
    const { process } = (await (await openStream(`${app.url}/api/v1/events`)).next()).data;
    const back = await openStream(`${app.url}/api/v1/events`, { "last-event-id": `${process}-${String(missed)}` });
    expect((await back.next()).data.since).toBe(missed);
    back.close();
    await post(`${app.url}/api/v1/playground/settings`, { accessLogs: true });
  });

  it("turns peer resolution off: the sender is unidentified then", async () => {
    const turned = await post(`${app.url}/api/v1/playground/settings`, { resolvePeersByAddress: false });
    expect(JSON.parse(turned.body)).toMatchObject({ playground: { resolvePeersByAddress: false, accessLogs: true } });
    const clients = async (): Promise<readonly string[]> => (await meshView()).edges.filter(({ server, state }) => server === "foo/httpbin" && state === "plaintext").map(({ client }) => client);
    expect(await clients()).toEqual(["unidentified:foo/httpbin"]);
    await post(`${app.url}/api/v1/playground/settings`, { resolvePeersByAddress: true });
    expect(await clients()).toEqual(["legacy/sleep"]);
  });
});
