"use client";
import { useState } from "react";
import type { MeshView } from "#view";
import { usePlayground } from "../data/queries.ts";

interface ApplyState {
  /** while this is true the preview is not asked for again: there is nothing left to propose */
  readonly settled: boolean;
  readonly pending: boolean;
  readonly error: Error | null;
  readonly apply: () => void;
}

function idOf(answer: unknown): string | null {
  if (typeof answer !== "object" || answer === null || !("id" in answer)) return null;
  return typeof answer.id === "string" ? answer.id : null;
}

/** Applies a proposal to the playground, and knows until it is undone, here or elsewhere, that it did. */
export function useApplied(proposal: string, view: MeshView): ApplyState {
  const change = usePlayground();
  const [mine, setMine] = useState<{ readonly id: string; readonly seen: boolean } | null>(null);
  const listed = view.mesh.playground?.applied.some(({ id }) => id === mine?.id) ?? false;
  if (mine !== null && listed !== mine.seen) setMine(listed ? { id: mine.id, seen: true } : null);

  const apply = () => {
    change.mutate(
      { path: "apply", body: { proposal } },
      {
        onSuccess: (answer) => {
          const id = idOf(answer);
          if (id !== null) setMine({ id, seen: false });
        },
      },
    );
  };
  return { settled: change.isPending || mine !== null, pending: change.isPending, error: change.error, apply };
}
