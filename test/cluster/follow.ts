// Follows a real cluster with the product's own Kubernetes source.
import type { KubernetesOptions, KubernetesSource } from "../../lib/sources/kubernetes/index.ts";
import { FAST, openSource } from "../sources/kubernetes/following.ts";

/** The real timing, faster; but a real server may be silent for a minute. */
export async function follow(kubeconfigFile: string, given: Partial<KubernetesOptions> = {}): Promise<KubernetesSource> {
  return openSource(kubeconfigFile, { timing: { ...FAST, silenceMs: 120_000 }, ...given });
}
