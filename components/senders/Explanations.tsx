import type { EdgeView, NodeView, SenderExplanationView } from "#view";
import { Prose } from "../Prose.tsx";
import { plural } from "../numbers.ts";
import { NodeName } from "../state/NodeName.tsx";
import { Fact } from "../panels/Fact.tsx";

const FEW = 3;

/** The sender's part in it, then that of the servers; a few are named. */
function causeText({ cause, edges }: SenderExplanationView): string {
  const admissions = [...new Set(edges.flatMap(({ admission }) => admission ?? []))];
  const more = admissions.length - FEW;
  return [cause, ...admissions.slice(0, FEW), ...(more > 0 ? [`So it is with ${plural(more, "more server")}.`] : [])].join(" ");
}

interface ServersProps {
  readonly explanation: SenderExplanationView;
  readonly edges: readonly EdgeView[];
  readonly nodesById: ReadonlyMap<string, NodeView>;
}

/** Which servers it is about, where a sender has more than one cause. */
function Servers({ explanation, edges, nodesById }: ServersProps) {
  const ids = new Set(explanation.edges.map(({ id }) => id));
  const servers = [...new Set(edges.filter(({ id }) => ids.has(id)).map(({ server }) => server))];
  return (
    <Fact name="to">
      <span className="flex flex-wrap gap-x-3">
        {servers.slice(0, FEW).map((id) => (
          <NodeName key={id} node={nodesById.get(id)} id={id} />
        ))}
        {servers.length > FEW && <span className="text-quiet">and {servers.length - FEW} more</span>}
      </span>
    </Fact>
  );
}

/** Each cause with its fix, and whom it is about where there are several. */
export function Explanations({ explanations, edges, nodesById }: Omit<ServersProps, "explanation"> & { readonly explanations: readonly SenderExplanationView[] }) {
  return explanations.map((explanation) => (
    <dl key={`${explanation.cause} ${explanation.fix}`} className="mt-1.5 space-y-1.5 not-first:mt-3">
      {explanations.length > 1 && <Servers explanation={explanation} edges={edges} nodesById={nodesById} />}
      <Fact name="cause">
        <Prose text={causeText(explanation)} />
      </Fact>
      <Fact name="fix">
        <Prose text={explanation.fix} />
      </Fact>
    </dl>
  ));
}
