// A person's week on a link of 2G. On Monday the app is new and fetches everything; each day something has happened when
// it is opened, and each day a yes is given without a network, which comes back later.

import { Link, slow } from "./link.mjs";
import { World, phone, synced } from "./ours.mjs";

const days = 7;

// week lives through one, drawn from a seed. Times are in milliseconds.
export async function week({ docs, seed }) {
  const world = await World.start(docs);
  const link = await new Link(world.api, { shape: slow, seed }).open();
  try {
    const client = await phone(world, link);
    const first = await begin(world, link, client);
    const [yes, told, morning, evening] = [[], [], [], []];
    for (let day = 0; day < days; day++) {
      link.cut(); // nobody keeps a connection overnight
      await world.writes(world.visits[day % world.visits.length], `Goedemorgen, het wordt droog. Dag ${day}.`);
      morning.push(await link.count(() => synced(client)));
      const given = await regained(link, client, world.asks.at(-1 - day));
      yes.push(given.confirmed);
      told.push(given.told);
      link.cut();
      evening.push(await link.count(() => synced(client)));
    }
    client.close();
    return { seed, ...first, yes, told, morning, evening };
  } finally {
    await Promise.allSettled([link.close(), world.end()]);
  }
}

// begin is the first sync: when the account, the open questions, the visits and their messages are shown, and when all is
// there. Addresses are shown only then: before a whole pull the client knows no clock to hide them by.
async function begin(world, link, client) {
  const began = performance.now();
  let usable;
  const look = () => {
    if (usable !== undefined) return;
    const view = client.view();
    const of = (kind) => [...view.keys()].filter((key) => key.startsWith(`${kind}/`)).length;
    const open = world.asks.every((a) => view.has(`request/${a.request}`));
    if (open && of("me") === 1 && of("message") === 2 * world.visits.length) usable = performance.now() - began;
  };
  const done = client.subscribe(look);
  const counted = await link.count(() => patiently(client));
  done();
  if (usable === undefined) throw new Error("the first sync brought less than it should");
  return { usable, complete: counted.ms, bytes: counted.bytes, requests: counted.requests, documents: client.view().size };
}

// regained gives a yes while there is no network, and says how long after its return the service's answer was stored, and
// how long after it the whole was confirmed.
async function regained(link, client, { ask }) {
  link.offline = true;
  link.cut();
  const nonce = await client.act("ask.accept", { ask });
  const r = await client.sync();
  if (r.fault?.kind !== "unreachable") throw new Error(`without a network a sync ended with ${JSON.stringify(r)}`);
  link.offline = false;
  const began = performance.now();
  let told;
  const look = () => {
    const entry = client.outbox().find((e) => e.nonce === nonce);
    if (told === undefined && entry?.status !== "waiting") told = performance.now() - began;
  };
  const done = client.subscribe(look);
  await patiently(client);
  const confirmed = performance.now() - began;
  done();
  if (client.outbox().length > 0 || told === undefined) throw new Error("a yes is not confirmed");
  if ([...client.view().keys()].some((key) => key.startsWith("outcome/"))) throw new Error("a yes was refused");
  return { told, confirmed };
}

// patiently syncs again where the network gave up.
async function patiently(client) {
  for (let i = 0; i < 5; i++) {
    const r = await client.sync();
    if (r.complete && r.waiting === 0) return;
    if (r.fault?.kind !== "unreachable") throw new Error(`a sync ended with ${JSON.stringify(r)}`);
  }
  throw new Error("a sync does not come to its end");
}
