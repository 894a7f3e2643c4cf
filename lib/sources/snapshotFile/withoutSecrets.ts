import { ANNOTATIONS, ARGUMENT_CONTAINERS, CONTROL_PLANE_VARIABLES, PROXY_CONFIG_ANNOTATION, PROXY_VARIABLES, type AuthorizationPolicy, type Configuration, type ControlPlane, type Gap, type Labels, type MeshObject, type MeshSnapshot, type Pod } from "#mesh";
import { redact } from "../log.ts";

const REDACTED = "[redacted]";

/** A proxy's configuration may hold any environment variable: the names that a rule looks for are kept. */
function proxyConfig(written: string): string {
  return [...PROXY_VARIABLES].filter((name) => written.includes(name)).map((name) => `${name}: ${REDACTED}`).join("\n");
}

function annotationsOf(annotations: Labels): Labels {
  const named = Object.entries(annotations).filter(([name]) => ANNOTATIONS.has(name));
  return Object.fromEntries(named.map(([name, value]) => [name, name === PROXY_CONFIG_ANNOTATION ? proxyConfig(value) : value]));
}

function pod(object: Pod): Pod {
  return { ...object, containers: object.containers.map((container) => (ARGUMENT_CONTAINERS.has(container.name) ? container : { ...container, args: [] })) };
}

/** What a header must hold to be let in is a password often enough; which header it is decides. */
function conditionValues(key: string, values: readonly string[]): readonly string[] {
  return key.startsWith("request.headers[") ? values.map((value) => (value === "*" ? value : REDACTED)) : values;
}

function authorizationPolicy(object: AuthorizationPolicy): AuthorizationPolicy {
  const rules = object.rules?.map((rule) => ({
    ...rule,
    when: rule.when.map(({ key, values, notValues }) => ({ key, values: conditionValues(key, values), notValues: conditionValues(key, notValues) })),
  }));
  return { ...object, rules: rules ?? null };
}

function controlPlane(object: ControlPlane): ControlPlane {
  return { ...object, env: Object.fromEntries(Object.entries(object.env).filter(([name]) => CONTROL_PLANE_VARIABLES.has(name))) };
}

function safeObject(object: MeshObject): MeshObject {
  if (object.kind === "ControlPlane") return controlPlane(object);
  if (object.kind === "MeshConfig") return object;
  const safe: MeshObject = { ...object, annotations: annotationsOf(object.annotations) };
  if (safe.kind === "Pod") return pod(safe);
  return safe.kind === "AuthorizationPolicy" ? authorizationPolicy(safe) : safe;
}

function safeConfiguration({ objects, unread, clusterDomain }: Configuration): Configuration {
  const kinds = Object.entries<readonly MeshObject[]>({ ...objects }).map(([kind, all]) => [kind, all.map(safeObject)]);
  return {
    objects: Object.fromEntries(kinds) as Configuration["objects"],
    unread: unread.map((one) => ({ ...one, because: redact(one.because) })),
    clusterDomain,
  };
}

/**
 * The same mesh to every rule, without what may be secret: annotations, arguments and variables that no rule names,
 * values of header conditions, and tokens that messages quote.
 */
export function withoutSecrets({ configuration, telemetry, capturedAtMs }: MeshSnapshot): MeshSnapshot {
  const gaps = telemetry.gaps.map((gap): Gap => ({ ...gap, wanted: redact(gap.wanted), because: redact(gap.because) }));
  return { capturedAtMs, configuration: safeConfiguration(configuration), telemetry: { ...telemetry, gaps } };
}
