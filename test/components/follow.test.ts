import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { meshDelta, reusedView } from "#delta";
import type { MeshView } from "#view";
import { afterEach, describe, expect, it } from "vitest";
import { follower, type ViewNews } from "../../components/data/follow.ts";
import { MESH_KEY } from "../../components/data/keys.ts";
import { edge, meshView, node } from "./mesh.ts";

/** A server with its newest picture, and a browser's cache that shows it and one other page. */
class Shown {
  readonly client = new QueryClient();
  readonly hear: (news: ViewNews) => void;
  asked = { mesh: 0, senders: 0 };
  process = "one";
  newest: MeshView;
  /** an answer waits for this */
  answering: Promise<void> = Promise.resolve();
  readonly #unsubscribe: (() => void)[];

  constructor(first: MeshView) {
    this.newest = first;
    this.hear = follower(this.client, 0);
    const mesh = new QueryObserver<MeshView>(this.client, {
      queryKey: MESH_KEY,
      queryFn: async () => {
        this.asked.mesh += 1;
        const answer = structuredClone(this.newest);
        await this.answering;
        return answer;
      },
      staleTime: Infinity,
      structuralSharing: (before, after) => (before === undefined ? after : reusedView(before as MeshView, after as MeshView)),
    });
    const senders = new QueryObserver(this.client, { queryKey: ["v1", "senders"], queryFn: () => ({ asked: (this.asked.senders += 1) }), staleTime: Infinity });
    this.#unsubscribe = [mesh, senders].map((observer) => observer.subscribe(() => undefined));
  }

  get view(): MeshView | undefined {
    return this.client.getQueryData<MeshView>(MESH_KEY);
  }

  /** The server has a new picture; the browser hears of it with what changed, where the server says so. */
  renew(next: Partial<MeshView>, tellChange = true): void {
    const before = this.newest;
    this.newest = { ...before, revision: before.revision + 1, ...next };
    const delta = tellChange ? (meshDelta(before, this.newest, 100) ?? null) : null;
    this.hear({ revision: this.newest.revision, process: this.process, since: delta === null ? null : before.revision, delta: structuredClone(delta) });
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) await new Promise((done) => setTimeout(done, 1));
  }

  /** The page shows something else: another window. */
  leave(): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.client.clear();
  }
}

const first = meshView({ revision: 4, nodes: [node("a/one"), node("a/two")], edges: [edge("a/one", "a/two"), edge("a/two", "a/one")] });
const opened: Shown[] = [];

async function show(): Promise<Shown> {
  const shown = new Shown(first);
  opened.push(shown);
  await shown.settle();
  shown.hear({ revision: 4, process: "one", since: null, delta: null });
  await shown.settle();
  return shown;
}

afterEach(() => {
  for (const shown of opened.splice(0)) shown.close();
});

describe("following the server", () => {
  it("asks nothing when the picture is the newest", async () => {
    const shown = await show();
    expect(shown.asked.mesh).toBe(1);
    expect(shown.view).toEqual(first);
  });

  it("takes a small change as it comes: nothing is asked whole, what did not change is the same object", async () => {
    const shown = await show();
    const before = shown.view;
    shown.renew({ edges: [{ ...(first.edges[0] as MeshView["edges"][number]), bytes: 9 }, first.edges[1] as MeshView["edges"][number]] });
    expect(shown.view).toEqual(shown.newest);
    expect(shown.view?.nodes).toBe(before?.nodes);
    expect(shown.view?.edges[1]).toBe(before?.edges[1]);
    await shown.settle();
    expect(shown.asked.mesh).toBe(1);
    expect(shown.asked.senders).toBeGreaterThan(1);
  });

  it("asks for the whole picture when the change is not told, and still keeps what says the same", async () => {
    const shown = await show();
    const before = shown.view;
    shown.renew({ nodes: [node("a/one", { instances: 3 }), node("a/two")] }, false);
    await shown.settle();
    expect(shown.asked.mesh).toBe(2);
    expect(shown.view).toEqual(shown.newest);
    expect(shown.view?.edges).toBe(before?.edges);
    expect(shown.view?.nodes[1]).toBe(before?.nodes[1]);
  });

  it("asks for the whole picture when a change was missed", async () => {
    const shown = await show();
    shown.newest = { ...shown.newest, revision: 5, nodes: [] };
    shown.renew({ edges: [] });
    await shown.settle();
    expect(shown.asked.mesh).toBe(2);
    expect(shown.view).toEqual(shown.newest);
  });

  it("never goes back to an answer that was on its way when something newer came", async () => {
    const shown = await show();
    let release = (): void => undefined;
    shown.answering = new Promise((done) => (release = done));
    shown.renew({ edges: [] }, false);
    await shown.settle();
    shown.renew({ nodes: [] });
    release();
    await shown.settle();
    expect(shown.view).toEqual(shown.newest);
    expect(shown.view?.revision).toBe(6);
  });

  it("drops an answer on its way when a change brings the picture beyond it", async () => {
    const shown = await show();
    let release = (): void => undefined;
    shown.answering = new Promise((done) => (release = done));
    void shown.client.refetchQueries({ queryKey: MESH_KEY, exact: true });
    await shown.settle();
    shown.renew({ edges: [] });
    release();
    await shown.settle();
    expect(shown.view).toEqual(shown.newest);
    expect(shown.asked.mesh).toBe(2);
  });

  it("believes a server that was started again, whose revisions begin anew", async () => {
    const shown = await show();
    shown.process = "two";
    shown.newest = meshView({ revision: 0 });
    shown.renew({ edges: [] });
    await shown.settle();
    expect(shown.view?.revision).toBe(1);
    expect(shown.view).toEqual(shown.newest);
  });

  it("asks for nothing that is not shown, and knows that it is old", async () => {
    const shown = await show();
    shown.leave();
    shown.renew({ edges: [] }, false);
    shown.renew({ nodes: [] });
    await shown.settle();
    expect(shown.asked.mesh).toBe(1);
    expect(shown.client.getQueryState(MESH_KEY)?.isInvalidated).toBe(true);
  });

  it("asks again for the rest once for many events at a time", async () => {
    const shown = await show();
    const before = shown.asked.senders;
    for (let revision = 0; revision < 50; revision += 1) shown.renew({});
    await shown.settle();
    expect(shown.asked.senders - before).toBeLessThanOrEqual(3);
    expect(shown.view?.revision).toBe(54);
  });
});
