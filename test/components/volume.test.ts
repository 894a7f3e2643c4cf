import { expect, it } from "vitest";
import { volume } from "../../components/senders/volume.ts";

const NONE = { requests: 0, connections: 0, refusedRequests: 0, refusedConnections: 0, unreportedRequests: 0, unreportedConnections: 0 };

it.each([
  [NONE, "nothing in the window"],
  [{ ...NONE, requests: 1080 }, "1,080 plaintext requests"],
  [{ ...NONE, unreportedRequests: 8100 }, "8,100 unreported requests (plaintext by configuration)"],
  [{ ...NONE, requests: 1, connections: 2, refusedRequests: 3, refusedConnections: 1 }, "1 plaintext request, 2 plaintext TCP connections, 3 refused requests, 1 refused TCP connection"],
])("tells %j as %s", (numbers, text) => {
  expect(volume(numbers)).toBe(text);
});
