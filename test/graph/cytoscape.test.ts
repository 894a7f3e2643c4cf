import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import cytoscape from "cytoscape";
import { describe, expect, it, vi } from "vitest";
import { layoutMesh } from "#layout";
import type { MeshView } from "#view";
import { graphModel } from "../../components/graph/graphModel.ts";
import { graphPalette } from "../../components/graph/graphPalette.ts";
import type { GraphPalette } from "../../components/graph/graphPalette.ts";
import { graphStyle } from "../../components/graph/graphStyle.ts";
import { elementId, syncElements } from "../../components/graph/meshElements.ts";
import { zoomLevel } from "../../components/graph/zoomLevel.ts";
import { edgeBetween, meshOf, workloadNode } from "./meshOf.ts";

const IDS = ["foo/httpbin", "foo/sleep", "__proto__/constructor"];

function modelOf(view: MeshView, layout = layoutMesh(view.nodes, view.edges)): ReturnType<typeof graphModel> {
  return graphModel(view, layout, { nodes: new Set(view.nodes.map(({ id }) => id)), edges: new Set(view.edges.map(({ id }) => id)) });
}

/** Light, then dark, as the stylesheet has them. */
async function palettes(): Promise<readonly GraphPalette[]> {
  const css = await readFile("app/globals.css", "utf8");
  const [light = "", dark = ""] = /:root \{([^}]*)@variant dark \{([^}]*)\}/.exec(css)?.slice(1) ?? [];
  return [light, dark].map((block) => graphPalette((property) => new RegExp(`\\s${property}: (#[0-9a-f]{6});`).exec(block)?.[1] ?? `no ${property}`));
}

it("the stylesheet has every colour of the graph, light and dark", async () => {
  for (const { tones, ...others } of await palettes()) {
    for (const colour of [...Object.values(tones), ...Object.values(others)]) expect(colour).toMatch(/^#[0-9a-f]{6}$/);
  }
});

describe("Cytoscape", () => {
  it("understands every property of the style, at every zoom and in both themes", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const view = meshOf(IDS.map((id) => workloadNode(id)), []);
    for (const palette of await palettes()) {
      for (const zoom of [1, 0.8, 0.65, 0.5, 0.3, 0.2, 0.1]) {
        const cy = cytoscape({ headless: true, styleEnabled: true, style: graphStyle(palette, zoomLevel(zoom, 10)) });
        syncElements(cy, modelOf(view), new Map());
        expect(cy.nodes(".thing").length).toBe(3);
        cy.destroy();
      }
    }
    expect(warn.mock.calls).toEqual([]);
    warn.mockRestore();
  });

  it("is told of nothing where a refresh brings nothing new, and of one element where one changed", () => {
    const cy = cytoscape({ headless: true, styleEnabled: true });
    const before = meshOf(IDS.map((id) => workloadNode(id)), [edgeBetween("e", "foo/sleep > foo/httpbin")]);
    const layout = layoutMesh(before.nodes, before.edges);
    const signatures = syncElements(cy, modelOf(before, layout), new Map());
    const touched: string[] = [];
    cy.on("add remove data class position", (event) => {
      touched.push((event.target as cytoscape.SingularElementReturnValue).id());
    });
    const turned = meshOf(before.nodes, [edgeBetween("e", "foo/sleep > foo/httpbin", { state: "plaintext" })]);
    const same = syncElements(cy, modelOf(turned, layout), signatures);
    expect(touched).toEqual([]);
    const injected = meshOf([workloadNode("foo/httpbin"), workloadNode("foo/sleep", { dataPlaneModes: ["none"] }), workloadNode("__proto__/constructor")], []);
    syncElements(cy, modelOf(injected, layout), same);
    expect(new Set(touched)).toEqual(new Set([elementId("node", "foo/sleep")]));
    cy.destroy();
  });

  it("removes what is gone, and only that", () => {
    const cy = cytoscape({ headless: true, styleEnabled: true });
    const before = meshOf(IDS.map((id) => workloadNode(id)), []);
    const layout = layoutMesh(before.nodes, []);
    const signatures = syncElements(cy, modelOf(before, layout), new Map());
    const after = meshOf(before.nodes.slice(0, 2), []);
    syncElements(cy, modelOf(after, layoutMesh(after.nodes, [], layout)), signatures);
    expect(cy.nodes(".thing").map((node) => String(node.data("of"))).sort()).toEqual(["foo/httpbin", "foo/sleep"]);
    cy.destroy();
  });

  it("inserts the one style element whose hash the content security policy allows", async () => {
    const source = await readFile("node_modules/cytoscape/dist/cytoscape.esm.mjs", "utf8");
    const className = /className = '(__________cytoscape_container)'/.exec(source)?.[1];
    const rule = /stylesheet\.textContent = '\.' \+ className \+ '([^']*)'/.exec(source)?.[1];
    const hash = createHash("sha256").update(`.${className ?? ""}${rule ?? ""}`).digest("base64");
    expect(await readFile("proxy.ts", "utf8")).toContain(`sha256-${hash}`);
  });
});
