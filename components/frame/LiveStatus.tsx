"use client";
import { useConnection } from "../data/Live.tsx";
import { useMeshView } from "../data/queries.ts";
import { moment } from "../numbers.ts";
import { WORDS } from "../words.ts";
import { freshness } from "./freshness.ts";
import { useNow } from "./useNow.ts";

/** Is the picture live, and how old is what it was made of. */
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
  const { word, old, isLate } = freshness(connection.kind, data, nowMs - dataUpdatedAt);
  return (
    <p className="flex min-w-9 shrink-[99] items-center gap-1.5 text-sm whitespace-nowrap text-quiet tabular-nums" role="status">
      <span aria-hidden="true" className={`size-2 shrink-0 rounded-full ${isLate ? "border border-text" : "bg-text"}`} />
      <span className={`truncate ${isLate ? "font-medium text-text" : ""}`} title={old === "" ? word : `${word}, ${old}`}>
        {word}
        {old !== "" && (
          <span className="hidden sm:inline" aria-hidden="true">
            , {old}
          </span>
        )}
      </span>
    </p>
  );
}
