"use client";
import Link from "next/link";
import { lengthText } from "#time-spans";
import type { MeshView, NamespaceView, ReadinessView } from "#view";
import { NO_FILTERS } from "../address/address.ts";
import { useAddress } from "../address/useAddress.ts";
import { count } from "../numbers.ts";
import { BothFamilies } from "../state/BothFamilies.tsx";
import { ModeList } from "../state/ModeList.tsx";
import { OnlyFilter } from "../state/OnlyFilter.tsx";
import { StateGlyph } from "../state/StateGlyph.tsx";
import { COUNT_KINDS, OTHER_KINDS } from "../state/stateTone.ts";
import { READINESS, WORDS } from "../words.ts";
import { Readiness } from "./Readiness.tsx";

const HEAD = "h-8 px-2 text-xs font-medium text-quiet first:pl-3 last:pr-3";
const CELL = "h-10 border-t border-line px-2 first:pl-3 last:pr-3";
const ORDER = ["mtls", "plaintext", "refused"] as const;
type Kind = (typeof COUNT_KINDS)[number];
const SHOWN = ORDER.flatMap((wanted) => COUNT_KINDS.filter((kind): kind is Extract<Kind, { key: (typeof ORDER)[number] }> => kind.key === wanted));
/** from which width of the page a column is there; on a phone only what decides */
const FROM: Readonly<Record<(typeof ORDER)[number] | "other", string>> = { mtls: "hidden @2xl:table-cell", plaintext: "", refused: "hidden @xl:table-cell", other: "hidden @2xl:table-cell" };

/** One sum of a namespace; all but mTLS lead to the connections that it is made of. */
function Sum({ namespace: { name, incoming }, kind: { key, text } }: { readonly namespace: NamespaceView; readonly kind: Kind }) {
  const { href } = useAddress();
  const [requests, connections] = [incoming.requests[key], incoming.connections[key]];
  const number = <BothFamilies requests={requests} connections={connections} className={key === "mtls" ? "" : `font-medium ${text}`} />;
  if (requests + connections === 0 || key === "mtls") return number;
  return (
    <Link href={href("/connections", { ...NO_FILTERS, namespaces: [name], incoming: true, having: key })} prefetch={false} className="rounded-sm hover:underline">
      {number}
    </Link>
  );
}

/** Sums without a column of their own, each with its word. */
function OtherSums({ namespace }: { readonly namespace: NamespaceView }) {
  const { requests, connections } = namespace.incoming;
  const kinds = OTHER_KINDS.filter(({ key }) => requests[key] + connections[key] > 0);
  if (kinds.length === 0) return <span className="text-quiet">0</span>;
  return kinds.map((kind) => (
    <span key={kind.key} className="block">
      <Sum namespace={namespace} kind={kind} /> <span className="text-xs text-quiet">{kind.label}</span>
    </span>
  ));
}

function Row({ namespace }: { readonly namespace: NamespaceView }) {
  const { select } = useAddress();
  return (
    <tr className="hover:bg-hover">
      <th scope="row" className={`${CELL} text-left font-mono font-normal`}>
        <button
          type="button"
          onClick={() => {
            select({ kind: "namespace", id: namespace.name });
          }}
          className="max-w-full truncate rounded-sm hover:underline"
        >
          {namespace.name}
        </button>
      </th>
      <td className={CELL}>
        <ModeList accepts={namespace.accepts} />
      </td>
      {SHOWN.map((kind) => (
        <td key={kind.key} className={`${CELL} text-right leading-4.5 ${FROM[kind.key]}`}>
          <Sum namespace={namespace} kind={kind} />
        </td>
      ))}
      <td className={`${CELL} py-0.5 text-right leading-4.5 ${FROM.other}`}>
        <OtherSums namespace={namespace} />
      </td>
      <td className={`${CELL} hidden text-right whitespace-nowrap @2xl:table-cell`}>
        <span className={namespace.workloadsWithoutProxy > 0 ? "" : "text-quiet"}>
          {count(namespace.workloadsWithoutProxy)} of {count(namespace.workloads)}
        </span>
      </td>
      <td className={CELL}>
        <Readiness readiness={namespace.readiness} />
      </td>
    </tr>
  );
}

const KINDS = Object.keys(READINESS) as readonly ReadinessView["kind"][];

/** One answer to the last column. */
function Answers({ namespaces }: { readonly namespaces: readonly NamespaceView[] }) {
  const numbers = Map.groupBy(namespaces, ({ readiness }) => readiness.kind);
  return <OnlyFilter label="Only namespaces that are" choices={KINDS.map((kind) => ({ only: kind, word: READINESS[kind], number: numbers.get(kind)?.length ?? 0 }))} />;
}

/** The namespaces side by side: what they accept, what reached them, and whether STRICT would break anything. */
export function NamespaceTable({ view }: { readonly view: MeshView }) {
  const { namespaces, only } = useAddress();
  const inScope = view.namespaces.filter(({ name }) => namespaces.length === 0 || namespaces.includes(name));
  const rows = inScope.filter(({ readiness }) => only === null || readiness.kind === only);
  return (
    <section aria-labelledby="namespaces" className="mt-8">
      <div className="mb-2 flex flex-wrap items-baseline gap-x-3">
        <h2 id="namespaces" className="font-semibold">
          Namespaces
        </h2>
        <p className="text-sm text-quiet">traffic that reached their workloads in {lengthText(view.window.seconds)}; requests, and TCP connections as “tcp”</p>
      </div>
      <div className="mb-2.5">
        <Answers namespaces={inScope} />
      </div>
      <div className="overflow-x-auto rounded-lg border border-line" tabIndex={0} role="group" aria-label="Table of namespaces">
        <table className="w-full text-sm tabular-nums">
          <thead>
            <tr className="text-left whitespace-nowrap">
              <th scope="col" className={HEAD}>
                Namespace
              </th>
              <th scope="col" className={HEAD}>
                Accepts
              </th>
              {SHOWN.map(({ key, label, state }) => (
                <th key={key} scope="col" className={`${HEAD} text-right ${FROM[key]}`}>
                  <span className="inline-flex items-center gap-1.5">
                    <StateGlyph state={state} size={12} />
                    {label}
                  </span>
                </th>
              ))}
              <th scope="col" className={`${HEAD} min-w-38 text-right ${FROM.other}`} title="traffic whose security nobody reported, and TLS of the application itself">
                other
              </th>
              <th scope="col" className={`${HEAD} hidden text-right @2xl:table-cell`}>
                Without proxy
              </th>
              <th scope="col" className={`${HEAD} @4xl:min-w-80`}>
                Ready for STRICT?
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((namespace) => (
              <Row key={namespace.name} namespace={namespace} />
            ))}
            {rows.length === 0 && (
              <tr>
                <td colSpan={8} className={`${CELL} text-quiet`}>
                  {inScope.length === 0 ? "No namespace is known." : WORDS.nothingMatches}
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </section>
  );
}
