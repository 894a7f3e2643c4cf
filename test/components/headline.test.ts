import { describe, expect, it } from "vitest";
import { besideThat, headline } from "../../components/overview/headline.ts";
import type { TotalsView } from "#view";
import { counts, totals } from "./mesh.ts";

const said = (more: Partial<TotalsView>) => headline(totals(more));

describe("the first sentence is the worst that was seen, with its whole", () => {
  it("says that silence is no safety", () => {
    expect(said({})).toBe("No traffic was seen in the window. That is no evidence of safety.");
  });

  it("keeps requests and TCP connections apart", () => {
    expect(said({ connections: counts({ plaintext: 1 }) })).toBe("1 of 1 TCP connection was plaintext.");
    expect(said({ requests: counts({ mtls: 900, plaintext: 450 }), connections: counts({ mtls: 45, plaintext: 3 }) })).toBe("450 of 1,350 requests and 3 of 48 TCP connections were plaintext.");
  });

  it("counts what was refused among what was tried", () => {
    expect(said({ requests: counts({ mtls: 90, refused: 10 }) })).toBe("No plaintext was seen; 10 of 100 requests were blocked.");
  });

  it("does not call mTLS what nobody reported", () => {
    expect(said({ requests: counts({ mtls: 90, unclear: 10 }) })).toBe("No plaintext was seen, but nobody reported the security of 10 of 100 requests.");
    expect(said({ requests: counts({ mtls: 85, unclear: 10, refused: 5 }) })).toBe("No plaintext was seen, but nobody reported the security of 10 of 100 requests; 5 of 100 requests were blocked.");
  });

  it("names what is plaintext by configuration alone beside plaintext, and adds it to nothing", () => {
    expect(said({ requests: counts({ mtls: 900, plaintext: 450, unclear: 8100 }) })).toBe("450 of 9,450 requests were plaintext.");
    expect(besideThat({ requests: 8100, connections: 3 })).toBe("Beside that, 8,100 requests and 3 TCP connections are plaintext by configuration, and nobody reported them.");
    expect(besideThat({ requests: 0, connections: 1 })).toBe("Beside that, 1 TCP connection is plaintext by configuration, and nobody reported it.");
    expect(besideThat({ requests: 0, connections: 0 })).toBe("");
  });

  it("claims no more than the window shows", () => {
    expect(said({ requests: counts({ mtls: 100 }), connections: counts({ tls: 2 }) })).toBe("No plaintext was seen in 100 requests and 2 TCP connections.");
  });
});
