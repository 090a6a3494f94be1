// The client and the service itself: what both promise in sync.md, with real people of an invented village.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Client } from "../../src/sync/client.js";
import type { Mutations } from "../../src/sync/overlay.js";
import { copy } from "../bench.js";
import { ulid } from "../../src/sync/ids.js";
import { Demo } from "./demo.js";
import { Phone } from "./phone.js";

const demo = new Demo();
before(() => demo.start(), { timeout: 60_000 });
after(() => demo.end());

const hour = 3600_000;

// groceries are what a resident asks for in these tests, for three days from now.
function groceries(phone: Phone, id: string, words: string): Mutations["request.ask"] {
  const start = Math.floor((demo.now() + 72 * hour) / hour) * hour;
  const slots = [{ start: new Date(start).toISOString(), end: new Date(start + hour).toISOString() }];
  return { id, community: phone.who.community, kind: "groceries", urgency: "ordinary", words, slots };
}

async function ask(phone: Phone, client: Client, words = "Melk en brood"): Promise<string> {
  const id = client.newID();
  await client.act("request.ask", groceries(phone, id, words));
  return id;
}

// whole syncs and expects that all is well.
async function whole(client: Client): Promise<void> {
  const r = await client.sync();
  assert.deepEqual([r.complete, r.waiting, r.mismatch, r.fault, r.stop, r.outdated, client.outbox()], [true, 0, false, undefined, undefined, [], []]);
}

function outcomes(client: Client): unknown[] {
  return [...client.view()].filter(([key]) => key.startsWith("outcome/")).map(([, d]) => d["code"]);
}

test("the service: what was done without a connection is handed in, and comes back as the service shows it", async () => {
  const phone = await Phone.signIn(demo, "resident");
  const client = await phone.open();
  await whole(client);
  assert.ok(client.view().has(`me/${phone.who.person}`), [...client.view().keys()].join());
  phone.cut = true;
  const id = await ask(phone, client);
  assert.equal(client.view().get(`request/${id}`)?.["unsent"], true);
  assert.equal((await client.sync()).waiting, 1);
  phone.cut = false;
  await whole(client);
  const shown = client.view().get(`request/${id}`);
  assert.deepEqual([shown?.["unsent"], shown?.["relation"], shown?.["words"]], [undefined, "requester", "Melk en brood"]);
});

test("the service, case 2: answers are lost, and everything is done once", async () => {
  const phone = await Phone.signIn(demo, "resident");
  const client = await phone.open();
  await whole(client);
  const before = client.view().size;
  const id = await ask(phone, client, "Twee broden");
  for (let i = 0; i < 3; i++) {
    phone.deaf = 1;
    assert.equal((await client.sync()).fault?.kind, "unreachable");
  }
  await whole(client);
  assert.equal(client.view().size, before + 1);
  assert.ok(client.view().has(`request/${id}`));
});

test("the service, case 13: a refusal reaches every device until it is dismissed on one", async () => {
  const [phone, tablet] = [await Phone.signIn(demo, "resident"), await Phone.signIn(demo, "resident")];
  const [one, two] = [await phone.open(), await tablet.open()];
  const nonce = await one.act("request.withdraw", { request: one.newID() });
  await whole(one);
  await whole(two);
  assert.deepEqual([outcomes(one), outcomes(two)], [["request_not_found"], ["request_not_found"]]);
  await two.act("outcome.dismiss", { nonce });
  await whole(two);
  await whole(one);
  assert.deepEqual([outcomes(one), outcomes(two)], [[], []]);
});

test("the service, case 14 and 15: of two mutations that hang together both are judged, and nothing stays on the screen", async () => {
  const phone = await Phone.signIn(demo, "resident");
  const client = await phone.open();
  const id = client.newID();
  await client.act("request.ask", { ...groceries(phone, id, "Melk"), community: client.newID() });
  await client.act("request.withdraw", { request: id });
  await whole(client);
  assert.equal(client.view().has(`request/${id}`), false);
  assert.equal(outcomes(client).length, 2);
  assert.ok(outcomes(client).includes("request_not_found"));
});

test("the service, case 18: two people on one device, each under their own token", async () => {
  const [ans, jan] = [await Phone.signIn(demo, "resident"), await Phone.signIn(demo, "driver_third")];
  jan.disk = ans.disk;
  let client = await ans.open();
  const first = await ask(ans, client, "van Roelie");
  client.close();
  const other = await jan.open();
  const second = await ask(jan, other, "van Henk");
  await whole(other);
  assert.deepEqual([other.view().has(`request/${first}`), other.view().has(`request/${second}`)], [false, true]);
  other.close();
  client = await ans.open();
  await whole(client);
  assert.deepEqual([client.view().has(`request/${first}`), client.view().has(`request/${second}`)], [true, false]);
});

test("the service, case 19: two devices do the same without a connection, and the second is judged as things stand", async () => {
  const [phone, tablet] = [await Phone.signIn(demo, "resident"), await Phone.signIn(demo, "resident")];
  const [one, two] = [await phone.open(), await tablet.open()];
  const id = await ask(phone, one, "Eieren");
  await whole(one);
  await whole(two);
  for (const client of [one, two]) await client.act("request.withdraw", { request: id });
  await whole(one);
  await whole(two);
  assert.equal(two.view().get(`request/${id}`)?.["state"], one.view().get(`request/${id}`)?.["state"]);
});

test("the service, case 16 and 53: the store of one account under the token of another is refused, and nothing is deleted", async () => {
  const [ans, jan] = [await Phone.signIn(demo, "resident"), await Phone.signIn(demo, "driver_third")];
  const client = await ans.open();
  await whole(client);
  const shown = client.view().size;
  await ask(ans, client);
  const own = ans.tokens;
  ans.tokens = jan.tokens;
  const r = await client.sync();
  assert.deepEqual([r.stop, r.waiting, client.view().size], ["forbidden", 1, shown + 1]);
  ans.tokens = own;
  await whole(client);
});

test("the service, case 21: a restored backup of a phone forks and renumbers, and both intents take effect once", async () => {
  const phone = await Phone.signIn(demo, "resident");
  const client = await phone.open();
  const first = await ask(phone, client, "een");
  const backup = await copy(phone.disk, phone.who.person);
  const second = await ask(phone, client, "twee");
  await whole(client);
  phone.disk = backup;
  const clone = await phone.open();
  (clone as unknown as { writer: string | undefined }).writer = clone.outbox()[0]?.writer; // as a process that was running
  const third = await ask(phone, clone, "drie");
  await whole(clone);
  await whole(client);
  for (const id of [first, second, third]) assert.deepEqual([client.view().has(`request/${id}`), clone.view().has(`request/${id}`)], [true, true]);
  assert.equal(client.view().size, clone.view().size);
});

test("the service, case 28: a phone that begins with a clock of ten years ago hands in all the same", async () => {
  for (const [years, words] of [[-11, "van vroeger"], [11, "van later"]] as const) {
    const phone = await Phone.signIn(demo, "resident");
    phone.drift = years * 365 * 24 * hour;
    const client = await phone.open();
    const [first, second] = [await ask(phone, client, words), await ask(phone, client, words)];
    await whole(client);
    assert.deepEqual([client.view().has(`request/${first}`), client.view().has(`request/${second}`), client.tooOld()], [true, true, []]);
    await ask(phone, client, words);
    await whole(client);
  }
});

test("the service, case 60: what waited for more than a year is not done, and the person is shown it", async () => {
  const phone = await Phone.signIn(demo, "resident");
  let client = await phone.open();
  await whole(client);
  client.close();
  phone.disk = await withOldIntent(phone, client.newID());
  client = await phone.open();
  await whole(client);
  assert.deepEqual(client.tooOld().map((e) => e.args["words"]), ["na een jaar"]);
});

// withOldIntent is the phone's disk with an intent that waits since more than a year.
async function withOldIntent(phone: Phone, id: string): Promise<IDBFactory> {
  const disk = await copy(phone.disk, phone.who.person);
  const writer = ulid(demo.now() - 366 * 24 * hour, (into) => into.fill(7));
  const db = await new Promise<IDBDatabase>((resolve) => {
    const request = disk.open(`naober-${phone.who.person}`);
    request.onsuccess = () => resolve(request.result);
  });
  const entry = { seq: 1, writer, id: 1, nonce: "nonce-of-a-year-ago-0", name: "request.ask", args: groceries(phone, id, "na een jaar"), at: 0, status: "waiting" };
  await new Promise<void>((resolve) => {
    const t = db.transaction(["outbox", "writers"], "readwrite");
    t.objectStore("outbox").put(entry, 1);
    t.objectStore("writers").put({ assigned: 1, last: 0, closed: false }, writer);
    t.oncomplete = () => resolve();
  });
  db.close();
  return disk;
}

test("the service, case 49: an access token ends, and the rest goes out under the next one", async () => {
  const phone = await Phone.signIn(demo, "resident");
  const client = await phone.open();
  await whole(client);
  await ask(phone, client);
  await demo.advance("20m");
  await whole(client);
  assert.equal(phone.refreshes, 1);
});

test("the service, case 51: a store that was signed out is given up, and signing in again begins another", async () => {
  const phone = await Phone.signIn(demo, "resident");
  const client = await phone.open();
  await ask(phone, client, "nog snel");
  assert.equal(await client.leave("send"), 0);
  const again = await phone.open();
  assert.deepEqual([again.view().size, again.outbox()], [0, []]);
  await whole(again);
  assert.ok([...again.view().values()].some((d) => d["words"] === "nog snel"));
});

test("the service, case 51: a store that was given up elsewhere goes on under another name", async () => {
  const phone = await Phone.signIn(demo, "resident");
  const client = await phone.open();
  await whole(client);
  const id = await ask(phone, client, "blijft");
  const { group } = (client as unknown as { store: { state: { outbox: { group: string } } } }).store.state.outbox;
  await phone.call("DELETE", `/sync/v1/groups/${group}`);
  await whole(client);
  assert.ok(client.view().has(`request/${id}`));
});

test("the service, case 55: a change on one device is on the other at once, without a poll", { timeout: 30_000 }, async () => {
  const [phone, tablet] = [await Phone.signIn(demo, "resident"), await Phone.signIn(demo, "resident")];
  tablet.house.leads = true;
  const [one, two] = [await phone.open(), await tablet.open()];
  await whole(one);
  await whole(two);
  const end = new AbortController();
  const kept = two.keep(end.signal);
  await new Promise<void>((resolve) => (tablet.streaming = resolve));
  const id = one.newID();
  const arrived = new Promise<void>((resolve) => two.subscribe(() => two.view().has(`request/${id}`) && resolve()));
  const began = performance.now();
  await one.act("request.ask", groceries(phone, id, "meteen"));
  await one.sync();
  await arrived;
  console.log(`case 55: on the other device after ${Math.round(performance.now() - began)} ms`);
  end.abort();
  assert.equal(await kept, undefined);
});

test("the service, case 61: words survive as they were typed", async () => {
  const phone = await Phone.signIn(demo, "resident");
  const client = await phone.open();
  const words = "Brood \u202E שלום 👩‍👩‍👧 één\nen melk";
  const id = await ask(phone, client, words);
  await whole(client);
  assert.equal(client.view().get(`request/${id}`)?.["words"], words);
});

test("the service, case 68: an address comes with a yes, and is gone at its end without a connection", async () => {
  await daytime();
  const [ans, jan] = [await Phone.signIn(demo, "resident"), await Phone.signIn(demo, "driver_near", true)];
  const [asks, helps] = [await ans.open(), await jan.open()];
  const id = asks.newID();
  await asks.act("request.ask", { ...groceries(ans, id, "Boodschappen"), publish: true });
  await whole(asks);
  await demo.settle();
  await whole(helps);
  const [question] = (helps.view().get(`request/${id}`)?.["asks"] ?? []) as { id: string; state: string }[];
  assert.equal(question?.state, "asked", JSON.stringify(asks.view().get(`request/${id}`)));
  await helps.act("ask.accept", { ask: question.id });
  await whole(helps);
  const addresses = () => [...helps.view()].filter(([key]) => key.startsWith("address/"));
  const [, address] = addresses()[0] ?? [];
  const until = Date.parse(String(address?.["until"]));
  assert.ok(until > demo.now(), JSON.stringify(address));
  jan.cut = true;
  jan.drift = until - demo.now() + 1000;
  assert.deepEqual(addresses(), []);
  jan.drift = 0;
  jan.cut = false;
  await whole(helps);
  assert.equal(addresses().length, 1, "the device's clock had run ahead: it is fetched again");
  await demo.advance(`${Math.ceil((until - demo.now()) / 1000) + 1}s`);
  assert.deepEqual(addresses(), []);
  await whole(helps);
});

// daytime moves the clock to a moment at which helpers are asked: ten in the morning, two days after the next Sunday.
async function daytime(): Promise<void> {
  const now = new Date(demo.now());
  const days = ((9 - now.getUTCDay()) % 7) + 7;
  const at = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + days, 9);
  await demo.advance(`${Math.round((at - demo.now()) / 1000)}s`);
}

test("the service, case 25: restored from a backup it gets again what it lost, once", { timeout: 60_000 }, async () => {
  const phone = await Phone.signIn(demo, "resident");
  const client = await phone.open();
  const first = await ask(phone, client, "voor de kopie");
  await whole(client);
  const folder = join(demo.folder, "backup");
  demo.backup("save", folder);
  const second = await ask(phone, client, "na de kopie");
  await whole(client);
  const third = await ask(phone, client, "nog niet gestuurd");
  await demo.stop();
  demo.backup("restore", folder);
  await demo.start();
  await whole(client);
  const ours = [...client.view().values()].filter((d) => ["voor de kopie", "na de kopie", "nog niet gestuurd"].includes(String(d["words"])));
  assert.deepEqual(new Set(ours.map((d) => d["id"])), new Set([first, second, third]));
});

test("the service, case 52: a forgotten account's devices are wiped, whatever they hold", async () => {
  const [phone, tablet] = [await Phone.signIn(demo, "driver_second"), await Phone.signIn(demo, "driver_second")];
  const [client, other] = [await phone.open(), await tablet.open()];
  await whole(client);
  await whole(other);
  await other.act("outcome.dismiss", { nonce: "never-sent-anything" });
  await phone.call("POST", "/v1/me/forget", { firstName: phone.who.firstName });
  const r = await other.sync();
  assert.equal(r.stop, "gone", JSON.stringify(r));
  assert.deepEqual([other.view().size, await tablet.disk.databases()], [0, []]);
});
