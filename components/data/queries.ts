"use client";
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { reusedView } from "#delta";
import type { AddressView, EdgeDetailView, FindingsView, MeshView, NoProposalView, ProposalView, ProposalsView, SendersView, WorkloadView } from "#view";
import { ApiError, getJson, postJson } from "./api.ts";
import { LIVE_KEY, MESH_KEY } from "./keys.ts";
import { refreshMs, useChosenWindow, WINDOW_KEY } from "./useChosenWindow.ts";

function worthRetrying(failures: number, error: Error): boolean {
  return failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500);
}

function useApi<T>(path: string, enabled = true): UseQueryResult<T> {
  const window = useChosenWindow();
  return useQuery<T>({
    queryKey: window === "" ? [...LIVE_KEY, path] : [...WINDOW_KEY, window, path],
    queryFn: ({ signal }) => getJson<T>(`${path}${window}`, signal),
    enabled,
    staleTime: Infinity,
    retry: worthRetrying,
    refetchInterval: window === "" ? false : refreshMs(false),
  });
}

function inPath(id: string): string {
  return encodeURIComponent(id);
}

function isReading(view: MeshView | undefined): boolean {
  return view?.sources.some(({ kind, state }) => kind === "window" && state === "starting") === true;
}

/** The whole picture of the window in the address: one query that every page shares; that of the followed window is kept fresh by the event stream. */
export function useMeshView(): UseQueryResult<MeshView> {
  const window = useChosenWindow();
  return useQuery<MeshView>({
    queryKey: window === "" ? MESH_KEY : [...WINDOW_KEY, window, "mesh"],
    queryFn: ({ signal }) => getJson<MeshView>(`mesh${window}`, signal),
    staleTime: Infinity,
    retry: worthRetrying,
    refetchInterval: ({ state }) => (window === "" ? false : refreshMs(isReading(state.data))),
    structuralSharing: (before, after) => (before === undefined ? after : reusedView(before as MeshView, after as MeshView)),
  });
}

export function useWorkload(namespace: string, name: string): UseQueryResult<WorkloadView> {
  return useApi<WorkloadView>(`workloads/${inPath(namespace)}/${inPath(name)}`);
}

export function useEdge(id: string): UseQueryResult<EdgeDetailView> {
  return useApi<EdgeDetailView>(`edges/${inPath(id)}`);
}

/** Who has an address; nothing is asked for `null`. */
export function useAddressOwners(address: string | null): UseQueryResult<AddressView> {
  return useApi<AddressView>(`addresses/${inPath(address ?? "")}`, address !== null);
}

export function useSenders(): UseQueryResult<SendersView> {
  return useApi<SendersView>("senders");
}

export function useFindings(): UseQueryResult<FindingsView> {
  return useApi<FindingsView>("findings");
}

export function useProposals(): UseQueryResult<ProposalsView> {
  return useApi<ProposalsView>("proposals");
}

export function useProposal(id: string, enabled: boolean): UseQueryResult<ProposalView | NoProposalView> {
  return useApi<ProposalView | NoProposalView>(`proposals/${inPath(id)}`, enabled);
}

export type PlaygroundChange =
  | { readonly path: "apply"; readonly body: { readonly proposal: string } }
  | { readonly path: "undo"; readonly body: { readonly id: string } }
  | { readonly path: "settings"; readonly body: { readonly resolvePeersByAddress?: boolean; readonly accessLogs?: boolean; readonly scene?: string } };

/** Writes to the playground; no other source can be written to. */
export function usePlayground() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, body }: PlaygroundChange) => postJson(`playground/${path}`, body),
    onSuccess: () => Promise.all([LIVE_KEY, WINDOW_KEY].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
