"use client";
import { useId, useMemo } from "react";
import { lengthText } from "#time-spans";
import type { MeshView, NodeView, SendersView } from "#view";
import { NO_FILTERS } from "../address/address.ts";
import { indexNodes } from "../address/scope.ts";
import { useAddress } from "../address/useAddress.ts";
import { useSenders } from "../data/queries.ts";
import { Failure, PageTitle, Skeleton, WithMesh } from "../frame/PageState.tsx";
import { count, share } from "../numbers.ts";
import { Filtered } from "../state/Filtered.tsx";
import { WORDS } from "../words.ts";
import { Sender } from "./Sender.tsx";
import { sendersInScope, type SenderInScope } from "./senderScope.ts";

function Named({ named }: { readonly named: SendersView["named"] }) {
  const parts = [
    named.ofRequests > 0 ? `${count(named.requests)} of ${count(named.ofRequests)} plaintext requests (${share(named.requests, named.ofRequests)})` : "",
    named.ofConnections > 0 ? `${count(named.connections)} of ${count(named.ofConnections)} plaintext TCP connections (${share(named.connections, named.ofConnections)})` : "",
  ].filter((part) => part !== "");
  if (parts.length === 0) return null;
  return (
    <p className="text-sm text-quiet tabular-nums">
      A sender is named for {parts.join(" and ")}. {WORDS.addressIsNoIdentity}
    </p>
  );
}

interface GroupProps {
  readonly title: string;
  readonly means: string;
  readonly senders: readonly SenderInScope[];
  readonly view: MeshView;
  readonly nodesById: ReadonlyMap<string, NodeView>;
}

function Group({ title, means, senders, view, nodesById }: GroupProps) {
  const id = useId();
  if (senders.length === 0) return null;
  return (
    <section aria-labelledby={id} className="px-4 pb-6">
      <h2 id={id} className="mb-2 flex flex-wrap items-baseline gap-x-2.5">
        <span className="font-semibold">{title}</span>
        <span className="text-sm text-quiet tabular-nums">
          {count(senders.length)}, {means}
        </span>
      </h2>
      <ul className="space-y-3">
        {senders.map((shown) => (
          <li key={shown.sender.id}>
            <Sender shown={shown} view={view} nodesById={nodesById} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function List({ view, senders }: { readonly view: MeshView; readonly senders: SendersView }) {
  const { namespaces, text } = useAddress();
  const nodesById = useMemo(() => indexNodes(view), [view]);
  const { plaintext, unreported, onlyRefused, named } = useMemo(() => sendersInScope(senders.senders, { ...NO_FILTERS, namespaces, text }, nodesById), [senders, namespaces, text, nodesById]);
  return (
    <>
      <PageTitle title="Plaintext senders">
        <Named named={named} />
      </PageTitle>
      <Filtered />
      {plaintext.length + unreported.length + onlyRefused.length === 0 && (
        <p className="px-4 py-6 text-quiet">
          {senders.senders.length === 0 ? "No plaintext and no refused connection was seen in the window. A sender that was silent is not listed." : WORDS.nothingMatches}
        </p>
      )}
      <Group title="Sent plaintext" means={`and it got through in ${lengthText(view.window.seconds)}`} senders={plaintext} view={view} nodesById={nodesById} />
      <Group
        title="Unreported, plaintext by configuration"
        means="nobody reported what they sent; configuration says it is plaintext, and the numbers above do not hold it"
        senders={unreported}
        view={view}
        nodesById={nodesById}
      />
      <Group title="Only refused" means="none of what they sent got through as plaintext" senders={onlyRefused} view={view} nodesById={nodesById} />
    </>
  );
}

function Loaded({ view }: { readonly view: MeshView }) {
  const senders = useSenders();
  if (senders.data !== undefined) return <List view={view} senders={senders.data} />;
  if (senders.error !== null) return <Failure error={senders.error} retry={() => void senders.refetch()} />;
  return <Skeleton />;
}

/** Who sends plaintext or is refused: how that is known, why, what would mend it, how much. */
export function SendersPage() {
  return <WithMesh>{(view) => <Loaded view={view} />}</WithMesh>;
}
