import { openSources, readConfig } from "#sources";
import { MeshPipeline } from "./pipeline.ts";
import { STAGES } from "./stages.ts";

// A module exists several times in one Next process (instrumentation, route handlers, pages); the global symbol is the one thing they share.
const KEY: unique symbol = Symbol.for("mtlscope.mesh");
const shared = globalThis as typeof globalThis & { [KEY]: Promise<MeshPipeline> | undefined };

async function open(): Promise<MeshPipeline> {
  return new MeshPipeline(await openSources(readConfig()), STAGES);
}

/** The one pipeline of this process, opened when first asked for. @throws when the configuration is wrong: all that is wrong with it, in words */
export async function meshPipeline(): Promise<MeshPipeline> {
  shared[KEY] ??= open();
  return await shared[KEY];
}
