import type { Subscriber, ViewEvent } from "#pipeline";
import { afterEach, describe, expect, it, vi } from "vitest";
import { eventStream } from "../../app/api/v1/eventStream.ts";

/** What the stream needs of a pipeline: somewhere to subscribe. */
class Announcer {
  readonly subscribers = new Set<Subscriber>();

  readonly process = "abc";

  hasEnded = false;

  /** what the last one said that it has */
  revision: number | null = null;

  subscribe(subscriber: Subscriber, revision: number | null): () => void {
    this.revision = revision;
    if (this.hasEnded) {
      subscriber.end();
      return () => undefined;
    }
    this.subscribers.add(subscriber);
    return () => this.subscribers.delete(subscriber);
  }

  announce(revision: number, delta: string | null = null): void {
    const event: ViewEvent = { revision, capturedAtMs: 1_000, since: delta === null ? null : revision - 1, delta };
    for (const subscriber of [...this.subscribers]) subscriber.view(event);
  }
}

function open(announcer: Announcer, leave: AbortSignal = new AbortController().signal, headers: Readonly<Record<string, string>> = {}): Response {
  return eventStream(new Request("http://127.0.0.1/api/v1/events", { signal: leave, headers }), announcer);
}

function readerOf(response: Response): ReadableStreamDefaultReader<Uint8Array> {
  if (response.body === null) throw new Error("no body");
  return response.body.getReader();
}

async function text(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string | null> {
  const { done, value } = await reader.read();
  return done ? null : new TextDecoder().decode(value);
}

afterEach(() => {
  vi.useRealTimers();
});

describe("event stream", () => {
  it("says how soon to come back, then each event as one frame", async () => {
    const announcer = new Announcer();
    const reader = readerOf(open(announcer));
    announcer.announce(7);
    expect(await text(reader)).toBe("retry: 1000\n\n");
    expect(await text(reader)).toBe('event: view\nid: abc-7\ndata: {"revision":7,"capturedAtMs":1000,"since":null,"process":"abc","delta":null}\n\n');
    announcer.announce(8, '{"fields":{}}');
    expect(await text(reader)).toBe('event: view\nid: abc-8\ndata: {"revision":8,"capturedAtMs":1000,"since":7,"process":"abc","delta":{"fields":{}}}\n\n');
  });

  it("says since when nothing is read", async () => {
    const announcer = new Announcer();
    const reader = readerOf(open(announcer));
    await text(reader);
    for (const subscriber of announcer.subscribers) subscriber.halted({ sinceMs: 5, message: "it stopped" });
    expect(await text(reader)).toBe('event: halted\ndata: {"sinceMs":5,"message":"it stopped"}\n\n');
  });

  it.each([
    ["abc-41", 41],
    ["xyz-41", null],
    ["abc-41; drop", null],
    ["", null],
  ])("Last-Event-ID `%s` stands for revision %s of this process", (id, revision) => {
    const announcer = new Announcer();
    open(announcer, undefined, { "last-event-id": id });
    expect(announcer.revision).toBe(revision);
  });

  it("shows a sign of life every 15 s", async () => {
    vi.useFakeTimers();
    const reader = readerOf(open(new Announcer()));
    await text(reader);
    vi.advanceTimersByTime(15_000);
    expect(await text(reader)).toBe(": still here\n\n");
  });

  it("cuts a reader that falls behind, and keeps one that reads", async () => {
    const announcer = new Announcer();
    const slow = readerOf(open(announcer));
    const quick = readerOf(open(announcer));
    await text(quick);
    const delta = JSON.stringify("x".repeat(20_000));
    for (let revision = 1; revision <= 200; revision += 1) {
      announcer.announce(revision, delta);
      await text(quick);
    }
    expect(announcer.subscribers.size).toBe(1);
    let frames = 0;
    while ((await text(slow)) !== null) frames += 1;
    expect(frames).toBeLessThan(70);
  });

  it("forgets a browser that went away, whether it says so or not", async () => {
    const announcer = new Announcer();
    const leaving = new AbortController();
    open(announcer, leaving.signal);
    const reader = readerOf(open(announcer));
    expect(announcer.subscribers.size).toBe(2);
    leaving.abort();
    await reader.cancel();
    expect(announcer.subscribers.size).toBe(0);
    expect(() => {
      announcer.announce(1);
    }).not.toThrow();
  });

  it("ends when the pipeline ends", async () => {
    const announcer = new Announcer();
    const reader = readerOf(open(announcer));
    for (const subscriber of [...announcer.subscribers]) subscriber.end();
    expect(await text(reader)).toBe("retry: 1000\n\n");
    expect(await text(reader)).toBeNull();
    expect(announcer.subscribers.size).toBe(0);
  });

  it("ends at once where the pipeline has ended before, and leaves no timer behind", async () => {
    vi.useFakeTimers();
    const announcer = new Announcer();
    announcer.hasEnded = true;
    const reader = readerOf(open(announcer));
    expect(await text(reader)).toBe("retry: 1000\n\n");
    expect(await text(reader)).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("refuses more streams than anyone needs, and takes new ones when old ones went", async () => {
    const announcer = new Announcer();
    const responses = Array.from({ length: 500 }, () => open(announcer));
    const refused = responses.find(({ status }) => status === 503) ?? open(announcer);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { code: "too_many_streams" } });
    for (const response of responses) if (response.status === 200) await response.body?.cancel();
    expect(open(announcer).status).toBe(200);
  });
});
