import type { Gap, MeshVerdicts, ProtocolFamily } from "#mesh";
import { coverOf } from "./cover.ts";
import { listed } from "./listed.ts";
import { unheardServers } from "./unheard.ts";
import type { UnheardServer } from "./unheard.ts";

const NOUNS: Readonly<Record<ProtocolFamily, string>> = { http: "requests", tcp: "TCP connections" };

/** What an unheard server did not report, and who shows that it is missing. */
export function unheardText({ missing }: UnheardServer, window: string): string {
  switch (missing.kind) {
    case "everything":
      return `clients tell of traffic there, and no proxy of its own reported any in ${window}: is it scraped?`;
    case "all but its waypoint's":
      return `only its waypoint told of traffic there, which callers without a proxy do not pass, and no proxy of its own reported any in ${window}: is it scraped?`;
    case "a family":
      return `clients tell of ${NOUNS[missing.family]} there, of which no proxy of its own reported any in ${window}, though it reported others: are its metrics of ${NOUNS[missing.family]} turned off, or dropped?`;
    case "a part":
      return `clients sent ${Math.round(missing.sent)} ${NOUNS[missing.family]} there, and its own proxies reported ${Math.round(missing.reported)} of them in ${window}: are all of its instances scraped?`;
    case "instances without a proxy":
      return `${missing.bare} of its ${missing.instances} instances ${missing.bare === 1 ? "has" : "have"} no proxy, and the proxy of \`${missing.client}\`, which calls it, reported nothing in ${window} of what it sends: is that scraped?`;
  }
}

/** Where plaintext of callers without a proxy would have been seen by nobody, each cause once. @see rule PRE-27 */
export function unheardGaps(verdicts: MeshVerdicts, isAsked: (server: UnheardServer) => boolean = () => true): readonly Gap[] {
  const window = coverOf(verdicts.snapshot.telemetry).text;
  const byText = Map.groupBy(unheardServers(verdicts).filter(isAsked), (server) => unheardText(server, window));
  return [...byText].map(([because, servers]) => ({ wanted: `plaintext to ${listed(servers.map(({ workload }) => workload))} from callers without a proxy`, because }));
}
