import type { MeshObject, PeerAuthentication } from "#mesh";
import { manifestText, specOf } from "./manifest.ts";
import type { Proposal } from "./proposal.ts";

const PLURAL = "peerauthentications";
const RESOURCE = `${PLURAL}.security.istio.io`;

/** For a POSIX shell: nothing inside single quotes is special, and names come from the cluster. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** One step of a JSON patch. Where a `test` fails, nothing of the patch is done. */
interface Step {
  readonly op: "test" | "add" | "replace" | "remove";
  readonly path: string;
  readonly value?: unknown;
}

/** `type/name` is one word, so that no name can be read as a flag. */
function patchLine({ namespace, name }: MeshObject, steps: readonly Step[]): string {
  return `kubectl patch ${shellWord(`${RESOURCE}/${name}`)} ${shellWord(`--namespace=${namespace}`)} --type=json --patch=${shellWord(JSON.stringify(steps))}`;
}

function added(path: string, now: null | object, value: object): readonly Step[] {
  return [{ op: "test", path, value: now }, { op: "add", path, value }];
}

/** `mtls` may be missing, be empty, or be missing with all of `spec`, and is read the same. To the API server's `test`, what is missing is `null`. */
function naming(mode: string, { selector, portLevelMtls }: PeerAuthentication): readonly (readonly Step[])[] {
  const mtls = { mode };
  const ofPresent = [added("/spec/mtls", null, mtls), added("/spec/mtls", {}, mtls)];
  const mayBeBare = selector === null && Object.keys(portLevelMtls).length === 0;
  return mayBeBare ? [...ofPresent, added("/spec", null, { mtls })] : ofPresent;
}

function isNamed(mode: string | null): mode is string {
  return mode !== null && mode !== "";
}

function changing(from: PeerAuthentication, mode: string | null): readonly (readonly Step[])[] {
  if (!isNamed(from.mode)) return isNamed(mode) ? naming(mode, from) : [];
  const path = "/spec/mtls/mode";
  return [[{ op: "test", path, value: from.mode }, isNamed(mode) ? { op: "replace", path, value: mode } : { op: "remove", path: "/spec/mtls" }]];
}

/** Only the mode: labels and annotations that mtlscope did not read stay as they are. Where it is another by then, nothing is changed. */
function patch(from: MeshObject, to: MeshObject): readonly string[] {
  if (from.kind !== "PeerAuthentication" || to.kind !== "PeerAuthentication") return [];
  const ways = changing(from, to.mode);
  return ways.length === 0 ? [] : [ways.map((steps) => patchLine(from, steps)).join(" ||\n")];
}

/** kubectl deletes whatever goes by a name. So the spec is tested first, by a patch that changes nothing, and what is deleted is the version that was tested. */
function deletion(object: MeshObject, apiVersion: Proposal["apiVersion"]): readonly string[] {
  if (object.kind !== "PeerAuthentication") return [];
  const [namespace, name] = [object.namespace, object.name].map(encodeURIComponent);
  const tested = `${patchLine(object, [{ op: "test", path: "/spec", value: specOf(object) }])} --output=jsonpath='{.metadata.resourceVersion}'`;
  const address = shellWord(`--raw=/apis/${apiVersion}/namespaces/${namespace}/${PLURAL}/${name}`);
  return [`version=$(${tested}) &&\nkubectl delete ${address} --filename=- <<EOF\n{"preconditions":{"resourceVersion":"$version"}}\nEOF`];
}

/** The `kubectl` lines that do what the proposal says. What somebody made in between is not overwritten. Each line of the manifest starts with a word of ours, so `EOF` cannot occur early. */
export function commandText(proposal: Proposal): string {
  const { add, update } = proposal.change;
  const additions = add.length === 0 ? [] : [`kubectl create -f - <<'EOF'\n${manifestText({ ...proposal, change: { add, update: [], remove: [] } })}EOF`];
  return [...additions, ...update.flatMap(([from, to]) => patch(from, to))].join("\n");
}

/** The `kubectl` lines that bring back what is there now, unless somebody changed it again. */
export function undoCommandText({ change, apiVersion }: Proposal): string {
  return [...change.add.flatMap((object) => deletion(object, apiVersion)), ...change.update.flatMap(([from, to]) => patch(to, from))].join("\n");
}
