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

function operations(from: string, to: string | null): readonly object[] {
  const path = "/spec/mtls/mode";
  return [{ op: "test", path, value: from }, to === null ? { op: "remove", path: "/spec/mtls" } : { op: "replace", path, value: to }];
}

/**
 * Only the mode: labels and annotations that mtlscope did not read stay as they are.
 * Where the object says another mode by then, `test` fails and nothing is changed. Where it says none, an empty `mtls` cannot be told
 * from one that is missing, and there is no such test: a merge fits both.
 */
function patch(from: MeshObject, to: MeshObject): readonly string[] {
  if (from.kind !== "PeerAuthentication" || to.kind !== "PeerAuthentication") return [];
  const [type, change] = from.mode === null || from.mode === "" ? (["merge", { spec: { mtls: to.mode === null ? null : { mode: to.mode } } }] as const) : (["json", operations(from.mode, to.mode)] as const);
  return [`kubectl patch ${target(from)} --type=${type} --patch=${shellWord(JSON.stringify(change))}`];
}

/** The `kubectl` lines that do what the proposal says. What somebody made in between is not overwritten. Each line of the manifest starts with a word of ours, so `EOF` cannot occur early. */
export function commandText(proposal: Proposal): string {
  const { add, update } = proposal.change;
  const additions = add.length === 0 ? [] : [`kubectl create -f - <<'EOF'\n${manifestText({ ...proposal, change: { add, update: [], remove: [] } })}EOF`];
  return [...additions, ...update.flatMap(([from, to]) => patch(from, to))].join("\n");
}

/** The `kubectl` lines that bring back what is there now. */
export function undoCommandText({ change }: Proposal): string {
  return [...change.add.map((object) => `kubectl delete ${target(object)}`), ...change.update.flatMap(([from, to]) => patch(to, from))].join("\n");
}
