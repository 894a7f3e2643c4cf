import type { Draw, Json } from "./draw.ts";
import { age, maybe } from "./draw.ts";
import type { Places } from "./places.ts";
import { exportTo, somewhere } from "./places.ts";
import type { Dialled } from "./services.ts";
import type { Pod } from "./workloads.ts";

const FILES = { clientCertificate: "/etc/certs/c.pem", privateKey: "/etc/certs/k.pem", caCertificates: "/etc/certs/ca.pem" };

function tlsOf(draw: Draw, { trustDomain }: Places, pods: readonly Pod[]): Json {
  const pod = draw.pick(pods);
  const names = (): Json => ({ subjectAltNames: [draw.chance(0.5) ? "spiffe://cluster.local/ns/none/sa/none" : `spiffe://${trustDomain}/ns/${pod.namespace}/sa/${pod.serviceAccount}`] });
  return draw.weighted<() => Json>([
    [14, () => ({ mode: "ISTIO_MUTUAL", ...maybe(draw.chance(0.08), names), ...maybe(draw.chance(0.05), () => ({ sni: "x.example" })) })],
    [9, () => ({ mode: "DISABLE" })],
    [7, () => ({ mode: "SIMPLE", ...maybe(draw.chance(0.25), () => ({ credentialName: draw.chance(0.9) ? "cred" : "configmap://cred" })) })],
    [3, () => ({ mode: "MUTUAL", ...(draw.chance(0.3) ? { credentialName: "cred" } : FILES) })],
    [1, () => ({ sni: "x.example" })],
    [0.5, () => ({})],
  ])();
}

const BALANCERS = ["PASSTHROUGH", "PASSTHROUGH", "RANDOM", "LEAST_REQUEST", "ROUND_ROBIN"] as const;
const POOL = { connectionPool: { tcp: { maxConnections: 100 } } };

interface Subject {
  readonly places: Places;
  readonly pods: readonly Pod[];
  readonly of: Dialled;
}

function common(draw: Draw, subject: Subject, likely: number): Json {
  return {
    ...maybe(draw.chance(likely), () => ({ tls: tlsOf(draw, subject.places, subject.pods) })),
    ...maybe(draw.chance(0.35), () => POOL),
    ...maybe(draw.chance(0.25), () => ({ loadBalancer: { simple: draw.pick(BALANCERS) } })),
  };
}

function perPort(draw: Draw, subject: Subject): Json {
  const { port, target } = draw.pick(subject.of.ports);
  const numbers = [...new Set([draw.chance(0.8) ? port : target, ...draw.some(subject.of.ports.map((one) => one.port), 0.2)])];
  const setting = (number: number): Json => {
    const said = common(draw, subject, 0.55);
    return { port: { number }, ...(Object.keys(said).length === 0 ? POOL : said) };
  };
  return { portLevelSettings: numbers.map(setting) };
}

function policyOf(draw: Draw, subject: Subject, likely: number): Json {
  const said = { ...common(draw, subject, likely), ...maybe(draw.chance(0.24), () => perPort(draw, subject)) };
  return Object.keys(said).length === 0 ? {} : { trafficPolicy: said };
}

function subsetsOf(draw: Draw, subject: Subject): Json {
  const versions = draw.weighted<readonly string[]>([[5, ["v1"]], [4, ["v2"]], [3, ["v1", "v2"]]]);
  return { subsets: versions.map((version) => ({ name: version, labels: { version }, ...maybe(draw.chance(0.6), () => policyOf(draw, subject, 0.5)) })) };
}

function hostOf(draw: Draw, { of }: Subject): string {
  const { namespace, name, host } = of;
  return draw.weighted([
    [16, host], [4, name], [2, `${name}.${namespace}`], [3, `*.${namespace}.svc.cluster.local`], [2.5, "*.svc.cluster.local"], [2.5, "*.local"], [1.5, "*"], [0.5, `*.${name}.${namespace}.svc.cluster.local`], [0.5, host.toUpperCase() === host ? host : `*${host.slice(1)}`],
  ]);
}

function ruleOf(draw: Draw, subject: Subject, name: string): Json {
  const { places, pods, of } = subject;
  const namespace = draw.weighted<() => string>([[5, () => of.namespace], [3, () => places.root], [5, () => somewhere(draw, places)]])();
  const spec = {
    host: hostOf(draw, subject), ...policyOf(draw, subject, 0.75),
    ...maybe(draw.chance(0.22), () => subsetsOf(draw, subject)),
    ...maybe(draw.chance(0.13), () => ({ workloadSelector: { matchLabels: { app: draw.pick(pods).app } } })),
    ...maybe(draw.chance(places.nasty ? 0.3 : 0.15), () => ({ exportTo: exportTo(draw, places) })),
  };
  return { apiVersion: "networking.istio.io/v1", kind: "DestinationRule", metadata: { name, ...age(draw), namespace }, spec };
}

/** Few for many services, or many for one. */
export function destinationRulesOf(draw: Draw, places: Places, { pods, dialled }: { readonly pods: readonly Pod[]; readonly dialled: readonly Dialled[] }): readonly Json[] {
  const wanted = draw.weighted([[1, 0], [4, 1], [5, 2], [4, 4], [places.nasty ? 3 : 1, 7]]);
  const favourite = draw.pick(dialled);
  return Array.from({ length: wanted }, (_, at) => {
    const of = places.nasty && draw.chance(0.5) ? favourite : draw.pick(dialled);
    return ruleOf(draw, { places, pods, of }, `dr-${of.name}-${at}`);
  });
}
