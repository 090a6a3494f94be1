// Ours beside PouchDB and RxDB on the same documents, in turns.

import { Link, drops } from "./link.mjs";
import { Couch, Rx, serve } from "./peers.mjs";
import { World, phone, synced } from "./ours.mjs";
import { median, say } from "./figures.mjs";

const acts = 40; // under drops
const passes = 60; // syncs until everything must have arrived

// compare measures and gives the figures of each system.
export async function compare({ docs, rounds, seed }) {
  const world = await World.start(docs);
  const ends = [];
  const peers = {};
  try {
    const source = await phone(world, { base: world.api });
    await synced(source);
    const held = new Map([...source.view()].map(([key, value]) => [key, value]));
    for (const kind of ["couchdb", "rxdb"]) {
      const server = await serve(kind);
      ends.push(server.end);
      await (kind === "couchdb" ? Couch : Rx).fill(server.base, held);
      peers[kind] = server.base;
    }
    const { token } = world.holder;
    const links = { ours: await new Link(world.api).open(), couchdb: await new Link(peers.couchdb).open(), rxdb: await new Link(peers.rxdb).open() };
    ends.push(...Object.values(links).map((l) => () => l.close()));
    const systems = {
      ours: async (link) => {
        const client = await phone(world, link);
        return { pull: () => synced(client), keys: async () => new Set(client.view().keys()), close: () => client.close() };
      },
      couchdb: async (link) => peer(new Couch(link.base, token)),
      rxdb: async (link) => peer(await Rx.open(link.base, token)),
    };
    const figures = {};
    for (const name of Object.keys(systems)) figures[name] = { full: [], none: [], one: [] };
    let told = 0;
    for (let round = 0; round <= rounds; round++) {
      const devices = {};
      for (const [name, open] of Object.entries(systems)) {
        devices[name] = await open(links[name]);
        const full = await links[name].count(devices[name].pull);
        const none = await links[name].count(devices[name].pull);
        if (round > 0) figures[name].full.push(full), figures[name].none.push(none);
      }
      // One document is new: the neighbour has written. The peers get the very same one.
      const id = await world.writes(world.visits[told % world.visits.length], `Ik heb er nog iets bij bedacht, nummer ${++told}.`);
      await synced(source);
      const key = `message/${id}`;
      const news = new Map([[key, source.view().get(key)]]);
      await Couch.fill(peers.couchdb, news);
      await Rx.fill(peers.rxdb, news);
      for (const [name, device] of Object.entries(devices)) {
        const one = await links[name].count(device.pull);
        if (round > 0) figures[name].one.push(one);
        const keys = await device.keys();
        if (keys.size !== source.view().size || !keys.has(key)) throw new Error(`${name}: ${keys.size} documents, where there are ${source.view().size}`);
        await device.close();
      }
      say(`round ${round} of ${rounds}`);
    }
    for (const [name, drop] of Object.entries({ ours: dropOurs, couchdb: dropPeer(Couch), rxdb: dropPeer(Rx) })) {
      figures[name].drops = await drop({ world, link: links[name], base: peers[name], seed });
      say(`${name} under drops`);
    }
    source.close();
    return { docs: held.size, token: token.length + "authorization: Bearer \r\n".length, figures: summed(figures) };
  } finally {
    await Promise.allSettled([...ends.reverse().map((end) => end()), world.end()]);
  }
}

function peer(device) {
  return { pull: () => device.pull(), keys: () => device.held(), close: () => device.close() };
}

function summed(figures) {
  return Object.fromEntries(
    Object.entries(figures).map(([name, { drops, ...all }]) => [
      name,
      {
        drops,
        ...Object.fromEntries(Object.entries(all).map(([what, list]) => [what, Object.fromEntries(["bytes", "requests", "ms"].map((unit) => [unit, median(list.map((c) => c[unit]))]))])),
      },
    ]),
  );
}

// dropOurs writes messages while requests and answers are lost, and looks at the service what became of them. The
// neighbour reads them there: who wrote them has no say in it.
async function dropOurs({ world, link, seed }) {
  const client = await phone(world, link);
  await synced(client);
  const visit = world.visits[0];
  const words = (n) => `Onderweg geschreven, nummer ${n} van ${seed}.`;
  link.fate = drops(seed);
  const counted = await link.count(async () => {
    for (let n = 0; n < acts; n++) {
      await client.act("message.send", { id: client.newID(), visit, text: words(n) });
      await client.sync();
    }
    for (let i = 0; i < passes && client.outbox().length > 0; i++) await client.sync();
  });
  link.fate = () => "pass";
  const arrived = [];
  for (let after = ""; ; ) {
    const answer = await fetch(`${world.api}/v1/visits/${visit}/messages?limit=100${after && `&after=${after}`}`, { headers: { authorization: `Bearer ${world.neighbour.token}` } });
    const page = await answer.json();
    arrived.push(...page.items.map((m) => m.text));
    if (!(after = page.after ?? "")) break;
  }
  const unsure = client.outbox().length;
  client.close();
  return { ...counted, ...verdict(arrived, words), unsure };
}

// dropPeer does the same with documents of a peer.
function dropPeer(kind) {
  return async ({ world, link, base, seed }) => {
    const { token } = world.holder;
    // PouchDB leaves failures of its own to nobody.
    const ignored = () => undefined;
    process.on("unhandledRejection", ignored);
    const device = kind === Rx ? await Rx.open(link.base, token) : new Couch(link.base, token);
    await device.pull();
    const words = (n) => `Onderweg geschreven, nummer ${n} van ${seed}.`;
    const all = async () => {
      if (kind === Rx) return (await (await fetch(`${base}/all`)).json()).map((d) => d.value.text);
      const rows = await (await fetch(`${base}/held/_all_docs?include_docs=true`)).json();
      return rows.rows.map((r) => r.doc.value?.text);
    };
    const missing = async () => verdict(await all(), words).lost > 0;
    link.fate = drops(seed);
    const counted = await link.count(async () => {
      for (let n = 0; n < acts; n++) {
        await device.write(`message/${seed}-${n}`, { visit: world.visits[0], text: words(n) });
        await sync(device, kind);
      }
      for (let i = 0; i < passes && (await missing()); i++) await sync(device, kind);
    });
    link.fate = () => "pass";
    const found = verdict(await all(), words);
    await device.close();
    process.off("unhandledRejection", ignored);
    return { ...counted, ...found, unsure: 0 };
  };
}

// sync pushes and pulls once; what fails is tried again by the next. RxDB tries again by itself.
async function sync(device, kind) {
  if (kind === Rx) return device.push();
  await device.push().catch(() => undefined);
  await device.pull().catch(() => undefined);
}

function verdict(arrived, words) {
  let [lost, doubled] = [0, 0];
  for (let n = 0; n < acts; n++) {
    const times = arrived.filter((text) => text === words(n)).length;
    if (times === 0) lost++;
    if (times > 1) doubled++;
  }
  return { acts, lost, doubled };
}
