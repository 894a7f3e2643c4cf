import type { Core, EventObject, SingularElementReturnValue } from "cytoscape";
import type { Point } from "#view";
import type { GraphSelection, GraphThing } from "./graphProps.ts";

/** What the pointer does; a click on the background selects nothing. */
export interface PointerEvents {
  readonly onSelect: (selection: GraphSelection | null) => void;
  /** `at` in pixels of the container */
  readonly onHover: (thing: GraphThing | null, at: Point) => void;
}

export interface PointerTarget {
  readonly cy: Core;
  readonly container: HTMLElement;
  readonly events: PointerEvents;
  /** edges are no elements of Cytoscape */
  readonly edgeAt: (event: EventObject) => GraphSelection | null;
  /** nor are marks of parties from far */
  readonly partiesAt: (event: EventObject) => GraphThing | null;
  readonly fit: () => void;
  /** goes so near to parties that each can be told */
  readonly approach: (parties: string) => void;
}

const FIT_PADDING_PX = 28;
const NOWHERE: Point = { x: 0, y: 0 };

export function listenToPointer(target: PointerTarget): void {
  const { cy, events, container } = target;
  let hovered: GraphThing | null = null;
  const hover = (thing: GraphThing | null, at: Point): void => {
    if (thing?.kind === hovered?.kind && thing?.id === hovered?.id) return;
    hovered = thing;
    container.style.cursor = thing === null ? "" : "pointer";
    events.onHover(thing, at);
  };
  cy.on("tap", (event) => {
    const thing = thingAt(target, event);
    if (thing?.kind === "parties") target.approach(thing.id);
    else events.onSelect(thing);
  });
  cy.on("dbltap", (event) => {
    const element = elementAt(target, event);
    if (element === null) target.fit();
    else if (element.hasClass("box")) cy.fit(element, FIT_PADDING_PX);
  });
  cy.on("mousemove", (event) => {
    const thing = thingAt(target, event);
    hover(thing?.kind === "namespace" ? null : thing, event.renderedPosition);
  });
  cy.on("viewport", () => {
    hover(null, NOWHERE);
  });
  container.addEventListener("mouseleave", () => {
    hover(null, NOWHERE);
  });
}

function elementAt({ cy }: PointerTarget, event: EventObject): SingularElementReturnValue | null {
  const target: unknown = event.target;
  return target === cy ? null : (target as SingularElementReturnValue);
}

/** A mark of parties lies above all, a node above the edges, and an edge above the boxes. */
function thingAt(target: PointerTarget, event: EventObject): GraphThing | null {
  const parties = target.partiesAt(event);
  if (parties !== null) return parties;
  const element = elementAt(target, event);
  const own = element === null ? null : thingOf(element);
  return own?.kind === "node" ? own : (target.edgeAt(event) ?? own);
}

function thingOf(element: SingularElementReturnValue): GraphSelection | null {
  const kind: unknown = element.data("kind");
  const id: unknown = element.data("of");
  return typeof id === "string" && (kind === "node" || kind === "namespace") ? { kind, id } : null;
}
