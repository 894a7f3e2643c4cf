import { expect, it } from "vitest";
import type { Disagreement, Edge, ObservedCounts } from "#mesh";
import { disagreementClause } from "../../lib/view/sentences/disagreement.ts";
import { CLASSIC_WORKLOADS, verdicts } from "./picture.ts";

const AGAINST: Disagreement = { observed: "plaintext", transports: ["mTLS"], isDenied: false };

interface Row {
  readonly family?: "http" | "tcp";
  readonly counts?: Partial<ObservedCounts>;
  readonly edge?: Partial<Edge>;
  readonly against?: Partial<Disagreement>;
  readonly says: string;
}

it.each<Row>([
  { counts: { plaintext: 1 }, says: "observed 1 plaintext request in the window; configuration says mTLS" },
  { family: "tcp", counts: { plaintext: 604_800 }, says: "observed 604,800 plaintext TCP connections in the window; configuration says mTLS" },
  { counts: { plaintext: 0.3 }, says: "observed <1 plaintext requests in the window; configuration says mTLS" },
  { counts: { plaintext: 12 }, edge: { extrapolated: true }, says: "observed ≈12 plaintext requests in the window; configuration says mTLS" },
  { family: "tcp", says: "observed plaintext on TCP connections opened before the window; configuration says mTLS" },
  { counts: { mtls: 9 }, against: { observed: "mtls", transports: ["plaintext", "tls"] }, says: "observed 9 mTLS requests in the window; configuration says plaintext or tls" },
  { counts: { mtls: 9 }, against: { observed: "mtls", isDenied: true }, says: "observed 9 mTLS requests in the window; configuration says mTLS, denied by authorization" },
  { counts: { plaintext: 9 }, against: { transports: [] }, says: "observed 9 plaintext requests in the window; configuration accepts only mTLS (STRICT) on every port" },
])("$says", ({ family = "http", counts = {}, edge = {}, against = {}, says }) => {
  const spec = { from: "foo/sleep", to: "foo/httpbin", family, counts, state: "plaintext", rest: { ...edge, disagreement: { ...AGAINST, ...against } } } as const;
  expect(verdicts({ workloads: CLASSIC_WORKLOADS, edges: [spec] }).edges.map(disagreementClause)).toEqual([says]);
});
