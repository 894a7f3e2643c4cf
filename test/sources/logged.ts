import { vi } from "vitest";

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly because?: string;
}

/** @returns what was logged meanwhile */
export async function logged(work: () => unknown): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  const write = vi.spyOn(process.stderr, "write").mockImplementation((chunk) => lines.push(JSON.parse(String(chunk)) as LogLine) > 0);
  try {
    await work();
  } finally {
    write.mockRestore();
  }
  return lines;
}
