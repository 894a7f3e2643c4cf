"use client";
import { useConnection } from "../data/Live.tsx";
import { useMeshView } from "../data/queries.ts";
import { age, moment } from "../numbers.ts";
import { WORDS } from "../words.ts";
import { useNow } from "./useNow.ts";

/** Is the picture live, and how old is it: the age counts from when this page got it. */
export function LiveStatus() {
  const connection = useConnection();
  const { data, dataUpdatedAt } = useMeshView();
  const nowMs = useNow();
  if (data === undefined) return null;
  const { savedAtMs } = data.mesh;
  if (savedAtMs !== null && connection.kind !== "lost") {
    return (
      <p className="flex shrink-0 items-center gap-1.5 text-sm whitespace-nowrap text-quiet tabular-nums" role="status">
        <span aria-hidden="true" className="size-2 rounded-full border border-text" />
        <span>{WORDS.saved}</span>
        <span className="hidden sm:inline">{moment(savedAtMs)}</span>
      </p>
    );
  }
  const old = age((nowMs - dataUpdatedAt) / 1000);
  const lost = connection.kind === "lost" || connection.kind === "halted";
  return (
    <p className="flex shrink-0 items-center gap-1.5 text-sm whitespace-nowrap text-quiet tabular-nums" role="status">
      <span aria-hidden="true" className={`size-2 rounded-full ${lost ? "border border-text" : "bg-text"}`} />
      <span className={lost ? "font-medium text-text" : ""}>
        {connection.kind === "halted" ? WORDS.notReading : lost ? WORDS.disconnected : WORDS.live}
        <span className="hidden sm:inline" aria-hidden="true">
          , {old} {lost ? "old" : "ago"}
        </span>
      </span>
    </p>
  );
}
