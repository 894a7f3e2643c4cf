import type { EdgeView, Point, Rectangle } from "#view";
import type { NodeGlyph } from "./glyphs.ts";

/** Parties at one side of the box that they deal with: from far they are one mark, with their number. */
export interface PartyGroup {
  readonly id: string;
  /** ids of nodes */
  readonly members: readonly string[];
  readonly glyph: NodeGlyph;
  /** of the box; `null` where it is not one alone */
  readonly side: "left" | "right" | null;
  /** around all of them */
  readonly place: Rectangle;
}

interface Node {
  readonly id: string;
  readonly centre: Point;
  readonly place: Rectangle;
  readonly box: string | null;
  readonly look: { readonly glyph: NodeGlyph };
  readonly hidden: boolean;
}

type Box = Rectangle & { readonly id: string };

interface Standing {
  readonly boxes: readonly Box[];
  readonly nodes: readonly Node[];
  readonly edges: readonly EdgeView[];
}

/** Those that deal with several boxes, or with none, stand for themselves. */
export function partyGroups({ boxes, nodes, edges }: Standing): readonly PartyGroup[] {
  const parties = nodes.filter(({ box, hidden }) => box === null && !hidden);
  const partners = partnersOf(new Set(parties.map(({ id }) => id)), { nodes, edges });
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const partner = ({ id }: Node): Box | undefined => {
    const [only, ...others] = partners.get(id) ?? [];
    return others.length > 0 ? undefined : byId.get(only ?? "");
  };
  const stands = (party: Node): Pick<PartyGroup, "id" | "side"> => {
    const box = partner(party);
    if (box === undefined) return { id: party.id, side: null };
    const side = party.centre.x < box.x + box.width / 2 ? "left" : "right";
    return { id: `${side} of ${box.id}`, side };
  };
  const standing = parties.map((party) => ({ party, ...stands(party) }));
  return [...Map.groupBy(standing, ({ id }) => id)].map(([id, group]) => {
    const members = group.map(({ party }) => party);
    return { id, members: members.map((member) => member.id), glyph: glyphOf(members), side: group[0]?.side ?? null, place: around(members) };
  });
}

/** The boxes with which each party deals. */
function partnersOf(parties: ReadonlySet<string>, { nodes, edges }: Omit<Standing, "boxes">): ReadonlyMap<string, ReadonlySet<string>> {
  if (parties.size === 0) return new Map();
  const homes = new Map(nodes.map(({ id, box }) => [id, box]));
  const partners = new Map<string, Set<string>>();
  const add = (party: string, other: string): void => {
    if (!parties.has(party)) return;
    partners.set(party, (partners.get(party) ?? new Set<string>()).add(homes.get(other) ?? other));
  };
  for (const { client, server } of edges) {
    add(client, server);
    add(server, client);
  }
  return partners;
}

function glyphOf(members: readonly Node[]): NodeGlyph {
  const [only = "several", ...others] = new Set(members.map(({ look }) => look.glyph));
  return others.length > 0 ? "several" : only;
}

function around(members: readonly Node[]): Rectangle {
  const places = members.map(({ place }) => place);
  const [x, y] = [Math.min(...places.map((place) => place.x)), Math.min(...places.map((place) => place.y))];
  const [right, bottom] = [Math.max(...places.map((place) => place.x + place.width)), Math.max(...places.map((place) => place.y + place.height))];
  return { x, y, width: right - x, height: bottom - y };
}
