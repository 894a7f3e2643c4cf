import type { Configuration, ObjectKind } from "#mesh";
import { expect } from "vitest";
import { kubernetesSource, type KubernetesOptions, type KubernetesSource, type Timing } from "../../../lib/sources/kubernetes/index.ts";

/** The real timing, faster. */
export const FAST: Timing = { silenceMs: 1_000, backoffMinMs: 20, backoffMaxMs: 100, refusedRetryMs: 150, replyTimeoutMs: 2_000, coalesceMs: 10 };

export async function openSource(kubeconfigFile: string, given: Partial<KubernetesOptions> = {}): Promise<KubernetesSource> {
  return kubernetesSource({ kubeconfigFiles: [kubeconfigFile], context: null, namespaces: null, istioNamespace: "istio-system", timing: FAST, ...given });
}

export function namesOf(configuration: Configuration, kind: ObjectKind): readonly string[] {
  return configuration.objects[kind].map(({ namespace, name }) => (namespace === "" ? name : `${namespace}/${name}`)).toSorted();
}

/** Waits until the source's picture is as said, and says how long that took. */
export async function eventually(check: () => void, timeoutMs = 5_000): Promise<number> {
  const startedAtMs = performance.now();
  await expect.poll(() => {
    check();
    return true;
  }, { timeout: timeoutMs, interval: 5 }).toBe(true);
  return performance.now() - startedAtMs;
}

export function because(configuration: Configuration, kind: string): string {
  return configuration.unread.filter((unread) => unread.kind === kind && unread.name === null).map((unread) => unread.because).join("\n");
}
