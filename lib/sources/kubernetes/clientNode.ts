import module from "node:module";

// KubeConfig is all that is used of client-node, and imports the generated API of every kind of Kubernetes for one method, which is not used here:
// 52 MB, and 0.9 s of processor time at each start. That import is answered with the two names it asks for. Where modules cannot be hooked, or the
// package is laid out differently, everything is imported.
const UNUSED = "data:text/javascript,export const createConfiguration = undefined; export class ServerConfiguration {}";

const hooks = "registerHooks" in module
  ? module.registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "./gen/index.js" && context.parentURL?.endsWith("/@kubernetes/client-node/dist/config.js") === true
        ? { url: UNUSED, format: "module", shortCircuit: true }
        : next(specifier, context),
  })
  : null;

/** What client-node knows of kubeconfig files and of the credentials in them. */
export const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
/** What client-node puts credentials into. */
export const { HttpMethod, RequestContext } = await import("@kubernetes/client-node/dist/gen/http/http.js");

hooks?.deregister();
