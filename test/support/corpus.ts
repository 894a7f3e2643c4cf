import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { mapConfiguration } from "#kubernetes-objects";
import type { Configuration, ConnectionQuestion, InstanceRef, Via } from "#mesh";
import { serviceHost } from "#mesh";
import { controlPlane } from "./mesh.ts";

// Meshes and answers that Istio's own code computed: test/conformance/README.md.

interface RawQuery {
  readonly id: string;
  readonly client: string;
  readonly server: string;
  readonly port: number;
  readonly via: { readonly type: "service"; readonly host: string; readonly subset?: string } | { readonly type: "podIP"; readonly ip: string; readonly host?: string };
  readonly expected: Readonly<Record<string, string>>;
}

/** An object as the API serves it. */
interface RawObject {
  readonly kind: string;
  readonly metadata: { readonly namespace?: string; readonly name: string };
}

interface RawMesh {
  readonly id: string;
  readonly objects: readonly RawObject[];
  readonly env?: Readonly<Record<string, string>>;
  readonly minVersion?: string;
  readonly queries: readonly RawQuery[];
}

export interface CorpusMesh {
  readonly id: string;
  readonly raw: readonly RawObject[];
  readonly configuration: Configuration;
  readonly asked: readonly { readonly id: string; readonly question: ConnectionQuestion; readonly expected: Readonly<Record<string, string>> }[];
}

function instance(written: string): InstanceRef {
  const [namespace = "", name = ""] = written.split("/");
  return { namespace, name };
}

function viaOf(via: RawQuery["via"]): Via {
  return via.type === "service" ? { ...via, host: serviceHost(via.host) } : via;
}

function meshOf({ id, objects, env = {}, minVersion, queries }: RawMesh): CorpusMesh {
  const mapped = mapConfiguration(objects);
  const istiod = controlPlane({ version: minVersion ?? "1.32", env });
  return {
    id,
    raw: objects,
    configuration: { ...mapped, objects: { ...mapped.objects, ControlPlane: [istiod] } },
    asked: queries.map(({ id: query, client, server, port, via, expected }) => ({ id: query, question: { client: instance(client), server: instance(server), port, via: viaOf(via) }, expected })),
  };
}

function read(file: string): unknown {
  const content = readFileSync(join(import.meta.dirname, "../conformance", file));
  return JSON.parse((file.endsWith(".gz") ? gunzipSync(content) : content).toString());
}

/** Every mesh of the corpus. */
export function wholeCorpus(): readonly CorpusMesh[] {
  return ["cases", "dev-sidecar", "dev-ambient"].flatMap((name) => (read(`${name}.json.gz`) as { readonly meshes: readonly RawMesh[] }).meshes).map(meshOf);
}

/** Meshes in which each rule, kind of field and answer of the whole corpus appears: for what must be quick. `conformance.test.ts` asks them all. */
export function sampledCorpus(): readonly CorpusMesh[] {
  const sampled = new Set(read("sample.json") as readonly string[]);
  return wholeCorpus().filter(({ id }) => sampled.has(id));
}
