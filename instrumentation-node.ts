import { meshThread, type MeshThread } from "#pipeline";

// Open event streams would hold the server for ever, and a browser's idle connection for up to a minute.
const STOP_DEADLINE_MS = 2_000;
const MISCONFIGURED = 2;

async function open(): Promise<MeshThread> {
  try {
    return await meshThread();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(MISCONFIGURED);
  }
}

/** Opens the sources, and sees to it that the process ends within 3 s of being asked to, or when the process that started it is gone. */
export async function serveMesh(): Promise<void> {
  const mesh = await open();
  const stop = (exitCode: number): void => {
    setTimeout(() => process.exit(exitCode), STOP_DEADLINE_MS).unref();
    void mesh.stop();
  };
  process.once("SIGTERM", () => {
    stop(143);
  });
  process.once("SIGINT", () => {
    stop(130);
  });
  if (process.channel !== undefined) process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
}
