import { setTimeout as sleep } from "node:timers/promises";
import type { RawObject } from "../../../test/support/fakeApiServer.ts";
import type { RealCluster } from "../../../test/support/realCluster.ts";
import type { Random } from "../random.ts";

const PAUSE_MS = 100;
const NAMES = 40;
const MODES = ["STRICT", "PERMISSIVE", "DISABLE"];

function metadataOf(namespace: string, name: string): RawObject["metadata"] {
  return { namespace, name, labels: { app: name } };
}

function podOf(namespace: string, name: string, random: Random): RawObject {
  const ip = `10.200.${random.below(250)}.${1 + random.below(250)}`;
  const containers = [{ name: "app", image: "app:1", ports: [{ containerPort: 8080 }] }, ...(random.chance(0.7) ? [{ name: "istio-proxy", image: "proxy:1", args: ["proxy", "sidecar"] }] : [])];
  return { apiVersion: "v1", kind: "Pod", metadata: metadataOf(namespace, name), spec: { containers }, status: { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions: [{ type: "Ready", status: random.chance(0.9) ? "True" : "False" }] } };
}

function somethingElse(namespace: string, name: string, random: Random): RawObject {
  const metadata = metadataOf(namespace, name);
  const mode = MODES[random.below(MODES.length)] ?? "STRICT";
  const kinds: readonly RawObject[] = [
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 8080 }] } },
    { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata, spec: { selector: { matchLabels: { app: name } }, mtls: { mode } } },
    { apiVersion: "networking.istio.io/v1", kind: "DestinationRule", metadata, spec: { host: `${name}.${namespace}.svc.cluster.local`, trafficPolicy: { tls: { mode: random.chance(0.5) ? "ISTIO_MUTUAL" : "DISABLE" } } } },
    { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", metadata, spec: { action: "ALLOW", rules: [{ from: [{ source: { namespaces: [namespace] } }] }] } },
  ];
  return kinds[random.below(kinds.length)] as RawObject;
}

/** Objects come, change and go until told to stop; what the server refuses meanwhile is tried again with the next. */
export function keepChanging(cluster: RealCluster, random: Random): { readonly made: () => number; stop(): Promise<void> } {
  let made = 0;
  let stopped = false;
  const change = async (): Promise<void> => {
    while (!stopped) {
      const [namespace, name] = [`team-${random.below(20)}`, `soak-${random.below(NAMES)}`];
      const exists = random.chance(0.7);
      // a pod's containers cannot be changed: it is made anew
      const object = random.chance(0.4) ? podOf(namespace, name, random) : somethingElse(namespace, name, random);
      try {
        if (!exists || object.kind === "Pod") await cluster.remove(object);
        if (exists) await cluster.apply(object);
        made += 1;
      } catch {
        await sleep(PAUSE_MS * 5);
      }
      await sleep(PAUSE_MS);
    }
  };
  const changing = change();
  return {
    made: () => made,
    async stop() {
      stopped = true;
      await changing;
    },
  };
}
