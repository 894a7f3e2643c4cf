import { describe, expect, it } from "vitest";
import { evaluateMesh, type MeshObject, type MeshVerdicts, type TrafficRow } from "#mesh";
import { presentSenders } from "#view";
import { mesh, namespace, peerAuthentication, pod, service } from "../support/mesh.ts";
import { row, UNPROVED } from "../support/telemetry.ts";

// What is advised, word for word, and what the mesh is once it was done: no fix may leave plaintext, refuse what worked, or open what was closed.

const AT_MS = Date.UTC(2026, 5, 1);
const PLAINTEXT = row({ connectionSecurityPolicy: "none", client: UNPROVED, count: 30 });
const CLIENT = [namespace("foo"), pod("foo", "sleep", { proxy: "sidecar" })];
const SERVER = pod("foo", "httpbin", { proxy: "sidecar" });
const SERVICE = service("foo", "httpbin");
const QUIET: readonly MeshObject[] = [...CLIENT, SERVER, SERVICE];

function picture(objects: readonly MeshObject[], rows: readonly TrafficRow[] = [PLAINTEXT]): MeshVerdicts {
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows, lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
  return evaluateMesh({ capturedAtMs: AT_MS, configuration: mesh(objects), telemetry });
}

interface Told {
  readonly cause: string;
  readonly admission: string | null;
  readonly fix: string;
}

/** The first thing that is told of the first sender. */
function told(objects: readonly MeshObject[], rows?: readonly TrafficRow[]): Told {
  const [first] = presentSenders(picture(objects, rows)).senders[0]?.explanations ?? [];
  if (first === undefined) throw new Error("nobody sends plaintext");
  return { cause: first.cause, admission: first.edges[0]?.admission ?? null, fix: first.fix };
}

/** What configuration says of the same traffic. */
function transports(objects: readonly MeshObject[], rows?: readonly TrafficRow[]): readonly string[] {
  const paths = picture(objects, rows).edges.flatMap(({ configured }) => configured);
  return [...new Set(paths.map(({ verdict: { transport } }) => (transport.kind === "known" ? transport.value : "unknown")))];
}

interface Row {
  readonly title: string;
  readonly objects: readonly MeshObject[];
  readonly rows?: readonly TrafficRow[];
  readonly fix: string;
  /** the objects as the fix wants them; nothing where it wants more than objects */
  readonly done?: readonly MeshObject[];
}

function holds(rows: readonly Row[]): void {
  it.each(rows)("$title", ({ objects, rows: seen, fix, done }) => {
    expect(told(objects, seen).fix).toBe(fix);
    if (done !== undefined) expect(transports(done, seen)).toEqual(["mTLS"]);
  });
}

describe("a PeerAuthentication says DISABLE", () => {
  const own = (mode: "STRICT" | "PERMISSIVE" | "DISABLE" | null, port?: "DISABLE" | "PERMISSIVE" | "STRICT"): MeshObject => peerAuthentication("foo", "own", mode, { selector: { app: "httpbin" }, portLevelMtls: port === undefined ? {} : { 8080: port } });
  const strict = peerAuthentication("foo", "default", "STRICT");
  const port = "Set spec.portLevelMtls.8080.mode of PeerAuthentication foo/own to PERMISSIVE, wait until plaintext fades, then set STRICT.";
  holds([
    { title: "for a port, of a policy without mode: its entry, and no other port is opened", objects: [...QUIET, strict, own(null, "DISABLE")], fix: port, done: [...QUIET, strict, own(null, "PERMISSIVE")] },
    { title: "for a port, of a policy that is STRICT", objects: [...QUIET, own("STRICT", "DISABLE")], fix: port, done: [...QUIET, own("STRICT", "PERMISSIVE")] },
    { title: "for a port, of a policy that is PERMISSIVE already", objects: [...QUIET, own("PERMISSIVE", "DISABLE")], fix: port, done: [...QUIET, own("PERMISSIVE", "PERMISSIVE")] },
    { title: "for one workload", objects: [...QUIET, own("DISABLE")], fix: "Set spec.mtls.mode of PeerAuthentication foo/own to PERMISSIVE, wait until plaintext fades, then set STRICT.", done: [...QUIET, own("PERMISSIVE")] },
    {
      title: "for a namespace", objects: [...QUIET, peerAuthentication("foo", "default", "DISABLE")], done: [...QUIET, peerAuthentication("foo", "default", "PERMISSIVE")],
      fix: "Set spec.mtls.mode of PeerAuthentication foo/default to PERMISSIVE (it is for all of namespace foo), wait until plaintext fades, then set STRICT.",
    },
    {
      title: "for the mesh: the namespace alone is enough", objects: [...QUIET, peerAuthentication("istio-system", "default", "DISABLE")], done: [...QUIET, peerAuthentication("istio-system", "default", "DISABLE"), peerAuthentication("foo", "own", "PERMISSIVE")],
      fix: "Set spec.mtls.mode of PeerAuthentication istio-system/default to PERMISSIVE (it is for the whole mesh), or give namespace foo a PeerAuthentication of its own with PERMISSIVE, wait until plaintext fades, then set STRICT.",
    },
  ]);
});
