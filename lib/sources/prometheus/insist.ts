import { setTimeout as wait } from "node:timers/promises";
import type { Asked } from "./beside.ts";

export interface Patience {
  /** before each time that it is asked again */
  readonly waitsMs: readonly number[];
  readonly signal: AbortSignal;
}

/** What cannot be asked in smaller parts is asked again while it is too much for the server just now: others ask it, too. */
export async function insist<T extends Pick<Asked, "tooMuch" | "mayPass">>(first: T, asking: () => Promise<T>, { waitsMs, signal }: Patience): Promise<T> {
  let asked = first;
  for (const waitMs of waitsMs) {
    if (!asked.tooMuch || !asked.mayPass) break;
    await wait(waitMs, undefined, { signal }).catch(() => undefined);
    asked = await asking();
  }
  return asked;
}
