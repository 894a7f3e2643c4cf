import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { request } from "undici";

const unzip = promisify(gunzip);

/** What the bench reads of `GET /api/v1/mesh`. */
export interface Picture {
  readonly revision: number;
  readonly sources: readonly { readonly name: string; readonly state: string; readonly message: string }[];
  readonly gaps: readonly { readonly wanted: string; readonly because: string }[];
  readonly nodes: readonly { readonly id: string }[];
  readonly edges: readonly { readonly id: string; readonly state: string }[];
}

export interface Download {
  readonly ms: number;
  readonly bytes: number;
  readonly body: Buffer;
}

/** As a browser asks: compressed, and measured before anything is unpacked. */
export async function download(url: string): Promise<Download> {
  const startedMs = performance.now();
  const reply = await request(`${url}/api/v1/mesh`, { headers: { "accept-encoding": "gzip" } });
  const body = Buffer.from(await reply.body.arrayBuffer());
  if (reply.statusCode !== 200) throw new Error(`${reply.statusCode} ${body.toString("utf8").slice(0, 200)}`);
  return { ms: performance.now() - startedMs, bytes: body.length, body };
}

export async function pictureOf({ body }: Download): Promise<Picture> {
  const isPacked = body[0] === 0x1f && body[1] === 0x8b;
  return JSON.parse((isPacked ? await unzip(body) : body).toString("utf8")) as Picture;
}
