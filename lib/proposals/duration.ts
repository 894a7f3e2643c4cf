const UNITS = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]] as const;

/** `15 min`, `1 h 30 min`: at most two units, never rounded to nothing. */
export function durationText(ms: number): string {
  let seconds = Math.max(1, Math.round(ms / 1_000));
  const parts: string[] = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(seconds / length);
    if (count > 0) parts.push(`${count} ${unit}`);
    seconds -= count * length;
  }
  return parts.slice(0, 2).join(" ");
}
