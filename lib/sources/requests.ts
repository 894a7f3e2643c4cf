/** Whom mtlscope asks over the network. */
export type Asked = "kubernetes" | "prometheus";

export interface RequestCounts {
  readonly answered: number;
  readonly failed: number;
}

const counts: Record<Asked, { answered: number; failed: number }> = { kubernetes: { answered: 0, failed: 0 }, prometheus: { answered: 0, failed: 0 } };

/** Counts a request when it is known how it went; hands on what it came to. */
export async function counted<T>(asked: Asked, request: Promise<T>): Promise<T> {
  try {
    const reply = await request;
    counts[asked].answered += 1;
    return reply;
  } catch (error) {
    counts[asked].failed += 1;
    throw error;
  }
}

/** Requests since this thread began: queries to Prometheus, and lists, watches and discovery to the API server. */
export function requestCounts(): Readonly<Record<Asked, RequestCounts>> {
  return structuredClone(counts);
}
