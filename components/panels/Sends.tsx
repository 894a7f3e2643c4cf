import type { ClientMode, EdgeView } from "#view";
import { plural } from "../numbers.ts";
import { SENDS } from "../words.ts";
import { Section } from "./Section.tsx";

/** What leaves the workload, by its configuration, over the connections it was seen to make. */
export function Sends({ outgoing }: { readonly outgoing: readonly EdgeView[] }) {
  const modes = new Map<ClientMode | "unknown", number>();
  for (const mode of outgoing.flatMap((edge) => edge.sends)) modes.set(mode, (modes.get(mode) ?? 0) + 1);
  if (modes.size === 0) return null;
  return (
    <Section title="Sends">
      <ul className="space-y-1">
        {[...modes].map(([mode, edges]) => (
          <li key={mode} className="flex items-baseline gap-x-2">
            <span className="font-medium">{mode}</span>
            <span className="min-w-0 text-sm text-quiet">{SENDS[mode]}</span>
            <span className="ml-auto shrink-0 text-sm text-quiet tabular-nums">on {plural(edges, "connection")}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
