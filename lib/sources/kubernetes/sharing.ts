import type { Pod } from "#mesh";

const MOST = 20_000;

/**
 * Gives equal values one identity: pods of one template differ in name and address only, and whoever compares them sees at a glance what is the same.
 * It forgets now and then, so that what is gone is not kept; equal values then have two identities, which costs memory and nothing else.
 */
export function sharer(): <T extends object>(value: T) => T {
  const known = new Map<string, object>();
  return (value) => {
    const key = JSON.stringify(value);
    const before = known.get(key);
    // equal text is equal value: these are plain JSON all through
    if (before !== undefined) return before as typeof value;
    if (known.size >= MOST) known.clear();
    known.set(key, value);
    return value;
  };
}

export function podSharer(): (pod: Pod) => Pod {
  const share = sharer();
  return (pod) => ({ ...pod, labels: share(pod.labels), annotations: share(pod.annotations), owner: share(pod.owner), containers: share(pod.containers.map((container) => share(container))) });
}
