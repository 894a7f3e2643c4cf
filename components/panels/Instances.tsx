import type { WorkloadView } from "#view";
import { plural } from "../numbers.ts";
import { DATA_PLANE } from "../words.ts";
import { Disclosure } from "./Section.tsx";

export function Instances({ workload }: { readonly workload: WorkloadView }) {
  const unready = workload.instances.filter((instance) => !instance.ready).length;
  return (
    <section aria-label="Pods" className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-2 border-t border-line px-4 py-3">
      <h3 className="font-semibold">
        Pods{" "}
        <span className="font-normal text-quiet">
          {plural(workload.instances.length, "pod")}
          {unready > 0 && `, ${unready.toString()} not ready`}
        </span>
      </h3>
      <Disclosure word="show" label="pods">
        <ul className="text-sm">
          {workload.instances.map((instance) => (
            <li key={instance.name} className="border-t border-line py-1.5">
              <p className="font-mono [overflow-wrap:anywhere]">{instance.name}</p>
              <p className="text-quiet [overflow-wrap:anywhere]">
                {instance.addresses.join(", ") || "no address"}, {DATA_PLANE[instance.dataPlaneMode]}, service account {instance.serviceAccount}
                {instance.node !== null && `, on ${instance.node}`}
                {instance.ready ? "" : ", not ready"}
              </p>
            </li>
          ))}
        </ul>
      </Disclosure>
    </section>
  );
}
