import { expect, it } from "vitest";
import { projection } from "../../../lib/sources/kubernetes/projection.ts";
import { NAMESPACES } from "../../../lib/sources/kubernetes/resources.ts";
import { logged } from "../logged.ts";

function unmappable(name: string): object {
  return {
    metadata: { name },
    get spec(): never {
      throw new TypeError("planted");
    },
  };
}

it("an object on which the mapping fails is unread, and where it failed is logged once for its kind", async () => {
  const project = projection(NAMESPACES);
  const lines = await logged(() => {
    expect(project(unmappable("foo"))).toEqual({ kind: "Namespace", namespace: "", name: "foo", field: null, because: "mtlscope failed on it: planted" });
    expect(project(unmappable("bar"))).toMatchObject({ name: "bar", because: "mtlscope failed on it: planted" });
    expect(project({ metadata: { name: "baz" } })).toMatchObject({ kind: "Namespace", name: "baz", labels: {} });
  });
  expect(lines).toMatchObject([{ level: "error", kind: "Namespace", because: expect.stringMatching(/TypeError: planted.* at .*projection/) as string }]);
});
