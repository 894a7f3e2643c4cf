import { describe, expect, it, vi } from "vitest";
import { log, redact } from "../../lib/sources/log.ts";

const JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl";

describe("secrets do not leave", () => {
  it.each([
    ["a bearer token", "header Authorization: Bearer abc.DEF-123 refused", "abc.DEF-123"],
    ["basic credentials", "Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"],
    ["a JWT", `claims of ${JWT} expired`, JWT],
    ["a password in a URL", "GET https://me:hunter2@prometheus.example/api", "hunter2"],
    ["a token as a field", '{"access_token": "s3cr3t"}', "s3cr3t"],
    ["a password in an argument", "--password=s3cr3t", "s3cr3t"],
    ["a private key", "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----", "MHcCAQEE"],
  ])("%s", (_, text, secret) => {
    expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toContain("[redacted]");
  });

  it("other text stays as it is", () => {
    const text = 'pods is forbidden: User "me" cannot list resource "pods" in API group "" in the namespace "secrets-of-token"';
    expect(redact(text)).toBe(text);
  });

  it("is one line of bounded length", () => {
    expect(redact("one\ntwo\u0000\u2028three")).toBe("one two three");
    expect(redact("x".repeat(10_000)).length).toBeLessThan(700);
  });
});

it("a log line is one JSON object on standard error, with its secrets taken out", () => {
  const lines: string[] = [];
  const write = vi.spyOn(process.stderr, "write").mockImplementation((chunk) => lines.push(String(chunk)) > 0);
  log("warn", "pods are stale", { because: "Bearer abc", token: "abc", attempts: 3, namespace: null });
  write.mockRestore();
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "warn", message: "pods are stale", because: "Bearer [redacted]", token: "[redacted]", attempts: 3, namespace: null });
});
