"use client";
import { useSearchParams } from "next/navigation";
import { useMemo } from "react";
import { misread } from "./misread.ts";

/** What the address asks for that is not understood. */
export function useMisread(): readonly string[] {
  const query = useSearchParams()?.toString() ?? "";
  return useMemo(() => misread(new URLSearchParams(query)), [query]);
}
