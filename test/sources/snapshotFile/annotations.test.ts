import { expect, it } from "vitest";
import { ANNOTATIONS, evaluateMesh, OBJECT_KINDS, type Labels, type MeshObject, type MeshSnapshot } from "#mesh";
import { doubtsAbout, preview, proposalScope, proposeStrict } from "#proposals";
import { openSources, savedState } from "#sources";
import { presentFindings } from "#view";

/** Reports each name that is asked for. */
function watched(annotations: Labels, asked: Set<string>): Labels {
  const note = (key: string | symbol): void => {
    if (typeof key === "string") asked.add(key);
  };
  return new Proxy(annotations, {
    get: (target, key) => {
      note(key);
      return Reflect.get(target, key) as unknown;
    },
    has: (target, key) => {
      note(key);
      return Reflect.has(target, key);
    },
    getOwnPropertyDescriptor: (target, key) => {
      note(key);
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  });
}

function withWatchedAnnotations(snapshot: MeshSnapshot, asked: Set<string>): MeshSnapshot {
  const watchedKind = (objects: readonly MeshObject[]): readonly MeshObject[] => objects.map((object) => ("annotations" in object ? { ...object, annotations: watched(object.annotations, asked) } : object));
  const objects = OBJECT_KINDS.map((kind) => [kind, watchedKind(snapshot.configuration.objects[kind])]);
  return { ...snapshot, configuration: { ...snapshot.configuration, objects: Object.fromEntries(objects) as MeshSnapshot["configuration"]["objects"] } };
}

it.each(["migration", "shop"])("every annotation that a rule or a proposal asks for in scene %s is on the list", async (scene) => {
  const sources = await openSources({ mesh: { kind: "playground", scene }, host: "127.0.0.1", port: 1 });
  const { snapshot } = await savedState(sources, { windowSeconds: 900, lookBackSeconds: 3_600, endMs: null });
  await sources.stop();
  const asked = new Set<string>();
  const verdicts = evaluateMesh(withWatchedAnnotations(snapshot, asked));
  const scope = proposalScope("mesh");
  const proposal = scope === undefined ? undefined : proposeStrict(verdicts, scope);
  if (proposal?.kind === "proposal") doubtsAbout(verdicts, preview(verdicts, proposal));
  presentFindings(verdicts);
  expect(asked.size).toBeGreaterThan(10);
  expect([...asked].filter((name) => !ANNOTATIONS.has(name))).toEqual([]);
});
