import type { ConfiguredPath, ConnectionAnswer, Gap, ServerMode, Transport } from "#mesh";
import { isStrict } from "./closing.ts";

/** What can travel on an edge: what was observed, or, where nothing was, what the configuration says. */
export type Cargo = "mtls" | "plaintext" | "tls" | "unclear" | "refused" | "configured";

/** What becomes of a cargo on one way it can go. */
export interface Passage {
  readonly before: Transport | "unknown";
  readonly after: Transport | "unknown";
  /** STRICT is set on it: from then on it takes nothing but mesh mTLS */
  readonly closes: boolean;
  readonly authorizationDiffers: boolean;
  readonly port: number;
  readonly gaps: readonly Gap[];
}

/** What a denied connection and a refused one have in common: nothing arrives. */
function outcome(verdict: ConnectionAnswer): Transport | "unknown" {
  if (verdict.transport.kind === "unknown") return "unknown";
  if (verdict.authorization.kind === "known" && verdict.authorization.value === "deny") return "blocked";
  return verdict.transport.value;
}

function gapsOf(verdict: ConnectionAnswer): readonly Gap[] {
  return verdict.transport.kind === "unknown" ? verdict.transport.gaps : [];
}

function authorizationDiffers(before: ConnectionAnswer, after: ConnectionAnswer): boolean {
  const [left, right] = [before.authorization, after.authorization];
  if (left.kind === "unknown" || right.kind === "unknown") return left.kind !== right.kind;
  return left.value !== right.value;
}

const WIRE = { mtls: "mTLS", plaintext: "plaintext", tls: "tls" } as const satisfies Partial<Record<Cargo, Transport>>;

/** What a server mode makes of bytes that arrive, whoever sent them. */
function admitted(cargo: keyof typeof WIRE, mode: ServerMode): Transport {
  switch (mode) {
    case "STRICT":
      return cargo === "mtls" ? "mTLS" : "blocked";
    case "PERMISSIVE":
    case "GATEWAY":
      return WIRE[cargo];
    case "DISABLE":
    case "NONE":
    case "UNCAPTURED":
      return cargo === "mtls" ? "blocked" : WIRE[cargo];
  }
}

/** The same question asked after the change: the same pair of instances where it is still told apart, else every answer of its port. */
function counterparts(path: ConfiguredPath, afters: readonly ConfiguredPath[]): readonly ConfiguredPath[] {
  const ofPort = afters.filter((after) => after.port === path.port && after.targetPort === path.targetPort);
  const same = ofPort.filter((after) => after.serverInstance === path.serverInstance && after.clientInstance === path.clientInstance && after.pairs === path.pairs);
  if (same.length === 1) return same;
  return ofPort.length > 0 ? ofPort : afters;
}

function refusesPlaintext({ verdict: { serverMode } }: ConfiguredPath): boolean {
  return isStrict(serverMode);
}

function closes(path: ConfiguredPath, after: ConfiguredPath): boolean {
  return refusesPlaintext(after) && !refusesPlaintext(path);
}

function configuredPassage(path: ConfiguredPath, after: ConfiguredPath): Passage {
  return {
    before: outcome(path.verdict),
    after: outcome(after.verdict),
    closes: closes(path, after),
    authorizationDiffers: authorizationDiffers(path.verdict, after.verdict),
    port: path.port,
    gaps: gapsOf(after.verdict),
  };
}

/** Where the client is unknown, or does otherwise than configured, only the server's side can be judged: by what it admits. */
function admittedPassage(cargo: keyof typeof WIRE, path: ConfiguredPath, after: ConfiguredPath): Passage {
  const [left, right] = [path.verdict.serverMode, after.verdict.serverMode];
  const denied = after.verdict.authorization.kind === "known" && after.verdict.authorization.value === "deny";
  const arrives = right.kind === "unknown" ? "unknown" : admitted(cargo, right.value);
  return {
    before: left.kind === "unknown" ? "unknown" : admitted(cargo, left.value),
    after: denied && arrives !== "unknown" ? "blocked" : arrives,
    closes: closes(path, after),
    authorizationDiffers: authorizationDiffers(path.verdict, after.verdict),
    port: path.port,
    gaps: right.kind === "unknown" ? right.gaps : [],
  };
}

function pairUp(paths: readonly ConfiguredPath[], afters: readonly ConfiguredPath[], passage: (path: ConfiguredPath, after: ConfiguredPath) => Passage): readonly Passage[] {
  return paths.flatMap((path) => counterparts(path, afters).map((after) => passage(path, after)));
}

/** What the server's own proxy counted went through it, so not to an instance without one, nor to a port past it; a waypoint is no such proxy. @see rule PRE-7 */
function pastNoProxy(paths: readonly ConfiguredPath[]): readonly ConfiguredPath[] {
  const through = paths.filter(({ verdict: { serverMode } }) => serverMode.kind === "unknown" || (serverMode.value !== "NONE" && serverMode.value !== "UNCAPTURED"));
  return through.length > 0 ? through : paths;
}

/** Where nobody knows what the client sends, STRICT is what refuses. */
function refusing(paths: readonly ConfiguredPath[]): readonly ConfiguredPath[] {
  const blocked = paths.filter((path) => (path.verdict.transport.kind === "unknown" ? refusesPlaintext(path) : outcome(path.verdict) === "blocked"));
  return blocked.length > 0 ? blocked : paths;
}

/** What STRICT refused was no mesh mTLS, whoever sent it. */
function refusedPassage(path: ConfiguredPath, after: ConfiguredPath): Passage {
  return path.verdict.transport.kind === "unknown" && refusesPlaintext(path) ? admittedPassage("plaintext", path, after) : configuredPassage(path, after);
}

/** The two answers of the configuration, without the change and with it. */
export interface Answers {
  readonly befores: readonly ConfiguredPath[];
  readonly afters: readonly ConfiguredPath[];
}

/** What is known of how a cargo was counted. */
export interface Report {
  /** the server's proxy reported the cargo itself */
  readonly byServer: boolean;
  /** refused by AuthorizationPolicies, and not by mTLS */
  readonly denied: boolean;
  /** the client's proxy told that it used no certificate, and the server's, which told of other traffic, told nothing of it (OBS-23) */
  readonly unreported: boolean;
  /** a waypoint took it as mTLS, and nobody told what it sent on (OBS-25) */
  readonly onward: boolean;
}

function isPlain({ verdict: { transport } }: ConfiguredPath): boolean {
  return transport.kind === "known" && (transport.value === "plaintext" || transport.value === "tls");
}

function isThroughWaypoint({ verdict: { clientMode } }: ConfiguredPath): boolean {
  return clientMode.kind === "known" && clientMode.value === "HBONE";
}

/** Traffic of unknown security goes any way; what was sent without a certificate, those on which configuration would not use one; what a waypoint took, those through it. @see rule PRE-8 */
function unclearWays(possible: readonly ConfiguredPath[], { unreported, onward }: Report): readonly ConfiguredPath[] {
  const fitting = unreported ? possible.filter(isPlain) : onward ? possible.filter(isThroughWaypoint) : [];
  return fitting.length > 0 ? fitting : possible;
}

/**
 * What becomes of one cargo on every way it can have gone.
 *
 * Metrics carry no port: an observed cargo belongs to each path whose answer it fits, and to each whose server admits it where none fits.
 *
 * @see rule PRE-6
 */
export function passagesOf(cargo: Cargo, { befores, afters }: Answers, report: Report): readonly Passage[] {
  if (cargo === "configured") return pairUp(befores, afters, configuredPassage);
  if (cargo === "refused") return pairUp(refusing(befores), afters, report.denied ? configuredPassage : refusedPassage);
  const possible = report.byServer ? pastNoProxy(befores) : befores;
  if (cargo === "unclear") return pairUp(unclearWays(possible, report), afters, configuredPassage);
  const fitting = possible.filter(({ verdict }) => outcome(verdict) === WIRE[cargo]);
  if (fitting.length > 0) return pairUp(fitting, afters, configuredPassage);
  const admitting = possible.filter(({ verdict: { serverMode } }) => serverMode.kind === "unknown" || admitted(cargo, serverMode.value) !== "blocked");
  const open = admitting.length > 0 ? admitting : possible;
  return pairUp(open, afters, (path, after) => admittedPassage(cargo, path, after));
}
