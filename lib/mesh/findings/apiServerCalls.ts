import type { ApiServerCall } from "../apiServerCalls.ts";
import { ApiServerCalls } from "../apiServerCalls.ts";
import type { DeclaredPort } from "../server/declaredPorts.ts";
import type { ObjectRef } from "../verdict.ts";
import type { Fix } from "./finding.ts";
import { create, set, templateOf } from "./fixes.ts";
import type { Ledger } from "./ledger.ts";
import type { Resident } from "./resident.ts";
import type { Survey } from "./survey.ts";

interface Called {
  readonly resident: Resident;
  readonly port: DeclaredPort;
  readonly told: DeclaredPort["services"][number];
}

/** Nothing that a policy says lets TLS of its own into a port for HTTP, nor does a policy by selector of the root namespace say anything. */
function canOpen(survey: Survey, { resident: { of }, port }: Called): boolean {
  return (of.dataPlaneMode === "ambient" || port.protocol.class !== "HTTP") && !survey.engine.rootNamespaces.includes(of.namespace);
}

/** An exception of this port only; what its namespace or the mesh says stays. */
function opened({ resident, port }: Called): Fix {
  const { workload } = resident.scope;
  const field = `spec.portLevelMtls.${port.targetPort}.mode`;
  const { namespace } = resident.of;
  const name = resident.one.object.kind === "Pod" ? resident.one.object.owner.name : resident.one.object.name;
  return workload === null ? create({ kind: "PeerAuthentication", namespace, name }, field, "PERMISSIVE") : set(workload, field, "PERMISSIVE");
}

/** A backend outside the mesh, which takes what the API server sends. */
function unmeshed({ resident: { one, of } }: Called): Fix {
  const { object, path } = templateOf(one.object);
  const isAmbient = of.dataPlaneMode === "ambient";
  return set(object, `${path}metadata.labels.${isAmbient ? "istio.io/dataplane-mode" : "sidecar.istio.io/inject"}`, isAmbient ? "none" : "false");
}

/** Where the protocol stands that counts. */
function declaredAnew({ port: { by, services }, told }: Called): Fix {
  const { service, port } = services.find(({ service: { ref } }) => ref.kind === by.kind && ref.namespace === by.namespace && ref.name === by.name) ?? told;
  const { source } = service;
  return set(service.ref, source.kind === "Service" ? `spec.ports[${source.ports.findIndex((one) => one.port === port.number)}].appProtocol` : "spec.ports", source.kind === "Service" ? "https" : "protocol HTTPS");
}

function fixesOf(survey: Survey, called: Called): readonly [Fix, ...Fix[]] {
  const isStrict = survey.mode(called.resident, called.port.targetPort) === "STRICT";
  if (!isStrict) return [declaredAnew(called), unmeshed(called)];
  return canOpen(survey, called) ? [opened(called), unmeshed(called)] : [unmeshed(called)];
}

function because(survey: Survey, { resident, port }: Called): ObjectRef | null {
  const mode = resident.revision.inbound.mode(resident.one, port.targetPort);
  return survey.mode(resident, port.targetPort) === "STRICT" ? (mode.reasons.find(({ object }) => object?.kind === "PeerAuthentication")?.object ?? null) : port.by;
}

function refused(survey: Survey, ledger: Ledger, { called, call }: { readonly called: Called; readonly call: ApiServerCall }): void {
  const { resident, port, told } = called;
  const { kind, name, webhooks } = call;
  const field = kind === "APIService" ? "spec.service" : `webhooks[${webhooks.join(", ")}].clientConfig.service`;
  const value = `${told.service.namespace}/${told.service.meta.name}:${told.port.number}`;
  ledger.add({
    rule: "FND-27", severity: "breaks traffic", object: { kind, namespace: "", name }, field, value, because: because(survey, called), consequence: { kind: "refused" },
    workloads: survey.workloadsOf(resident), host: told.service.host, ports: [port.targetPort], fixes: fixesOf(survey, called),
  });
}

/** FND-27: webhooks and APIs whose port takes mTLS only, or reads requests in plaintext: the API server sends neither. */
export function refusedApiServerCalls(survey: Survey, ledger: Ledger): void {
  const calls = new ApiServerCalls(survey.engine.configuration);
  if (calls.isEmpty) return;
  for (const resident of survey.residents.filter(({ of }) => of.dataPlaneMode === "sidecar" || of.dataPlaneMode === "ambient")) {
    const declared = resident.revision.inbound.declared(resident.one);
    if (declared.gaps.length > 0) continue;
    for (const port of declared.value.values()) {
      if (survey.mode(resident, port.targetPort) === "UNCAPTURED" || survey.arrival(resident.one, port.targetPort, "DR_SIMPLE") !== "blocked") continue;
      const dials = port.services.flatMap((told) => calls.to([{ host: told.service.host, port: told.port.number }]).map((call) => ({ called: { resident, port, told }, call })));
      for (const dial of dials) refused(survey, ledger, dial);
    }
  }
}
