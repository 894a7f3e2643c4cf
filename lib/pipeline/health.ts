import type { SourceStatus } from "#sources";

/** Whether the pipeline can be relied upon, and what it reads from. */
export interface Health {
  readonly revision: number;
  readonly sources: readonly SourceStatus[];
  /** why not, in words; empty when every source was read once and the newest state could be evaluated */
  readonly notReady: readonly string[];
}

function unread({ name, message }: SourceStatus): string {
  return `${name} has not been read yet${message === "" ? "" : `: ${message}`}`;
}

/** @param failure the evaluation, while it fails */
export function healthOf(revision: number, sources: readonly SourceStatus[], failure: SourceStatus | null): Health {
  const waiting = sources.filter(({ state }) => state === "starting").map(unread);
  const failing = failure === null ? [] : [failure.message];
  return { revision, sources: failure === null ? sources : [...sources, failure], notReady: [...waiting, ...failing] };
}
