import { afterAll, beforeAll } from "vitest";
import { describeSource } from "../sources/kubernetes/contract.ts";
import type { RealCluster } from "../support/realCluster.ts";
import { type Crd, install, istioCrds, startMeshCluster } from "../support/meshCluster.ts";

let cluster: RealCluster;

/** As a later Istio's may be: with a mode that this one does not know. */
function withAnotherMode(crd: Crd): Crd {
  return JSON.parse(JSON.stringify(crd).replaceAll('"PERMISSIVE","STRICT"', '"PERMISSIVE","STRICT","SOMETIMES"')) as Crd;
}

beforeAll(async () => {
  cluster = await startMeshCluster();
  await install(cluster, istioCrds().filter(({ spec }) => spec.names.kind === "PeerAuthentication").map(withAnotherMode));
});

afterAll(async () => {
  await cluster.stop();
});

// one cluster for all of them: each test leaves nothing behind
describeSource("the Kubernetes source against a real kube-apiserver", () => Promise.resolve({
  kubeconfigFile: cluster.kubeconfigFile,
  apply: (...objects) => cluster.apply(...objects),
  remove: (...objects) => cluster.remove(...objects),
  stop: () => Promise.resolve(),
}));
