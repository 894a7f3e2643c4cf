import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { OBJECT_KINDS, type Configuration, type ConfigurationObjects, type Gap, type MeshObject, type Telemetry, type TrafficRow, type UnreadObject } from "#mesh";
import { z } from "zod";
import { redact } from "../log.ts";
import { parseSaved } from "../reordering.ts";
import { SOURCE_KINDS } from "../source.ts";
import { FORMAT, VERSION, type SavedState } from "./saved.ts";
import { OBJECT_SCHEMAS } from "./schema/objects.ts";
import { gap, textOrNull, texts, type SchemaOf } from "./schema/parts.ts";
import { rowSchema, trafficRowSchema } from "./schema/telemetry.ts";

const unzip = promisify(gunzip);
/** a mesh of 10,000 workloads takes a tenth of it */
const LARGEST_BYTES = 1024 ** 3;

/** The file as a whole is no saved state; the message says why. */
export class UnreadableSnapshot extends Error {}

const list = z.array(z.unknown());
const instant = z.number();
const unreadSchema = z.object({
  kind: z.string(), namespace: textOrNull, name: textOrNull, field: textOrNull, because: z.string(), exceptNamespaces: texts.exactOptional(),
}) satisfies SchemaOf<UnreadObject>;
const headSchema = z.object({ format: z.literal(FORMAT), version: z.number() });
const fileSchema = z.object({
  name: z.string(),
  simulated: z.boolean(),
  capturedAtMs: instant,
  // a file without kinds is older than they are; all of it is as old as the file, of whatever kind
  sources: z.array(z.object({ kind: z.enum(SOURCE_KINDS).default("configuration"), name: z.string(), state: z.enum(["live", "starting", "stale", "absent"]), readAtMs: instant.nullable(), message: z.string() })),
  configuration: z.object({ objects: z.record(z.string(), list), unread: z.array(unreadSchema), clusterDomain: z.string() }),
  telemetry: z.object({
    windowStartMs: instant, windowEndMs: instant, lookBackStartMs: instant, rows: list, lookBackRows: list, gaps: z.array(gap),
    covered: z.array(z.object({ startMs: instant, endMs: instant })).exactOptional(),
    refused: z.string().exactOptional(),
    blindSpots: z.array(gap).exactOptional(),
    queries: z.array(z.object({ purpose: z.string(), text: z.string() })),
  }) satisfies { readonly shape: { readonly [Field in keyof Telemetry]-?: z.ZodType } },
});
type File = z.infer<typeof fileSchema>;

interface Fault {
  readonly field: string | null;
  readonly because: string;
}

function faultOf({ issues: [issue] }: z.ZodError): Fault {
  const path = (issue?.path ?? []).map(String).join(".");
  return { field: path === "" ? null : redact(path), because: `the saved state's text is not understood: ${redact(issue?.message ?? "").replace(/^Invalid input: /, "")}` };
}

async function unpacked(bytes: Buffer): Promise<unknown> {
  let text: string;
  try {
    text = (await unzip(bytes, { maxOutputLength: LARGEST_BYTES })).toString("utf8");
  } catch (error) {
    throw new UnreadableSnapshot(`it is not a whole gzip file, or larger than 1 GiB unpacked (${redact((error as Error).message)})`);
  }
  try {
    return parseSaved(text);
  } catch {
    throw new UnreadableSnapshot("it does not hold JSON");
  }
}

/** A window that ends before it begins would be counted from, and shown with a length below zero. */
function inOrder(file: File): File {
  const { windowStartMs, windowEndMs, lookBackStartMs, covered = [] } = file.telemetry;
  if (windowEndMs <= windowStartMs) throw new UnreadableSnapshot("field `telemetry.windowEndMs`: the window ends before it begins");
  if (lookBackStartMs > windowStartMs) throw new UnreadableSnapshot("field `telemetry.lookBackStartMs`: the look-back begins after the window");
  const wrong = covered.findIndex(({ startMs, endMs }) => endMs < startMs);
  if (wrong !== -1) throw new UnreadableSnapshot(`field \`telemetry.covered.${wrong}\`: this part of the window ends before it begins`);
  return file;
}

function checked(content: unknown): File {
  const head = headSchema.safeParse(content);
  if (!head.success) throw new UnreadableSnapshot(`it is no saved state of mtlscope: field \`${faultOf(head.error).field ?? "format"}\` is not as expected`);
  if (head.data.version !== VERSION) throw new UnreadableSnapshot(`it has format version ${head.data.version}, and this mtlscope reads version ${VERSION}`);
  const file = fileSchema.safeParse(content);
  if (file.success) return inOrder(file.data);
  const { field, because } = faultOf(file.error);
  throw new UnreadableSnapshot(`field \`${field ?? ""}\`: ${because}`);
}

/** Enough to name an object that is not understood. */
const namedSchema = z.object({ namespace: z.string(), name: z.string() });

function unreadObject(kind: string, raw: unknown, fault: Fault): UnreadObject {
  const named = namedSchema.safeParse(raw);
  const { namespace, name } = named.success ? named.data : { namespace: null, name: null };
  return { kind, namespace, name, ...fault };
}

function configurationOf({ objects, unread, clusterDomain }: File["configuration"]): Configuration {
  const faults: UnreadObject[] = [];
  const kinds = OBJECT_KINDS.map((kind) => {
    const raws = Object.hasOwn(objects, kind) ? objects[kind] : undefined;
    if (raws === undefined) faults.push({ kind, namespace: null, name: null, field: null, because: "the saved state does not hold this kind" });
    const understood = (raws ?? []).flatMap((raw): readonly MeshObject[] => {
      const object = OBJECT_SCHEMAS[kind].safeParse(raw);
      if (!object.success) faults.push(unreadObject(kind, raw, faultOf(object.error)));
      return object.success ? [object.data] : [];
    });
    return [kind, understood] as const;
  });
  return { objects: Object.fromEntries(kinds) as unknown as ConfigurationObjects, unread: [...unread, ...faults], clusterDomain };
}

function rowsOf<T>(schema: z.ZodType<T>, raws: readonly unknown[], place: string): { readonly rows: readonly T[]; readonly gaps: readonly Gap[] } {
  const gaps: Gap[] = [];
  const rows = raws.flatMap((raw, at) => {
    const row = schema.safeParse(raw);
    if (row.success) return [row.data];
    const { field, because } = faultOf(row.error);
    gaps.push({ wanted: `row ${at} of ${place}`, because: `field \`${field ?? ""}\`: ${because}` });
    return [];
  });
  return { rows, gaps };
}

function telemetryOf({ rows: raws, lookBackRows: lookBackRaws, gaps, ...rest }: File["telemetry"]): Telemetry {
  const window = rowsOf(rowSchema, raws, "the window's traffic");
  const lookBack = rowsOf<TrafficRow>(trafficRowSchema, lookBackRaws, "the look-back's traffic");
  return { ...rest, rows: window.rows, lookBackRows: lookBack.rows, gaps: [...gaps, ...window.gaps, ...lookBack.gaps] };
}

/**
 * What a file holds. An object or a row that is not understood is named with its field and loses nothing else.
 *
 * @throws UnreadableSnapshot where the file as a whole is none of ours
 */
export async function parseSnapshot(bytes: Buffer): Promise<SavedState> {
  const { name, simulated, capturedAtMs, sources, configuration, telemetry } = checked(await unpacked(bytes));
  return { name, simulated, sources, snapshot: { capturedAtMs, configuration: configurationOf(configuration), telemetry: telemetryOf(telemetry) } };
}
