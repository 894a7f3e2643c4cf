import type { ClientMode, Clients, Finding, Fix, Transport } from "#mesh";
import { RULES } from "#mesh";
import { endpointFix, joinAllFix } from "./injection.ts";
import type { Injections } from "./injection.ts";
import { listText, plural, sentence } from "./quantity.ts";
import { objectName } from "./reason.ts";

const SENT: Readonly<Record<ClientMode, string>> = {
  NONE: "plaintext",
  BYPASS: "plaintext",
  PASSTHROUGH: "plaintext (passed on as it is)",
  BLACKHOLE: "nothing",
  AUTO_MTLS: "mTLS",
  AUTO_PLAINTEXT: "plaintext",
  DR_DISABLE: "plaintext",
  DR_SIMPLE: "TLS without a client certificate",
  DR_MUTUAL: "TLS with a certificate of their own",
  DR_ISTIO_MUTUAL: "mTLS",
  DR_DROPPED: "plaintext",
  HBONE: "mTLS in a tunnel",
  ZT_PLAINTEXT: "plaintext",
};

const FOLLOWS: Readonly<Record<Transport, string>> = {
  mTLS: "it arrives as mTLS",
  tls: "the application has to speak TLS",
  plaintext: "it gets through",
  blocked: "it is refused",
};

function sendersText(clients: Clients): string {
  switch (clients.kind) {
    case "all":
      return "clients with a proxy send";
    case "namespace":
      return `clients in ${clients.namespace} send`;
    case "selected":
      return `the clients in ${clients.namespace} that it is for send`;
    case "ambient":
      return "ambient clients send";
    case "by address":
      return "whoever dials the pod's address sends";
  }
}

function affectedText({ affected }: Finding): string {
  return affected.length === 0 ? "the workloads it is about" : listText(affected);
}

function portsText({ ports }: Finding): string {
  return ports.length === 0 ? "" : ` on ${listText(ports.map(String))}`;
}

function isOne({ affected }: Finding): boolean {
  return affected.length === 1;
}

/** What a mode that was not meant lets through or refuses. */
function modeEffect(is: string, wanted: string): string {
  if (wanted === "STRICT") return ": plaintext gets in";
  if (is === "STRICT") return ": plaintext is refused";
  return is === "DISABLE" ? ": mTLS is refused" : "";
}

const SENT_WITHOUT_PROXY: ReadonlySet<ClientMode> = new Set<ClientMode>(["NONE", "BYPASS"]);

type Sends = Extract<Finding["consequence"], { readonly kind: "sends" }>;

function sendsClause(finding: Finding, { clients, sends, transport, otherwise }: Sends): string {
  if (SENT_WITHOUT_PROXY.has(sends)) return `${affectedText(finding)} ${isOne(finding) ? "sends" : "send"} plaintext, and no proxy sees it`;
  const instead = otherwise === null ? undefined : SENT[otherwise as ClientMode];
  const meant = instead === undefined || instead === SENT[sends] ? "" : `; otherwise it would be ${instead}`;
  return `${sendersText(clients)} ${SENT[sends]} to ${affectedText(finding)}${portsText(finding)}: ${FOLLOWS[transport]}${meant}`;
}

function nobodyClause(finding: Finding): string {
  return finding.severity === "no effect" ? "the rule matches nobody, and the others decide" : `whom the rule would let in is refused by ${affectedText(finding)}${portsText(finding)}`;
}

type Consequence = Finding["consequence"];

function to(finding: Finding): string {
  return `${affectedText(finding)}${portsText(finding)}`;
}

/** What follows here, as a clause. */
const CONSEQUENCES: { readonly [K in Consequence["kind"]]: (finding: Finding, consequence: Extract<Consequence, { readonly kind: K }>) => string } = {
  mode: (finding, { is, wanted }) => `${affectedText(finding)} ${isOne(finding) ? "is" : "are"} ${is}${portsText(finding)}, not ${wanted}${modeEffect(is, wanted)}`,
  "matches nothing": (_, { meant }) => (meant === null ? "there is nothing now that it applies to" : `it applies to nothing; ${meant} exists and is probably meant`),
  sends: sendsClause,
  "not enforced": (finding) => `${affectedText(finding)} ${isOne(finding) ? "takes" : "take"} whatever arrives${portsText(finding)}`,
  ignored: (finding) => `${finding.because === null ? "another" : objectName(finding.because)} is in force for ${affectedText(finding)} in its place`,
  "lets nobody in": nobodyClause,
  "refuses nobody": (finding) => `whom the rule would refuse gets through${finding.affected.length === 0 ? "" : ` to ${to(finding)}`}`,
  "lets plaintext in": (finding) => `a caller in plaintext gets past it to ${to(finding)}`,
  "refuses more": (finding) => `every connection to ${to(finding)} that the rest of the rule matches is refused`,
  unverified: ({ hosts }) => `whoever answers for ${listText(hosts)} is believed`,
  "no endpoint": ({ hosts }) => `what is sent there fails; it was meant for ${listText(hosts)}`,
  refused: (finding) => `what it is for is refused by ${to(finding)}`,
  protocol: (finding, { is, wanted }) => `bytes to ${finding.affected.length === 0 ? listText(finding.hosts) : to(finding)} are read as ${is}, not as ${wanted}`,
  unknown: (finding) => `what ${affectedText(finding)} ${isOne(finding) ? "accepts and sends" : "accept and send"} cannot be told`,
};

function consequenceClause(finding: Finding): string {
  const { consequence } = finding;
  return (CONSEQUENCES[consequence.kind] as (finding: Finding, consequence: Consequence) => string)(finding, consequence);
}

/** Whose fix it is, and what labels say of them. */
interface Patient {
  readonly affected: Finding["affected"];
  readonly injections: Injections;
}

const FIXES: { readonly [K in Fix["kind"]]: (fix: Extract<Fix, { readonly kind: K }>, patient: Patient) => string } = {
  set: ({ object, field, value }) => `set ${field} of ${objectName(object)} to ${value}`,
  create: ({ object, field, value }) => `create ${objectName(object)} with ${field}: ${value}${field.startsWith("spec.portLevelMtls") ? " and a selector for its pods" : ""}`,
  add: ({ object, field, value }) => `add ${value} to ${field} of ${objectName(object)}`,
  remove: ({ object, field }) => (field === null ? `delete ${objectName(object)}` : `remove ${field} from ${objectName(object)}`),
  rename: ({ object, field, to: newName }) => `rename ${field} of ${objectName(object)} to ${newName}`,
  move: ({ object, to: namespace }) => `move ${objectName(object)} to namespace ${namespace}`,
  merge: ({ object, into }) => `write what it says into ${objectName(into)}, and delete ${objectName(object)}`,
  inject: ({ object }, { affected, injections }) => (object === undefined ? joinAllFix(affected, injections) : endpointFix(object, injections)),
  strict: () => "make it STRICT (Proposals shows what that would do)",
  upgrade: ({ to: version }) => `upgrade Istio to ${version} or later`,
};

function fixClause(fix: Fix, patient: Patient): string {
  return (FIXES[fix.kind] as (fix: Fix, patient: Patient) => string)(fix, patient);
}

/** What Istio does, as the rule says it. */
export function findingSentence({ rule }: Finding): string {
  return sentence(RULES[rule].says);
}

/** @param called how many connections of the clients it is about are known, where that is asked */
export function consequenceSentence(finding: Finding, called: number | null = null): string {
  const clause = consequenceClause(finding);
  if (called === null) return sentence(clause);
  return sentence(`${clause}; ${called === 0 ? "no ambient client was seen calling there" : `${plural(called, "connection")} of ambient clients ${called === 1 ? "is" : "are"} known there`}`);
}

/** The alternatives, the best first. */
export function fixSentence({ fixes, affected }: Finding, injections: Injections): string {
  return sentence(fixes.map((fix) => fixClause(fix, { affected, injections })).join("; or "));
}
