/**
 * What goes with an object, worked out when it is first asked for and kept no longer than the object.
 *
 * @param compute gives the same for the same object, whatever else it is told: that may only save it work
 */
export function keptWith<K extends object, Rest extends readonly unknown[], T>(compute: (key: K, ...rest: Rest) => T): (key: K, ...rest: Rest) => T {
  const kept = new WeakMap<K, { readonly value: T }>();
  return (key, ...rest) => {
    const known = kept.get(key);
    if (known !== undefined) return known.value;
    const value = compute(key, ...rest);
    kept.set(key, { value });
    return value;
  };
}
