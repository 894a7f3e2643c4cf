import { request } from "undici";
import { row, type Row } from "../row.ts";

const MEGABYTE = 1_048_576;
const PARTS: readonly (readonly [name: string, metric: string])[] = [
  ["the mesh's thread, in use", 'mtlscope_heap_bytes{part="used"}'],
  ["the mesh's thread, taken from the system", 'mtlscope_heap_bytes{part="total"}'],
  ["the mesh's thread, outside its heap", 'mtlscope_heap_bytes{part="external"}'],
  ["the serving thread, taken from the system", "nodejs_heap_size_total_bytes"],
];

/** What the memory is made of, by the process's own account. */
export async function heapRows(url: string): Promise<readonly Row[]> {
  const reply = await request(`${url}/metrics`);
  const lines = (await reply.body.text()).split("\n");
  return PARTS.map(([name, metric]) => {
    const line = lines.find((one) => one.startsWith(`${metric} `));
    return row(`heap of ${name}`, Number(line?.slice(metric.length + 1)) / MEGABYTE, { unit: "MB" });
  });
}
