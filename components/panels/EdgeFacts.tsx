"use client";
import { lengthText } from "#time-spans";
import type { ClientMode, EdgeDetailView, EdgeView, MeshView, NodeView, PathView, ServerMode, VerdictView } from "#view";
import { nodeName } from "../address/scope.ts";
import { attempted, lastPlaintext, lastSeen, lastText } from "../numbers.ts";
import { Confidence } from "../state/Confidence.tsx";
import { observed } from "../state/observed.ts";
import { ACCEPTS, SENDS, TRANSPORT, WORDS } from "../words.ts";
import { Evidence } from "./Evidence.tsx";
import { NextSteps } from "./NextSteps.tsx";
import { answerGroups, type AnswerGroup } from "./pathGroups.ts";
import { VerdictReasons } from "./ReasonChain.tsx";
import { Disclosure, FactRow } from "./Section.tsx";
import { SenderEvidence } from "./SenderEvidence.tsx";

function Answer({ group, gloss, ports }: { readonly group: AnswerGroup; readonly gloss: (value: string) => string; readonly ports: boolean }) {
  const value = group.verdict.kind === "known" ? group.verdict.value : "unknown";
  return (
    <>
      <span className="font-medium">{value}</span>
      {ports && <span className="text-quiet"> on {group.ports.join(", ")}</span>}
      {gloss(value) !== value && <span className="block text-sm text-quiet">{gloss(value)}</span>}
    </>
  );
}

interface VerdictRowsProps {
  readonly name: string;
  readonly paths: readonly PathView[];
  readonly of: (path: PathView) => VerdictView<string>;
  readonly gloss: (value: string) => string;
}

/** One row for each distinct answer; ports are named where there is more than one answer, or one port that matters. */
function VerdictRows({ name, paths, of, gloss }: VerdictRowsProps) {
  const groups = answerGroups(paths, of);
  return groups.map((group, index) => (
    <FactRow
      key={JSON.stringify(group.ports) + index.toString()}
      name={name}
      again={index > 0}
      more={
        <Disclosure word="why" label={`${name} ${group.verdict.kind === "known" ? group.verdict.value : "unknown"}`}>
          <VerdictReasons verdict={group.verdict} />
        </Disclosure>
      }
    >
      <Answer group={group} gloss={gloss} ports={name === "accepts" || groups.length > 1} />
    </FactRow>
  ));
}

const acceptsGloss = (value: string) => ACCEPTS[value as ServerMode];
const sendsGloss = (value: string) => SENDS[value as ClientMode];
const transportGloss = (value: string) => (value in TRANSPORT ? value : "cannot be told");

function authorizationMatters(path: PathView): boolean {
  return path.authorization.kind === "unknown" || path.authorization.value !== "allow";
}

/** Where it is not the same time as that of all that was seen, or might not be. */
function plaintextApart({ counts, lastSeenMs, lastPlaintextMs }: EdgeView): boolean {
  if (lastPlaintextMs === null && counts.plaintext === 0) return false;
  return lastPlaintextMs !== lastSeenMs || attempted(counts) > counts.plaintext;
}

/** The three facts, kept apart, then who sends it and what to do. */
export function EdgeFacts({ detail, view, nodesById }: { readonly detail: EdgeDetailView; readonly view: MeshView; readonly nodesById: ReadonlyMap<string, NodeView> }) {
  const { edge, paths, sender } = detail;
  return (
    <>
      {paths.length === 0 && (
        <FactRow name="configured">
          <span className="text-quiet">{WORDS.noPath}</span>
        </FactRow>
      )}
      <VerdictRows name="accepts" paths={paths} of={(path) => path.accepts} gloss={acceptsGloss} />
      <VerdictRows name="sends" paths={paths} of={(path) => path.sends} gloss={sendsGloss} />
      <VerdictRows name="together" paths={paths} of={(path) => path.transport} gloss={transportGloss} />
      {paths.some(authorizationMatters) && <VerdictRows name="allowed" paths={paths} of={(path) => path.authorization} gloss={(value) => value} />}
      <FactRow
        name="observed"
        more={
          <Disclosure word="evidence" label="what was observed">
            <Evidence detail={detail} nowMs={view.capturedAtMs} />
          </Disclosure>
        }
      >
        <span className="font-medium tabular-nums">{observed(edge)}</span>
        <span className="text-quiet">
          {" "}
          in {lengthText(view.window.seconds)}
          {edge.lastSeenMs !== null && `, last ${lastText(lastSeen(edge), view.capturedAtMs)}`}
        </span>
        {plaintextApart(edge) && <span className="block text-sm text-quiet">last plaintext {lastText(lastPlaintext(edge), view.capturedAtMs)}</span>}
      </FactRow>
      <FactRow
        name="sender"
        more={
          <Disclosure word="how" label="the sender is known">
            <SenderEvidence sender={sender} />
          </Disclosure>
        }
      >
        <span className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-medium">{nodeName(nodesById.get(edge.client), edge.client)}</span>
          <Confidence confidence={sender.confidence} />
        </span>
        <span className="block text-sm text-quiet">{sender.sentence}</span>
      </FactRow>
      <NextSteps detail={detail} view={view} />
    </>
  );
}
