import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { parse } from "yaml";
import type { MeshChange, PeerAuthentication } from "#mesh";
import { commandText, manifestNowText, manifestText, undoCommandText } from "#proposals";
import type { Proposal } from "#proposals";
import { policy } from "../view/picture.ts";

function proposal(change: Partial<MeshChange>): Proposal {
  return { kind: "proposal", id: "namespace:foo", scope: { kind: "namespace", namespace: "foo" }, mode: "STRICT", change: { add: [], update: [], remove: [], ...change }, apiVersion: "security.istio.io/v1" };
}

const STRICT = policy("foo", { mode: "STRICT" });

it("prints what people would write", () => {
  expect(manifestText(proposal({ add: [STRICT] }))).toBe(`apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: foo
spec:
  mtls:
    mode: STRICT
`);
  expect(manifestNowText(proposal({ add: [STRICT] }))).toBe("");
});

it("prints selector, ports, labels and annotations whole, but not what kubectl keeps for itself", () => {
  const from = policy("foo", {
    name: "httpbin",
    labels: { team: "no" },
    annotations: { note: "kept", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
    selector: { app: "httpbin" },
    mode: null,
    portLevelMtls: { "8080": "PERMISSIVE" },
  });
  const changed = proposal({ update: [[from, { ...from, mode: "STRICT" }]] });
  expect(manifestText(changed)).toBe(`apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: httpbin
  namespace: foo
  labels:
    team: "no"
  annotations:
    note: kept
spec:
  selector:
    matchLabels:
      app: httpbin
  mtls:
    mode: STRICT
  portLevelMtls:
    "8080":
      mode: PERMISSIVE
`);
  expect(parse(manifestNowText(changed))).toEqual({
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: { name: "httpbin", namespace: "foo", labels: { team: "no" }, annotations: { note: "kept" } },
    spec: { selector: { matchLabels: { app: "httpbin" } }, portLevelMtls: { "8080": { mode: "PERMISSIVE" } } },
  });
});

it("creates, which fails where somebody made the object in between, and deletes only what still says what was written", () => {
  const added = proposal({ add: [STRICT] });
  expect(commandText(added)).toBe(`kubectl create -f - <<'EOF'\n${manifestText(added)}EOF`);
  expect(undoCommandText(added)).toBe(`version=$(kubectl patch peerauthentications.security.istio.io/default --namespace=foo --type=json --patch='[{"op":"test","path":"/spec","value":{"mtls":{"mode":"STRICT"}}}]' --output=jsonpath='{.metadata.resourceVersion}') &&
kubectl delete --raw=/apis/security.istio.io/v1/namespaces/foo/peerauthentications/default --filename=- <<EOF
{"preconditions":{"resourceVersion":"$version"}}
EOF`);
});

/** What a patch tests before it changes anything, of a policy without selector and ports. */
const UNCHANGED = '{"op":"test","path":"/spec/selector","value":null},{"op":"test","path":"/spec/portLevelMtls","value":null},';

it("changes the mode and nothing else, and only where it is still the mode that was shown", () => {
  const from = policy("foo", { mode: "PERMISSIVE" });
  const changed = proposal({ update: [[from, { ...from, mode: "STRICT" }]] });
  const patched = (was: string, then: string) => `kubectl patch peerauthentications.security.istio.io/default --namespace=foo --type=json --patch='[${UNCHANGED}{"op":"test","path":"/spec/mtls/mode","value":"${was}"},{"op":"replace","path":"/spec/mtls/mode","value":"${then}"}]'`;
  expect(commandText(changed)).toBe(patched("PERMISSIVE", "STRICT"));
  expect(undoCommandText(changed)).toBe(patched("STRICT", "PERMISSIVE"));
});

it("names a mode only where none is named, in whichever way, and undoes to none", () => {
  const from = policy("foo", { mode: null, portLevelMtls: { "8080": "PERMISSIVE" } });
  const changed = proposal({ update: [[from, { ...from, mode: "STRICT" }]] });
  const ports = '{"op":"test","path":"/spec/selector","value":null},{"op":"test","path":"/spec/portLevelMtls","value":{"8080":{"mode":"PERMISSIVE"}}},';
  const patched = (steps: string) => `kubectl patch peerauthentications.security.istio.io/default --namespace=foo --type=json --patch='[${steps}]'`;
  const added = (path: string, now: string, then: string) => `{"op":"test","path":"${path}","value":${now}},{"op":"add","path":"${path}","value":${then}}`;
  const mtls = [added("/spec/mtls", "null", '{"mode":"STRICT"}'), added("/spec/mtls", "{}", '{"mode":"STRICT"}')];
  expect(commandText(changed)).toBe(mtls.map((steps) => patched(`${ports}${steps}`)).join(" ||\n"));
  const bare = policy("foo", { mode: null });
  expect(commandText(proposal({ update: [[bare, { ...bare, mode: "STRICT" }]] }))).toBe([...mtls.map((steps) => `${UNCHANGED}${steps}`), added("/spec", "null", '{"mtls":{"mode":"STRICT"}}')].map(patched).join(" ||\n"));
  expect(undoCommandText(changed)).toBe(patched(`${ports}{"op":"test","path":"/spec/mtls/mode","value":"STRICT"},{"op":"remove","path":"/spec/mtls"}`));
});

it("[PRE-36] changes nothing where the policy is for others by then, or says something else of single ports", () => {
  const from = policy("foo", { name: "own", mode: "PERMISSIVE", selector: { app: "httpbin" }, portLevelMtls: { "9090": "PERMISSIVE", "9091": null } });
  const changed = proposal({ update: [[from, { ...from, mode: "STRICT" }]] });
  const tested = '{"op":"test","path":"/spec/selector","value":{"matchLabels":{"app":"httpbin"}}},{"op":"test","path":"/spec/portLevelMtls","value":{"9090":{"mode":"PERMISSIVE"},"9091":{}}}';
  for (const command of [commandText(changed), undoCommandText(changed)]) expect(command).toContain(`--patch='[${tested},{"op":"test","path":"/spec/mtls/mode"`);
});

it("knows an empty selector in both of its spellings", () => {
  const from = policy("foo", { mode: "PERMISSIVE", selector: {} });
  const tests = [...commandText(proposal({ update: [[from, { ...from, mode: "STRICT" }]] })).matchAll(/"path":"\/spec\/selector","value":(\{.*?\})\},\{/g)].map(([, value]) => value);
  expect(tests).toEqual(["{}", '{"matchLabels":{}}']);
});

const HOSTILE = ["$(touch /tmp/owned)", "`id`", "a'; rm -rf / #", "-n", "no", "0x1F", "a: b", "{{x}}", "x\nEOF\nrm -rf /", "*", "&anchor", "!!js/function", "__proto__", "'", '"', "~", "1e3"];

/** The words that a POSIX shell makes of a line, as `printf` sees them. */
function shellWords(line: string): readonly string[] {
  return execFileSync("/bin/sh", ["-c", `kubectl() { printf '%s\\0' "$@"; }\n${line}`], { encoding: "utf8" }).split("\0").slice(0, -1);
}

it.each(HOSTILE)("keeps the hostile name %j a name, in the shell", (name) => {
  const hostile: PeerAuthentication = policy(name, { name, mode: "PERMISSIVE" });
  const words = shellWords(commandText(proposal({ update: [[hostile, { ...hostile, mode: "STRICT" }]] })));
  expect(words).toEqual(["patch", `peerauthentications.security.istio.io/${name}`, `--namespace=${name}`, "--type=json", `--patch=[${UNCHANGED}{"op":"test","path":"/spec/mtls/mode","value":"PERMISSIVE"},{"op":"replace","path":"/spec/mtls/mode","value":"STRICT"}]`]);
  const undone = execFileSync("/bin/sh", ["-c", `kubectl() { printf '%s\\0' "$@" >&2; echo 7; cat >&2; }\n( ${undoCommandText(proposal({ add: [hostile] }))}\n) 2>&1 >/dev/null </dev/null`], { encoding: "utf8" }).split("\0");
  expect(undone).toEqual([
    "patch", `peerauthentications.security.istio.io/${name}`, `--namespace=${name}`, "--type=json", '--patch=[{"op":"test","path":"/spec","value":{"mtls":{"mode":"PERMISSIVE"}}}]', "--output=jsonpath={.metadata.resourceVersion}",
    "delete", `--raw=/apis/security.istio.io/v1/namespaces/${encodeURIComponent(name)}/peerauthentications/${encodeURIComponent(name)}`, "--filename=-", '{"preconditions":{"resourceVersion":"7"}}\n',
  ]);
});

it.each(HOSTILE)("keeps the hostile text %j text, in YAML and in the here-document", (text) => {
  const labels = Object.fromEntries([[text, text]]);
  const hostile = policy("foo", { name: text, labels, selector: labels, mode: "STRICT" });
  const printed = manifestText(proposal({ add: [hostile] }));
  for (const version of ["1.1", "1.2"] as const) {
    const read = parse(printed, { version }) as { metadata: { name: unknown; labels: object }; spec: { selector: { matchLabels: object } } };
    expect(read.metadata.name).toBe(text);
    expect(Object.entries(read.metadata.labels)).toEqual([[text, text]]);
    expect(Object.entries(read.spec.selector.matchLabels)).toEqual([[text, text]]);
  }
  const fed = execFileSync("/bin/sh", ["-c", `kubectl() { cat; }\n${commandText(proposal({ add: [hostile] }))}`], { encoding: "utf8" });
  expect(fed).toBe(printed);
});
