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

/** How long ago, to the nearest unit that says enough. Of a window say `lengthOf`: this rounds up. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds)).toString()} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60).toString()} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600).toString()} h`;
  return `${Math.round(seconds / 86400).toString()} d`;
}

export function ago(atMs: number | null, nowMs: number): string {
  if (atMs === null) return "–";
  return `${duration(Math.max(0, nowMs - atMs) / 1000)} ago`;
}

/** Between two times, where that is all that is known: `20 to 35 min ago`. */
export function agoBetween(afterMs: number, untilMs: number, nowMs: number): string {
  const [newest, oldest] = [duration(Math.max(0, nowMs - untilMs) / 1000), duration(Math.max(0, nowMs - afterMs) / 1000)];
  if (newest === oldest) return `${newest} ago`;
  const [number, unit] = newest.split(" ");
  return `${oldest.endsWith(` ${unit ?? ""}`) ? (number ?? newest) : newest} to ${oldest} ago`;
}

interface SeenEdge {
  readonly counts: CountsView;
  readonly lastSeenMs: number | null;
  readonly lastSeenAfterMs: number | null;
}

/** When traffic was last seen on an edge, as exactly as that is known. */
export function lastSeen({ counts, lastSeenMs, lastSeenAfterMs }: SeenEdge, nowMs: number): string {
  if (lastSeenMs === null) return attempted(counts) > 0 ? "in the window" : "–";
  return lastSeenAfterMs === null ? ago(lastSeenMs, nowMs) : agoBetween(lastSeenAfterMs, lastSeenMs, nowMs);
}

/** How long a window is, exact to the minute: `1 d 12 h`. What is claimed of a window is claimed of no longer one. */
export function lengthOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const parts = [
    [Math.floor(minutes / 1440), "d"],
    [Math.floor(minutes / 60) % 24, "h"],
    [minutes % 60, "min"],
  ] as const;
  if (minutes === 0) return `${Math.round(seconds).toString()} s`;
  return parts.filter(([number]) => number > 0).map(([number, unit]) => `${number.toString()} ${unit}`).join(" ");
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
