import type { PortView, WorkloadView } from "#view";
import { plural } from "../numbers.ts";
import { ACCEPTS } from "../words.ts";
import { VerdictReasons } from "./ReasonChain.tsx";
import { Disclosure, Section } from "./Section.tsx";

function services(port: PortView): string {
  if (port.services.length === 0) return "no Service declares it";
  return port.services.map((service) => `${service.host}:${service.port.toString()}${service.name === null ? "" : ` (${service.name})`}`).join(", ");
}

function Port({ port }: { readonly port: PortView }) {
  const mode = port.serverMode.kind === "known" ? port.serverMode.value : "unknown";
  return (
    <li className="grid grid-cols-[76px_minmax(0,1fr)_auto] gap-x-2 border-t border-line py-2 first:border-t-0">
      <p className="py-0.5 font-mono tabular-nums">
        {port.targetPort}
        <span className="block font-sans text-xs text-quiet">{port.protocol}</span>
      </p>
      <div className="min-w-0 py-0.5">
        <p>
          <span className="font-medium">{mode}</span> <span className="text-sm text-quiet">{ACCEPTS[mode]}</span>
        </p>
        <p className="font-mono text-xs leading-5 text-quiet [overflow-wrap:anywhere]">{services(port)}</p>
        {port.instances !== port.ofInstances && (
          <p className="text-sm">
            on {port.instances} of {port.ofInstances} pods
          </p>
        )}
      </div>
      <Disclosure word="why" label={`${mode} on port ${port.targetPort.toString()}`}>
        <VerdictReasons verdict={port.serverMode} />
      </Disclosure>
    </li>
  );
}

/** One port whose pods differ is one, and has several rows. */
function portsText(ports: readonly PortView[]): string {
  const number = new Set(ports.map(({ targetPort, protocol }) => `${targetPort.toString()} ${protocol === "UDP" ? "UDP" : "TCP"}`)).size;
  return number === ports.length ? plural(number, "port") : `${plural(number, "port")}, ${plural(ports.length, "answer")}`;
}

/** What each port accepts, from which Services it is reached, and why. */
export function Ports({ workload }: { readonly workload: WorkloadView }) {
  return (
    <Section title="Accepts" aside={portsText(workload.ports)}>
      {workload.ports.length === 0 && <p className="text-sm text-quiet">No port is declared, by the pods or by a Service. What it listens on cannot be told.</p>}
      <ul>
        {workload.ports.map((port, index) => (
          <Port key={`${port.targetPort.toString()} ${index.toString()}`} port={port} />
        ))}
      </ul>
    </Section>
  );
}
