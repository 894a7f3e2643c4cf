import type { Configuration, ConfigurationObjects, MeshSnapshot } from "#mesh";
import { EMPTY_CONFIGURATION } from "#mesh";
import { generatedObjects } from "./generatedObjects.ts";
import { generatedTelemetry } from "./generatedTelemetry.ts";
import { randomFrom } from "./random.ts";

export interface Size {
  readonly workloads: number;
  readonly edges: number;
}

const NAMESPACES = 100;
const SEED = 20_260_822;

function total(objects: ConfigurationObjects): number {
  return Object.values<readonly unknown[]>({ ...objects }).reduce((sum, kind) => sum + kind.length, 0);
}

/**
 * A mesh as a company of a hundred teams has it, the same for the same size: sidecars, ambient, workloads without proxy, policies of every
 * scope, DestinationRules, Sidecars, VirtualServices, and one row of telemetry per proxy that counted.
 */
export function generatedMesh({ workloads, edges }: Size): MeshSnapshot {
  const random = randomFrom(SEED);
  const { objects, services } = generatedObjects({ workloads, namespaces: NAMESPACES, random });
  const configuration: Configuration = { ...EMPTY_CONFIGURATION, objects };
  return { capturedAtMs: Date.UTC(2026, 7, 22), configuration, telemetry: generatedTelemetry(services, edges, random) };
}

export function sizeText({ configuration: { objects }, telemetry }: MeshSnapshot): string {
  return `${total(objects)} objects, ${telemetry.rows.length + telemetry.lookBackRows.length} rows`;
}
