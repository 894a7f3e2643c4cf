import type { Container, Pod } from "#mesh";
import { rawMeta, type Raw } from "./rawMeta.ts";

// What a kubelet's pod weighs beside what mtlscope reads of it: environment, volumes, probes, statuses, managed fields. Seven kilobytes each.

const VARIABLES = Array.from({ length: 12 }, (_, at) => ({ name: `SETTING_${at}`, value: `value-of-setting-${at}-${"x".repeat(24)}` }));
const PROXY_VARIABLES = ["POD_NAME", "POD_NAMESPACE", "INSTANCE_IP", "SERVICE_ACCOUNT", "HOST_IP", "ISTIO_CPU_LIMIT", "PROXY_CONFIG", "ISTIO_META_POD_PORTS", "ISTIO_META_APP_CONTAINERS", "GOMEMLIMIT", "GOMAXPROCS", "ISTIO_META_CLUSTER_ID", "ISTIO_META_NODE_NAME", "ISTIO_META_MESH_ID", "TRUST_DOMAIN"]
  .map((name) => ({ name, valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } }));
const MOUNTS = ["istiod-ca-cert", "istio-data", "istio-envoy", "istio-token", "istio-podinfo", "kube-api-access"].map((name) => ({ name, mountPath: `/var/run/secrets/${name}`, readOnly: true }));
const VOLUMES = MOUNTS.map(({ name }) => ({ name, emptyDir: {} }));
const PROBE = { httpGet: { path: "/healthz/ready", port: 15_021, scheme: "HTTP" }, initialDelaySeconds: 1, timeoutSeconds: 3, periodSeconds: 15, successThreshold: 1, failureThreshold: 4 };
const RESOURCES = { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "2", memory: "1Gi" } };

function managedFields(manager: string, fields: number): object {
  const keys = Array.from({ length: fields }, (_, at) => [`f:field${at}`, { ".": {}, "f:value": {} }]);
  return { manager, operation: "Update", apiVersion: "v1", time: "2026-01-01T00:00:00Z", fieldsType: "FieldsV1", fieldsV1: { "f:metadata": { "f:labels": Object.fromEntries(keys) as Raw } } };
}

function rawContainer({ name, init, args, ports, runAsUser }: Container): Raw {
  return {
    name, image: `registry.example.com/team/${name}:1.2.3`, args, ports, imagePullPolicy: "IfNotPresent", terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File",
    env: name === "istio-proxy" ? PROXY_VARIABLES : VARIABLES, volumeMounts: MOUNTS, resources: RESOURCES, ...(init === "app" ? { readinessProbe: PROBE } : {}),
    ...(init === "native-sidecar" ? { restartPolicy: "Always", startupProbe: PROBE } : {}), securityContext: { runAsUser, allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  };
}

function statusOf({ name }: Container): Raw {
  return { name, ready: true, started: true, restartCount: 0, image: `registry.example.com/team/${name}:1.2.3`, imageID: `registry.example.com/team/${name}@sha256:${"0".repeat(64)}`, containerID: `containerd://${"1".repeat(64)}`, state: { running: { startedAt: "2026-01-01T00:00:00Z" } } };
}

export function rawPod(pod: Pod): Raw {
  const { containers, owner, ips } = pod;
  const replicaSet = `${owner.name}-5c7d9b6f44`;
  const inits = containers.filter(({ init }) => init !== "app");
  const apps = containers.filter(({ init }) => init === "app");
  return {
    apiVersion: "v1", kind: "Pod",
    metadata: {
      ...rawMeta(pod), generateName: `${replicaSet}-`, ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: replicaSet, uid: "00000000-0000-0000-0000-000000000001", controller: true, blockOwnerDeletion: true }],
      managedFields: [managedFields("kube-controller-manager", 24), managedFields("kubelet", 16)],
    },
    spec: {
      serviceAccountName: pod.serviceAccountName, serviceAccount: pod.serviceAccountName, nodeName: pod.nodeName, restartPolicy: "Always", dnsPolicy: "ClusterFirst", schedulerName: "default-scheduler",
      initContainers: inits.map(rawContainer), containers: apps.map(rawContainer), volumes: VOLUMES, securityContext: {}, terminationGracePeriodSeconds: 30, enableServiceLinks: true,
    },
    status: {
      phase: pod.phase, hostIP: "10.0.0.1", podIP: ips[0], podIPs: ips.map((ip) => ({ ip })), startTime: "2026-01-01T00:00:00Z", qosClass: "Burstable",
      conditions: ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) => ({ type, status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" })),
      initContainerStatuses: inits.map(statusOf), containerStatuses: apps.map(statusOf),
    },
  };
}
