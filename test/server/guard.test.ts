import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApp, type RunningApp } from "../support/app.ts";
import { raw } from "./connection.ts";

let app: RunningApp;
let port = "";

beforeAll(async () => {
  app = await startApp(["--playground", "migration"], { MTLSCOPE_ALLOWED_HOSTS: "mesh.example, other.example:8443" });
  port = new URL(app.url).port;
});

afterAll(async () => {
  await app.stop();
});

function errorOf(body: string): { readonly code: string; readonly message: string } {
  return (JSON.parse(body) as { readonly error: { readonly code: string; readonly message: string } }).error;
}

describe("Host", () => {
  it.each([["127.0.0.1"], ["localhost"], ["[::1]"], ["LOCALHOST"], ["localhost:8080"], ["mesh.example"], ["mesh.example:1"], ["other.example:8443"]])("answers to %s", async (host) => {
    expect((await raw(`${app.url}/api/v1/mesh`, { headers: { host } })).status).toBe(200);
  });

  it.each([["evil.example"], ["127.0.0.1.evil.example"], ["localhost.evil.example:3000"], ["0.0.0.0"], ["10.0.0.7:3000"], ["other.example"], ["other.example:80"], ["evil.example:8443"], ["user@localhost"]])(
    "refuses %s on every path",
    async (host) => {
      for (const path of ["/", "/api/v1/mesh", "/api/v1/events", "/healthz", "/_next/static/nothing.js", "/nothing"]) {
        const { status, body } = await raw(`${app.url}${path}`, { headers: { host } });
        expect(status, path).toBe(403);
        expect(errorOf(body).code).toBe("host_not_allowed");
      }
    },
  );

  it("says how another name is allowed", async () => {
    const { body } = await raw(`${app.url}/`, { headers: { host: "evil.example" } });
    expect(errorOf(body).message).toContain("MTLSCOPE_ALLOWED_HOSTS");
  });
});

describe("reads", () => {
  it.each<Readonly<Record<string, string>>>([{}, { "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "none" }])("answers %o", async (headers) => {
    expect((await raw(`${app.url}/api/v1/mesh`, { headers })).status).toBe(200);
  });

  it("answers a page of our own that sends Origin", async () => {
    expect((await raw(`${app.url}/api/v1/mesh`, { headers: { origin: app.url } })).status).toBe(200);
  });

  it.each<Readonly<Record<string, string>>>([
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "anything" },
    { origin: "http://evil.example" },
    { origin: "null" },
    { origin: "http://127.0.0.1:1" },
    { "sec-fetch-site": "same-origin", origin: "http://evil.example" },
  ])("refuses %o", async (headers) => {
    for (const path of ["/api/v1/mesh", "/api/v1/events", "/api/v1/nothing", "/api"]) {
      const { status, body } = await raw(`${app.url}${path}`, { headers });
      expect(status, path).toBe(403);
      expect(errorOf(body).code).toBe("cross_site");
    }
  });

  it("lets a link from another site open a page", async () => {
    const { status, headers } = await raw(`${app.url}/`, { headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" } });
    expect(status).toBe(200);
    expect(headers["content-type"]).toContain("text/html");
  });
});

describe("writes", () => {
  const json = { "content-type": "application/json" };
  const body = JSON.stringify({ accessLogs: true });

  async function settings(headers: Readonly<Record<string, string>>): Promise<{ readonly status: number; readonly body: string }> {
    return await raw(`${app.url}/api/v1/playground/settings`, { method: "POST", headers, body });
  }

  it("are accepted from our own origin, by Sec-Fetch-Site or by Origin", async () => {
    expect((await settings({ ...json, "sec-fetch-site": "same-origin" })).status).toBe(200);
    expect((await settings({ ...json, origin: `http://127.0.0.1:${port}` })).status).toBe(200);
    expect((await settings({ "content-type": "application/json; charset=utf-8", origin: `http://127.0.0.1:${port}` })).status).toBe(200);
  });

  it.each<Readonly<Record<string, string>>>([
    {},
    { "sec-fetch-site": "none" },
    { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:1" },
    { "sec-fetch-site": "cross-site" },
    { origin: "http://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "same-origin", origin: "http://evil.example" },
  ])("are refused with %o", async (headers) => {
    const answer = await settings({ ...json, ...headers });
    expect(answer.status).toBe(403);
    expect(errorOf(answer.body)).toEqual({ code: "cross_site", message: expect.stringContaining(`Origin: http://127.0.0.1:${port}`) as string });
  });

  it.each([["text/plain"], ["application/x-www-form-urlencoded"], ["multipart/form-data; boundary=x"], ["text/plain;application/json"], [""]])("of type %j, which a form of any site can send, are refused", async (type) => {
    const answer = await settings({ "content-type": type, "sec-fetch-site": "same-origin" });
    expect(answer.status).toBe(415);
    expect(errorOf(answer.body).code).toBe("not_json");
  });
});

describe("headers of every answer", () => {
  it.each([["/"], ["/api/v1/mesh"], ["/api/v1/nothing"], ["/healthz"]])("%s carries the policy", async (path) => {
    const { headers } = await raw(`${app.url}${path}`);
    const policy = new Map(String(headers["content-security-policy"]).split("; ").map((directive) => [directive.split(" ", 1)[0], directive.split(" ").slice(1)]));
    expect(policy.get("default-src")).toEqual(["'none'"]);
    expect(policy.get("connect-src")).toEqual(["'self'"]);
    expect(policy.get("frame-ancestors")).toEqual(["'none'"]);
    expect(policy.get("base-uri")).toEqual(["'none'"]);
    expect(policy.get("script-src")).toEqual(["'self'", expect.stringMatching(/^'nonce-[0-9a-f]{32}'$/), "'strict-dynamic'"]);
    expect(policy.get("style-src")).not.toContain("'unsafe-inline'");
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer", "cross-origin-resource-policy": "same-origin" });
    expect(headers["x-powered-by"]).toBeUndefined();
  });

  it("puts the nonce of this very answer on every script, and another one next time", async () => {
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const { headers, body } = await raw(`${app.url}/`);
        const nonce = /'nonce-([0-9a-f]+)'/.exec(String(headers["content-security-policy"]))?.[1];
        const scripts = body.match(/<script\b[^>]*>/g) ?? [];
        expect(scripts.length).toBeGreaterThan(0);
        expect(scripts.filter((script) => !script.includes(`nonce="${nonce ?? "none"}"`))).toEqual([]);
        return nonce;
      }),
    );
    expect(nonces[0]).not.toBe(nonces[1]);
  });
});
