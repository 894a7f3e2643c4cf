// The findings of a small mesh, written short: what a person would put on a card.
import { judgeMesh, type Finding, type FindingRule, type MeshObject, type Pod, type Service } from "#mesh";
import { mesh, pod, service, type MeshOptions } from "../../support/mesh.ts";

export interface Card {
  readonly severity: Finding["severity"];
  readonly object: string;
  readonly field: string | null;
  readonly value: string | null;
  readonly because: string | null;
  readonly consequence: Finding["consequence"];
  readonly affected: readonly string[];
  readonly hosts: readonly string[];
  readonly ports: readonly number[];
}

function named({ kind, namespace, name }: { readonly kind: string; readonly namespace: string; readonly name: string }): string {
  return `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
}

function card({ severity, object, field, value, because, consequence, affected, hosts, ports }: Finding): Card {
  return { severity, object: named(object), field, value, because: because === null ? null : named(because), consequence, affected, hosts, ports };
}

export function findings(objects: readonly MeshObject[], options: MeshOptions = {}): readonly Finding[] {
  return judgeMesh(mesh(objects, options)).findings();
}

/** The findings of one rule. */
export function cards(rule: FindingRule, objects: readonly MeshObject[], options: MeshOptions = {}): readonly Card[] {
  return findings(objects, options).filter((one) => one.rule === rule).map(card);
}

/** The rules that find something, each once. */
export function rulesOf(objects: readonly MeshObject[], options: MeshOptions = {}): readonly string[] {
  return [...new Set(findings(objects, options).map(({ rule }) => rule))].sort();
}

export const HOST = "httpbin.bar.svc.cluster.local";

/** `foo/sleep`, a client with a sidecar. */
export const sleep: Pod = pod("foo", "sleep", { proxy: "sidecar" });

/** `bar/httpbin`, a server with a sidecar, port 8080. */
export const httpbin: Pod = pod("bar", "httpbin", { proxy: "sidecar" });

/** Its Service: port 80 named `http` to 8080. */
export const httpbinService: Service = service("bar", "httpbin");

/** Client, server and Service, about which nothing is to be found. */
export const QUIET: readonly MeshObject[] = [sleep, httpbin, httpbinService];
