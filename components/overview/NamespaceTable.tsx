"use client";
import Link from "next/link";
import { lengthText } from "#time-spans";
import type { CountsView, MeshView, NamespaceView } from "#view";
import { NO_FILTERS } from "../address/address.ts";
import { useAddress } from "../address/useAddress.ts";
import { BothFamilies } from "../state/BothFamilies.tsx";
import { ModeList } from "../state/ModeList.tsx";
import { StateGlyph } from "../state/StateGlyph.tsx";
import { COUNT_KINDS } from "../state/stateTone.ts";
import { Readiness } from "./Readiness.tsx";

const HEAD = "h-8 px-2 text-xs font-medium text-quiet first:pl-3 last:pr-3";
const CELL = "h-10 border-t border-line px-2 first:pl-3 last:pr-3";
const ORDER = ["mtls", "plaintext", "refused", "unclear"] as const;
const SHOWN = ORDER.flatMap((wanted) => COUNT_KINDS.filter(({ key }) => key === wanted));
/** from which width of the page a column is there; on a phone only what decides */
const FROM: Readonly<Record<keyof CountsView, string>> = { mtls: "hidden @2xl:table-cell", plaintext: "", refused: "hidden @xl:table-cell", unclear: "hidden @4xl:table-cell", tls: "hidden" };

function Row({ namespace }: { readonly namespace: NamespaceView }) {
  const { href, select } = useAddress();
  const { incoming } = namespace;
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
      {SHOWN.map(({ key, text }) => {
        const requests = incoming.requests[key];
        const connections = incoming.connections[key];
        const some = requests + connections > 0;
        const number = <BothFamilies requests={requests} connections={connections} className={key === "mtls" ? "" : `font-medium ${text}`} />;
        return (
          <td key={key} className={`${CELL} text-right whitespace-nowrap ${FROM[key]}`}>
            {some && key !== "mtls" ? (
              <Link href={href("/connections", { ...NO_FILTERS, namespaces: [namespace.name], incoming: true, having: key })} prefetch={false} className="rounded-sm hover:underline">
                {number}
              </Link>
            ) : (
              number
            )}
          </td>
        );
      })}
      <td className={`${CELL} hidden text-right whitespace-nowrap @2xl:table-cell`}>
        <span className={namespace.workloadsWithoutProxy > 0 ? "" : "text-quiet"}>
          {namespace.workloadsWithoutProxy} of {namespace.workloads}
        </span>
      </td>
      <td className={CELL}>
        <Readiness readiness={namespace.readiness} />
      </td>
    </tr>
  );
}

/** The namespaces side by side: what they accept, what reached them, and whether STRICT would break anything. */
export function NamespaceTable({ view }: { readonly view: MeshView }) {
  const { namespaces } = useAddress();
  const rows = view.namespaces.filter(({ name }) => namespaces.length === 0 || namespaces.includes(name));
  return (
    <section aria-labelledby="namespaces" className="mt-8">
      <div className="mb-2 flex flex-wrap items-baseline gap-x-3">
        <h2 id="namespaces" className="font-semibold">
          Namespaces
        </h2>
        <p className="text-sm text-quiet">traffic that reached their workloads in {lengthText(view.window.seconds)}; requests, and TCP connections as “tcp”</p>
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
              <th scope="col" className={`${HEAD} hidden text-right @2xl:table-cell`}>
                Without proxy
              </th>
              <th scope="col" className={HEAD}>
                Ready for STRICT?
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((namespace) => (
              <Row key={namespace.name} namespace={namespace} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
