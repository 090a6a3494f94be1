// Accounts that take turns, leave and go: the cases of the sync contract that a client decides, by their numbers, against a service that can be made to fail.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NotSaved } from "../src/sync/client.js";
import { Bench, ask, told } from "./bench.js";
import { cut, json, problem } from "./double.js";

test("case 18: two accounts take turns on one device, and each outbox goes out under its own token", async () => {
  const bench = new Bench();
  const sent: string[] = [];
  const link = (token: string) => ({
    base: "https://naober.example",
    access: () => token,
    refresh: () => Promise.resolve("sign_in" as const),
    fetch: ((url: string, init: RequestInit) => {
      if (url.endsWith("/push")) sent.push(`${new Headers(init.headers).get("authorization") ?? ""} ${String(init.body).includes("van Ans") ? "Ans" : "Bert"}`);
      return bench.service.fetch(url, init);
    }) as typeof fetch,
  });
  const ans = await bench.open("ans", { link: link("ans") });
  await ask(ans, "van Ans");
  ans.close();
  const bert = await bench.open("bert", { link: link("bert") });
  await ask(bert, "van Bert");
  assert.deepEqual(told(bert), ["request.ask waiting"]);
  await bert.sync();
  bert.close();
  const again = await bench.open("ans", { link: link("ans") });
  assert.deepEqual(told(again), ["request.ask waiting"]);
  await again.sync();
  assert.deepEqual(sent, ["Bearer bert Bert", "Bearer ans Ans"]);
});

test("case 51: signing out with something unsent does exactly what was chosen", async () => {
  for (const choice of ["send", "keep", "discard"] as const) {
    const bench = new Bench();
    const client = await bench.open();
    const tab = await bench.open();
    bench.service.put("offer/1", {});
    await client.sync();
    await ask(client);
    if (choice === "discard") bench.service.faults.push(cut);
    const unsent = await client.leave(choice);
    assert.equal(unsent, choice === "send" ? 0 : 1);
    assert.equal(client.view().size, 0);
    await new Promise(setImmediate);
    assert.deepEqual([tab.view().size, (await tab.sync()).stop], [0, "left"], "the other tab too");
    await assert.rejects(tab.act("outcome.dismiss", { nonce: "1" }), NotSaved);
    const again = await bench.open();
    assert.deepEqual([again.view().size, again.outbox().length], choice === "keep" ? [1, 1] : [0, 0], choice);
    assert.equal(bench.service.applied.length, choice === "send" ? 1 : 0);
    await again.sync();
    assert.equal(bench.service.applied.length, choice === "discard" ? 0 : 1);
    assert.ok(again.view().has("offer/1"), "a new beginning pulls from nothing");
    assert.equal(bench.service.ended.size, choice === "send" ? 1 : 0);
  }
});

test("case 51: a tab that has not heard yet fetches nothing into a store that was left", async () => {
  const bench = new Bench();
  const client = await bench.open();
  const deaf = await bench.open("ans", { tabs: { exclusive: (work) => work(), tell: () => undefined, listen: () => undefined, lead: () => Promise.resolve(), close: () => undefined } });
  bench.service.put("offer/1", {});
  await ask(client);
  assert.equal(await client.leave("keep"), 1);
  const calls = bench.service.calls.length;
  const r = await deaf.sync();
  assert.deepEqual([r.complete, deaf.view().size, bench.service.calls.length - calls], [false, 1, 0]);
  const again = await bench.open();
  await again.sync();
  assert.deepEqual([again.view().has("offer/1"), again.outbox()], [true, []]);
});

test("case 51: where it cannot be sent nothing is removed", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await ask(client);
  bench.service.faults.push(cut);
  assert.equal(await client.leave("send"), 1);
  assert.deepEqual(told(client), ["request.ask waiting"]);
  assert.equal((await client.sync()).waiting, 0);
});

test("case 52: an erased account wipes its store, and only what says so does", async () => {
  const bench = new Bench();
  const client = await bench.open();
  const tab = await bench.open();
  bench.service.put("offer/1", {});
  await client.sync();
  await ask(client);
  for (const answer of [json(410, {}), json(410, { error: "AccountGone" }), json(404, { error: "AccountGone", wipe: true }), json(410, { error: "Gone", wipe: true })]) {
    bench.service.faults.push(() => answer);
    const r = await client.sync();
    assert.deepEqual([r.stop, client.view().size, client.outbox().length], [undefined, 2, 1]);
  }
  bench.service.faults.push(() => json(410, { error: "AccountGone", wipe: true }));
  assert.equal((await client.sync()).stop, "gone");
  assert.equal(client.view().size, 0);
  await assert.rejects(client.act("outcome.dismiss", { nonce: "1" }), NotSaved);
  await new Promise(setImmediate);
  assert.equal((await tab.sync()).stop, "gone");
  assert.deepEqual(await bench.disk.databases(), []);
});

test("case 52: a refresh that is told so wipes too", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await ask(client);
  bench.service.faults.push(() => problem(401, "token_invalid"));
  bench.refresh = () => Promise.resolve("gone");
  assert.equal((await client.sync()).stop, "gone");
  assert.deepEqual(await bench.disk.databases(), []);
});

test("a store that the service has given up goes on under another name, and loses nothing", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await ask(client);
  await client.sync();
  const id = await ask(client);
  bench.service.ended.add(String(bench.service.calls.at(-1)?.body["clientGroupID"]));
  const r = await client.sync();
  assert.deepEqual([r.complete, r.waiting, client.outbox(), client.view().size], [true, 0, [], 2]);
  assert.ok(client.view().has(`request/${id}`));
  assert.equal(bench.service.applied.length, 2);
});
