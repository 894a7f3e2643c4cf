/** True, false, or depending on what objects do not tell: a path, a header, a token. */
export type Ternary = boolean | "depends";

export function every(answers: readonly Ternary[]): Ternary {
  if (answers.includes(false)) return false;
  return answers.includes("depends") ? "depends" : true;
}

export function some(answers: readonly Ternary[]): Ternary {
  if (answers.includes(true)) return true;
  return answers.includes("depends") ? "depends" : false;
}

export function not(answer: Ternary): Ternary {
  return answer === "depends" ? answer : !answer;
}
