"use client";
import { X } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, type ReactNode } from "react";
import type { Selection } from "../address/address.ts";
import { useAddress } from "../address/useAddress.ts";
import { WithMesh } from "../frame/PageState.tsx";
import { EdgePanel } from "./EdgePanel.tsx";
import { NamespacePanel } from "./NamespacePanel.tsx";
import { NodePanel } from "./NodePanel.tsx";
import { ProposalPanel } from "./ProposalPanel.tsx";
import { WorkloadPanel } from "./WorkloadPanel.tsx";

const TITLES: Readonly<Record<Selection["kind"], string>> = {
  workload: "Workload",
  node: "Sender or destination",
  namespace: "Namespace",
  edge: "Connection",
  proposal: "Proposal",
};
const PHONE = "(width < 48rem)";

function Body({ selection }: { readonly selection: Selection }): ReactNode {
  switch (selection.kind) {
    case "edge":
      return <WithMesh>{(view) => <EdgePanel id={selection.id} view={view} />}</WithMesh>;
    case "workload":
      return <WithMesh>{(view) => <WorkloadPanel id={selection.id} view={view} />}</WithMesh>;
    case "node":
      return <WithMesh>{(view) => <NodePanel id={selection.id} view={view} />}</WithMesh>;
    case "namespace":
      return <WithMesh>{(view) => <NamespacePanel name={selection.id} view={view} />}</WithMesh>;
    case "proposal":
      return <WithMesh>{(view) => <ProposalPanel id={selection.id} view={view} />}</WithMesh>;
  }
}

/** On a phone the panel covers the page, so the focus goes in; on a desk the page keeps it. */
function useFocusOnPhone(key: string) {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (window.matchMedia(PHONE).matches) close.current?.focus();
  }, [key]);
  return close;
}

/** Where the focus was before something in the panel took it: it goes back there when the panel closes. */
function useFocusBack(key: string) {
  const panel = useRef<HTMLElement>(null);
  const before = useRef<Element | null>(null);
  useLayoutEffect(() => {
    if (panel.current?.contains(document.activeElement) !== true) before.current = document.activeElement;
  }, [key]);
  useLayoutEffect(() => {
    const aside = panel.current;
    return () => {
      if (aside?.contains(document.activeElement) !== true) return;
      const rows = document.querySelector<HTMLElement>("#content [role=grid] [data-row][tabindex='0']");
      const target = before.current instanceof HTMLElement && before.current !== document.body && before.current.isConnected ? before.current : (rows ?? document.getElementById("content"));
      requestAnimationFrame(() => target?.focus({ preventScroll: true }));
    };
  }, []);
  return panel;
}

function Opened({ selection }: { readonly selection: Selection }) {
  const { select } = useAddress();
  const key = `${selection.kind}:${selection.id}`;
  const close = useFocusOnPhone(key);
  const panel = useFocusBack(key);
  return (
    <aside
      ref={panel}
      aria-label={`Details: ${TITLES[selection.kind]}`}
      className="@container absolute inset-0 z-30 flex flex-col border-line bg-ground md:static md:w-[clamp(380px,40vw,640px)] md:shrink-0 md:border-l"
    >
      <div className="flex h-11 shrink-0 items-center justify-between border-b border-line pr-2 pl-4 text-sm text-quiet">
        <p>{TITLES[selection.kind]}</p>
        <button
          ref={close}
          type="button"
          aria-label="Close details"
          title="Close (Esc)"
          onClick={() => {
            select(null);
          }}
          className="grid size-8 place-items-center rounded-md hover:bg-hover hover:text-text"
        >
          <X aria-hidden="true" size={16} />
        </button>
      </div>
      <div key={key} className="min-h-0 flex-1 scroll-area" tabIndex={0} role="region" aria-label={TITLES[selection.kind]}>
        <Body selection={selection} />
        {selection.kind !== "proposal" && <div className="h-10" />}
      </div>
    </aside>
  );
}

/** What is selected, from the sentence to the YAML. Beside the page on a desk, over it on a phone; Escape closes it. */
export function Panel() {
  const { selection } = useAddress();
  return selection === null ? null : <Opened selection={selection} />;
}
