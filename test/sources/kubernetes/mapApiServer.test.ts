import { describe, expect, it } from "vitest";
import { mapObject } from "#kubernetes-objects";

// Whom the API server calls, as it serves it: reference documentation of admissionregistration.k8s.io/v1 and apiregistration.k8s.io/v1.

function mapped(raw: unknown): unknown {
  const result = mapObject(raw);
  return result.kind === "object" ? result.object : result;
}

const metadata = { name: "policy", creationTimestamp: "2026-01-01T00:00:00Z", managedFields: [{ manager: "helm" }] };
const CA = "LS0tLS1CRUdJTi";

function configuration(kind: string, ...webhooks: readonly object[]): object {
  return { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata, webhooks };
}

function asked(name: string, clientConfig: object, rest: object = {}): object {
  return { name, clientConfig, sideEffects: "None", admissionReviewVersions: ["v1"], rules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["CREATE"], resources: ["pods"] }], ...rest };
}

const META = { namespace: "", name: "policy", labels: {}, annotations: {}, createdAtMs: Date.UTC(2026, 0, 1) };

describe.each(["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"])("a %s", (kind) => {
  it("is the Services that answer it, and nothing else of it", () => {
    const raw = configuration(
      kind,
      asked("check.policy.io", { service: { namespace: "payments", name: "policy-webhook", port: 9443, path: "/check" }, caBundle: CA }, { failurePolicy: "Ignore" }),
      asked("deny.policy.io", { service: { namespace: "payments", name: "policy-webhook" }, caBundle: CA }),
    );
    expect(mapped(raw)).toEqual({
      kind, ...META,
      webhooks: [
        { name: "check.policy.io", failurePolicy: "Ignore", service: { namespace: "payments", name: "policy-webhook", port: 9443 } },
        { name: "deny.policy.io", failurePolicy: "Fail", service: { namespace: "payments", name: "policy-webhook", port: 443 } },
      ],
    });
  });

  it("leaves out what is called by URL, and is of no concern where that is all", () => {
    const [outside, inside] = [asked("far.policy.io", { url: "https://policy.example/check" }), asked("near.policy.io", { service: { namespace: "payments", name: "policy-webhook" } })];
    expect(mapped(configuration(kind, outside, inside))).toMatchObject({ webhooks: [{ name: "near.policy.io" }] });
    expect(mapped(configuration(kind, outside))).toEqual({ kind: "irrelevant" });
    expect(mapped(configuration(kind))).toEqual({ kind: "irrelevant" });
  });

  it("that is not understood is named with its field", () => {
    expect(mapped(configuration(kind, asked("check.policy.io", { service: { name: "policy-webhook" } })))).toMatchObject({ kind: "unread", unread: { kind, name: "policy", field: "webhooks[0].clientConfig.service.namespace" } });
  });
});

describe("an APIService", () => {
  const api = (spec: object): object => ({ apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata, spec: { group: "metrics.k8s.io", version: "v1beta1", groupPriorityMinimum: 100, versionPriority: 100, ...spec } });

  it("is the Service that answers it", () => {
    expect(mapped(api({ service: { namespace: "monitoring", name: "adapter", port: 6443 }, caBundle: CA }))).toEqual({ kind: "APIService", ...META, service: { namespace: "monitoring", name: "adapter", port: 6443 } });
    expect(mapped(api({ service: { namespace: "monitoring", name: "adapter" } }))).toMatchObject({ service: { port: 443 } });
  });

  it("that the API server answers itself is of no concern", () => {
    expect(mapped(api({}))).toEqual({ kind: "irrelevant" });
    expect(mapped(api({ service: null }))).toEqual({ kind: "irrelevant" });
  });
});
