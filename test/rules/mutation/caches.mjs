/** Maps that modules of the engine made while they were loaded: what one mutant left in them must not be taken for another's answer. */
const weak = [];
const strong = [];
const { Map: PlainMap, WeakMap: PlainWeakMap } = globalThis;

class EmptiedWeakMap {
  #inner = new PlainWeakMap();
  constructor() {
    weak.push(this);
  }
  empty() {
    this.#inner = new PlainWeakMap();
  }
  get(key) {
    return this.#inner.get(key);
  }
  has(key) {
    return this.#inner.has(key);
  }
  set(key, value) {
    this.#inner.set(key, value);
    return this;
  }
  delete(key) {
    return this.#inner.delete(key);
  }
}

class EmptiedMap extends PlainMap {
  constructor(entries) {
    super(entries);
    // one that begins with entries is a table, not a cache
    if (entries === undefined) strong.push(this);
  }
}

/** From here until `stop`, maps that are made are emptied before each test, and others no longer. */
export function watchCaches() {
  weak.length = 0;
  strong.length = 0;
  globalThis.Map = EmptiedMap;
  globalThis.WeakMap = EmptiedWeakMap;
  return function stop() {
    globalThis.Map = PlainMap;
    globalThis.WeakMap = PlainWeakMap;
  };
}

export function emptyCaches() {
  for (const one of weak) one.empty();
  for (const one of strong) one.clear();
}
