import type { ConfiguredPath, ConnectionAnswer, Gap, ServerMode, Transport } from "#mesh";

/** What can travel on an edge: what was observed, or, where nothing was, what the configuration says. */
export type Cargo = "mtls" | "plaintext" | "tls" | "unclear" | "refused" | "configured";

/** What becomes of a cargo on one way it can go. */
export interface Fate {
  readonly before: Transport | "unknown";
  readonly after: Transport | "unknown";
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

function configuredFate(path: ConfiguredPath, after: ConfiguredPath): Fate {
  return {
    before: outcome(path.verdict),
    after: outcome(after.verdict),
    authorizationDiffers: authorizationDiffers(path.verdict, after.verdict),
    port: path.port,
    gaps: gapsOf(after.verdict),
  };
}

/** Where the client is unknown, or does otherwise than configured, only the server's side can be judged: by what it admits. */
function admittedFate(cargo: keyof typeof WIRE, path: ConfiguredPath, after: ConfiguredPath): Fate {
  const [left, right] = [path.verdict.serverMode, after.verdict.serverMode];
  const denied = after.verdict.authorization.kind === "known" && after.verdict.authorization.value === "deny";
  const arrives = right.kind === "unknown" ? "unknown" : admitted(cargo, right.value);
  return {
    before: left.kind === "unknown" ? "unknown" : admitted(cargo, left.value),
    after: denied && arrives !== "unknown" ? "blocked" : arrives,
    authorizationDiffers: authorizationDiffers(path.verdict, after.verdict),
    port: path.port,
    gaps: right.kind === "unknown" ? right.gaps : [],
  };
}

function pairUp(paths: readonly ConfiguredPath[], afters: readonly ConfiguredPath[], fate: (path: ConfiguredPath, after: ConfiguredPath) => Fate): readonly Fate[] {
  return paths.flatMap((path) => counterparts(path, afters).map((after) => fate(path, after)));
}

/** What the server's own proxy counted went through it, so not to an instance without one, nor to a port past it. */
function pastNoProxy(paths: readonly ConfiguredPath[]): readonly ConfiguredPath[] {
  const through = paths.filter(({ verdict: { serverMode } }) => serverMode.kind === "unknown" || (serverMode.value !== "NONE" && serverMode.value !== "UNCAPTURED"));
  return through.length > 0 ? through : paths;
}

function isStrict({ verdict: { serverMode } }: ConfiguredPath): boolean {
  return serverMode.kind === "known" && serverMode.value === "STRICT";
}

/** Where nobody knows what the client sends, STRICT is what refuses. */
function refusing(paths: readonly ConfiguredPath[]): readonly ConfiguredPath[] {
  const blocked = paths.filter((path) => (path.verdict.transport.kind === "unknown" ? isStrict(path) : outcome(path.verdict) === "blocked"));
  return blocked.length > 0 ? blocked : paths;
}

/** What STRICT refused was no mesh mTLS, whoever sent it. */
function refusedFate(path: ConfiguredPath, after: ConfiguredPath): Fate {
  return path.verdict.transport.kind === "unknown" && isStrict(path) ? admittedFate("plaintext", path, after) : configuredFate(path, after);
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
}

/**
 * What becomes of one cargo on every way it can have gone.
 *
 * Metrics carry no port: an observed cargo belongs to each path whose answer it fits, and to each whose server admits it where none fits.
 */
export function fatesOf(cargo: Cargo, { befores, afters }: Answers, { byServer, denied }: Report): readonly Fate[] {
  if (cargo === "configured" || cargo === "unclear") return pairUp(befores, afters, configuredFate);
  if (cargo === "refused") return pairUp(refusing(befores), afters, denied ? configuredFate : refusedFate);
  const possible = byServer ? pastNoProxy(befores) : befores;
  const fitting = possible.filter(({ verdict }) => outcome(verdict) === WIRE[cargo]);
  if (fitting.length > 0) return pairUp(fitting, afters, configuredFate);
  const admitting = possible.filter(({ verdict: { serverMode } }) => serverMode.kind === "unknown" || admitted(cargo, serverMode.value) !== "blocked");
  const open = admitting.length > 0 ? admitting : possible;
  return pairUp(open, afters, (path, after) => admittedFate(cargo, path, after));
}
