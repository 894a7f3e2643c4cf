import { lengthText } from "#time-spans";
import type { CountsView, EdgeView, ProtocolFamily } from "#view";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** What happened is never shown as 0, however much of it had to be extrapolated. */
export function count(value: number): string {
  return value > 0 && value < 0.5 ? "<1" : whole.format(value);
}

/** A part of a whole as a percentage that never rounds a remainder away. */
export function share(part: number, of: number): string {
  if (of <= 0) return "–";
  const percent = (part / of) * 100;
  if (part > 0 && percent < 0.1) return "<0.1 %";
  if (part < of && percent > 99.9) return ">99.9 %";
  return `${(Math.round(percent * 10) / 10).toString()} %`;
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Requests and TCP connections are different facts and always carry their word. */
export function traffic(family: ProtocolFamily, value: number, extrapolated = false): string {
  const text = family === "http" ? plural(value, "request") : plural(value, "TCP connection");
  return extrapolated ? `≈${text}` : text;
}

export function seen(counts: CountsView): number {
  return counts.mtls + counts.plaintext + counts.tls + counts.unclear;
}

export function attempted(counts: CountsView): number {
  return seen(counts) + counts.refused;
}

export function edgeCount(edge: EdgeView, value: number): string {
  return `${edge.extrapolated && value > 0 ? "≈" : ""}${count(value)}`;
}

/** As old as it is, as nearly as that matters: this rounds up, so that of a window `lengthText` is to be said. */
export function age(seconds: number): string {
  const unit = seconds < 60 ? 1 : seconds < 90 * 60 ? 60 : seconds < 36 * 3600 ? 3600 : 86_400;
  return lengthText(Math.round(Math.max(0, seconds) / unit) * unit);
}

export function ago(atMs: number | null, nowMs: number): string {
  if (atMs === null) return "–";
  return `${age((nowMs - atMs) / 1000)} ago`;
}

/** Between two times, where that is all that is known: `20 to 35 min ago`. */
export function agoBetween(afterMs: number, untilMs: number, nowMs: number): string {
  const [newest, oldest] = [age((nowMs - untilMs) / 1000), age((nowMs - afterMs) / 1000)];
  if (newest === oldest) return `${newest} ago`;
  const [[number, ...unit], [, ...units]] = [newest.split(" "), oldest.split(" ")];
  return `${unit.join(" ") === units.join(" ") ? (number ?? newest) : newest} to ${oldest} ago`;
}

/** A time, as exactly as it is known: without one, what the window holds was in it. */
export interface Last {
  readonly atMs: number | null;
  /** it was after this, where no more is known */
  readonly afterMs: number | null;
  readonly inWindow: boolean;
}

export function lastSeen({ counts, lastSeenMs, lastSeenAfterMs }: Pick<EdgeView, "counts" | "lastSeenMs" | "lastSeenAfterMs">): Last {
  return { atMs: lastSeenMs, afterMs: lastSeenAfterMs, inWindow: attempted(counts) > 0 };
}

export function lastPlaintext({ counts, lastPlaintextMs, lastPlaintextAfterMs }: Pick<EdgeView, "counts" | "lastPlaintextMs" | "lastPlaintextAfterMs">): Last {
  return { atMs: lastPlaintextMs, afterMs: lastPlaintextAfterMs, inWindow: counts.plaintext > 0 };
}

export function lastText({ atMs, afterMs, inWindow }: Last, nowMs: number): string {
  if (atMs === null) return inWindow ? "in the window" : "–";
  return afterMs === null ? ago(atMs, nowMs) : agoBetween(afterMs, atMs, nowMs);
}

/** The same by the clock; nothing where no time is known. */
export function lastMoment({ atMs, afterMs }: Last): string | undefined {
  if (atMs === null) return undefined;
  return afterMs === null ? moment(atMs) : `between ${moment(afterMs)} and ${moment(atMs)}`;
}

export function clockTime(atMs: number): string {
  return new Date(atMs).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

export function moment(atMs: number): string {
  return new Date(atMs).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

/** Adds up requests or connections; the caller keeps the two families apart. */
export function sumCounts(all: readonly CountsView[]): CountsView {
  const sum = { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0 };
  for (const counts of all) {
    sum.mtls += counts.mtls;
    sum.plaintext += counts.plaintext;
    sum.tls += counts.tls;
    sum.unclear += counts.unclear;
    sum.refused += counts.refused;
  }
  return sum;
}
