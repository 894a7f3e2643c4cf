import type { NodeView } from "#view";
import type { NodeGlyph } from "./glyphs.ts";

/** How a node is drawn: outline and glyph by what stands there, letter by what it accepts. */
export interface NodeLook {
  readonly shape: "sidecar" | "ambient" | "gateway" | "none" | "several" | "party";
  readonly glyph: NodeGlyph;
  readonly letter: AcceptsLetter | null;
}

/** First letters of Istio's modes; `M` several modes, `–` no proxy captures the port, `?` not known. */
export type AcceptsLetter = "S" | "P" | "D" | "G" | "M" | "–" | "?";

export function nodeLook(node: Pick<NodeView, "kind" | "dataPlaneModes" | "accepts">): NodeLook {
  if (node.kind !== "workload") return { shape: "party", glyph: node.kind, letter: null };
  return { ...dataPlaneLook(node.dataPlaneModes), letter: acceptsLetter(node.accepts) };
}

function dataPlaneLook(modes: NodeView["dataPlaneModes"]): Pick<NodeLook, "shape" | "glyph"> {
  const [mode, ...others] = new Set(modes);
  if (mode === undefined) return { shape: "none", glyph: "unidentified" };
  if (others.length > 0) return { shape: "several", glyph: "several" };
  switch (mode) {
    case "sidecar":
      return { shape: "sidecar", glyph: "sidecar" };
    case "grpc-proxyless":
      return { shape: "sidecar", glyph: "grpc-proxyless" };
    case "ambient":
      return { shape: "ambient", glyph: "ambient" };
    case "gateway":
      return { shape: "gateway", glyph: "gateway" };
    case "waypoint":
      return { shape: "gateway", glyph: "waypoint" };
    case "none":
      return { shape: "none", glyph: "none" };
  }
}

function acceptsLetter(accepts: NodeView["accepts"]): AcceptsLetter | null {
  const [mode, ...others] = new Set(accepts.filter((answer) => answer.ports > 0).map((answer) => answer.mode));
  if (mode === undefined) return null;
  if (others.length > 0) return "M";
  switch (mode) {
    case "STRICT":
      return "S";
    case "PERMISSIVE":
      return "P";
    case "DISABLE":
      return "D";
    case "GATEWAY":
      return "G";
    case "NONE":
    case "UNCAPTURED":
      return "–";
    case "unknown":
      return "?";
  }
}

const LINE_CHARACTERS = 15;

/** A name on at most two lines, broken where it has a seam; what does not fit ends in an ellipsis. */
export function nodeLabel(node: Pick<NodeView, "kind" | "name">): string {
  if (node.kind === "unidentified") return "unidentified\nsender";
  const text = node.name.replace(/\s+/g, " ").trim();
  if (text.length <= LINE_CHARACTERS) return text;
  const at = seamOf(text);
  const rest = text.slice(at).trim();
  return `${text.slice(0, at).trim()}\n${rest.length > LINE_CHARACTERS ? `${rest.slice(0, LINE_CHARACTERS - 1)}…` : rest}`;
}

/** After the last hyphen, dot or the like that fits on the first line; else before a capital; else where the line is full. */
function seamOf(text: string): number {
  const first = text.slice(0, LINE_CHARACTERS + 1);
  const marks = [...first.matchAll(/[-. _:/]/g)].map((found) => found.index + 1);
  const capitals = [...first.matchAll(/(?<=[a-z])[A-Z]/g)].map((found) => found.index);
  const fits = (at: number) => at >= 4 && at <= LINE_CHARACTERS;
  return marks.filter(fits).at(-1) ?? capitals.filter(fits).at(-1) ?? LINE_CHARACTERS - 1;
}

/** One line for the tooltip and for screen readers. */
export function nodeSentence(node: NodeView): string {
  const accepts = node.accepts.filter((answer) => answer.ports > 0).map((answer) => `${answer.mode} on ${answer.ports} ${answer.ports === 1 ? "port" : "ports"}`);
  switch (node.kind) {
    case "workload":
      return [node.dataPlaneModes.map((mode) => (mode === "none" ? "no proxy" : mode)).join(" and ") || "no instance seen", accepts.length > 0 ? `accepts ${accepts.join(", ")}` : ""].filter((part) => part !== "").join("; ");
    case "node":
      return "a node of the cluster";
    case "address":
      return "an address that no workload is known to own";
    case "external":
      return hostSentence(node.name);
    case "unidentified":
      return "a sender that nothing names";
  }
}

function hostSentence(host: string): string {
  if (host === "PassthroughCluster") return "what proxies passed on as it was, without saying where to";
  if (host === "BlackHoleCluster") return "what a client's own proxy refused";
  return host.includes(".svc.") ? "a Service of the cluster, and no report names its workload" : "a host outside the mesh";
}

const KIND_WORDS = { workload: ["workload", "workloads"], node: ["node", "nodes"], address: ["address", "addresses"], external: ["host", "hosts"], unidentified: ["sender that nothing names", "senders that nothing names"] } as const satisfies Record<NodeView["kind"], readonly [string, string]>;
const NAMED_AT_MOST = 4;

/** Parties that are one mark from far: how many of what kind, and the first names. */
export function partiesWords(nodes: readonly NodeView[]): { readonly title: string; readonly sentence: string } {
  const kinds = [...Map.groupBy(nodes, ({ kind }) => kind)].map(([kind, own]) => `${own.length} ${KIND_WORDS[kind][own.length === 1 ? 0 : 1]}`);
  const names = nodes.filter(({ kind }) => kind !== "unidentified").map(({ name }) => name);
  const shown = names.slice(0, NAMED_AT_MOST).join(", ");
  const named = names.length > NAMED_AT_MOST ? `${shown} and ${names.length - NAMED_AT_MOST} more` : shown;
  return { title: kinds.join(", "), sentence: named === "" ? "Click to see each." : `${named}. Click to see each.` };
}
