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

function test(path: string, value: unknown): Step {
  return { op: "test", path, value };
}

/**
 * Whom the policy is for and what it says of single ports, as they were when the change was previewed. To the API server's `test`, what is
 * missing is `null`. Where somebody writes emptiness in a way that nobody else does, nothing is changed.
 */
function unchanged(policy: PeerAuthentication): readonly (readonly Step[])[] {
  const { selector } = policy;
  const { portLevelMtls = null } = specOf(policy);
  const selectors = selector === null ? [null] : Object.keys(selector).length === 0 ? [{}, { matchLabels: {} }] : [{ matchLabels: selector }];
  return selectors.map((written) => [test("/spec/selector", written), test("/spec/portLevelMtls", portLevelMtls)]);
}

/** `mtls` may be missing, be empty, or be missing with all of `spec`, and is read the same. */
function naming(mode: string, policy: PeerAuthentication): readonly (readonly Step[])[] {
  const mtls = { mode };
  const add = (path: string, value: object): Step => ({ op: "add", path, value });
  const ofPresent = unchanged(policy).flatMap((same) => [null, {}].map((now) => [...same, test("/spec/mtls", now), add("/spec/mtls", mtls)]));
  const mayBeBare = policy.selector === null && Object.keys(policy.portLevelMtls).length === 0;
  return mayBeBare ? [...ofPresent, [test("/spec", null), add("/spec", { mtls })]] : ofPresent;
}

function isNamed(mode: string | null): mode is string {
  return mode !== null && mode !== "";
}

function changing(from: PeerAuthentication, mode: string | null): readonly (readonly Step[])[] {
  if (!isNamed(from.mode)) return isNamed(mode) ? naming(mode, from) : [];
  const path = "/spec/mtls/mode";
  const step: Step = isNamed(mode) ? { op: "replace", path, value: mode } : { op: "remove", path: "/spec/mtls" };
  return unchanged(from).map((same) => [...same, test(path, from.mode), step]);
}

/**
 * Only the mode: labels and annotations that mtlscope did not read stay as they are. Where the mode, the selector or the ports are others by
 * then, nothing is changed: that was never previewed.
 *
 * @see rule PRE-36
 */
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
