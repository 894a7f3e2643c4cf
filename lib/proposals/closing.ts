import type { Answer, ServerMode } from "#mesh";

/** Whether a mode is known to be STRICT. */
export function isStrict(mode: Answer<string>): boolean {
  return mode.kind === "known" && mode.value === "STRICT";
}

/** Whether STRICT would refuse plaintext on a port that takes it now, for all that is known. */
export function closesUnderStrict(mode: Answer<ServerMode>): boolean {
  if (mode.kind === "unknown") return true;
  switch (mode.value) {
    case "PERMISSIVE":
    case "DISABLE":
      return true;
    case "STRICT":
    case "GATEWAY":
    case "NONE":
    case "UNCAPTURED":
      return false;
  }
}
