"use client";
import { Undo2 } from "lucide-react";
import type { MeshView } from "#view";
import { usePlayground } from "../data/queries.ts";
import { clockTime } from "../numbers.ts";

/** What is applied in the playground, above every preview, with the way back. */
export function Applied({ view }: { readonly view: MeshView }) {
  const change = usePlayground();
  const applied = view.mesh.playground?.applied ?? [];
  return (
    <div aria-live="polite">
      {applied.map(({ id, title, atMs }) => (
        <div key={id} className="flex items-center gap-3 border-b border-line bg-surface px-4 py-2">
          <p className="min-w-0 flex-1 text-sm">
            <span className="font-medium">Applied: {title}</span>
            <span className="block text-quiet">in the playground at {clockTime(atMs)}</span>
          </p>
          <button
            type="button"
            disabled={change.isPending}
            onClick={() => {
              change.mutate({ path: "undo", body: { id } });
            }}
            className="flex h-8 shrink-0 items-center gap-1.5 rounded-md border border-line bg-ground px-3 hover:bg-hover"
          >
            <Undo2 aria-hidden="true" size={14} />
            Undo<span className="sr-only"> {title}</span>
          </button>
        </div>
      ))}
      {change.error !== null && (
        <p role="alert" className="px-4 py-2 text-sm">
          {change.error.message}
        </p>
      )}
    </div>
  );
}
