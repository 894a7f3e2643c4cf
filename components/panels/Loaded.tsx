"use client";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError } from "../data/api.ts";
import { Failure, Skeleton } from "../frame/PageState.tsx";

/** A panel's body once its answer is there; until then, or when it fails, what is known already stays above. */
export function Loaded<T>({ query, children }: { readonly query: UseQueryResult<T>; readonly children: (data: T) => ReactNode }) {
  // the server answered that there is no such thing any more: what was shown of it is not true any more either
  const gone = query.error instanceof ApiError && query.error.status >= 400 && query.error.status < 500;
  if (query.data !== undefined && !gone) return children(query.data);
  if (query.error !== null) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return <Skeleton lines={5} />;
}
