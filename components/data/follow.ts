import type { QueryClient } from "@tanstack/react-query";
import { withMeshDelta } from "#delta";
import type { MeshDelta, MeshView } from "#view";
import { LIVE_KEY, MESH_KEY } from "./keys.ts";

/** The data of a `view` event: docs/api.md, Events. */
export interface ViewNews {
  readonly revision: number;
  /** tells the revisions of one server process from those of another */
  readonly process: string;
  readonly since: number | null;
  readonly delta: MeshDelta | null;
}

/** Every open browser hears at the same moment that the picture is to be taken whole; they ask for it one after the other. */
const SPREAD_MS = 300;

/** Runs one round at a time, and one more if it was asked for meanwhile. */
function rounds(work: () => Promise<void>): () => void {
  let wanted = 0;
  const run = async (): Promise<void> => {
    const answered = wanted;
    await work();
    if (wanted > answered) await run();
    else wanted = 0;
  };
  return () => {
    wanted += 1;
    if (wanted === 1) void run();
  };
}

/**
 * Keeps the cache at the newest picture it has heard of: a small change is applied to the one it has, else that is asked for whole.
 * Everything else that is shown is asked for again.
 */
export function follower(client: QueryClient, spreadMs = SPREAD_MS): (news: ViewNews) => void {
  let newest: Pick<ViewNews, "revision" | "process"> | null = null;
  let isOfAnotherProcess = false;

  const pictured = (): MeshView | undefined => client.getQueryData<MeshView>(MESH_KEY);

  const catchUp = rounds(async () => {
    await new Promise((done) => setTimeout(done, Math.random() * spreadMs));
    isOfAnotherProcess = false;
    // where it is not shown at the moment it is asked for when it is shown again
    await client.invalidateQueries({ queryKey: MESH_KEY, exact: true }, { cancelRefetch: false });
    // an answer that was on its way when the news came may be the picture before it
    const query = client.getQueryCache().find({ queryKey: MESH_KEY, exact: true });
    if (query?.isActive() === true && query.state.status === "success" && isBehind()) catchUp();
  });

  const isBehind = (): boolean => isOfAnotherProcess || (pictured()?.revision ?? -1) < (newest?.revision ?? 0);

  const refreshRest = rounds(() =>
    client.invalidateQueries({ queryKey: LIVE_KEY, predicate: ({ queryKey }) => queryKey[1] !== MESH_KEY[1] }, { cancelRefetch: false }),
  );

  const apply = ({ since, delta }: ViewNews): boolean => {
    const before = pictured();
    if (before === undefined || delta === null || before.revision !== since || isOfAnotherProcess) return false;
    // an answer on its way is older than what it would replace
    void client.cancelQueries({ queryKey: MESH_KEY, exact: true }, { silent: true });
    client.setQueryData<MeshView>(MESH_KEY, withMeshDelta(before, delta));
    return true;
  };

  return (news) => {
    if (newest?.process === news.process && newest.revision === news.revision && !isBehind()) return;
    isOfAnotherProcess ||= newest !== null && newest.process !== news.process;
    newest = { revision: news.revision, process: news.process };
    if (!apply(news) && isBehind()) catchUp();
    refreshRest();
  };
}
