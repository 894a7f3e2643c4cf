import { describe, expect, it } from "vitest";
import { Subscribers, type Halt, type Subscriber, type ViewEvent } from "../../lib/pipeline/subscribers.ts";

function recorder(): Subscriber & { readonly seen: ViewEvent[]; readonly halts: Halt[]; ends: number } {
  const seen: ViewEvent[] = [];
  const halts: Halt[] = [];
  const recorded = {
    seen,
    halts,
    halted: (halt: Halt): void => void halts.push(halt),
    ends: 0,
    view: (event: ViewEvent): void => void seen.push(event),
    end: (): void => {
      recorded.ends += 1;
    },
  };
  return recorded;
}

/** Revision by revision, each with what changed since the one before it. */
function event(revision: number, delta: string | null = `"${String(revision)}"`): ViewEvent {
  return { revision, capturedAtMs: revision * 10, since: delta === null ? null : revision - 1, delta };
}

describe("subscribers", () => {
  it("tells a newcomer the newest revision at once, so that who comes back has missed nothing", () => {
    const all = new Subscribers();
    const early = recorder();
    all.add(early);
    expect(early.seen).toEqual([]);
    all.publish(event(1, null));
    all.publish(event(2, null));
    const late = recorder();
    all.add(late);
    expect(early.seen.map(({ revision }) => revision)).toEqual([1, 2]);
    expect(late.seen).toEqual([event(2, null)]);
  });

  it("drops a subscriber that throws and tells the others", () => {
    const all = new Subscribers();
    let calls = 0;
    all.add({
      view: () => {
        calls += 1;
        throw new Error("gone");
      },
      halted: () => undefined,
      end: () => undefined,
    });
    const other = recorder();
    all.add(other);
    all.publish(event(1, null));
    all.publish(event(2, null));
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
    all.publish(event(1, null));
    const late = recorder();
    all.add(late);
    expect([gone.ends, there.ends, late.ends]).toEqual([0, 1, 1]);
    expect(there.seen).toEqual([]);
  });

  it("tells who comes back what it has missed, while that is still known", () => {
    const all = new Subscribers();
    for (let revision = 1; revision <= 20; revision += 1) all.publish(event(revision));
    const missed = (revision: number | null): readonly ViewEvent[] => {
      const back = recorder();
      all.add(back, revision);
      return back.seen;
    };
    expect(missed(17)).toEqual([event(18), event(19), event(20)]);
    expect(missed(20)).toEqual([event(20, null)]);
    expect(missed(1)).toEqual([event(20, null)]);
    expect(missed(99)).toEqual([event(20, null)]);
    expect(missed(null)).toEqual([event(20, null)]);
    all.publish(event(21, null));
    expect(missed(20)).toEqual([event(21, null)]);
    all.publish(event(22));
    expect(missed(21)).toEqual([event(22)]);
    expect(missed(20)).toEqual([event(22, null)]);
  });

  it("keeps few characters, however large the changes are", () => {
    const all = new Subscribers();
    const large = "x".repeat(400_000);
    for (let revision = 1; revision <= 10; revision += 1) all.publish(event(revision, large));
    const back = recorder();
    all.add(back, 7);
    expect(back.seen).toEqual([event(10, null)]);
    all.add(back, 8);
    expect(back.seen.slice(1)).toEqual([event(9, large), event(10, large)]);
  });

  it("says that nothing is read, to newcomers too, until there is a picture again", () => {
    const all = new Subscribers();
    const there = recorder();
    all.add(there);
    const halt = { sinceMs: 5, message: "it stopped" };
    all.halt(halt);
    const late = recorder();
    all.add(late);
    expect([there.halts, late.halts]).toEqual([[halt], [halt]]);
    all.publish(event(1, null));
    const later = recorder();
    all.add(later);
    expect(later.halts).toEqual([]);
  });
});
