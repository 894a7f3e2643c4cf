import { z } from "zod";
import type { ApiServer } from "./apiServer.ts";
import { ApiFailure } from "./failure.ts";
import type { Resource } from "./resources.ts";

const groupsSchema = z.object({ groups: z.array(z.object({ name: z.string(), versions: z.array(z.object({ version: z.string() })) })) });
const resourcesSchema = z.object({ resources: z.array(z.object({ name: z.string() })) });

/** Versions to read a resource in. */
export interface Candidates {
  /** best first; none: no object of the kind can exist */
  readonly versions: readonly string[];
  /** the server says that it serves them; otherwise it was not asked, or did not say, and they are tried one after the other */
  readonly announced: boolean;
}

/** Finds out which version of an add-on's resource is served. */
export interface Discovery {
  candidates(resource: Resource): Promise<Candidates>;
  /** what the server said has turned out wrong: it is asked again */
  forget(): void;
  /** whether the whole API group is absent; `false` also where that is not known */
  isGroupAbsent(group: string): boolean;
}

const ACCEPT = "application/json";

interface Served {
  /** group to version to the plurals served there; `null` where discovery is not allowed */
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>> | null;
}

async function readPlurals(api: ApiServer, path: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const parsed = resourcesSchema.safeParse(await api.getJson({ path, accept: ACCEPT, signal }));
  if (!parsed.success) throw new ApiFailure("unreadable", `\`${path}\` is not an APIResourceList`);
  return new Set(parsed.data.resources.map(({ name }) => name));
}

async function readServed(api: ApiServer, wanted: ReadonlyMap<string, readonly string[]>, signal: AbortSignal): Promise<Served> {
  const parsed = groupsSchema.safeParse(await api.getJson({ path: "/apis", accept: ACCEPT, signal }));
  if (!parsed.success) throw new ApiFailure("unreadable", "`/apis` is not an APIGroupList; is this address a Kubernetes API server");
  const groups = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
  for (const { name, versions } of parsed.data.groups) {
    const served = (wanted.get(name) ?? []).filter((version) => versions.some((entry) => entry.version === version));
    if (served.length === 0) continue;
    const plurals = await Promise.all(served.map(async (version) => [version, await readPlurals(api, `/apis/${name}/${version}`, signal)] as const));
    groups.set(name, new Map(plurals));
  }
  return { groups };
}

function isRefusal(error: unknown): boolean {
  return error instanceof ApiFailure && (error.kind === "forbidden" || error.kind === "missing");
}

function wantedVersions(resources: readonly Resource[]): ReadonlyMap<string, readonly string[]> {
  const optional = resources.filter((resource) => resource.optional);
  return new Map(optional.map(({ group, versions }) => [group, versions]));
}

/**
 * Asks the API server once for all watches, and again when the answer is older than `freshMs`.
 *
 * Where discovery is forbidden every version is a candidate: a list of one that is not served answers 404, and the next is tried.
 */
export function discovery(api: ApiServer, resources: readonly Resource[], { freshMs, signal }: { readonly freshMs: number; readonly signal: AbortSignal }): Discovery {
  const wanted = wantedVersions(resources);
  let asked: { readonly served: Promise<Served>; readonly atMs: number } | null = null;
  let known: Served = { groups: null };

  function served(): Promise<Served> {
    if (asked !== null && Date.now() - asked.atMs < freshMs) return asked.served;
    const asking = readServed(api, wanted, signal).catch((error: unknown): Served => {
      if (isRefusal(error)) return { groups: null };
      asked = null;
      throw error;
    });
    asked = { served: asking, atMs: Date.now() };
    return asking;
  }

  return {
    async candidates(resource) {
      if (!resource.optional) return { versions: resource.versions, announced: false };
      known = await served();
      if (known.groups === null) return { versions: resource.versions, announced: false };
      const group = known.groups.get(resource.group);
      return { versions: resource.versions.filter((version) => group?.get(version)?.has(resource.plural) === true).slice(0, 1), announced: true };
    },
    forget: () => {
      asked = null;
    },
    isGroupAbsent: (group) => known.groups !== null && !known.groups.has(group),
  };
}
