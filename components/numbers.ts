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
