import type { SpiffeId, WorkloadId } from "../vocabulary.ts";
import type { EdgeDraft, ResolvedRefusal, ResolvedRow } from "./draft.ts";
import { SENDER_CONFIDENCES, type Sender, type SenderConfidence, type SenderEvidence } from "./edge.ts";
import type { ServiceAccounts } from "./party.ts";

/** What one row or line says about its sender. */
interface Claim {
  readonly confidence: SenderConfidence;
  readonly method: SenderEvidence["method"] | null;
  readonly principal: SpiffeId | null;
  readonly address: string | null;
  readonly candidates: readonly WorkloadId[];
  readonly count: number;
  readonly lastSeenMs: number | null;
}

function methodOf({ row, ends }: ResolvedRow): SenderEvidence["method"] {
  if (ends.principal !== null) return "principal";
  if (row.reporter === "source") return "own report";
  return row.proxy === "ztunnel" ? "ztunnel" : "peer metadata";
}

function confidenceOf(resolved: ResolvedRow): SenderConfidence {
  if (resolved.ends.principal !== null) return "proved by identity";
  if (resolved.ends.client.kind === "unidentified") return "unidentified";
  return resolved.attributed ? "inferred" : "address, one owner";
}

function claimOfRow(resolved: ResolvedRow, accounts: ServiceAccounts): Claim {
  const { row, ends } = resolved;
  const confidence = confidenceOf(resolved);
  return {
    confidence,
    method: confidence === "unidentified" ? null : resolved.attributed ? "own report" : methodOf(resolved),
    principal: ends.principal,
    address: ends.client.kind === "address" ? ends.client.address : null,
    candidates: ends.client.kind === "unidentified" && ends.principal !== null ? accounts.owners(ends.principal) : [],
    count: row.count,
    lastSeenMs: row.lastSeenMs,
  };
}

function claimOfRefusal({ row, candidates }: ResolvedRefusal): Claim {
  const owners = [...new Set(candidates)] as WorkloadId[];
  const confidence = owners.length === 1 ? "address, one owner" : owners.length > 1 ? "address, several candidates" : "unidentified";
  return { confidence, method: "access log", principal: null, address: row.clientAddress, candidates: owners.length > 1 ? owners : [], count: row.count, lastSeenMs: row.lastSeenMs };
}

function distinct<T>(values: readonly (T | null)[]): readonly T[] {
  return [...new Set(values.filter((value) => value !== null))].sort();
}

export function latest(times: readonly (number | null)[]): number | null {
  return times.reduce((last, time) => (last === null || (time !== null && time > last) ? time : last), null);
}

function evidenceOf(claims: readonly Claim[]): readonly SenderEvidence[] {
  const methods = distinct(claims.map((claim) => claim.method));
  return methods.map((method) => {
    const own = claims.filter((claim) => claim.method === method);
    return { method, count: own.reduce((sum, claim) => sum + claim.count, 0), lastSeenMs: latest(own.map((claim) => claim.lastSeenMs)) };
  });
}

/** Who the client of an edge is, no more surely than the least sure part of its traffic. @see rules SND-1 to SND-6 */
export function senderOf(draft: EdgeDraft, counted: readonly ResolvedRow[], accounts: ServiceAccounts): Sender {
  const claims = [...counted.map((resolved) => claimOfRow(resolved, accounts)), ...draft.refusals.map(claimOfRefusal)];
  const worst = claims.reduce((least, claim) => Math.max(least, SENDER_CONFIDENCES.indexOf(claim.confidence)), 0);
  return {
    confidence: SENDER_CONFIDENCES[worst] ?? "unidentified",
    principals: distinct(claims.map((claim) => claim.principal)),
    addresses: distinct(claims.map((claim) => claim.address)),
    candidates: distinct(claims.flatMap((claim) => claim.candidates)),
    evidence: evidenceOf(claims),
  };
}

