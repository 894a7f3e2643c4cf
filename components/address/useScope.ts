"use client";
import { useMemo } from "react";
import type { MeshView } from "#view";
import { scopeOf, type Scope } from "./scope.ts";
import { useAddress } from "./useAddress.ts";

/** The part of the picture that the address asks for; computed anew only when either changes. */
export function useScope(view: MeshView): Scope {
  const { namespaces, states, text, having, incoming } = useAddress();
  return useMemo(() => scopeOf(view, { namespaces, states, text, having, incoming }), [view, namespaces, states, text, having, incoming]);
}
