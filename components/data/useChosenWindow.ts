"use client";
import { windowQuery } from "../address/address.ts";
import { useAddress } from "../address/useAddress.ts";

/** What is read of windows that are not followed: nobody tells when it changes, so it is asked for again. */
export const WINDOW_KEY = ["v1 window"] as const;

const REFRESH_MS = 15_000;
const READING_MS = 2_000;

/** How often a window that is not followed is asked for again; `reading`: more of it is on its way. */
export function refreshMs(reading: boolean): number {
  return reading ? READING_MS : REFRESH_MS;
}

/** The query that asks for the window in the address; empty for the one that is followed. */
export function useChosenWindow(): string {
  return windowQuery(useAddress());
}
