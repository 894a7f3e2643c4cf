import { refOf } from "../deduction.ts";
import { label } from "../order.ts";
import type { Pod, WorkloadEntry } from "../snapshot.ts";
import type { ObjectRef } from "../verdict.ts";
import type { Transport } from "../vocabulary.ts";
import type { FindingSeverity, Fix } from "./finding.ts";

/** A field of an object that is there, with another value. */
export function set(object: ObjectRef, field: string, value: string): Fix {
  return { kind: "set", object: refOf(object), field, value };
}

/** An object that does not exist yet, with this in it. */
export function create(object: ObjectRef, field: string, value: string): Fix {
  return { kind: "create", object: refOf(object), field, value };
}

/** A field that is taken off an object; `null`: the object itself goes. */
export function remove(object: ObjectRef, field: string | null = null): Fix {
  return { kind: "remove", object: refOf(object), field };
}

/** What a person edits: the owner's template, for a pod that has one. */
export function templateOf(object: Pod | WorkloadEntry): { readonly object: ObjectRef; readonly path: string } {
  if (object.kind === "WorkloadEntry" || object.owner.kind === "Pod") return { object: refOf(object), path: "" };
  const path = object.owner.kind === "CronJob" ? "spec.jobTemplate.spec.template." : "spec.template.";
  return { object: { kind: object.owner.kind, namespace: object.namespace, name: object.owner.name }, path };
}

/** A label or annotation, where a person edits it. */
export function metadataField(object: Pod | WorkloadEntry, of: "labels" | "annotations", key: string): { readonly object: ObjectRef; readonly field: string; readonly value: string | undefined } {
  const template = templateOf(object);
  return { object: template.object, field: `${template.path}metadata.${of}.${key}`, value: label(object[of], key) };
}

/** How grave it is that an object has this result on the wire. */
export function severityOf(transport: Transport): FindingSeverity {
  return transport === "blocked" ? "breaks traffic" : "weaker than it seems";
}

/** The severity of a mode that is not the one that was asked for. */
export function severityOfMode(is: string, wanted: string): FindingSeverity {
  if (wanted === "STRICT") return "weaker than it seems";
  return is === "STRICT" ? "breaks traffic" : "no effect";
}
