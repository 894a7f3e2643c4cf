type Fields = Readonly<Record<string, unknown>>;

function sameList(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((item, position) => sameJson(item, right[position]));
}

function countOf(fields: Fields): number {
  let count = 0;
  for (const name in fields) if (Object.hasOwn(fields, name)) count += 1;
  return count;
}

/** Without lists of names: this is asked of every edge of a large mesh with every picture. */
function sameFields(left: Fields, right: Fields): boolean {
  for (const name in left) {
    if (!Object.hasOwn(left, name)) continue;
    if (!Object.hasOwn(right, name) || !sameJson(left[name], right[name])) return false;
  }
  return countOf(left) === countOf(right);
}

/** Whether two plain JSON values say the same. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) return Array.isArray(left) && Array.isArray(right) && sameList(left, right);
  return sameFields(left as Fields, right as Fields);
}
