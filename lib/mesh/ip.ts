export type Addresses = readonly string[];

function bytesOf4(address: string): readonly number[] | null {
  const parts = address.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null;
  return parts.map(Number);
}

function groupsOf6(half: string): readonly number[] | null {
  if (half === "") return [];
  const groups = half.split(":");
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : null;
}

function bytesOf6(address: string): readonly number[] | null {
  const [head, tail, ...more] = address.split("::");
  const left = groupsOf6(head ?? "");
  const right = tail === undefined ? [] : groupsOf6(tail);
  if (left === null || right === null || more.length > 0) return null;
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return null;
  return [...left, ...Array<number>(missing).fill(0), ...right].flatMap((group) => [group >> 8, group & 255]);
}

function bytesOf(address: string): readonly number[] | null {
  return address.includes(":") ? bytesOf6(address) : bytesOf4(address);
}

/** Whether an address lies in a CIDR range; a range without length is one address. Nonsense contains nothing. */
export function addressInRange(address: string, range: string): boolean {
  const slash = range.indexOf("/");
  const network = bytesOf(slash < 0 ? range : range.slice(0, slash));
  const bytes = bytesOf(address);
  if (network === null || bytes === null || network.length !== bytes.length) return false;
  const length = slash < 0 ? bytes.length * 8 : Number(range.slice(slash + 1));
  if (!Number.isInteger(length) || length < 0 || length > bytes.length * 8) return false;
  return bytes.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, length - index * 8));
    const mask = (255 << (8 - bits)) & 255;
    return (byte & mask) === ((network[index] ?? 0) & mask);
  });
}
