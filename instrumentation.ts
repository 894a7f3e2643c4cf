/** Next calls this once per process, before the first request. What needs Node is imported only where Node runs. */
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] !== "nodejs" || process.env["NEXT_PHASE"] === "phase-production-build") return;
  const { serveMesh } = await import("./instrumentation-node.ts");
  await serveMesh();
}
