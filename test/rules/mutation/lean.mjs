import { registerHooks } from "node:module";

// Stryker's instrumented code counts every step it takes. That is needed once, to learn which test reaches which mutant;
// afterwards the same code, loaded a second time under another address, only asks whether a mutant is the active one.

const LEAN = "?lean";
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
      if (specifier === "vitest" && /[.]ts([?]lean)?$/.test(from)) return { url: double, shortCircuit: true };
      const found = next(specifier, context);
      return from.endsWith(LEAN) && found.url.endsWith(".ts") ? { ...found, url: `${found.url}${LEAN}` } : found;
    },
    load(url, context, next) {
      const loaded = next(url, context);
      return url.endsWith(LEAN) ? { ...loaded, source: lean(String(loaded.source)) } : loaded;
    },
  });
}

export function leanAddress(url) {
  return `${url}${LEAN}`;
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
