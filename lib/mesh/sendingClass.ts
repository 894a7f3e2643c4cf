import { interceptsNothing } from "./capture.ts";
import type { InstanceClass } from "./instances.ts";
import type { IstiodView } from "./istiodView.ts";
import { label } from "./order.ts";
import type { Configuration } from "./snapshot.ts";

/** All classes of clients that send the same to any server, and for the same reasons: a judgement of one holds for all. */
export interface SendingClass {
  /** one of them */
  readonly representative: InstanceClass;
}

/** Label keys by which a rule tells one client of a namespace from another. */
function clientKeys({ objects }: Configuration): readonly string[] {
  const selectors = [objects.DestinationRule, objects.EnvoyFilter, objects.Sidecar].flatMap((kind) => kind.map(({ workloadSelector }) => workloadSelector ?? {}));
  return [...new Set(selectors.flatMap((selector) => Object.keys(selector)))].sort();
}

/** Where the client's own arguments or annotations decide, or its having no proxy, reasons name the client itself. */
function isNamedInReasons(view: IstiodView, client: InstanceClass): boolean {
  const { dataPlaneMode, representative } = client;
  if (dataPlaneMode === "none" || dataPlaneMode === "grpc-proxyless") return true;
  return dataPlaneMode !== "ambient" && representative.kind === "Pod" && (interceptsNothing(representative) || view.outboundCapture(client) !== null);
}

/** Which clients of one control plane send alike. */
export class SendingClasses {
  readonly #view: IstiodView;
  readonly #keys: readonly string[];
  readonly #byClass = new Map<InstanceClass, SendingClass>();
  readonly #byKey = new Map<string, SendingClass>();

  constructor(view: IstiodView) {
    this.#view = view;
    this.#keys = clientKeys(view.configuration);
  }

  of(client: InstanceClass): SendingClass {
    const found = this.#byClass.get(client) ?? this.#find(client);
    this.#byClass.set(client, found);
    return found;
  }

  #find(client: InstanceClass): SendingClass {
    if (isNamedInReasons(this.#view, client)) return { representative: client };
    const key = this.#keyOf(client);
    const found = this.#byKey.get(key) ?? { representative: client };
    this.#byKey.set(key, found);
    return found;
  }

  /** ztunnel goes by the server alone. */
  #keyOf({ dataPlaneMode, namespace, network, labels, representative }: InstanceClass): string {
    if (dataPlaneMode === "ambient") return dataPlaneMode;
    return JSON.stringify([dataPlaneMode, namespace, network, this.#keys.map((key) => label(labels, key) ?? null), label(representative.annotations, "proxy.istio.io/config") ?? null]);
  }
}
