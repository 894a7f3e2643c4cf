import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { openSources, readConfig, snapshotBytes, type SavedState } from "#sources";
import { parseSnapshot } from "../../../lib/sources/snapshotFile/index.ts";
import { mesh, namespace, peerAuthentication, pod, service } from "../../support/mesh.ts";

const SAVED_AT_MS = Date.UTC(2026, 7, 22, 10);
const TRAFFIC = {
  what: "traffic", reporter: "destination", proxy: "envoy", family: "http", connectionSecurityPolicy: "none", serviceHost: "cart.shop.svc.cluster.local", serviceName: "cart",
  client: { namespace: "shop", workload: "web", principal: null }, server: { namespace: "shop", workload: "cart", principal: null }, responseCode: "200", responseFlags: "-",
  count: 7, bytes: 0, extrapolated: false, lastSeenMs: null,
} as const;
const SAVED: SavedState = {
  name: "staging",
  simulated: false,
  sources: [{ kind: "configuration", name: "Kubernetes API", state: "live", readAtMs: SAVED_AT_MS, message: "" }],
  snapshot: {
    capturedAtMs: SAVED_AT_MS,
    configuration: mesh([namespace("shop"), pod("shop", "web"), pod("shop", "cart"), service("shop", "cart"), peerAuthentication("shop", "default", "STRICT")]),
    telemetry: { windowStartMs: SAVED_AT_MS - 900_000, windowEndMs: SAVED_AT_MS, lookBackStartMs: 0, rows: [TRAFFIC, TRAFFIC], lookBackRows: [], gaps: [], queries: [] },
  },
};
const folder = mkdtempSync(join(tmpdir(), "mtlscope-snapshot-"));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Text {
  version: number;
  capturedAtMs: unknown;
  configuration: { objects: Record<string, Record<string, unknown>[]> };
  telemetry: { rows: Record<string, unknown>[] };
}

async function spoiled(spoil: (text: Text) => void): Promise<Buffer> {
  const text = JSON.parse(gunzipSync(await snapshotBytes(SAVED)).toString("utf8")) as Text;
  spoil(text);
  return gzipSync(JSON.stringify(text));
}

function first(all: readonly Record<string, unknown>[] | undefined): Record<string, unknown> {
  const [one] = all ?? [];
  if (one === undefined) throw new Error("nothing to spoil");
  return one;
}

it("a character that turns text around is written out", async () => {
  const { snapshot: { telemetry } } = await parseSnapshot(await spoiled(({ telemetry: { rows } }) => {
    first(rows)["client"] = { namespace: "shop", workload: "web\u202egnp", principal: null };
  }));
  expect(telemetry.rows.map((row) => (row.what === "traffic" ? row.client.workload : null))).toEqual(["web\\u202egnp", "web"]);
});

describe("one thing that is not understood loses nothing else", () => {
  it("an object is named with its field", async () => {
    const { snapshot: { configuration } } = await parseSnapshot(await spoiled(({ configuration: { objects } }) => {
      first(objects["Pod"])["hostNetwork"] = "yes";
    }));
    expect(configuration.unread).toEqual([{ kind: "Pod", namespace: "shop", name: "web", field: "hostNetwork", because: "the saved state's text is not understood: expected boolean, received string" }]);
    expect(configuration.objects.Pod.map(({ name }) => name)).toEqual(["cart"]);
    expect(configuration.objects.Service).toEqual(SAVED.snapshot.configuration.objects.Service);
  });

  it("a kind that an older mtlscope did not read is a gap, and all else is as it was", async () => {
    const kinds = ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService"];
    const { snapshot: { configuration } } = await parseSnapshot(await spoiled((text) => {
      text.configuration.objects = Object.fromEntries(Object.entries(text.configuration.objects).filter(([kind]) => !kinds.includes(kind)));
    }));
    expect(configuration.unread).toEqual(kinds.map((kind) => ({ kind, namespace: null, name: null, field: null, because: "the saved state does not hold this kind" })));
    expect(configuration.objects).toEqual(SAVED.snapshot.configuration.objects);
  });

  it("a row of traffic is a gap", async () => {
    const { snapshot: { telemetry } } = await parseSnapshot(await spoiled(({ telemetry: { rows } }) => {
      first(rows)["count"] = -1;
    }));
    expect(telemetry.rows).toEqual([TRAFFIC]);
    expect(telemetry.gaps).toMatchObject([{ wanted: "row 0 of the window's traffic", because: expect.stringMatching(/^field `count`/) as unknown }]);
  });

  it("a sender's label that was dropped stays one; files from before it was told have none", async () => {
    const opened = await parseSnapshot(await spoiled(({ telemetry }) => void Object.assign(first(telemetry.rows)["client"] as object, { principalDropped: true })));
    expect(opened.snapshot.telemetry.gaps).toEqual([]);
    expect(opened.snapshot.telemetry.rows).toEqual([{ ...TRAFFIC, client: { ...TRAFFIC.client, principalDropped: true } }, TRAFFIC]);
  });

  it("a kind that is not in the file is unread, not empty", async () => {
    const { snapshot: { configuration } } = await parseSnapshot(await spoiled(({ configuration: { objects } }) => {
      delete objects["DestinationRule"];
    }));
    expect(configuration.unread).toMatchObject([{ kind: "DestinationRule", namespace: null, name: null }]);
  });

  it("labels called __proto__ and constructor are labels", async () => {
    const bytes = gzipSync(gunzipSync(await snapshotBytes(SAVED)).toString("utf8").replace('"app":"web"', '"app":"web","constructor":"x","__proto__":"y"'));
    const { snapshot: { configuration } } = await parseSnapshot(bytes);
    expect(configuration.objects.Pod.find(({ name }) => name === "web")?.labels["constructor"]).toBe("x");
    expect(({} as Record<string, unknown>)["y"]).toBeUndefined();
  });
});

describe("a file that is none of ours is refused in words", () => {
  it.each([
    ["text", Buffer.from("hello"), /gzip/],
    ["gzip of no JSON", gzipSync("hello"), /does not hold JSON/],
    ["JSON of something else", gzipSync('{"kind":"List"}'), /no saved state of mtlscope: field `format`/],
  ])("%s", async (_, bytes, words) => {
    await expect(parseSnapshot(bytes)).rejects.toThrow(words);
  });

  it("a file cut in the middle", async () => {
    const bytes = await snapshotBytes(SAVED);
    await expect(parseSnapshot(bytes.subarray(0, bytes.length - 40))).rejects.toThrow(/not a whole gzip file/);
  });

  it("a format of the future", async () => {
    await expect(spoiled((text) => { text.version = 2; }).then(parseSnapshot)).rejects.toThrow("it has format version 2, and this mtlscope reads version 1");
  });

  it("a head that is not understood names its field", async () => {
    await expect(spoiled((text) => { text.capturedAtMs = "yesterday"; }).then(parseSnapshot)).rejects.toThrow("field `capturedAtMs`");
  });

  it.each([
    ["a window that ends before it begins", "windowEndMs", SAVED_AT_MS - 10_000_000, "field `telemetry.windowEndMs`: the window ends before it begins"],
    ["a look-back that begins after the window", "lookBackStartMs", SAVED_AT_MS, "field `telemetry.lookBackStartMs`: the look-back begins after the window"],
    ["a part of the window that ends before it begins", "covered", [{ startMs: 2, endMs: 1 }], "field `telemetry.covered.0`: this part of the window ends before it begins"],
  ])("%s", async (_, field, value, words) => {
    await expect(spoiled((text) => { Object.assign(text.telemetry as object, { [field]: value }); }).then(parseSnapshot)).rejects.toThrow(words);
  });

  it("with the file's name, when it is opened", async () => {
    const file = join(folder, "broken");
    writeFileSync(file, "hello");
    await expect(openSources(readConfig({ MTLSCOPE_SNAPSHOT: file }))).rejects.toThrow(`snapshot \`${file}\` cannot be opened: it is not a whole gzip file`);
  });
});

it("a file that does not say of which kind its sources are is read all the same", async () => {
  const { sources } = await parseSnapshot(await spoiled((text) => { Object.assign(text, { sources: [{ name: "Prometheus", state: "live", readAtMs: SAVED_AT_MS, message: "" }] }); }));
  expect(sources).toEqual([{ kind: "configuration", name: "Prometheus", state: "live", readAtMs: SAVED_AT_MS, message: "" }]);
});

it("opened, it says when it was saved, and stays as it is", async () => {
  const file = join(folder, "staging");
  writeFileSync(file, await snapshotBytes(SAVED));
  const sources = await openSources(readConfig({ MTLSCOPE_SNAPSHOT: file, KUBECONFIG: "/some/where", PROMETHEUS_URL: "http://127.0.0.1:1" }));
  expect(sources).toMatchObject({ name: "staging", saved: { atMs: SAVED_AT_MS, simulated: false }, playground: null });
  expect(sources.configuration.status()).toEqual([{ kind: "configuration", name: "Kubernetes API", state: "stale", readAtMs: SAVED_AT_MS, message: "saved 2026-08-22T10:00:00Z; nothing is read again" }]);
  expect(await sources.telemetry.read({ windowSeconds: 1, lookBackSeconds: 1, endMs: null })).toEqual(SAVED.snapshot.telemetry);
  await sources.stop();
});
