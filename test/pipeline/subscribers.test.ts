import { describe, expect, it } from "vitest";
import { Subscribers, type Subscriber, type ViewEvent } from "../../lib/pipeline/subscribers.ts";

function recorder(): Subscriber & { readonly seen: ViewEvent[]; ends: number } {
  const seen: ViewEvent[] = [];
  const recorded = {
    seen,
    ends: 0,
    view: (event: ViewEvent): void => void seen.push(event),
    end: (): void => {
      recorded.ends += 1;
    },
  };
  return recorded;
}

describe("subscribers", () => {
  it("tells a newcomer the newest revision at once, so that who comes back has missed nothing", () => {
    const all = new Subscribers();
    const early = recorder();
    all.add(early);
    expect(early.seen).toEqual([]);
    all.publish({ revision: 1, capturedAtMs: 10 });
    all.publish({ revision: 2, capturedAtMs: 20 });
    const late = recorder();
    all.add(late);
    expect(early.seen.map(({ revision }) => revision)).toEqual([1, 2]);
    expect(late.seen).toEqual([{ revision: 2, capturedAtMs: 20 }]);
  });

  it("drops a subscriber that throws and tells the others", () => {
    const all = new Subscribers();
    let calls = 0;
    all.add({
      view: () => {
        calls += 1;
        throw new Error("gone");
      },
      end: () => undefined,
    });
    const other = recorder();
    all.add(other);
    all.publish({ revision: 1, capturedAtMs: 10 });
    all.publish({ revision: 2, capturedAtMs: 20 });
    expect(calls).toBe(1);
    expect(other.seen).toHaveLength(2);
  });

  it("ends everyone once, and later ones at once", () => {
    const all = new Subscribers();
    const gone = recorder();
    const there = recorder();
    all.add(gone)();
    all.add(there);
    all.end();
    all.publish({ revision: 1, capturedAtMs: 10 });
    const late = recorder();
    all.add(late);
    expect([gone.ends, there.ends, late.ends]).toEqual([0, 1, 1]);
    expect(there.seen).toEqual([]);
  });
});
