import type { MeshObject } from "#mesh";
import { manifestText } from "./manifest.ts";
import type { Proposal } from "./proposal.ts";

const RESOURCE = "peerauthentications.security.istio.io";

/** For a POSIX shell: nothing inside single quotes is special, and names come from the cluster. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** `type/name` is one word, so that no name can be read as a flag. */
function target({ namespace, name }: MeshObject): string {
  return `${shellWord(`${RESOURCE}/${name}`)} ${shellWord(`--namespace=${namespace}`)}`;
}

/** Only the mode: labels and annotations that mtlscope did not read stay as they are. `null` takes a field away. */
function patch(from: MeshObject, to: MeshObject): readonly string[] {
  if (from.kind !== "PeerAuthentication" || to.kind !== "PeerAuthentication") return [];
  const mtls = to.mode === null ? null : { mode: to.mode };
  return [`kubectl patch ${target(from)} --type=merge --patch=${shellWord(JSON.stringify({ spec: { mtls } }))}`];
}

/** The `kubectl` lines that do what the proposal says. Each line of the manifest starts with a word of ours, so `EOF` cannot occur early. */
export function commandText(proposal: Proposal): string {
  const { add, update } = proposal.change;
  const additions = add.length === 0 ? [] : [`kubectl apply -f - <<'EOF'\n${manifestText({ ...proposal, change: { add, update: [], remove: [] } })}EOF`];
  return [...additions, ...update.flatMap(([from, to]) => patch(from, to))].join("\n");
}

/** The `kubectl` lines that bring back what is there now. */
export function undoCommandText({ change }: Proposal): string {
  return [...change.add.map((object) => `kubectl delete ${target(object)}`), ...change.update.flatMap(([from, to]) => patch(to, from))].join("\n");
}
