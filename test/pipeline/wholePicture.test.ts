import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { refused, type Answer } from "../../lib/pipeline/answer.ts";
import { WholePicture } from "../../lib/pipeline/thread/wholePicture.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** The nth that is made says so. */
function open(): { readonly whole: WholePicture; readonly made: Answer[] } {
  const made: Answer[] = [];
  const whole = new WholePicture(() => {
    made.push(refused(503, "test", String(made.length + 1)));
    return Promise.resolve(made.at(-1) ?? refused(503, "test", ""));
  });
  return { whole, made };
}

it("is made when a change was told and nothing has changed for a second", () => {
  const { whole, made } = open();
  for (let change = 0; change < 5; change += 1) {
    whole.renewed({ isTold: true });
    vi.advanceTimersByTime(999);
  }
  expect(made).toHaveLength(0);
  vi.advanceTimersByTime(1);
  expect(made).toHaveLength(1);
});

it("is made at once where a change was not told: everybody asks for it", () => {
  const { whole, made } = open();
  whole.renewed({ isTold: false });
  vi.advanceTimersByTime(0);
  expect(made).toHaveLength(1);
});

it("is made once for all who ask, and anew after the next change", async () => {
  const { whole, made } = open();
  whole.renewed({ isTold: true });
  expect(await whole.newest()).toBe(await whole.newest());
  vi.advanceTimersByTime(10_000);
  expect(made).toHaveLength(1);
  whole.renewed({ isTold: true });
  expect(await whole.newest()).toBe(made[1]);
});

it("is neither there nor made when the thread that makes it is gone", () => {
  const { whole, made } = open();
  expect(whole.isThere).toBe(false);
  whole.renewed({ isTold: true });
  expect(whole.isThere).toBe(true);
  whole.lost();
  vi.advanceTimersByTime(10_000);
  expect([whole.isThere, made]).toEqual([false, []]);
});
