"use client";
import type { ReactNode } from "react";
import type { MeshView } from "#view";
import { useAddress } from "../address/useAddress.ts";
import { ApiError } from "../data/api.ts";
import { useMeshView } from "../data/queries.ts";
import { badWindow } from "./badWindow.ts";

/** no window at all, one that a saved state does not hold, one that is too short for how often it is scraped */
const WINDOW_REFUSED: ReadonlySet<number> = new Set([400, 409, 422]);

const BUTTON = "mt-3 h-8 rounded-md border border-line px-3 hover:bg-hover";

/** Asking for the same window again would be answered the same: the way out is another window. */
function useBadWindow(error: Error): string | null {
  const { window, end } = useAddress();
  const isOfNow = window === null && end === null;
  if (isOfNow || !(error instanceof ApiError) || !WINDOW_REFUSED.has(error.status)) return null;
  return badWindow({ window, end }, Date.now()) ?? error.message.replaceAll("`", "");
}

/** A failure in the API's own words, and the button to ask again; where it is the window that cannot be shown, the way back to now. */
export function Failure({ error, retry }: { readonly error: Error; readonly retry: () => void }) {
  const { go } = useAddress();
  const bad = useBadWindow(error);
  return (
    <div role="alert" className="m-4 max-w-prose rounded-lg border border-line p-4">
      <p>{bad ?? error.message}</p>
      {bad === null ? (
        <button type="button" onClick={retry} className={BUTTON}>
          Try again
        </button>
      ) : (
        <button
          type="button"
          onClick={() => {
            go({ window: null, end: null });
          }}
          className={BUTTON}
        >
          Back to now
        </button>
      )}
    </div>
  );
}

/** Grey lines where text will be; the same height as what comes, so that nothing jumps. */
export function Skeleton({ lines = 6, rowClass = "h-9" }: { readonly lines?: number; readonly rowClass?: string }) {
  return (
    <div aria-busy="true" aria-label="Loading" role="status" className="p-4">
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} className={`flex items-center ${rowClass}`}>
          <div className="h-3 rounded-sm bg-hover" style={{ width: `${85 - ((index * 17) % 45)}%` }} />
        </div>
      ))}
    </div>
  );
}

/** A page's body once the picture is there. A later failure keeps the last picture; the notice line tells its age. */
export function WithMesh({ children }: { readonly children: (view: MeshView) => ReactNode }) {
  const mesh = useMeshView();
  if (mesh.data !== undefined) return children(mesh.data);
  if (mesh.error !== null) return <Failure error={mesh.error} retry={() => void mesh.refetch()} />;
  return <Skeleton lines={10} />;
}

export function PageTitle({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-4 pt-4 pb-3">
      <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
      {children}
    </div>
  );
}
