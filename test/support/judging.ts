import { describe, expect, it } from "vitest";
import type { Configuration, ConnectionQuestion, ConnectionVerdict, InstanceRef, MeshObject, Reason, RuleId, UnreadObject, Verdict, Via } from "#mesh";
import { judgeMesh, serviceHost } from "#mesh";
import { mesh } from "./mesh.ts";

// Tables of rules: what the mesh is, what is asked, what Istio does. Expected values are written by hand.

export interface Asked {
  readonly client?: string;
  readonly server?: string;
  readonly port?: number;
  /** a host, or the address of the server */
  readonly via?: Via | "podIP";
}

export interface Answer {
  readonly clientMode?: string;
  readonly serverMode?: string;
  readonly transport?: string;
  readonly authz?: string;
}

export interface RuleCase {
  readonly rule: RuleId;
  readonly name: string;
  readonly objects: readonly MeshObject[];
  readonly unread?: readonly UnreadObject[];
  readonly asked?: Asked;
  readonly expect: Answer;
}

export function ref(text: string): InstanceRef {
  const [namespace = "", name = ""] = text.split("/");
  return { namespace, name };
}

export function byHost(host: string, subset?: string): Via {
  return { type: "service", host: serviceHost(host), ...(subset === undefined ? {} : { subset }) };
}

function addressOf({ objects }: Configuration, server: InstanceRef): string {
  const pod = objects.Pod.find(({ namespace, name }) => namespace === server.namespace && name === server.name);
  return pod?.ips[0] ?? "";
}

/** `foo/client` dials `bar/server` through its Service on port 80 unless told otherwise. */
export function question(configuration: Configuration, { client = "foo/client", server = "bar/server", port, via = byHost("server.bar.svc.cluster.local") }: Asked = {}): ConnectionQuestion {
  const to = ref(server);
  const dialled: Via = via === "podIP" ? { type: "podIP", ip: addressOf(configuration, to) } : via;
  return { client: ref(client), server: to, port: port ?? (dialled.type === "podIP" ? 8080 : 80), via: dialled };
}

function flat<T extends string>(verdict: Verdict<T>): string {
  return verdict.kind === "known" ? verdict.value : "unknown";
}

export function flattened({ clientMode, serverMode, transport, authorization }: ConnectionVerdict): Required<Answer> {
  return { clientMode: flat(clientMode), serverMode: flat(serverMode), transport: flat(transport), authz: flat(authorization) };
}

/** Every rule that a verdict names, winning or losing. */
export function rulesOf(verdict: ConnectionVerdict): readonly RuleId[] {
  const verdicts: readonly Verdict<string>[] = [verdict.clientMode, verdict.serverMode, verdict.transport, verdict.authorization];
  const reasons = verdicts.flatMap((one) => (one.kind === "known" ? one.reasons : []));
  return [...new Set(reasons.flatMap(({ rule, overrode }) => [rule, ...(overrode ?? []).map((lost) => lost.rule)]))];
}

/** One test per row, titled by its rule. */
export function describeRules(title: string, cases: readonly RuleCase[]): void {
  describe(title, () => {
    it.each(cases.map((row) => [row.rule, row.name, row] as const))("[%s] %s", (rule, _name, { objects, unread, asked, expect: expected }) => {
      const configuration = mesh(objects, unread === undefined ? {} : { unread });
      const verdict = judgeMesh(configuration).connection(question(configuration, asked));
      expect(flattened(verdict)).toMatchObject(expected);
      expect(rulesOf(verdict)).toContain(rule);
    });
  });
}

function pointer({ rule, object, field, value }: Omit<Reason, "overrode">): string {
  return [rule, object === null ? "(default)" : `${object.kind} ${object.namespace}/${object.name}`, ...(field === null ? [] : [field]), ...(value === undefined ? [] : [`= ${value}`])].join(" ");
}

/** What a known verdict rests on, a line per reason; what it overrode stands below it, indented. */
export function chainOf(verdict: Verdict<string>): readonly string[] {
  if (verdict.kind === "unknown") return verdict.gaps.map(({ wanted, because }) => `? ${wanted}: ${because}`);
  return verdict.reasons.flatMap((reason) => [pointer(reason), ...(reason.overrode ?? []).map((lost) => `  ${pointer(lost)}`)]);
}

/** A verdict in one list: its value, or `unknown`, then what it rests on. */
export function wholeOf(verdict: Verdict<string>): readonly string[] {
  return [flat(verdict), ...chainOf(verdict)];
}

export interface Whole {
  readonly name: string;
  readonly objects: readonly MeshObject[];
  readonly unread?: readonly UnreadObject[];
  readonly asked?: Asked;
  /** of each fact that is asked for: the value, and lines that are among what it rests on */
  readonly says: Partial<Record<"clientMode" | "serverMode" | "transport" | "authorization", readonly [string, ...string[]]>>;
}

/** One test per row: the values, and the lines they rest on, among others. */
export function describeChains(title: string, rows: readonly Whole[]): void {
  describe(title, () => {
    it.each(rows)("$name", ({ objects, unread, asked, says }) => {
      const configuration = mesh(objects, unread === undefined ? {} : { unread });
      const verdict = judgeMesh(configuration).connection(question(configuration, asked));
      for (const [fact, [value, ...lines]] of Object.entries(says)) {
        const [found, ...chain] = wholeOf(verdict[fact as keyof typeof says]);
        expect([fact, found, chain], chain.join("\n")).toEqual([fact, value, lines.length === 0 ? chain : expect.arrayContaining(lines)]);
      }
    });
  });
}
