// An administrator's client of a real API server: writes objects, asks for tokens, and waits for kinds to be served.
import { Agent, request } from "undici";
import type { RawObject } from "./fakeApiServer.ts";

interface ServedResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

interface Status {
  readonly message?: string;
}

export interface ApiClientOptions {
  readonly url: string;
  readonly certificateAuthority: string;
  readonly token: string;
}

interface Body {
  readonly contentType: string;
  readonly value: unknown;
}

export class StatusError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const SERVER_SIDE_APPLY = "application/apply-patch+yaml";
const SERVED_WITHIN_MS = 20_000;

function groupVersionPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

export class ApiClient {
  readonly #options: ApiClientOptions;
  readonly #agent: Agent;
  readonly #served = new Map<string, readonly ServedResource[]>();

  constructor(options: ApiClientOptions) {
    this.#options = options;
    this.#agent = new Agent({ connections: 8, connect: { ca: options.certificateAuthority } });
  }

  /** @throws StatusError with the server's own words where the answer is not a success */
  async send(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: Body): Promise<unknown> {
    const reply = await request(this.#options.url + path, {
      method,
      dispatcher: this.#agent,
      headers: { authorization: `Bearer ${this.#options.token}`, ...(body !== undefined && { "content-type": body.contentType }) },
      body: body === undefined ? null : JSON.stringify(body.value),
    });
    const text = await reply.body.text();
    if (reply.statusCode < 300) return text.startsWith("{") ? JSON.parse(text) : text;
    const message = text.startsWith("{") ? (JSON.parse(text) as Status).message : text;
    throw new StatusError(reply.statusCode, `${method} ${path}: ${reply.statusCode} ${message ?? ""}`);
  }

  /** Server-side apply, one after the other; a `status` goes to its subresource, as a kubelet would write it. */
  async apply(...objects: readonly RawObject[]): Promise<void> {
    for (const object of objects) {
      const path = await this.#path(object);
      await this.#patch(path, object);
      if (object["status"] === undefined) continue;
      const { apiVersion, kind, status, metadata: { name, namespace } } = object;
      await this.#patch(`${path}/status`, { apiVersion, kind, metadata: { name, namespace }, status });
    }
  }

  /** Deletes at once; what is not there is no error. */
  async remove(...objects: readonly RawObject[]): Promise<void> {
    const options = { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds: 0, propagationPolicy: "Background" };
    for (const object of objects) {
      await this.send("DELETE", await this.#path(object), { contentType: "application/json", value: options }).catch((error: unknown) => {
        if (!(error instanceof StatusError) || error.code !== 404) throw error;
      });
    }
  }

  /** A token of a service account, as a pod would be given one. */
  async serviceAccountToken(namespace: string, name: string): Promise<string> {
    const value = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
    const reply = await this.send("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, { contentType: "application/json", value });
    return (reply as { readonly status: { readonly token: string } }).status.token;
  }

  /** Resolves when the server serves the kind, which is a moment after its CRD was written; with `false`, when it no longer does. */
  async untilServed(apiVersion: string, kind: string, wanted = true): Promise<void> {
    for (const deadlineMs = Date.now() + SERVED_WITHIN_MS; Date.now() < deadlineMs; ) {
      this.#served.delete(apiVersion);
      const isServed = (await this.#isListed(apiVersion)) && (await this.#resource(apiVersion, kind)) !== undefined;
      if (isServed === wanted) return;
      await new Promise((wake) => setTimeout(wake, 50));
    }
    throw new Error(`${kind} of ${apiVersion} is ${wanted ? "not" : "still"} served after ${SERVED_WITHIN_MS} ms`);
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #patch(path: string, value: unknown): Promise<void> {
    await this.send("PATCH", `${path}?fieldManager=test&force=true`, { contentType: SERVER_SIDE_APPLY, value });
  }

  async #path({ apiVersion, kind, metadata: { name, namespace } }: RawObject): Promise<string> {
    const resource = await this.#resource(apiVersion, kind);
    if (resource === undefined) throw new Error(`the server does not serve ${kind} of ${apiVersion}`);
    return `${groupVersionPath(apiVersion)}${resource.namespaced ? `/namespaces/${namespace ?? "default"}` : ""}/${resource.name}/${name}`;
  }

  /** The list of groups comes from another part of the server, which is told a moment later. */
  async #isListed(apiVersion: string): Promise<boolean> {
    const { groups } = (await this.send("GET", "/apis")) as { readonly groups: readonly { readonly versions: readonly { readonly groupVersion: string }[] }[] };
    return groups.some(({ versions }) => versions.some(({ groupVersion }) => groupVersion === apiVersion));
  }

  async #resource(apiVersion: string, kind: string): Promise<ServedResource | undefined> {
    const known = this.#served.get(apiVersion) ?? (await this.#discover(apiVersion));
    // a subresource has a slash in its name
    return known.find((resource) => resource.kind === kind && !resource.name.includes("/"));
  }

  async #discover(apiVersion: string): Promise<readonly ServedResource[]> {
    const reply = await this.send("GET", groupVersionPath(apiVersion)).catch((error: unknown) => {
      if (error instanceof StatusError && error.code === 404) return { resources: [] };
      throw error;
    });
    const { resources } = reply as { readonly resources: readonly ServedResource[] };
    if (resources.length > 0) this.#served.set(apiVersion, resources);
    return resources;
  }
}
