import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { MeshView } from "#view";
import type { Page } from "./answer.ts";

const SLICE = 500;
// a mesh of 10,000 workloads and 50,000 edges: 27 MB of JSON, below 2 MB so
const LEVEL = 6;

function* listJson(list: readonly unknown[]): Generator<string> {
  for (let from = 0; from < list.length; from += SLICE) {
    const json = JSON.stringify(list.slice(from, from + SLICE)).slice(1, -1);
    yield from === 0 ? json : `,${json}`;
  }
}

function* viewJson({ nodes, edges, ...rest }: MeshView): Generator<string> {
  yield `${JSON.stringify(rest).slice(0, -1)},"nodes":[`;
  yield* listJson(nodes);
  yield '],"edges":[';
  yield* listJson(edges);
  yield "]}";
}

/** A picture as compressed JSON. Made slice by slice: the text is never in memory whole, and other questions are answered in between. */
export async function gzippedPage(view: MeshView): Promise<Page> {
  const gzip = createGzip({ level: LEVEL });
  const [, compressed] = await Promise.all([pipeline(Readable.from(viewJson(view), { objectMode: false }), gzip), buffer(gzip)]);
  return { kind: "page", encoding: "gzip", revision: view.revision, bytes: new Uint8Array(compressed) };
}
