const TOLERANCE = 0.02;

/** How far two proxies' counts of the same traffic may differ: they are never scraped at the same instant. */
export function slackOf(count: number): number {
  return Math.max(1, count * TOLERANCE);
}
