"use client";
import { useMemo } from "react";
import type { MeshView } from "#view";
import { useAddress } from "../address/useAddress.ts";
import { WithMesh } from "../frame/PageState.tsx";
import { Attention } from "./Attention.tsx";
import { NamespaceTable } from "./NamespaceTable.tsx";
import { overviewScope } from "./overviewScope.ts";
import { Totals } from "./Totals.tsx";

function Overview({ view }: { readonly view: MeshView }) {
  const { namespaces } = useAddress();
  const scope = useMemo(() => overviewScope(view, namespaces), [view, namespaces]);
  return (
    <div className="mx-auto max-w-[1600px] px-4 pt-4 pb-8">
      <h1 className="sr-only">Overview</h1>
      <div className="grid gap-x-8 gap-y-6 @4xl:grid-cols-[minmax(0,3fr)_minmax(300px,2fr)]">
        <Totals view={view} scope={scope} />
        <Attention view={view} scope={scope} />
      </div>
      <NamespaceTable view={view} />
    </div>
  );
}

/** Three questions in ten seconds: how much is mTLS, what needs me, what can become STRICT. */
export function OverviewPage() {
  return <WithMesh>{(view) => <Overview view={view} />}</WithMesh>;
}
