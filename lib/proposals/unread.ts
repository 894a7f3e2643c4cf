import type { Configuration, UnreadObject } from "#mesh";

function isUnreadIn(unread: UnreadObject, namespace: string): boolean {
  if (unread.namespace !== null) return unread.namespace === namespace;
  return unread.exceptNamespaces?.includes(namespace) !== true;
}

/** Whether there may be workloads that were not read. @param namespace `null`: in any */
export function areWorkloadsUnread({ unread }: Configuration, namespace: string | null): boolean {
  return unread.some((one) => (one.kind === "Pod" || one.kind === "WorkloadEntry") && (namespace === null || isUnreadIn(one, namespace)));
}
