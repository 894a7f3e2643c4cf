"use client";
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import type { EdgeDetailView, FindingsView, MeshView, ProposalView, ProposalsView, SendersView, WorkloadView } from "#view";
import { ApiError, getJson, postJson } from "./api.ts";

/** Everything that a new picture makes old. */
export const LIVE_KEY = ["v1"] as const;

function useApi<T>(path: string, enabled = true): UseQueryResult<T> {
  return useQuery<T>({
    queryKey: [...LIVE_KEY, path],
    queryFn: ({ signal }) => getJson<T>(path, signal),
    enabled,
    staleTime: Infinity,
    retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
  });
}

function inPath(id: string): string {
  return encodeURIComponent(id);
}

/** The whole picture: one query that every page shares, kept fresh by the event stream. */
export function useMeshView(): UseQueryResult<MeshView> {
  return useApi<MeshView>("mesh");
}

export function useWorkload(namespace: string, name: string): UseQueryResult<WorkloadView> {
  return useApi<WorkloadView>(`workloads/${inPath(namespace)}/${inPath(name)}`);
}

export function useEdge(id: string): UseQueryResult<EdgeDetailView> {
  return useApi<EdgeDetailView>(`edges/${inPath(id)}`);
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

export function useProposal(id: string, enabled: boolean): UseQueryResult<ProposalView> {
  return useApi<ProposalView>(`proposals/${inPath(id)}`, enabled);
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
    onSuccess: () => client.invalidateQueries({ queryKey: LIVE_KEY }),
  });
}
