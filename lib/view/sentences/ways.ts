import type { ConfiguredPath, Edge, MeshJudge, Observation } from "#mesh";
import { isDenied, judged } from "./judged.ts";
import type { Explanation } from "./judged.ts";
import { ported } from "./scene.ts";
import type { Parties } from "./scene.ts";

/** What these say was counted by the server's own proxy, whoever it was then attributed to. */
function isServersReport({ reporter, rule, refusal }: Observation): boolean {
  return reporter === "destination" || rule === "OBS-20" || rule === "OBS-21" || (reporter === "log" && refusal === "transport");
}

function isPastProxy({ verdict: { serverMode } }: ConfiguredPath): boolean {
  return serverMode.kind === "known" && (serverMode.value === "NONE" || serverMode.value === "UNCAPTURED");
}

/** Ways that what was seen can have gone: what the server's proxy counted went through it. */
function possible({ configured, observations }: Edge, counts: readonly Observation["counts"][]): readonly ConfiguredPath[] {
  const seen = observations.filter((one) => counts.includes(one.counts));
  return seen.length > 0 && seen.every(isServersReport) ? configured.filter((path) => !isPastProxy(path)) : configured;
}

/** Ways on which configuration says what was seen, and those of which it does not know; those alone that the report leaves open. */
export function waysThat(edge: Edge, refused: boolean): readonly ConfiguredPath[] {
  const wanted = refused ? ["blocked"] : ["plaintext", "tls"];
  const ways = possible(edge, refused ? ["refused"] : ["plaintext", "tls"]);
  const fitting = ways.filter(({ verdict: { transport } }) => transport.kind === "known" && wanted.includes(transport.value));
  const denied = refused ? ways.filter(({ verdict }) => isDenied(verdict)) : [];
  const unknown = ways.filter(({ verdict: { transport } }) => transport.kind === "unknown");
  return [...fitting, ...denied.filter((path) => !fitting.includes(path)), ...unknown];
}

/** Ways that a report of the server's proxy leaves open. */
export function waysLeftOpen(edge: Edge): readonly ConfiguredPath[] {
  return possible(edge, ["plaintext", "tls"]);
}

/** Ways with one cause. */
type Alike = readonly [ConfiguredPath, ...ConfiguredPath[]];

function modeName({ verdict: { serverMode } }: ConfiguredPath): string {
  return serverMode.kind === "known" ? serverMode.value : "";
}

/** `port 80`, and between whom where that is what tells ways apart. */
function wayName([path, ...others]: Alike, all: readonly Alike[]): string {
  const { clientInstance, serverInstance } = path;
  const shares = all.some(([one], at) => all.findIndex(([other]) => other.port === one.port) !== at);
  const between = shares ? ` (${clientInstance === null ? "" : `from ${clientInstance} `}to ${serverInstance})` : "";
  return `by ${ported([path, ...others].map(({ port }) => port))}${between}`;
}

const TOLD_AT_MOST = 3;

function listed(texts: readonly string[]): string {
  const more = texts.length - TOLD_AT_MOST;
  return `${texts.slice(0, TOLD_AT_MOST).join("; ")}${more > 0 ? `; and ${more} more ${more === 1 ? "way" : "ways"}` : ""}`;
}

/**
 * The cause on the ways that it can have come by. Metrics carry no port: where ways have different causes, none of them is *the* cause.
 *
 * @returns `null` where there is no such way
 */
export function causeOn(ways: readonly ConfiguredPath[], by: { readonly parties: Parties; readonly judge: MeshJudge; readonly refused: boolean }): Explanation | null {
  const { parties, judge, refused } = by;
  const on = ([path, ...also]: Alike): Explanation => judged({ ...parties, path, also, judge }, refused);
  const told = ways.map((path) => ({ path, explanation: on([path]) }));
  const groups = [...Map.groupBy(told, ({ path, explanation }) => `${explanation.cause} ${modeName(path)}`).values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const alike: Alike = [first.path, ...others.map(({ path }) => path)];
    return [{ alike, explanation: others.length === 0 ? first.explanation : on(alike) }];
  });
  const [first, ...others] = groups;
  if (first === undefined || others.length === 0) return first?.explanation ?? null;
  const all = groups.map(({ alike }) => alike);
  const each = groups.map(({ alike, explanation }) => ({ name: wayName(alike, all), ...explanation }));
  return {
    cause: `no report tells which way it came: ${listed(each.map(({ name, cause, admission }) => `${name}, ${cause}${admission === null ? "" : `, and ${admission}`}`))}`,
    admission: null,
    fix: (verdicts) => {
      const fixes = each.map(({ name, fix }) => ({ name, text: fix(verdicts) }));
      const isOne = fixes.every(({ text }) => text === fixes[0]?.text);
      return isOne ? (fixes[0]?.text ?? "") : listed(fixes.map(({ name, text }) => `${name}: ${text}`));
    },
  };
}
