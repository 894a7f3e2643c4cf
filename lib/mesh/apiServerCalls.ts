import { groupBy } from "./order.ts";
import type { AdmissionWebhook, Configuration } from "./snapshot.ts";
import type { ServiceHost } from "./vocabulary.ts";
import { serviceHost } from "./vocabulary.ts";

/** An object that lets the API server call a Service. */
export interface ApiServerCall {
  readonly kind: "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" | "APIService";
  readonly name: string;
  /** those of its webhooks that the Service answers; an APIService has none */
  readonly webhooks: readonly string[];
  /** of these webhooks */
  readonly failurePolicy: string | null;
}

interface Dial {
  readonly host: ServiceHost;
  readonly port: number;
  readonly call: ApiServerCall;
}

function dialsOf({ objects, clusterDomain }: Configuration): readonly Dial[] {
  const hostOf = ({ name, namespace }: AdmissionWebhook["service"]): ServiceHost => serviceHost(`${name}.${namespace}.svc.${clusterDomain}`);
  const asked = [...objects.ValidatingWebhookConfiguration, ...objects.MutatingWebhookConfiguration].flatMap(({ kind, name, webhooks }) => {
    const alike = groupBy(webhooks, ({ service, failurePolicy }) => `${hostOf(service)}:${service.port} ${failurePolicy}`);
    return [...alike.values()].flatMap((some): readonly Dial[] => {
      const [first] = some;
      if (first === undefined) return [];
      const { service, failurePolicy } = first;
      return [{ host: hostOf(service), port: service.port, call: { kind, name, failurePolicy, webhooks: some.map((webhook) => webhook.name) } }];
    });
  });
  const served = objects.APIService.map(({ kind, name, service }): Dial => ({ host: hostOf(service), port: service.port, call: { kind, name, webhooks: [], failurePolicy: null } }));
  return [...asked, ...served];
}

/** Ports of Services that the API server calls. It has no proxy, and no certificate of the mesh: what it sends is TLS of its own. */
export class ApiServerCalls {
  readonly #byPort: ReadonlyMap<string, readonly Dial[]>;

  constructor(configuration: Configuration) {
    this.#byPort = groupBy(dialsOf(configuration), ({ host, port }) => `${host}:${port}`);
  }

  get isEmpty(): boolean {
    return this.#byPort.size === 0;
  }

  to(services: readonly { readonly host: ServiceHost; readonly port: number }[]): readonly ApiServerCall[] {
    return services.flatMap(({ host, port }) => this.#byPort.get(`${host}:${port}`) ?? []).map(({ call }) => call);
  }
}
