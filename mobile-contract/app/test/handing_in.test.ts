// What a client hands in: the cases of the sync contract that a client decides, by their numbers, against a service that can be made to fail.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Client } from "../src/sync/client.js";
import { Bench, ask, copy, day, pushes, words } from "./bench.js";
import { cut, json, lost, problem } from "./double.js";

test("case 2: an answer to a push is lost, and it is done once", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await ask(client);
  bench.service.faults.push(lost);
  const r = await client.sync();
  assert.deepEqual([r.fault?.kind, r.waiting], ["unreachable", 1]);
  assert.deepEqual([(await client.sync()).waiting, client.outbox().length, bench.service.applied.length], [0, 0, 1]);
});

test("case 13: a refusal is shown until it is dismissed, and does not return; dismissed elsewhere it goes here too", async () => {
  const bench = new Bench();
  const other = new Bench(bench.service);
  const [client, tablet] = [await bench.open(), await other.open()];
  await client.act("request.withdraw", { request: "none" });
  await client.sync();
  await tablet.sync();
  const shown = (c: Client) => [...c.view().keys()].filter((key) => key.startsWith("outcome/"));
  assert.equal(shown(client).length, 1);
  assert.deepEqual(shown(tablet), shown(client));
  await tablet.act("outcome.dismiss", { nonce: shown(tablet)[0]?.slice("outcome/".length) ?? "" });
  await tablet.sync();
  await client.sync();
  assert.deepEqual([shown(client), shown(tablet)], [[], []]);
});

test("case 14: what a refused mutation showed is rolled back, and what it said is kept", async () => {
  const bench = new Bench();
  bench.service.rule = () => "not_a_neighbour";
  const client = await bench.open();
  const id = await ask(client, "Gras maaien");
  assert.equal(client.view().get(`request/${id}`)?.["state"], "open");
  bench.service.faults.push((_, serve) => serve(), cut);
  await client.sync();
  assert.equal(client.view().has(`request/${id}`), false, "before any pull");
  const [refused] = client.outbox();
  assert.deepEqual([refused?.status, refused?.code, refused?.args["words"]], ["rejected", "not_a_neighbour", "Gras maaien"]);
});

test("case 15: of two dependent mutations the second is judged by itself, and both are shown", async () => {
  const bench = new Bench();
  bench.service.rule = (m) => (m.name === "request.ask" ? "not_a_neighbour" : undefined);
  const client = await bench.open();
  const id = await ask(client);
  await client.act("request.withdraw", { request: id });
  assert.equal(client.view().get(`request/${id}`)?.["state"], "closed");
  await client.sync();
  const codes = [...client.view()].filter(([key]) => key.startsWith("outcome/")).map(([, d]) => d["code"]);
  assert.deepEqual(codes, ["not_a_neighbour", "request_not_found"]);
});

test("case 21: a restored backup forks and renumbers, and both intents take effect once", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await ask(client, "een");
  const backup = await copy(bench.disk);
  await ask(client, "twee"); // from here on the phone and its backup differ
  await client.sync();
  const restored = new Bench(bench.service, backup);
  const clone = await restored.open();
  // The backup gives out the writer's next number itself, as a process does that was running when it was made.
  (clone as unknown as { writer: string | undefined }).writer = clone.outbox()[0]?.writer;
  await ask(clone, "drie");
  await clone.sync();
  assert.equal(bench.service.documents("request").length, 3);
  assert.equal(new Set(bench.service.applied).size, 3);
  assert.equal(bench.service.applied.length, 3);
  assert.deepEqual([clone.outbox(), clone.view().size], [[], 3]);
  const groups = new Set(bench.service.calls.map((c) => c.body["clientGroupID"]));
  assert.equal(groups.size, 2, "two living devices do not share a store");
  await ask(clone, "vier");
  await ask(client, "vijf");
  for (const device of [clone, client]) {
    const r = await device.sync();
    assert.deepEqual([r.waiting, r.stop, r.lost], [0, undefined, false]);
  }
  assert.equal(bench.service.applied.length, 5);
});

test("case 23: a fork that a pull finds drops nothing", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await ask(client, "een");
  const restored = new Bench(bench.service, await copy(bench.disk));
  await ask(client, "twee");
  await client.sync();
  const clone = await restored.open();
  bench.service.faults.push(() => problem(503, "store_unavailable"));
  await clone.sync(); // no push goes through: what it holds is still unsent
  bench.service.faults.push(({ body }) => {
    const [first] = body["mutations"] as { clientID: string; id: number }[];
    return json(503, { epoch: "a", serverNow: bench.service.now, results: [{ clientID: first?.clientID, id: first?.id, status: "retry" }] });
  });
  const r = await clone.sync();
  assert.deepEqual([r.complete, r.waiting], [true, 1]);
  assert.notEqual(clone.outbox()[0]?.writer, undefined);
  assert.equal(clone.outbox()[0]?.id, 1);
  await clone.sync();
  assert.deepEqual([bench.service.applied.length, clone.outbox().length, clone.view().size], [2, 0, 2]);
});

test("case 27: where the journal is too short after a restore, the rest is handed in and the person is told", async () => {
  const bench = new Bench();
  const client = await bench.open();
  const backup = bench.service.backup();
  await ask(client, "een");
  await client.sync();
  bench.now += 15 * day;
  bench.service.now += 15 * day;
  await client.sync(); // the journal forgets
  await ask(client, "twee");
  await client.sync();
  bench.service.restore(backup, "b");
  const r = await client.sync();
  assert.deepEqual([r.lost, r.waiting, client.outbox()], [true, 0, []]);
  assert.equal(bench.service.documents("request").length, 1);
  assert.equal((await client.sync()).lost, false, "told once");
});

test("case 45: what an older app left in the outbox is sent as it is", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await client.act("ask.old" as "ask.accept", { ask: "1" });
  const id = await ask(client);
  await client.sync();
  assert.equal([...client.view().values()].find((d) => d["code"] === "mutation_unknown")?.["name"], "ask.old");
  assert.ok(client.view().has(`request/${id}`), "it holds nothing up");
});

test("case 59: 10,000 intents after months are handed in in order, a hundred at a time", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await client.sync();
  const began = performance.now();
  for (let i = 0; i < 10_000; i++) await client.act("outcome.dismiss", { nonce: String(i) });
  const acted = performance.now();
  const r = await client.sync();
  assert.deepEqual([r.sent, r.waiting, client.outbox().length], [10_000, 0, 0]);
  assert.deepEqual(new Set(pushes(bench.service)), new Set([100]));
  const sent = bench.service.calls.flatMap((c) => (c.body["mutations"] ?? []) as { args: { nonce: string } }[]);
  assert.ok(sent.every((m, i) => m.args.nonce === String(i)));
  console.log(`case 59: ${((acted - began) / 10_000).toFixed(2)} ms an act, ${((performance.now() - acted) / 1000).toFixed(1)} s to hand in`);
});

test("case 60: what the service no longer takes is listed, and may be done anew", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await client.sync();
  await ask(client, "een");
  bench.service.faults.push(({ body }) => {
    const [m] = body["mutations"] as { clientID: string; id: number }[];
    return json(200, { epoch: "a", serverNow: bench.service.now, results: [{ clientID: m?.clientID, id: m?.id, status: "rejected", code: "too_old" }] });
  });
  await client.sync();
  assert.deepEqual([client.outbox(), client.tooOld().map((e) => e.args["words"])], [[], ["een"]]);
  await client.act("request.ask", words(client.newID(), "een"));
  await client.sync();
  assert.equal(bench.service.applied.length, 1);
});

test("what could not be confirmed is listed", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await ask(client);
  bench.service.faults.push(lost);
  await client.sync();
  bench.service.forgetVerdicts();
  await client.sync();
  assert.deepEqual([client.unsure().map((e) => e.name), client.outbox()], [["request.ask"], []]);
});

for (const [name, epoch] of [
  ["case 25: a service that was restored from a backup gets again what it lost, once", "b"],
  ["case 26: the same where nobody changed the epoch", "a"],
] as const) {
  test(name, async () => {
    const bench = new Bench();
    const client = await bench.open();
    const first = await ask(client, "een");
    await client.sync();
    const backup = bench.service.backup();
    const second = await ask(client, "twee");
    await client.sync();
    const third = await ask(client, "drie");
    bench.service.restore(backup, epoch);
    bench.service.applied = [];
    if (epoch === "a") await client.sync(); // counts tell it only once a pull has come
    const r = await client.sync();
    assert.deepEqual([r.complete, r.waiting, client.outbox()], [true, 0, []]);
    assert.deepEqual(new Set(bench.service.documents("request")), new Set([first, second, third].map((id) => `request/${id}`)));
    assert.equal(new Set(bench.service.applied).size, bench.service.applied.length);
    assert.equal(client.view().size, 3);
    assert.equal(r.lost, false);
  });
}

test("what is worth something only until a moment is listed while it waits, and its moment is not sent", async () => {
  const bench = new Bench();
  let client = await bench.open();
  await client.sync();
  const hour = 3600_000;
  const at = bench.service.now + 3 * hour;
  for (const before of [at + 1000, undefined, at]) {
    const args = words(client.newID());
    await (before === undefined ? client.act("request.ask", args) : client.actBefore("request.ask", args, before));
  }
  const left = () => client.urgent().map((e) => e.left);
  bench.now += hour;
  assert.deepEqual(left(), [2 * hour, 2 * hour + 1000], "the most pressing first");
  client = await bench.open();
  assert.deepEqual(left(), [2 * hour, 2 * hour + 1000], "after a restart too");
  bench.now += 3 * hour;
  await client.act("outcome.dismiss", { nonce: "1" }); // the clock is seen, and stored
  bench.now -= 2 * hour;
  assert.deepEqual(left(), [-hour, 1000 - hour], "over, and a clock that goes back gives no time");
  const backup = bench.service.backup();
  await client.sync();
  assert.deepEqual([left(), bench.service.applied.length], [[], 4]);
  const sent = bench.service.calls.flatMap((c) => (c.body["mutations"] ?? []) as object[]);
  assert.ok(sent.length === 4 && sent.every((m) => !("before" in m)));
  bench.service.restore(backup, "b");
  bench.service.faults.push(cut);
  await client.sync(); // hears nothing yet
  bench.service.faults.push((_, serve) => serve(), cut);
  await client.sync(); // the journal is back, and cannot be sent
  assert.equal(left().length, 2, "out of the journal");
  await assert.rejects(client.actBefore("request.ask", words(client.newID()), NaN), { name: "NotSaved" });
});
