"use client";
import { QueryClient, QueryClientProvider, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import { LIVE_KEY } from "./queries.ts";

/** `lost` carries since when, so that the page can say how old its picture is. */
export type Connection = { readonly kind: "connecting" } | { readonly kind: "open" } | { readonly kind: "lost"; readonly sinceMs: number };

const ConnectionContext = createContext<Connection>({ kind: "connecting" });

export function useConnection(): Connection {
  return useContext(ConnectionContext);
}

const RETRY_MS = 3000;

/** Makes every answer old, at most one round of asking at a time, and one more if something changed meanwhile. */
function refresher(client: QueryClient): () => void {
  let wanted = 0;
  const ask = async (): Promise<void> => {
    const answered = wanted;
    await client.invalidateQueries({ queryKey: LIVE_KEY }, { cancelRefetch: false });
    if (wanted > answered) await ask();
    else wanted = 0;
  };
  return () => {
    wanted += 1;
    if (wanted === 1) void ask();
  };
}

/** Opens the one event stream of this page; `view` events and reconnections ask again for what is shown. */
function useEventStream(): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>({ kind: "connecting" });
  useEffect(() => {
    let source: EventSource;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const refresh = refresher(client);
    const open = () => {
      source = new EventSource("/api/v1/events");
      source.addEventListener("open", () => {
        setConnection({ kind: "open" });
        refresh();
      });
      source.addEventListener("view", refresh);
      source.addEventListener("error", () => {
        setConnection((before) => (before.kind === "lost" ? before : { kind: "lost", sinceMs: Date.now() }));
        // a server that answers with an error closes the stream for good; the browser itself does not try again
        if (source.readyState === EventSource.CLOSED) retry = setTimeout(open, RETRY_MS);
      });
    };
    open();
    return () => {
      clearTimeout(retry);
      source.close();
    };
  }, [client]);
  return connection;
}

function Stream({ children }: { readonly children: ReactNode }) {
  return <ConnectionContext value={useEventStream()}>{children}</ConnectionContext>;
}

/** Data for everything below: one cache, one event stream. */
export function Live({ children }: { readonly children: ReactNode }) {
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false } } }));
  return (
    <QueryClientProvider client={client}>
      <Stream>{children}</Stream>
    </QueryClientProvider>
  );
}
