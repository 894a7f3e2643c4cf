export interface MeshSize {
  readonly name: "S" | "M" | "L" | "XL";
  readonly workloads: number;
  readonly edges: number;
}

export const SIZES: readonly MeshSize[] = [
  { name: "S", workloads: 100, edges: 300 },
  { name: "M", workloads: 1_000, edges: 4_000 },
  { name: "L", workloads: 5_000, edges: 20_000 },
  { name: "XL", workloads: 10_000, edges: 50_000 },
];

/** `S,M` → the two; @throws naming what is no size */
export function sizesOf(text: string): readonly MeshSize[] {
  return text.split(",").map((name) => {
    const size = SIZES.find((one) => one.name === name.trim().toUpperCase());
    if (size === undefined) throw new Error(`--size ${name}: sizes are ${SIZES.map((one) => one.name).join(", ")}`);
    return size;
  });
}
