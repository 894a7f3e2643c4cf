import type { WorkloadView } from "#view";
import { ObjectName } from "./ReasonChain.tsx";
import { Section } from "./Section.tsx";

/** Every PeerAuthentication that selects the workload, the deciding one first; the note says what became of it. */
export function Policies({ policies }: { readonly policies: WorkloadView["policies"] }) {
  return (
    <Section title="PeerAuthentication">
      {policies.length === 0 && <p className="text-sm text-quiet">None selects it: Istio’s default applies.</p>}
      <ul>
        {policies.map(({ object, scope, mode, note }) => (
          <li key={`${object.namespace}/${object.name}`} className="border-t border-line py-1.5 first:border-t-0">
            <p className="flex flex-wrap items-baseline gap-x-2">
              <ObjectName object={object} />
              <span className="text-sm text-quiet">{scope}</span>
              <span className="ml-auto font-medium">{mode}</span>
            </p>
            {note !== "" && <p className="text-sm text-quiet">{note}</p>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
