import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pace } from "../../../lib/sources/prometheus/pace.ts";

const REFRESH_MS = 10_000;

let stopping: AbortController;
let begun: string[];
let ended: (() => void)[];

beforeEach(() => {
  vi.useFakeTimers();
  stopping = new AbortController();
  begun = [];
  ended = [];
});

afterEach(() => {
  vi.useRealTimers();
});

/** Work that goes on until it is ended. */
function work(name: string): () => Promise<void> {
  return async () => {
    begun.push(name);
    await new Promise<void>((done) => ended.push(done));
  };
}

async function endFirst(): Promise<void> {
  ended.shift()?.();
  await vi.advanceTimersByTimeAsync(0);
}

test("no slow question is begun while a refresh is under way, nor before its picture is drawn", async () => {
  const pace = new Pace(REFRESH_MS, stopping.signal);
  void pace.refresh(work("refresh"));
  void pace.turn(work("births"));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(begun).toEqual(["refresh"]);
  await endFirst();
  await vi.advanceTimersByTimeAsync(1_900);
  expect(begun).toEqual(["refresh"]);
  await vi.advanceTimersByTimeAsync(200);
  expect(begun).toEqual(["refresh", "births"]);
});

test("slow questions are put one after the other, and late ones wait for the time after the next refresh", async () => {
  const pace = new Pace(REFRESH_MS, stopping.signal);
  for (const name of ["births", "bytes", "look-back"]) void pace.turn(work(name));
  await vi.advanceTimersByTimeAsync(3_000);
  expect(begun).toEqual(["births"]);
  await endFirst();
  expect(begun).toEqual(["births", "bytes"]);
  await vi.advanceTimersByTimeAsync(4_000);
  await endFirst();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(begun).toEqual(["births", "bytes"]);
  void pace.refresh(work("refresh"));
  await endFirst();
  await vi.advanceTimersByTimeAsync(2_100);
  expect(begun).toEqual(["births", "bytes", "refresh", "look-back"]);
});

test("where no refresh comes any more, slow questions go on", async () => {
  const pace = new Pace(REFRESH_MS, stopping.signal);
  await vi.advanceTimersByTimeAsync(7_000);
  void pace.turn(work("births"));
  await vi.advanceTimersByTimeAsync(12_900);
  expect(begun).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(begun).toEqual(["births"]);
});

test("a refresh that fails lets slow questions go on, and so does a slow question that fails", async () => {
  const pace = new Pace(REFRESH_MS, stopping.signal);
  await expect(pace.refresh(() => Promise.reject(new Error("down")))).rejects.toThrow("down");
  const failing = expect(pace.turn(() => Promise.reject(new Error("too much")))).rejects.toThrow("too much");
  void pace.turn(work("bytes"));
  await vi.advanceTimersByTimeAsync(2_100);
  await failing;
  expect(begun).toEqual(["bytes"]);
});

test("whoever stops does not wait for a turn", async () => {
  const pace = new Pace(REFRESH_MS, stopping.signal);
  void pace.refresh(work("refresh"));
  void pace.turn(work("births"));
  await vi.advanceTimersByTimeAsync(0);
  stopping.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(["refresh", "births"]);
});
