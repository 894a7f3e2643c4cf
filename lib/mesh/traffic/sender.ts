import type { SpiffeId, WorkloadId } from "../vocabulary.ts";
import type { Directory } from "./directory.ts";
import type { EdgeDraft, ResolvedRefusal } from "./draft.ts";
import { SENDER_CONFIDENCES, type Sender, type SenderConfidence, type SenderEvidence } from "./edge.ts";
import { principalOf } from "./party.ts";
import type { TrafficRow } from "./telemetry.ts";

const NONE: readonly never[] = [];

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

/** Whether attribution named the client of a row. */
export function isAttributed({ attributed }: EdgeDraft, { reporter }: TrafficRow): boolean {
  return attributed && reporter === "destination";
}

/** Whether a certificate is that of the client as it is called: its name may have come from a header. @see rule SND-8 */
function isProved({ client: { party } }: EdgeDraft, principal: SpiffeId | null, directory: Directory): boolean {
  return principal !== null && (party.kind !== "workload" || directory.mayHave(party.id, principal));
}

function methodOf(draft: EdgeDraft, row: TrafficRow, proved: boolean): SenderEvidence["method"] {
  if (isAttributed(draft, row)) return "own report";
  if (proved) return "principal";
  if (row.reporter === "source") return "own report";
  return row.proxy === "ztunnel" ? "ztunnel" : "peer metadata";
}

function confidenceOf(draft: EdgeDraft, row: TrafficRow, proved: boolean): SenderConfidence {
  if (proved) return "proved by identity";
  if (draft.client.party.kind === "unidentified") return "unidentified";
  return isAttributed(draft, row) ? "inferred" : "address, one owner";
}

function claimOfRow(draft: EdgeDraft, row: TrafficRow, directory: Directory): Claim {
  const principal = principalOf(row);
  const proved = isProved(draft, principal, directory);
  const confidence = confidenceOf(draft, row, proved);
  const candidates = principal !== null && (!proved || draft.client.party.kind === "unidentified") ? directory.owners(principal) : NONE;
  return { confidence, method: confidence === "unidentified" ? null : methodOf(draft, row, proved), principal, address: null, candidates, count: row.count, lastSeenMs: row.lastSeenMs };
}

/** A node's address is never one pod's alone. */
function claimOfRefusal({ row, candidates }: ResolvedRefusal, { client: { party } }: EdgeDraft): Claim {
  const owners = [...new Set(candidates)];
  const isShared = owners.length > 1 || (owners.length === 1 && party.kind !== "workload");
  const confidence = isShared ? "address, several candidates" : owners.length === 1 ? "address, one owner" : "unidentified";
  return { confidence, method: "access log", principal: null, address: row.clientAddress, candidates: isShared ? owners : NONE, count: row.count, lastSeenMs: row.lastSeenMs };
}

export function latest(times: readonly (number | null)[]): number | null {
  return times.reduce((last, time) => (last === null || (time !== null && time > last) ? time : last), null);
}

function evidenceOf(claims: readonly Claim[]): readonly SenderEvidence[] {
  const byMethod = new Map<SenderEvidence["method"], SenderEvidence>();
  for (const { method, count, lastSeenMs } of claims) {
    if (method === null) continue;
    const before = byMethod.get(method);
    byMethod.set(method, { method, count: count + (before?.count ?? 0), lastSeenMs: before === undefined ? lastSeenMs : latest([before.lastSeenMs, lastSeenMs]) });
  }
  const evidence = [...byMethod.values()];
  return evidence.length > 1 ? evidence.sort((one, other) => (one.method < other.method ? -1 : 1)) : evidence;
}

function insert<T>(intoList: readonly T[], value: T): readonly T[] {
  return intoList.includes(value) ? intoList : [...intoList, value].sort();
}

/** One report, and no line: what most edges are known by. */
function claimed({ confidence, method, principal, candidates, count, lastSeenMs }: Claim, directory: Directory): Sender {
  return {
    confidence,
    principals: principal === null ? NONE : directory.alone(principal),
    addresses: NONE,
    candidates: candidates.length < 2 ? candidates : [...new Set(candidates)].sort(),
    evidence: method === null ? NONE : [{ method, count, lastSeenMs }],
  };
}

/** Who the client of an edge is, no more surely than the least sure part of its traffic. @see rules SND-1 to SND-9 */
export function senderOf(draft: EdgeDraft, counted: readonly TrafficRow[], directory: Directory): Sender {
  const only = counted[0];
  if (only !== undefined && counted.length === 1 && draft.refusals.length === 0) return claimed(claimOfRow(draft, only, directory), directory);
  return joined([...counted.map((row) => claimOfRow(draft, row, directory)), ...draft.refusals.map((refusal) => claimOfRefusal(refusal, draft))]);
}

function joined(claims: readonly Claim[]): Sender {
  let worst = 0;
  let principals: readonly SpiffeId[] = NONE;
  let addresses: readonly string[] = NONE;
  let candidates: readonly WorkloadId[] = NONE;
  for (const claim of claims) {
    worst = Math.max(worst, SENDER_CONFIDENCES.indexOf(claim.confidence));
    if (claim.principal !== null) principals = insert(principals, claim.principal);
    if (claim.address !== null) addresses = insert(addresses, claim.address);
    for (const candidate of claim.candidates) candidates = insert(candidates, candidate);
  }
  return { confidence: SENDER_CONFIDENCES[worst] ?? "unidentified", principals, addresses, candidates, evidence: evidenceOf(claims) };
}
