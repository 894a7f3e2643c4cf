"use client";
import type { ReactNode } from "react";
import type { MeshView } from "#view";
import { useMeshView } from "../data/queries.ts";

/** A failure in the API's own words, and the button to ask again. */
export function Failure({ error, retry }: { readonly error: Error; readonly retry: () => void }) {
  return (
    <div role="alert" className="m-4 max-w-prose rounded-lg border border-line p-4">
      <p>{error.message}</p>
      <button type="button" onClick={retry} className="mt-3 h-8 rounded-md border border-line px-3 hover:bg-hover">
        Try again
      </button>
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
