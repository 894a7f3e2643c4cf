"use client";
import { useMemo } from "react";
import type { MeshView, SendersView } from "#view";
import { indexNodes } from "../address/scope.ts";
import { useAddress } from "../address/useAddress.ts";
import { useSenders } from "../data/queries.ts";
import { Failure, PageTitle, Skeleton, WithMesh } from "../frame/PageState.tsx";
import { count, share } from "../numbers.ts";
import { Filtered } from "../state/Filtered.tsx";
import { WORDS } from "../words.ts";
import { Sender } from "./Sender.tsx";

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

function List({ view, senders }: { readonly view: MeshView; readonly senders: SendersView }) {
  const { namespaces, text } = useAddress();
  const nodesById = useMemo(() => indexNodes(view), [view]);
  const wanted = text.trim().toLowerCase();
  const shown = senders.senders.filter((sender) => {
    const inScope = namespaces.length === 0 || sender.edges.some((edge) => [edge.client, edge.server].some((id) => namespaces.includes(nodesById.get(id)?.namespace ?? "")));
    return inScope && (sender.name.toLowerCase().includes(wanted) || sender.id.toLowerCase().includes(wanted));
  });
  return (
    <>
      <PageTitle title="Plaintext senders">
        <Named named={senders.named} />
      </PageTitle>
      <Filtered />
      {shown.length === 0 && (
        <p className="px-4 py-6 text-quiet">
          {senders.senders.length === 0 ? "No plaintext and no refused connection was seen in the window. A sender that was silent is not listed." : WORDS.nothingMatches}
        </p>
      )}
      <ul className="space-y-3 px-4 pb-8">
        {shown.map((sender) => (
          <li key={sender.id}>
            <Sender sender={sender} view={view} nodesById={nodesById} />
          </li>
        ))}
      </ul>
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
