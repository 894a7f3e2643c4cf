"use client";

/** A fault of the page itself; what the cluster or a source did wrong never comes here. */
export default function PageError({ error, reset }: { readonly error: Error & { readonly digest?: string }; readonly reset: () => void }) {
  return (
    <div role="alert" className="max-w-prose px-4 pt-4">
      <h1 className="text-lg font-semibold">This page could not be drawn</h1>
      <p className="mt-2 [overflow-wrap:anywhere]">{error.message}</p>
      {error.digest !== undefined && <p className="mt-1 text-sm text-quiet">The server’s log knows it as {error.digest}.</p>}
      <button type="button" onClick={reset} className="mt-4 h-8 rounded-md border border-line px-3 hover:bg-hover">
        Draw it again
      </button>
    </div>
  );
}
