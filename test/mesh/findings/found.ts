// The findings of a small mesh, written short: what a person would put on a card.
import { describe, expect, it } from "vitest";
import { judgeMesh, type Clients, type Finding, type Fix, type FindingRule, type MeshObject, type Pod, type Service, type UnreadObject } from "#mesh";
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

function clientsText(clients: Clients): string {
  return "namespace" in clients ? `${clients.kind} ${clients.namespace}` : clients.kind;
}

function consequenceText({ consequence }: Finding): string {
  switch (consequence.kind) {
    case "mode":
    case "protocol":
      return `${consequence.kind} ${consequence.is}, not ${consequence.wanted}`;
    case "matches nothing":
      return consequence.meant === null ? consequence.kind : `${consequence.kind}, meant ${consequence.meant}`;
    case "sends":
      return `${clientsText(consequence.clients)}: ${consequence.sends} ${consequence.transport}, otherwise ${consequence.otherwise ?? "-"}`;
    case "not enforced":
    case "ignored":
    case "lets nobody in":
    case "refuses nobody":
    case "lets plaintext in":
    case "refuses more":
    case "unverified":
    case "no endpoint":
    case "refused":
    case "unknown":
      return consequence.kind;
  }
}

function fixText(fix: Fix): string {
  const object = "object" in fix ? ` ${named(fix.object)}` : "";
  const field = "field" in fix && fix.field !== null ? ` ${fix.field}` : "";
  const value = "value" in fix ? ` = ${fix.value}` : "to" in fix ? ` to ${fix.to}` : "into" in fix ? ` into ${named(fix.into)}` : "";
  return `${fix.kind}${object}${field}${value}`;
}

function listed(word: string, all: readonly (string | number)[]): readonly string[] {
  return all.length === 0 ? [] : [`  ${word} ${all.join(" ")}`];
}

/** All that is found in a mesh, in full: a line for the object, what it comes to, where, and each fix. */
export function told(objects: readonly MeshObject[], options: MeshOptions = {}): readonly string[] {
  return findings(objects, options).flatMap((one) => [
    `${one.rule} ${one.severity}: ${named(one.object)}${one.field === null ? "" : `${one.fieldOf === "its pods" ? " pods:" : ""} ${one.field}`}${one.value === null ? "" : ` = ${one.value}`}${one.because === null ? "" : ` because of ${named(one.because)}`}`,
    `  ${consequenceText(one)}`,
    ...listed("at", one.affected), ...listed("host", one.hosts), ...listed("port", one.ports),
    ...one.fixes.map((fix) => `  fix: ${fixText(fix)}`),
  ]);
}

export interface Whole {
  readonly name: string;
  readonly objects: readonly MeshObject[];
  readonly unread?: readonly UnreadObject[];
  readonly says: readonly string[];
}

/** One test per row: everything that is found, with what it comes to and what would mend it. */
export function describeFindings(title: string, rows: readonly Whole[]): void {
  describe(title, () => {
    it.each(rows)("$name", ({ objects, unread = [], says }) => {
      expect(told(objects, { unread })).toEqual(says);
    });
  });
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
