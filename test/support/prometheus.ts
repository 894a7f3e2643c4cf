// Real Prometheus and VictoriaMetrics on free loopback ports, filled by remote write with samples of a fixed past.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const CHECKOUT = resolve(import.meta.dirname, "../..");
const READY_TIMEOUT_MS = 20_000;

export interface Series {
  /** `__name__` included */
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly { readonly atMs: number; readonly value: number }[];
}

export interface MetricsServer {
  readonly url: string;
  write(series: readonly Series[]): Promise<void>;
  /** Prometheus only: a JSON line for each query it has answered */
  readonly queryLog: string;
  /** it takes no processor time any more: whoever asks waits */
  freeze(): Promise<void>;
  /** ends it as a full machine does, without warning; its store stays */
  kill(): Promise<void>;
  /** starts it again where it was */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const METRICS_SERVERS = ["prometheus", "victoria-metrics"] as const;
export type MetricsServerName = (typeof METRICS_SERVERS)[number];

/** @throws where the server is neither installed nor unpacked; `npm test` unpacks it */
export function metricsServerBinary(name: MetricsServerName): string {
  const places = [`/usr/bin/${name}`, join(CHECKOUT, ".cache/deb", name, "usr/bin", name)];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`no ${name} at ${places.join(" or ")}: \`npm test\` unpacks it, or install Debian's package \`${name}\``);
  return found;
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no port"));
        else resolvePort(address.port);
      });
    });
  });
}

function queryLog(directory: string): string {
  return join(directory, "queries.log");
}

function argumentsFor(name: MetricsServerName, port: number, directory: string): readonly string[] {
  if (name === "victoria-metrics") {
    // without it, samples written in the last seconds are not found; samples of any age are kept
    return [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${directory}`, "-retentionPeriod=100y", "-search.latencyOffset=0s", "-loggerLevel=ERROR"];
  }
  writeFileSync(join(directory, "prometheus.yml"), `global: {query_log_file: ${queryLog(directory)}}\n`);
  const data = join(directory, "data");
  return [`--config.file=${join(directory, "prometheus.yml")}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`, "--web.enable-remote-write-receiver", "--storage.tsdb.retention.time=100y", "--log.level=error"];
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** A server's process, from its start until it is ready. */
class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #complaint = "";

  constructor(binary: string, args: readonly string[]) {
    this.#child = spawn(binary, args, { stdio: ["ignore", "ignore", "pipe"] });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString()).slice(-2000);
    });
    this.#ended = new Promise((done) => {
      this.#child.once("exit", () => {
        done();
      });
    });
  }

  async ready(url: string): Promise<void> {
    const deadlineMs = Date.now() + READY_TIMEOUT_MS;
    while (!(await answers(url))) {
      if (this.#child.exitCode !== null || Date.now() > deadlineMs) throw new Error(`${this.#child.spawnfile} does not get ready: ${this.#complaint}`);
      await new Promise((wake) => setTimeout(wake, 30));
    }
  }

  async freeze(): Promise<void> {
    this.#child.kill("SIGSTOP");
    const threads = `/proc/${String(this.#child.pid)}/task`;
    const isStopped = (thread: string): boolean => / T /.test(readFileSync(`${threads}/${thread}/stat`, "utf8"));
    while (!readdirSync(threads).every(isStopped)) await new Promise((wake) => setTimeout(wake, 10));
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }
}

/** Starts a server on an empty store in a folder of its own; `stop` ends it and removes the folder. */
export async function startMetricsServer(name: MetricsServerName, more: readonly string[] = []): Promise<MetricsServer> {
  const binary = metricsServerBinary(name);
  const directory = mkdtempSync(join(tmpdir(), `mtlscope-${name}-`));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = (): Program => new Program(binary, [...argumentsFor(name, port, directory), ...more]);
  const ready = name === "prometheus" ? `${url}/-/ready` : `${url}/health`;
  let program = start();
  const stop = async (): Promise<void> => {
    await program.end("SIGTERM");
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await program.ready(ready);
  } catch (error) {
    await stop();
    throw error;
  }
  const write = async (series: readonly Series[]): Promise<void> => {
    await writeSeries(url, series);
    // VictoriaMetrics makes new samples visible within a second or two; this does it now
    if (name === "victoria-metrics") await fetch(`${url}/internal/force_flush`);
  };
  return {
    url, write, queryLog: queryLog(directory), stop,
    freeze: async () => { await program.freeze(); },
    kill: async () => { await program.end("SIGKILL"); },
    restart: async () => {
      program = start();
      await program.ready(ready);
    },
  };
}

const BATCH = 2000;
/** Prometheus takes nothing older than an hour before its newest sample: the past is written slice by slice. */
const SLICE_MS = 1_800_000;

function slices(series: readonly Series[]): readonly (readonly Series[])[] {
  const byTime = new Map<number, Map<Series, Series["samples"][number][]>>();
  for (const one of series) {
    for (const sample of one.samples) {
      const slice = Math.floor(sample.atMs / SLICE_MS);
      const own = byTime.get(slice) ?? new Map<Series, Series["samples"][number][]>();
      const samples = own.get(one) ?? [];
      samples.push(sample);
      own.set(one, samples);
      byTime.set(slice, own);
    }
  }
  return [...byTime].sort(([one], [other]) => one - other).map(([, own]) => [...own].map(([{ labels }, samples]) => ({ labels, samples })));
}

async function writeSeries(url: string, series: readonly Series[]): Promise<void> {
  for (const slice of slices(series)) {
    for (let at = 0; at < slice.length; at += BATCH) await writeBatch(url, slice.slice(at, at + BATCH));
  }
}

async function writeBatch(url: string, series: readonly Series[]): Promise<void> {
  await postWriteRequest(url, Buffer.concat(series.map((one) => field(1, timeSeries(one)))));
}

/** @param content a prometheus.WriteRequest */
export async function postWriteRequest(url: string, content: Buffer): Promise<void> {
  const body = snappy(content);
  const headers = { "content-type": "application/x-protobuf", "content-encoding": "snappy", "x-prometheus-remote-write-version": "0.1.0" };
  const reply = await fetch(`${url}/api/v1/write`, { method: "POST", headers, body: new Uint8Array(body) });
  if (!reply.ok) throw new Error(`remote write: ${reply.status} ${await reply.text()}`);
}

// prometheus.WriteRequest, by hand: timeseries = 1 { labels = 1 { name = 1, value = 2 }, samples = 2 { value = 1 (double), timestamp = 2 } }
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

export function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + 2]), varint(content.length), content]);
}

export function labelFields(labels: Series["labels"]): Buffer {
  const sorted = Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
  return Buffer.concat(sorted.map(([name, value]) => field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))]))));
}

function timeSeries({ labels, samples }: Series): Buffer {
  const points = samples.map(({ atMs, value }) => {
    const double = Buffer.alloc(9);
    double[0] = 9;
    double.writeDoubleLE(value, 1);
    return field(2, Buffer.concat([double, Buffer.from([16]), varint(atMs)]));
  });
  return Buffer.concat([labelFields(labels), ...points]);
}

/** Snappy's block format with literals only: correct, and not compressed. */
function snappy(content: Buffer): Buffer {
  const chunks: Buffer[] = [varint(content.length)];
  for (let at = 0; at < content.length; at += 65_536) {
    const literal = content.subarray(at, at + 65_536);
    const header = Buffer.alloc(3);
    header[0] = 61 << 2;
    header.writeUInt16LE(literal.length - 1, 1);
    chunks.push(header, literal);
  }
  return Buffer.concat(chunks);
}
