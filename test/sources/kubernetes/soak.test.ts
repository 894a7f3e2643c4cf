import { expect, it } from "vitest";
import { answer, cut, FakeApiServer, goneInStream, status } from "../../support/fakeApiServer.ts";
import { eventually, openSource } from "./following.ts";
import { namespace, peerAuthentication, service } from "./objects.ts";

const SEED = 20_261_125;
const STEPS = 400;

/** mulberry32: the same disorder in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

it(`whatever happens in between, the picture is the truth in the end (seed ${SEED})`, { timeout: 60_000 }, async () => {
  const server = await FakeApiServer.start();
  const port = Number(new URL(server.url).port);
  await server.apply(namespace("shop"));
  const source = await openSource(server.kubeconfigFile);
  const roll = dice(SEED);
  const ports = new Map<string, number>();
  const modes = new Map<string, string>();

  const changes: readonly (() => Promise<void>)[] = [
    async () => {
      const [name, portNumber] = [`s${roll(40)}`, 1 + roll(60_000)];
      ports.set(name, portNumber);
      await server.apply(service("shop", name, portNumber));
    },
    async () => {
      const name = `s${roll(40)}`;
      ports.delete(name);
      await server.remove(service("shop", name));
    },
    async () => {
      const [name, mode] = [`p${roll(10)}`, ["STRICT", "PERMISSIVE", "DISABLE"][roll(3)] ?? ""];
      modes.set(name, mode);
      await server.apply(peerAuthentication("shop", name, mode));
    },
  ];
  const faults: readonly (() => unknown)[] = [
    () => { server.cutConnections(); },
    () => { server.deafen(); },
    () => { server.endWatches(); },
    () => { server.endWatches('{"type":"ADDED","object":{"me'); },
    () => { server.sayToWatches("nonsense\n"); },
    () => { server.bookmark(); },
    () => { server.compact(); },
    () => server.faults.push({ verb: "watch", times: 3, act: goneInStream }),
    () => server.faults.push({ verb: "list", times: 2, after: 1, act: answer(410, status(410, "Expired", "")) }),
    () => server.faults.push({ verb: "watch", times: 3, act: cut }),
    () => server.faults.push({ verb: "list", times: 2, act: answer(500, "") }),
    () => server.faults.push({ verb: "watch", times: 2, act: answer(429, "", { "retry-after": "0" }) }),
    async () => {
      await server.down();
      await server.listen(port);
    },
  ];

  for (let step = 0; step < STEPS; step++) {
    await changes[roll(changes.length)]?.();
    if (roll(8) === 0) await faults[roll(faults.length)]?.();
    if (roll(3) === 0) await new Promise((later) => setTimeout(later, roll(30)));
  }
  server.faults.length = 0;

  await eventually(() => {
    const { Service, PeerAuthentication } = source.current().objects;
    expect(new Map(Service.map((each) => [each.name, each.ports[0]?.port]))).toEqual(ports);
    expect(new Map(PeerAuthentication.map((each) => [each.name, each.mode]))).toEqual(modes);
    expect(source.current().unread).toEqual([]);
    expect(source.status()[0]?.state).toBe("live");
  }, 15_000);
  await source.stop();
  await eventually(() => {
    expect([server.openConnections, server.openWatches]).toEqual([0, 0]);
  });
  await server.stop();
});
