"use client";
import { lengthText } from "#time-spans";
import type { MeshView } from "#view";
import { useAddress } from "../address/useAddress.ts";
import { moment } from "../numbers.ts";

/** Coverage is known to within some minutes: less than this is no gap. */
function isShort({ seconds, coveredSeconds }: MeshView["window"]): boolean {
  return coveredSeconds !== null && seconds - coveredSeconds > Math.max(120, seconds / 100);
}

function parts(view: MeshView): readonly string[] {
  const { window, sources } = view;
  const reading = sources.find(({ kind, state }) => kind === "window" && state === "starting");
  return [
    ...(window.followed ? [] : [`Traffic from ${moment(window.startMs)} to ${moment(window.endMs)}, judged against today's configuration`]),
    ...(reading === undefined ? [] : [reading.message]),
    ...(reading === undefined && isShort(window) && window.coveredSeconds !== null ? [`covered: ${lengthText(window.coveredSeconds)} of ${lengthText(window.seconds)}`] : []),
  ];
}

/** Says which time is shown where that is not the time up to now, and how much of it is known. */
export function WindowNotice({ view }: { readonly view: MeshView }) {
  const { go } = useAddress();
  const texts = parts(view);
  if (texts.length === 0) return null;
  return (
    <div role="status" className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-surface px-4 py-1.5 text-sm">
      <span>{texts.join(" · ")}</span>
      {!view.window.followed && (
        <button
          type="button"
          onClick={() => {
            go({ window: null, end: null });
          }}
          className="h-6 rounded-md border border-line px-2 hover:bg-hover"
        >
          Back to now
        </button>
      )}
    </div>
  );
}
