import type { PathView, VerdictView } from "#view";

/** Ways of a connection that get the same answer for the same reasons, and the ports they lead to. */
export interface AnswerGroup {
  readonly verdict: VerdictView<string>;
  readonly ports: readonly string[];
}

function portName(path: PathView): string {
  return path.port === path.targetPort ? path.port.toString() : `${path.port.toString()} → ${path.targetPort.toString()}`;
}

/** @param of which of a path's verdicts to group by */
export function answerGroups(paths: readonly PathView[], of: (path: PathView) => VerdictView<string>): readonly AnswerGroup[] {
  const groups = new Map<string, { verdict: VerdictView<string>; ports: Set<string> }>();
  for (const path of paths) {
    const verdict = of(path);
    const key = JSON.stringify(verdict);
    const group = groups.get(key) ?? { verdict, ports: new Set() };
    group.ports.add(portName(path));
    groups.set(key, group);
  }
  return [...groups.values()].map(({ verdict, ports }) => ({ verdict, ports: [...ports] }));
}
