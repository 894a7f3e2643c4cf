import type { Draw, Json } from "./draw.ts";
import { age, maybe } from "./draw.ts";
import type { Places } from "./places.ts";
import { somewhere } from "./places.ts";
import type { Pod } from "./workloads.ts";

function principal(draw: Draw, places: Places, pod: Pod): string {
  const domain = draw.chance(0.8) ? places.trustDomain : "cluster.local";
  return draw.weighted([[3, "*"], [2, `${domain}/ns/${pod.namespace}/*`], [3, `${domain}/ns/${pod.namespace}/sa/${pod.serviceAccount}`], [1, `*/sa/${pod.serviceAccount}`]]);
}

function sourceOf(draw: Draw, places: Places, pods: readonly Pod[]): Json {
  const pod = draw.pick(pods);
  const one = (): Json =>
    draw.weighted<() => Json>([
      [4, () => ({ principals: [principal(draw, places, pod)] })],
      [4, () => ({ notPrincipals: [draw.chance(0.6) ? "*" : principal(draw, places, pod)] })],
      [3, () => ({ namespaces: [draw.chance(0.15) ? `${pod.namespace.slice(0, 2)}*` : pod.namespace] })],
      [2, () => ({ notNamespaces: [pod.namespace] })],
      [2, () => ({ ipBlocks: [draw.pick(["10.0.0.0/16", "10.0.0.12/30", "172.16.0.0/12"])] })],
      [1, () => ({ notIpBlocks: [draw.pick(["10.0.0.0/28", "172.16.0.0/12"])] })],
      [2, () => ({ serviceAccounts: [draw.chance(0.8) ? `${pod.namespace}/${pod.serviceAccount}` : pod.serviceAccount] })],
      [0.7, () => ({ trustDomains: [draw.pick([places.trustDomain, "example.com"])] })],
      [0.7, () => ({ remoteIpBlocks: [draw.pick(["10.0.0.0/16", "172.16.0.0/12"])] })],
      [1, () => ({ notServiceAccounts: [`${pod.namespace}/${pod.serviceAccount}`] })],
    ])();
  const source = one();
  const clashes = "serviceAccounts" in source || "notServiceAccounts" in source;
  const more = draw.chance(0.15) && !clashes ? one() : {};
  return "serviceAccounts" in more || "notServiceAccounts" in more ? source : { ...source, ...more };
}

function operationOf(draw: Draw, pods: readonly Pod[]): Json {
  const port = String(draw.pick(draw.pick(pods).ports).target);
  return draw.weighted<Json>([[5, { ports: [port] }], [2, { notPorts: [port] }], [2, { methods: ["GET"] }], [2, { paths: ["/x"] }], [1, { ports: [port], paths: ["/x"] }], [0.5, { hosts: ["x.example"] }]]);
}

function conditionOf(draw: Draw, places: Places, pods: readonly Pod[]): Json {
  const pod = draw.pick(pods);
  const values = draw.chance(0.7) ? "values" : "notValues";
  return draw.weighted<Json>([
    [4, { key: "source.namespace", [values]: [pod.namespace] }],
    [3, { key: "destination.port", [values]: [String(draw.pick(pod.ports).target)] }],
    [1, { key: "source.principal", [values]: [principal(draw, places, pod)] }],
    [1, { key: "source.ip", [values]: ["10.0.0.0/28"] }],
    [1, { key: "remote.ip", [values]: ["10.0.0.0/28"] }],
    [1.5, { key: "destination.ip", [values]: [draw.pick(["10.0.0.0/16", "172.16.0.0/12", "10.96.0.0/12"])] }],
    [1, { key: "connection.sni", [values]: [draw.pick(["*.svc.cluster.local", "x.example", "outbound_*"])] }],
    [0.5, { key: "source.serviceAccount", [values]: [`${pod.namespace}/${pod.serviceAccount}`] }],
    [0.5, { key: "source.trustDomain", [values]: [draw.pick([places.trustDomain, "example.com"])] }],
    [0.5, { key: "request.headers[x]", [values]: ["y"] }],
  ]);
}

function ruleOf(draw: Draw, places: Places, pods: readonly Pod[]): Json {
  if (draw.chance(0.1)) return {};
  const from = draw.chance(0.7);
  const to = draw.chance(from ? 0.35 : 0.8);
  const sources = (): readonly Json[] => Array.from({ length: draw.chance(0.15) ? 2 : 1 }, () => ({ source: sourceOf(draw, places, pods) }));
  const operations = (): readonly Json[] => Array.from({ length: draw.chance(0.15) ? 2 : 1 }, () => ({ operation: operationOf(draw, pods) }));
  return { ...maybe(from, () => ({ from: sources() })), ...maybe(to, () => ({ to: operations() })), ...maybe(draw.chance(0.2) || (!from && !to), () => ({ when: [conditionOf(draw, places, pods)] })) };
}

function policyOf(draw: Draw, places: Places, pods: readonly Pod[], name: string): Json {
  const app = draw.pick(pods).app;
  const selector = maybe(draw.chance(0.75), () => ({ selector: { matchLabels: { app } } }));
  const action = draw.weighted<string | null>([[12, "ALLOW"], [7, "DENY"], [1, null], [places.nasty ? 0.5 : 0, "AUDIT"]]);
  const rules = draw.chance(0.06) ? {} : { rules: Array.from({ length: draw.chance(0.2) ? 2 : 1 }, () => ruleOf(draw, places, pods)) };
  const dryRun = maybe(draw.chance(0.03), () => ({ annotations: { "istio.io/dry-run": "true" } }));
  return { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", metadata: { name, ...age(draw), namespace: draw.chance(0.2) ? places.root : somewhere(draw, places), ...dryRun }, spec: { ...selector, ...maybe(action !== null, () => ({ action })), ...rules } };
}

export function authorizationPoliciesOf(draw: Draw, places: Places, pods: readonly Pod[]): readonly Json[] {
  return Array.from({ length: 1 + draw.below(3) }, (_, at) => policyOf(draw, places, pods, at === 0 ? "ap" : `ap-${at + 1}`));
}
