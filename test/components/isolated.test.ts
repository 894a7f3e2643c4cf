import { describe, expect, it } from "vitest";
import { presentEdge, presentFindings, presentMesh, presentProposal, presentSenders, presentWorkload } from "#view";
import { previewProposal, proposeStrict } from "#proposals";
import type { WorkloadId } from "#mesh";
import { isolated, readJson } from "../../components/isolated.ts";
import { CLASSIC_WORKLOADS, id, verdicts } from "../view/picture.ts";

const [SHALOM, OLAM, SALAM] = ["שלום", "עולם", "سلام"];
/** as the Unicode Bidirectional Algorithm wants it: left to right inside, and nothing of it outside */
const apart = (name: string): string => `\u2066${name}\u2069`;

describe("names that are written from right to left", () => {
  it.each([
    ["an arrow between two of them", `${SHALOM} → ${OLAM}: 450 requests`, `${apart(SHALOM)} → ${apart(OLAM)}: 450 requests`],
    ["a namespace before a name", `${SHALOM}/api-2 sends plaintext`, `${apart(`${SHALOM}/api-2`)} sends plaintext`],
    ["a name behind a namespace, and the full stop", `No: foo/${SALAM}.`, `No: ${apart(`foo/${SALAM}`)}.`],
    ["backticks and brackets", `\`${SHALOM}\` (${SALAM})`, `\`${apart(SHALOM)}\` (${apart(SALAM)})`],
    ["an identity", `spiffe://cluster.local/ns/${SHALOM}/sa/x, 3`, `${apart(`spiffe://cluster.local/ns/${SHALOM}/sa/x`)}, 3`],
    ["letters beyond the first plane", "\u{1E900}\u{1E901} = 1", `${apart("\u{1E900}\u{1E901}")} = 1`],
    ["several words", `${SHALOM} ${OLAM} 7`, `${apart(SHALOM)} ${apart(OLAM)} 7`],
    ["none", "foo/sleep → bar/Ünïcode 漢字: 450", "foo/sleep → bar/Ünïcode 漢字: 450"],
  ])("stand apart in a sentence: %s", (_, sentence, expected) => {
    expect(isolated(sentence)).toBe(expected);
  });
});

it("leaves ids and names as the server wrote them, and isolates sentences wherever they stand", () => {
  const told = { id: `${SHALOM}/x`, name: SHALOM, nodes: [`${SHALOM}/x`], remarks: [`${SHALOM} 1`], edge: { sentence: `${SHALOM} 2`, reasons: [{ text: `${SHALOM} 3`, value: SHALOM }] } };
  expect(readJson(JSON.stringify(told))).toEqual({
    ...told,
    remarks: [`${apart(SHALOM)} 1`],
    edge: { sentence: `${apart(SHALOM)} 2`, reasons: [{ text: `${apart(SHALOM)} 3`, value: SHALOM }] },
  });
  expect(() => readJson("<html>")).toThrow(SyntaxError);
});

/** Names have no spaces here: what has one is a sentence. */
function sentencesOf(value: unknown): readonly string[] {
  if (typeof value === "string") return value.includes(" ") && !value.includes("\n") ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(sentencesOf) : [];
}

it("knows every field in which the server speaks of a sender", () => {
  const workloads = [...CLASSIC_WORKLOADS, { id: `${SALAM}/${SHALOM}`, dataPlaneMode: "none" as const }];
  const picture = verdicts({ workloads, edges: [
    { from: `${SALAM}/${SHALOM}`, to: "foo/httpbin", counts: { plaintext: 9 }, state: "plaintext", sender: { candidates: [id(`${SALAM}/${SHALOM}`)] } },
    { from: "foo/sleep", to: `${SALAM}/${SHALOM}`, counts: { refused: 2 }, state: "blocked" },
  ] });
  const proposal = proposeStrict(picture, { kind: "namespace", namespace: "foo" });
  if (proposal.kind !== "proposal") throw new Error("nothing is proposed");
  const context = { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: { previews: [], others: [], leftOut: 0 } };
  const mesh = presentMesh(picture, context);
  const pages = [mesh, ...mesh.edges.map((edge) => presentEdge(picture, edge.id)), ...mesh.nodes.map((node) => presentWorkload(picture, node.id as WorkloadId)), presentSenders(picture), presentFindings(picture), presentProposal(picture, previewProposal(picture, { judge: picture.judge }, proposal), { sources: [], applicable: false })];
  const told = pages.flatMap((page) => sentencesOf(readJson(JSON.stringify(page)))).filter((text) => text.includes(SHALOM) || text.includes(SALAM));
  expect(told.length).toBeGreaterThan(8);
  expect(told.filter((text) => isolated(text.replaceAll(/[\u2066\u2069]/g, "")) !== text)).toEqual([]);
});
