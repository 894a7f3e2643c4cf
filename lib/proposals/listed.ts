const NAMED_AT_MOST = 5;

/** The first few of many names. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_AT_MOST).map((name) => `\`${name}\``).join(", ");
  return names.length > NAMED_AT_MOST ? `${shown} and ${names.length - NAMED_AT_MOST} more` : shown;
}
