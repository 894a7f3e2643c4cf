import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import cytoscape from "cytoscape";
import { describe, expect, it, vi } from "vitest";
import { layoutMesh } from "#layout";
import type { MeshView } from "#view";
import { graphModel } from "../../components/graph/graphModel.ts";
import { PALETTES } from "../../components/graph/graphPalette.ts";
import { graphStyle } from "../../components/graph/graphStyle.ts";
import { elementId, syncElements } from "../../components/graph/meshElements.ts";
import { zoomLevel } from "../../components/graph/zoomLevel.ts";
import { edgeBetween, meshOf, workloadNode } from "./meshOf.ts";

const IDS = ["foo/httpbin", "foo/sleep", "__proto__/constructor"];

function modelOf(view: MeshView, layout = layoutMesh(view.nodes, view.edges)): ReturnType<typeof graphModel> {
  return graphModel(view, layout, { nodes: new Set(view.nodes.map(({ id }) => id)), edges: new Set(view.edges.map(({ id }) => id)) });
}

describe("Cytoscape", () => {
  it("understands every property of the style, at every zoom and in both themes", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const view = meshOf(IDS.map((id) => workloadNode(id)), []);
    for (const palette of Object.values(PALETTES)) {
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
