"use client";
import { QueryClient, QueryClientProvider, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import { readJson } from "../isolated.ts";
import { follower, type ViewNews } from "./follow.ts";

/**
 * How fresh the picture can be. `lost`: the server does not answer; `halted`: it does, and reads nothing at the moment.
 * Both carry since when, so that the page can say how old its picture is.
 */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  | { readonly kind: "lost"; readonly sinceMs: number }
  | { readonly kind: "halted"; readonly sinceMs: number };

const ConnectionContext = createContext<Connection>({ kind: "connecting" });

export function useConnection(): Connection {
  return useContext(ConnectionContext);
}

const RETRY_MS = 3000;

/** Opens the one event stream of this page. */
function useEventStream(): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>({ kind: "connecting" });
  useEffect(() => {
    let source: EventSource;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const follow = follower(client);
    const open = () => {
      source = new EventSource("/api/v1/events");
      source.addEventListener("open", () => {
        setConnection({ kind: "open" });
      });
      source.addEventListener("view", (event: MessageEvent<string>) => {
        setConnection((before) => (before.kind === "open" ? before : { kind: "open" }));
        follow(readJson(event.data) as ViewNews);
      });
      source.addEventListener("halted", (event: MessageEvent<string>) => {
        const { sinceMs } = JSON.parse(event.data) as { readonly sinceMs: number };
        setConnection({ kind: "halted", sinceMs });
      });
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
