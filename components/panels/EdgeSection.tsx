"use client";
import { useMemo, useState } from "react";
import type { EdgeView, NodeView } from "#view";
import { plural } from "../numbers.ts";
import { EdgeLine } from "../state/EdgeLine.tsx";
import { worstFirst } from "../state/worstFirst.ts";
import { Section } from "./Section.tsx";

const FEW = 8;

interface EdgeSectionProps {
  readonly title: string;
  readonly edges: readonly EdgeView[];
  readonly nodesById: ReadonlyMap<string, NodeView>;
  readonly show: "both" | "client" | "server";
  readonly none: string;
}

/** Connections as a short list, worst first; the rest on request. */
export function EdgeSection({ title, edges, nodesById, show, none }: EdgeSectionProps) {
  const [all, setAll] = useState(false);
  const sorted = useMemo(() => [...edges].sort(worstFirst), [edges]);
  const shown = all ? sorted : sorted.slice(0, FEW);
  return (
    <Section title={title} aside={plural(edges.length, "connection")}>
      {edges.length === 0 && <p className="text-sm text-quiet">{none}</p>}
      <ul className="-mx-2">
        {shown.map((edge) => (
          <li key={edge.id}>
            <EdgeLine edge={edge} nodesById={nodesById} show={show} />
          </li>
        ))}
      </ul>
      {edges.length > FEW && (
        <button
          type="button"
          aria-expanded={all}
          onClick={() => {
            setAll(!all);
          }}
          className="-mx-2 h-7 rounded-md px-2 text-sm text-quiet hover:bg-hover hover:text-text"
        >
          {all ? "Show fewer" : `Show all ${edges.length}`}
        </button>
      )}
    </Section>
  );
}
