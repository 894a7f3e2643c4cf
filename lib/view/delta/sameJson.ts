type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function sameFields(left: Fields, right: Fields): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => Object.hasOwn(right, name) && sameJson(left[name], right[name]));
}

/** Whether two plain JSON values say the same. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  return isObject(left) && isObject(right) && Array.isArray(left) === Array.isArray(right) && sameFields(left, right);
}
