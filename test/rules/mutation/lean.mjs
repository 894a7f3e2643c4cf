import { registerHooks } from "node:module";

// Stryker's instrumented code counts every step it takes. That is needed once, to learn which test reaches which mutant;
// afterwards the same code, loaded a second time under another address, only asks whether a mutant is the active one.

const LEAN = /[?]lean=\d+$/;
const HEADER = /^[^]*?\n  stryMutAct_\w+ = isActive;\n  return isActive\(id\);\n\}\n/;
const NAMESPACE = "globalThis.__stryker__";
const LEAN_HEADER = `const stryNS = ${NAMESPACE}; `;

function lean(source) {
  if (!HEADER.test(source)) return source;
  const bare = source.replace(HEADER, LEAN_HEADER).replaceAll(/stryCov_\w+\([^()]*\)(,\s*|;)/g, "");
  return bare.replaceAll(/stryMutAct_\w+\("(\d+)"\)/g, "(stryNS.activeNumber === $1 && stryNS.hit())");
}

/** @param double what test files get for "vitest" */
export function redirect(double) {
  registerHooks({
    resolve(specifier, context, next) {
      const from = context.parentURL ?? "";
      if (specifier === "vitest" && /[.]ts([?]lean=\d+)?$/.test(from)) return { url: double, shortCircuit: true };
      const found = next(specifier, context);
      const [suffix] = LEAN.exec(from) ?? [""];
      return found.url.endsWith(".ts") ? { ...found, url: `${found.url}${suffix}` } : found;
    },
    load(url, context, next) {
      const loaded = next(url, context);
      return LEAN.test(url) ? { ...loaded, source: lean(String(loaded.source)) } : loaded;
    },
  });
}

let loads = 0;

/** @returns a way of addressing by which all is loaded once more, and lean */
export function leanAddresses() {
  loads += 1;
  const suffix = `?lean=${loads}`;
  return (url) => `${url}${suffix}`;
}

/** From here on this mutant is active, in lean code; `null`: none. */
export function activate(id, hitLimit = Infinity) {
  const namespace = globalThis.__stryker__;
  namespace.activeNumber = id === null ? -1 : Number(id);
  namespace.hits = 0;
  namespace.hit = () => {
    namespace.hits += 1;
    if (namespace.hits > hitLimit) throw new Error(`Hit count limit reached (${namespace.hits})`);
    return true;
  };
}

export function hits() {
  return globalThis.__stryker__.hits;
}
