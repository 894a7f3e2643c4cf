/** Whether the sentence at the head of a panel says a cause already: there it follows what was seen, and begins small. */
export function isToldAbove(cause: string, sentence: string): boolean {
  return sentence.includes(cause.slice(1));
}
