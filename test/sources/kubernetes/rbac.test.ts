import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { KubernetesSource } from "../../../lib/sources/kubernetes/index.ts";
import { type ApiRequest, FakeApiServer } from "../../support/fakeApiServer.ts";
import { eventually, openSource } from "./following.ts";
import { istiod, meshConfigMap } from "./objects.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
  /** `null`: of a ClusterRole */
  readonly namespace: string | null;
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Omit<Rule, "namespace">[];
}

const manifests = parseAllDocuments(readFileSync(resolve(import.meta.dirname, "../../../deploy/rbac.yaml"), "utf8")).map((document) => document.toJS() as Manifest);
const rules: readonly Rule[] = manifests.flatMap(({ rules: given, metadata }) => (given ?? []).map((rule) => ({ ...rule, namespace: metadata.namespace ?? null })));

/** As Kubernetes' RBAC authorizer decides: a list by `metadata.name` has that name. */
function allows(rule: Rule, request: ApiRequest): boolean {
  const inNamespace = rule.namespace === null || rule.namespace === request.namespace;
  const byName = rule.resourceNames === undefined || (request.name !== null && rule.resourceNames.includes(request.name));
  return inNamespace && byName && rule.verbs.includes(request.verb) && rule.apiGroups.includes(request.group) && rule.resources.includes(request.plural);
}

let server: FakeApiServer;
let source: KubernetesSource;

beforeEach(async () => {
  server = await FakeApiServer.start();
  await server.apply(istiod("istio-system", "default"), meshConfigMap("istio-system", "istio", "{}"));
});

afterEach(async () => {
  await source.stop();
  await server.stop();
});

async function everyRequest(): Promise<readonly ApiRequest[]> {
  source = await openSource(server.kubeconfigFile);
  await source.ready();
  await eventually(() => {
    expect(source.current().unread).toEqual([]);
    const asked = (wanted: string): readonly string[] => server.requests.filter(({ verb }) => verb === wanted).map(({ group, plural }) => `${plural}.${group}`).toSorted();
    expect(asked("watch")).toEqual(asked("list"));
  });
  return server.requests;
}

describe("deploy/rbac.yaml", () => {
  it("covers every request the source makes", async () => {
    const resources = (await everyRequest()).filter(({ nonResource }) => nonResource === null);
    expect(resources.filter((request) => !rules.some((rule) => allows(rule, request)))).toEqual([]);
    expect(resources.length).toBeGreaterThan(30);
  });

  it("gives nothing that the source does not use", async () => {
    const requests = await everyRequest();
    const grants = rules.flatMap((rule) => rule.apiGroups.flatMap((group) => rule.resources.flatMap((plural) => rule.verbs.map((verb) => ({ group, plural, verb })))));
    expect(grants.filter(({ group, plural, verb }) => !requests.some((request) => request.group === group && request.plural === plural && request.verb === verb))).toEqual([]);
  });

  it("is told of as it is", () => {
    const readme = readFileSync(resolve(import.meta.dirname, "../../../README.md"), "utf8");
    expect([...new Set(rules.flatMap(({ verbs }) => verbs))].toSorted()).toEqual(["list", "watch"]);
    expect(readme).toContain("The least rights it needs are in [deploy/rbac.yaml](deploy/rbac.yaml): list and watch, no secrets.");
  });

  it("reads no secrets and writes nothing", () => {
    expect(rules.flatMap(({ verbs }) => verbs).filter((verb) => verb !== "list" && verb !== "watch")).toEqual([]);
    expect(rules.flatMap(({ resources }) => resources).filter((resource) => /secret|\*|token|exec|log/.test(resource))).toEqual([]);
  });

  it("beside resources, the source asks for the list of API groups and their resources only", async () => {
    const paths = (await everyRequest()).map(({ nonResource }) => nonResource).filter((path) => path !== null);
    expect(paths.filter((path) => !/^\/apis(\/[a-z0-9.]+\.io\/v\w+)?$/.test(path))).toEqual([]);
  });
});
