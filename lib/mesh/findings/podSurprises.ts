import { DATA_PLANE_MODE, INJECT, injectionLabel, injectionRefusal, isNeverInjected } from "../instances/injection.ts";
import { label, selects } from "../order.ts";
import { runningAsProxy, userField } from "../client/outboundCapture.ts";
import type { EnvoyFilter, Pod } from "../snapshot.ts";
import { metadataField, remove, set, templateOf } from "./fixes.ts";
import type { Ledger } from "./ledger.ts";
import type { Resident } from "./resident.ts";
import type { Survey } from "./survey.ts";

function optsOut(pod: Pod): boolean {
  return injectionRefusal(pod) !== null || pod.hostNetwork || label(pod.labels, DATA_PLANE_MODE) !== undefined;
}

/** FND-20: pods without a sidecar in a namespace whose new pods get one. */
export function uninjected(survey: Survey, ledger: Ledger): void {
  for (const namespace of survey.engine.configuration.objects.Namespace) {
    const on = injectionLabel(namespace);
    if (on === null || isNeverInjected(namespace.name) || label(namespace.labels, DATA_PLANE_MODE) === "ambient") continue;
    const bare = (survey.byNamespace.get(namespace.name) ?? []).filter(({ of }) => of.dataPlaneMode === "none");
    const missed = bare.flatMap(({ all }) => all.filter(({ object }) => object.kind === "Pod" && !object.deleting && !optsOut(object)));
    if (missed.length === 0) continue;
    const field = `metadata.labels.${on.key}`;
    const fixes = [{ kind: "inject" }, set(namespace, `the pods' label ${INJECT}`, '"false", where that is meant')] as const;
    const consequence = { kind: "sends", clients: { kind: "selected", namespace: namespace.name }, sends: "NONE", transport: "plaintext", otherwise: "AUTO_MTLS" } as const;
    const object = { kind: "Namespace", namespace: "", name: namespace.name };
    ledger.add({ rule: "FND-20", severity: "weaker than it seems", object, field, value: on.value, consequence, workloads: missed.map(({ told }) => told.workload), fixes });
  }
}

/** FND-21: containers that run as the proxy's user, whose traffic the redirection takes for the proxy's own. */
export function proxyUsers(survey: Survey, ledger: Ledger): void {
  for (const { of, all } of survey.residents) {
    if (of.dataPlaneMode !== "sidecar") continue;
    for (const { object, told } of all) {
      const [container] = object.kind === "Pod" ? runningAsProxy(object) : [];
      if (container === undefined || object.kind !== "Pod") continue;
      const template = templateOf(object);
      const field = `${template.path === "" ? "spec." : `${template.path}spec.`}${userField(container)}`;
      const consequence = { kind: "sends", clients: { kind: "selected", namespace: of.namespace }, sends: "BYPASS", transport: "plaintext", otherwise: "AUTO_MTLS" } as const;
      ledger.add({ rule: "FND-21", severity: "weaker than it seems", object: template.object, field, value: String(container.runAsUser), consequence, workloads: [told.workload], fixes: [set(template.object, field, "another user")] });
    }
  }
}

const SCRAPE = "prometheus.io/scrape";
const SCRAPE_PORT = "prometheus.io/port";
const SCRAPE_SCHEME = "prometheus.io/scheme";

function scrapedPort({ annotations }: Pod): number | null {
  if (label(annotations, SCRAPE) !== "true" || label(annotations, SCRAPE_SCHEME) === "https") return null;
  const port = Number(label(annotations, SCRAPE_PORT) ?? "");
  return Number.isInteger(port) && port > 0 ? port : null;
}

function scraped(survey: Survey, ledger: Ledger, resident: Resident): void {
  for (const { object, told } of resident.all) {
    const port = object.kind === "Pod" ? scrapedPort(object) : null;
    if (object.kind !== "Pod" || port === null || survey.mode(resident, port) !== "STRICT") continue;
    const at = metadataField(object, "annotations", SCRAPE_PORT);
    const consequence = { kind: "sends", clients: { kind: "by address" }, sends: "PASSTHROUGH", transport: "blocked", otherwise: null } as const;
    const policy = { kind: "PeerAuthentication", namespace: object.namespace, name: object.owner.name };
    const fixes = [{ kind: "create", object: policy, field: `spec.portLevelMtls.${port}.mode`, value: "PERMISSIVE" }] as const;
    ledger.add({ rule: "FND-22", severity: "breaks traffic", object: at.object, field: at.field, value: String(port), consequence, workloads: [told.workload], ports: [port], fixes });
  }
}

/** FND-22: a port that Prometheus is told to scrape and that takes no plaintext. */
export function scrapedPorts(survey: Survey, ledger: Ledger): void {
  for (const resident of survey.residents) if (resident.of.dataPlaneMode === "sidecar") scraped(survey, ledger, resident);
}

function contextsOf({ of }: Resident): readonly string[] {
  return of.dataPlaneMode === "gateway" ? ["ANY", "GATEWAY"] : ["ANY", "SIDECAR_INBOUND", "SIDECAR_OUTBOUND"];
}

const FILTERED: ReadonlySet<string> = new Set(["sidecar", "gateway"]);

function reaches(filter: EnvoyFilter, { of, view }: Resident): boolean {
  const isNear = filter.namespace === of.namespace || filter.namespace === view.settings.mesh.rootNamespace;
  return isNear && FILTERED.has(of.dataPlaneMode) && selects(filter.workloadSelector ?? {}, of.labels);
}

/** FND-25: EnvoyFilters that change the transport, and so keep verdicts unknown. */
export function envoyFilters(survey: Survey, ledger: Ledger): void {
  const filters = survey.engine.configuration.objects.EnvoyFilter.filter(({ patches }) => patches.some(({ touchesTransport }) => touchesTransport));
  for (const filter of filters) {
    for (const resident of survey.residents.filter((one) => reaches(filter, one))) {
      const contexts = contextsOf(resident);
      const at = filter.patches.findIndex(({ touchesTransport, context }) => touchesTransport && contexts.includes(context));
      if (at < 0) continue;
      const field = `spec.configPatches[${at}]`;
      ledger.add({ rule: "FND-25", severity: "cannot be told", object: filter, field, value: filter.patches[at]?.applyTo ?? "", consequence: { kind: "unknown" }, workloads: survey.workloadsOf(resident), fixes: [remove(filter, field)] });
    }
  }
}
