import { builtinModules } from "node:module";

// sources -> mesh (snapshot -> engine) -> proposals -> view -> pipeline -> app -> components.
// Per room, every other room, or file of one, that it may import. What is not listed is an error.
const rooms = {
  "lib/mesh": [],
  "lib/sources": ["lib/mesh"],
  "lib/proposals": ["lib/mesh"],
  "lib/view": ["lib/mesh", "lib/proposals"],
  "lib/pipeline": ["lib/mesh", "lib/sources", "lib/proposals", "lib/view"],
  components: ["lib/view", "lib/mesh/timeSpan[.]ts"],
  app: ["lib/pipeline", "lib/view", "components"],
  pages: ["lib/pipeline", "lib/view", "app"],
};
// Files that Next wants at the root: they start the pipeline or guard requests, and judge nothing.
const ROOT_FILES = "^(instrumentation(-node)?|proxy|next[.]config)[.](ts|js)$";
const PURE = "^lib/(mesh|proposals|view)/";
const NODE_BUILTIN = `^(node:)?(${builtinModules.join("|")})$`;
const PACKAGE_KINDS = ["npm", "npm-dev", "npm-optional", "npm-peer", "npm-no-pkg", "npm-unknown"];
const OURS = "^(app|pages|components|lib|test|scripts)/";
const at = (room) => (room.endsWith("[.]ts") ? `^${room}$` : `^${room}/`);

const directions = Object.entries(rooms).map(([room, allowed]) => ({
  name: `direction:${room}`,
  severity: "error",
  comment: `${room} may import only itself${allowed.length > 0 ? ` and ${allowed.join(", ")}` : ""}.`,
  from: { path: at(room) },
  to: { path: OURS, pathNot: [at(room), ...allowed.map(at)] },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...directions,
    {
      name: "direction:root",
      severity: "error",
      comment: "Next's root files may start the pipeline; nothing else of ours.",
      from: { path: ROOT_FILES },
      to: { path: OURS, pathNot: [at("lib/pipeline")] },
    },
    {
      name: "direction:scripts",
      severity: "error",
      comment: "Scripts enter lib through its doors; they are not imported and do not reach app or components.",
      from: { path: "^scripts/", pathNot: "^scripts/bench[-/]" },
      to: { path: "^(app|pages|components|test)/" },
    },
    {
      name: "direction:bench",
      severity: "error",
      comment: "Benchmarks start the same real servers as the tests.",
      from: { path: "^scripts/bench[-/]" },
      to: { path: "^(app|pages|components|test)/", pathNot: "^test/support/" },
    },
    {
      name: "front-door",
      severity: "error",
      comment: "Another room is entered by its index.ts only. Some have a side door: the Kubernetes mapping for the command line; lengths of time, layout, delta, what was sent and how windows are written for the browser.",
      from: { path: "^(app|pages|components|scripts|lib/[^/]+)/" },
      to: { path: "^lib/[^/]+/.+", pathNot: ["^$1/", "^lib/[^/]+/index[.]ts$", "^lib/sources/kubernetes/map[.]ts$", "^lib/mesh/timeSpan[.]ts$", "^lib/view/(layout|delta|sent|window)/index[.]ts$"] },
    },
    {
      name: "front-door:root",
      severity: "error",
      comment: "Next's root files enter the pipeline by its door.",
      from: { path: ROOT_FILES },
      to: { path: "^lib/[^/]+/.+", pathNot: ["^lib/pipeline/index[.]ts$"] },
    },
    {
      name: "siblings-are-strangers",
      severity: "error",
      comment: "One source adapter never imports another; lib/sources/index.ts assembles them.",
      from: { path: "^lib/sources/([^/]+)/" },
      to: { path: "^lib/sources/[^/]+/", pathNot: "^lib/sources/$1/" },
    },
    {
      name: "pure:no-runtime",
      severity: "error",
      comment: "mesh, proposals and view reach no Node built-in, directly or through others.",
      from: { path: PURE },
      to: { path: NODE_BUILTIN },
    },
    {
      name: "pure:no-packages",
      severity: "error",
      comment: "mesh and view have no npm dependency.",
      from: { path: "^lib/(mesh|view)/" },
      to: { dependencyTypes: PACKAGE_KINDS },
    },
    {
      name: "proposals:yaml-only",
      severity: "error",
      comment: "proposals prints manifests with `yaml`, and needs no other package.",
      from: { path: "^lib/proposals/" },
      to: { dependencyTypes: PACKAGE_KINDS, pathNot: "(^|/)node_modules/yaml/" },
    },
    {
      name: "browser-never-reaches-sources",
      severity: "error",
      comment: "Nothing under components/ reaches an adapter, by any path: credentials stay on the server.",
      from: { path: "^components/" },
      to: { path: "^lib/(sources|pipeline)/", reachable: true },
    },
    {
      name: "one-drawer",
      severity: "error",
      comment: "Only the graph's own folder knows cytoscape.",
      from: { path: OURS, pathNot: "^(components|test)/graph/" },
      to: { path: "node_modules/cytoscape/" },
    },
    { name: "no-cycles", severity: "error", from: { path: OURS }, to: { circular: true } },
    { name: "no-test-in-product", severity: "error", from: { path: "^(app|pages|components|lib|scripts)/", pathNot: "^scripts/bench[-/]" }, to: { path: "^test/" } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, path: "^(components|lib)/", pathNot: ["[.]d[.]ts$"] },
      to: {},
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^[.]next/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json", ".d.ts"],
    },
  },
};
