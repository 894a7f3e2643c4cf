/** One figure, and what it is held to. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** `null`: told, and not held to anything */
  readonly budget: number | null;
  readonly ok: boolean;
}

export function row(name: string, value: number, { unit, budget = null }: { readonly unit: string; readonly budget?: number | null }): Row {
  const rounded = Math.round(value * 100) / 100;
  // what could not be measured is not within its budget
  return { name, value: rounded, unit, budget, ok: budget === null || rounded <= budget };
}

export function printRow({ name, value, unit, budget, ok }: Row): void {
  console.log(`${ok ? "ok  " : "OVER"} ${name}: ${value} ${unit}${budget === null ? "" : ` (budget ${budget})`}`);
}
