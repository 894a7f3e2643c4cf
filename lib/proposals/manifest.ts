import type { Labels, MeshObject, PeerAuthentication } from "#mesh";
import { stringify } from "yaml";
import type { Proposal } from "./proposal.ts";

/** What kubectl writes for itself; in a manifest it would be read back as the user's. */
const KUBECTLS_OWN = "kubectl.kubernetes.io/last-applied-configuration";

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: object;
  readonly spec: object;
}

/** `defineProperty` semantics: a label may be called `__proto__`. */
function written(labels: Labels): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => key !== KUBECTLS_OWN));
}

function unlessEmpty(name: string, fields: Readonly<Record<string, unknown>>): object {
  return Object.keys(fields).length === 0 ? {} : { [name]: fields };
}

/** What is written below `spec`. */
export function specOf(policy: PeerAuthentication): { readonly selector?: object; readonly mtls?: object; readonly portLevelMtls?: object } {
  const ports = Object.entries(policy.portLevelMtls).map(([port, mode]) => [port, mode === null ? {} : { mode }] as const);
  return {
    ...(policy.selector === null ? {} : { selector: unlessEmpty("matchLabels", policy.selector) }),
    ...(policy.mode === null ? {} : { mtls: { mode: policy.mode } }),
    ...unlessEmpty("portLevelMtls", Object.fromEntries(ports)),
  };
}

function manifestOf(policy: PeerAuthentication, apiVersion: string): Manifest {
  const { name, namespace } = policy;
  return {
    apiVersion,
    kind: policy.kind,
    metadata: { name, namespace, ...unlessEmpty("labels", written(policy.labels)), ...unlessEmpty("annotations", written(policy.annotations)) },
    spec: specOf(policy),
  };
}

/** Port keys are numbers to a reader and strings to the API; names such as `no`, `0x1` or `~` must stay text. */
function toYaml(objects: readonly MeshObject[], apiVersion: string): string {
  const policies = objects.filter((object) => object.kind === "PeerAuthentication");
  return policies.map((policy) => stringify(manifestOf(policy, apiVersion), { lineWidth: 0, version: "1.1", aliasDuplicateObjects: false })).join("---\n");
}

/** The objects that a proposal writes, whole, as YAML; several are separated by `---`. */
export function manifestText({ change, apiVersion }: Proposal): string {
  return toYaml([...change.add, ...change.update.map(([, to]) => to)], apiVersion);
}

/** The same objects as they are now; empty where the change only adds. */
export function manifestNowText({ change, apiVersion }: Proposal): string {
  return toYaml([...change.update.map(([from]) => from), ...change.remove], apiVersion);
}
