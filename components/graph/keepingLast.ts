/** A computation that keeps its last answer until it is told to forget it. */
export interface KeepingLast<Asked extends readonly unknown[], Answer> {
  of(...asked: Asked): Answer;
  forget(): void;
}

/**
 * For what takes long in a first render: where something more urgent comes in between, React begins that render anew, and all that its hooks kept is
 * lost. Once it is on the screen they do keep it, and this can forget it.
 */
export function keepingLast<Asked extends readonly unknown[], Answer>(compute: (...asked: Asked) => Answer): KeepingLast<Asked, Answer> {
  let last: { readonly asked: Asked; readonly answer: Answer } | null = null;
  return {
    of: (...asked) => {
      if (last === null || asked.length !== last.asked.length || asked.some((one, at) => one !== last?.asked[at])) last = { asked, answer: compute(...asked) };
      return last.answer;
    },
    forget: () => {
      last = null;
    },
  };
}
