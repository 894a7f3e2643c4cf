import type { Config, MeshConfigSource, PrometheusConfig } from "./config.ts";
import { noTelemetry } from "./noTelemetry.ts";
import type { MeshSources, TelemetrySource } from "./source.ts";

export { ConfigError, readConfig } from "./config.ts";
export type { Config, KubernetesConfig, MeshConfigSource, PrometheusConfig } from "./config.ts";
export { log, redact, traceOf, wordsOf } from "./log.ts";
export { Misconfiguration } from "./misconfiguration.ts";
export { requestCounts } from "./requests.ts";
export type { RequestCounts } from "./requests.ts";
export { PlaygroundRefusal } from "./source.ts";
export { savedState, snapshotBytes } from "./snapshotFile/index.ts";
export type { SavedState } from "./snapshotFile/index.ts";
export type { ConfigurationSource, MeshSources, PlaygroundControls, SourceStatus, TelemetryRequest, TelemetrySource, Waiting } from "./source.ts";

/** Traffic alone, without a cluster; without a Prometheus none, and a gap that says so. @throws {TypeError} where the URL is none */
export async function openTelemetry(prometheus: PrometheusConfig | null): Promise<TelemetrySource> {
  if (prometheus === null) return noTelemetry();
  const { prometheusSource } = await import("./prometheus/index.ts");
  return prometheusSource(prometheus);
}

// The Kubernetes client takes a second and 90 MB to load; the playground does without.
async function clusterSources({ kubernetes, prometheus }: Extract<MeshConfigSource, { readonly kind: "cluster" }>): Promise<MeshSources> {
  const { kubernetesSource } = await import("./kubernetes/index.ts");
  const configuration = await kubernetesSource(kubernetes);
  const telemetry = await openTelemetry(prometheus).catch(async (error: unknown) => {
    await configuration.stop();
    throw error;
  });
  return {
    name: configuration.name,
    configuration,
    telemetry,
    saved: null,
    playground: null,
    async stop() {
      await Promise.all([configuration.stop(), telemetry.stop()]);
    },
  };
}

/**
 * Opens what the configuration asks for: a cluster and, where given, its Prometheus; a saved state; or the playground.
 *
 * @returns before anything has been read: what is not known yet, or cannot be reached, stands in the sources' status
 * @throws {Misconfiguration} when the configuration does not lead to a source: no such context, no such scene, a file that is no saved state
 */
export async function openSources({ mesh }: Config): Promise<MeshSources> {
  if (mesh.kind === "cluster") return clusterSources(mesh);
  if (mesh.kind === "snapshot") return (await import("./snapshotFile/index.ts")).snapshotSources(mesh.file);
  const { playgroundSources } = await import("./playground/index.ts");
  return playgroundSources(mesh.scene === null ? {} : { scene: mesh.scene });
}
