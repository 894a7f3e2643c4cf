import type { ApiServerCall, Gap, MeshVerdicts } from "#mesh";
import { refusedApiServerCalls } from "./apiServerCalls.ts";
import type { RefusedApiServerCalls } from "./apiServerCalls.ts";
import type { ProposalPreview } from "./consequence.ts";
import { listed } from "./listed.ts";

const NAMED_AT_MOST = 3;

function callText({ kind, name, webhooks, failurePolicy }: ApiServerCall): string {
  const asked = failurePolicy === null ? "" : `, ${webhooks.length === 1 ? "webhook" : "webhooks"} ${listed(webhooks)}, failurePolicy ${failurePolicy}`;
  return `${kind} \`${name}\`${asked}`;
}

function callsText(calls: readonly ApiServerCall[]): string {
  const shown = calls.slice(0, NAMED_AT_MOST).map(callText).join("; ");
  return calls.length > NAMED_AT_MOST ? `${shown}; and ${calls.length - NAMED_AT_MOST} more` : shown;
}

/** What nobody can do any more. */
function lossText({ kind, failurePolicy }: ApiServerCall): string {
  if (kind === "APIService") return "that API is no longer served";
  return failurePolicy === "Ignore" ? "the objects that the webhook is for are written without it" : "the objects that the webhook is for can no longer be written";
}

function doubt({ workload, targetPort, calls, isKnown, hasSidecar }: RefusedApiServerCalls): Gap {
  const refused = isKnown ? "and STRICT refuses it" : "and STRICT refuses it, if that port becomes STRICT, which is not known";
  const past = hasSidecar ? ", or leave it out of capture (`traffic.sidecar.istio.io/excludeInboundPorts`)" : "";
  return {
    wanted: `calls of the API server to \`${workload}\` on port \`${targetPort}\` (${callsText(calls)})`,
    because: `the API server has no proxy, ${refused}: ${[...new Set(calls.map(lossText))].join(", ")}. Keep that port open with \`portLevelMtls\`${past}`,
  };
}

/** Doubts about ports that the API server calls and STRICT would close: no metric tells of these calls. */
export function apiServerDoubts(verdicts: MeshVerdicts, preview: ProposalPreview): readonly Gap[] {
  return refusedApiServerCalls(verdicts, preview).map(doubt);
}
