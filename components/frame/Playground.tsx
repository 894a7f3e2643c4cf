"use client";
import { ChevronDown, Undo2 } from "lucide-react";
import type { MeshView, PlaygroundView } from "#view";
import { usePlayground } from "../data/queries.ts";
import { clockTime, plural } from "../numbers.ts";
import { WORDS } from "../words.ts";
import { Popover } from "./Popover.tsx";

type Change = ReturnType<typeof usePlayground>;

function Switch({ label, hint, checked, onChange }: { readonly label: string; readonly hint: string; readonly checked: boolean; readonly onChange: (checked: boolean) => void }) {
  return (
    <label className="flex cursor-pointer items-start gap-2.5 px-3 py-2 hover:bg-hover">
      <input
        type="checkbox"
        role="switch"
        className="mt-0.75 accent-text"
        checked={checked}
        onChange={(event) => {
          onChange(event.target.checked);
        }}
      />
      <span>
        {label}
        <span className="block text-sm text-quiet">{hint}</span>
      </span>
    </label>
  );
}

function Scenes({ playground, change }: { readonly playground: PlaygroundView; readonly change: Change }) {
  return (
    <fieldset className="border-b border-line py-1">
      <legend className="float-left w-full px-3 pt-2 pb-1 text-xs font-medium text-quiet">Scene</legend>
      {playground.scenes.map((scene) => (
        <label key={scene.id} className="clear-both flex cursor-pointer items-center gap-2.5 px-3 py-1.5 hover:bg-hover">
          <input
            type="radio"
            name="scene"
            className="accent-text"
            checked={scene.id === playground.scene}
            onChange={() => {
              change.mutate({ path: "settings", body: { scene: scene.id } });
            }}
          />
          {scene.title}
        </label>
      ))}
    </fieldset>
  );
}

function Applied({ playground, change }: { readonly playground: PlaygroundView; readonly change: Change }) {
  if (playground.applied.length === 0) return <p className="px-3 py-2 text-sm text-quiet">No change applied here. A proposal can be.</p>;
  return (
    <ul>
      {playground.applied.map((applied) => (
        <li key={applied.id} className="flex items-center gap-2 px-3 py-1.5">
          <span className="min-w-0 flex-1">
            {applied.title}
            <span className="block text-xs text-quiet">applied at {clockTime(applied.atMs)}</span>
          </span>
          <button
            type="button"
            disabled={change.isPending}
            onClick={() => {
              change.mutate({ path: "undo", body: { id: applied.id } });
            }}
            className="flex h-7 shrink-0 items-center gap-1.5 rounded-md border border-line px-2 text-sm hover:bg-hover"
          >
            <Undo2 aria-hidden="true" size={13} />
            Undo<span className="sr-only"> {applied.title}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Controls({ playground }: { readonly playground: PlaygroundView }) {
  const change = usePlayground();
  return (
    <div className="text-base text-text">
      <p className="border-b border-line px-3 py-2.5 text-sm text-quiet">
        This mesh is simulated inside mtlscope. Its traffic obeys the configuration as it is now; nothing here touches a cluster.
      </p>
      <Scenes playground={playground} change={change} />
      <Switch
        label="Proxies resolve senders by address"
        hint="PEER_METADATA_DISCOVERY. Off: senders without a proxy are unidentified."
        checked={playground.resolvePeersByAddress}
        onChange={(resolvePeersByAddress) => {
          change.mutate({ path: "settings", body: { resolvePeersByAddress } });
        }}
      />
      <Switch
        label="Access logs are read"
        hint="What a STRICT sidecar refused shows in its log only, and of a cluster no logs are read. Off: as on a cluster, refusals are expected, not seen."
        checked={playground.accessLogs}
        onChange={(accessLogs) => {
          change.mutate({ path: "settings", body: { accessLogs } });
        }}
      />
      <h2 className="border-t border-line px-3 pt-3 pb-1 text-xs font-medium text-quiet">Applied changes</h2>
      <Applied playground={playground} change={change} />
      {change.error !== null && (
        <p role="alert" className="border-t border-line px-3 py-2 text-sm">
          {change.error.message}
        </p>
      )}
    </div>
  );
}

/** Says that the mesh is simulated, on every page, and holds what can be set in it. */
export function Playground({ view }: { readonly view: MeshView }) {
  const { playground, name } = view.mesh;
  const title = playground?.scenes.find((scene) => scene.id === playground.scene)?.title ?? name;
  const label = (
    <>
      <span className="rounded-sm border border-line-strong px-1.5 text-xs leading-4.5 font-medium text-text">{WORDS.simulated}</span>
      <span className="truncate">{title}</span>
    </>
  );
  if (playground === null) return <p className="flex items-center gap-2 px-1.5">{label}</p>;
  return (
    <Popover
      label={`${WORDS.simulated} mesh: ${title}`}
      className="flex h-6 max-w-full items-center gap-2 rounded-md px-1.5 hover:bg-hover hover:text-text"
      width="w-[min(400px,calc(100vw-16px))]"
      button={
        <>
          {label}
          {playground.applied.length > 0 && <span className="whitespace-nowrap">· {plural(playground.applied.length, "change")} applied</span>}
          <ChevronDown aria-hidden="true" size={13} className="shrink-0" />
        </>
      }
    >
      {() => <Controls playground={playground} />}
    </Popover>
  );
}
