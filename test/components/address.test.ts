import { describe, expect, it } from "vitest";
import { formatAddress, heeded, parseAddress, type Address } from "../../components/address/address.ts";
import { misread } from "../../components/address/misread.ts";

const EMPTY: Address = { namespaces: [], states: [], text: "", having: null, incoming: false, only: null, sort: null, selection: null, window: null, end: null };

describe("the address is the state", () => {
  it("writes nothing where nothing is set", () => {
    expect(formatAddress(EMPTY)).toBe("");
  });

  it("writes what a person can read", () => {
    const address: Address = { ...EMPTY, namespaces: ["foo", "bar"], states: ["mixed, partly blocked"], selection: { kind: "workload", id: "foo/httpbin" } };
    expect(formatAddress(address)).toBe("?ns=foo&ns=bar&state=mixed,+partly+blocked&select=workload:foo/httpbin");
  });

  it.each<{ readonly query: string; readonly expected: Partial<Address> }>([
    { query: "ns=foo&ns=bar", expected: { namespaces: ["foo", "bar"] } },
    { query: "state=mixed,+partly+blocked&state=plaintext", expected: { states: ["mixed, partly blocked", "plaintext"] } },
    { query: "q=sleep%20%26%20more", expected: { text: "sleep & more" } },
    { query: "sort=-plaintext", expected: { sort: { column: "plaintext", descending: true } } },
    { query: "sort=client", expected: { sort: { column: "client", descending: false } } },
    { query: "select=proposal:namespace:foo", expected: { selection: { kind: "proposal", id: "namespace:foo" } } },
    { query: "select=edge:a%2Bb", expected: { selection: { kind: "edge", id: "a+b" } } },
    { query: "window=6h&end=2026-11-24T10:00:00Z", expected: { window: "6h", end: "2026-11-24T10:00:00Z" } },
    { query: "ns=foo&with=refused&dir=in", expected: { namespaces: ["foo"], having: "refused", incoming: true } },
    { query: "with=disagreement&dir=out", expected: { having: "disagreement" } },
    { query: "only=not+ready", expected: { only: "not ready" } },
    { query: "window=15m", expected: {} },
    { query: "select=node:unidentified:foo/httpbin", expected: { selection: { kind: "node", id: "unidentified:foo/httpbin" } } },
  ])("reads $query", ({ query, expected }) => {
    expect(parseAddress(new URLSearchParams(query))).toEqual({ ...EMPTY, ...expected });
  });

  it.each(["state=secure", "state=__proto__", "state=constructor", "with=gold", "with=__proto__", "only=nice", "only=constructor", "select=secret:x", "select=workload", "ns=", "sort=", "window=7", "window=__proto__", "end=yesterday"])("leaves out %s, which it does not know", (query) => {
    expect(parseAddress(new URLSearchParams(query))).toEqual(EMPTY);
  });

  it("comes back from the address as it went in, whatever the names hold", () => {
    const address: Address = {
      namespaces: ["__proto__", "a&b=c"],
      states: ["blocked"],
      text: "<script>alert(1)</script> + %2F ?#",
      having: "unclear",
      incoming: true,
      only: "no proxy",
      sort: { column: "seen", descending: false },
      selection: { kind: "node", id: "external:https://example.org/?a=b&c#d,e" },
      window: "7d",
      end: "2026-11-24T10:00:00+01:00",
    };
    expect(parseAddress(new URLSearchParams(formatAddress(address)))).toEqual(address);
  });
});

describe("what goes with a reader to another page", () => {
  const address: Address = { ...EMPTY, namespaces: ["foo"], states: ["mTLS"], text: "wishlist", having: "plaintext", incoming: true, only: "ready", window: "1h", selection: { kind: "workload", id: "foo/httpbin" } };

  it.each<{ readonly to: string; readonly expected: string }>([
    { to: "/connections", expected: "?ns=foo&state=mTLS&q=wishlist&with=plaintext&dir=in&select=workload:foo/httpbin&window=1h" },
    { to: "/graph", expected: "?ns=foo&state=mTLS&q=wishlist&with=plaintext&dir=in&select=workload:foo/httpbin&window=1h" },
    { to: "/findings", expected: "?ns=foo&q=wishlist&select=workload:foo/httpbin&window=1h" },
    { to: "/senders", expected: "?ns=foo&q=wishlist&select=workload:foo/httpbin&window=1h" },
    { to: "/", expected: "?ns=foo&select=workload:foo/httpbin&window=1h" },
  ])("is what $to heeds", ({ to, expected }) => {
    expect(formatAddress(heeded(to, address))).toBe(expected);
  });
});

describe("what an address asks for in words that nothing has", () => {
  it.each([
    ["window=1w", "“1w” is no window: it is a number of minutes, hours or days, such as 15m, 6h or 7d."],
    ["window=abc&ns=foo", "“abc” is no window: it is a number of minutes, hours or days, such as 15m, 6h or 7d."],
    ["end=yesterday", "“yesterday” is no end: it is a time with its zone, such as 2026-11-24T10:00:00Z."],
    ["end=2026-11-24T10:00:00+02:00", "“2026-11-24T10:00:00 02:00” is no end: it is a time with its zone, such as 2026-11-24T10:00:00Z; the + of a zone is written %2B in an address."],
    ["dir=out", "“out” is no dir: it is in, or is left out."],
    ["select=secret:x", "“secret:x” is no select: it begins with one of workload: node: namespace: edge: proposal:."],
    ["window=1h&window=2h", "window stands in this address 2 times."],
  ])("%s", (query, sentence) => {
    expect(misread(new URLSearchParams(query))).toEqual([sentence]);
  });

  it.each(["state=secure", "state=plaintext&state=__proto__", "with=gold", "with=constructor"])("%s is refused with those there are", (query) => {
    expect(misread(new URLSearchParams(query))).toEqual([expect.stringMatching(/^“\w+” is no (state|with): it is one of .*plaintext/)]);
  });

  it.each(["", "ns=foo&ns=bar&state=mixed,+partly+blocked&state=plaintext", "window=6h&end=2026-11-24T10:00:00%2B02:00&with=disagreement&dir=in&select=node:unidentified:foo/httpbin&sort=-client", "window=&ns="])("“%s” is understood", (query) => {
    expect(misread(new URLSearchParams(query))).toEqual([]);
  });
});
