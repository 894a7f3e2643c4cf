import { describe, expect, it } from "vitest";
import type { MeshView, SourceView } from "#view";
import { blindSummary } from "../../components/frame/blindSummary.ts";
import { meshView } from "./mesh.ts";

const MOVED = '"STRICT for payments" was applied, and the simulated clock was moved on by 15 min: the window holds traffic since then';

function source(name: string, more: Partial<SourceView> = {}): SourceView {
  return { kind: "configuration", name, state: "live", readAtMs: 940_000, message: "", ...more };
}

function said(sources: readonly SourceView[], more: Partial<MeshView> = {}): string {
  return blindSummary(meshView({ sources, ...more }));
}

describe("the line of every page", () => {
  it("says that every source answered, and no more, where there is nothing to know", () => {
    expect(said([source("Kubernetes", { message: "23 collections of https://10.0.0.1 are followed" }), source("Prometheus")])).toBe("every source answered");
  });

  it("says that the playground's clock was moved, once", () => {
    const { mesh } = meshView();
    expect(said([source("configuration", { message: MOVED }), source("traffic", { message: MOVED })], { mesh: { ...mesh, simulated: true } })).toBe(`every source answered · ${MOVED}`);
  });

  it("says that changes arrive late where something may be listed but not watched", () => {
    const late = source("Kubernetes (watch)", { message: "Pods may be listed but not watched: read again from time to time, so changes arrive late" });
    expect(said([source("Kubernetes"), late])).toBe("every source answered · Kubernetes is not watched everywhere: some changes arrive late");
  });

  it("names what is ill, and counts what cannot be seen", () => {
    const gaps = [{ wanted: "Secrets", because: "forbidden" }] as unknown as MeshView["gaps"];
    expect(said([source("Kubernetes", { state: "stale" }), source("Prometheus", { state: "absent" })], { gaps })).toBe("Kubernetes stale since 1 min · Prometheus absent · 1 thing mtlscope cannot see");
  });
});
