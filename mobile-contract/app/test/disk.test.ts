// Tabs, and what a disk keeps: the cases of the sync contract that a client decides, by their numbers, against a service that can be made to fail.

import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBDatabase, IDBFactory, IDBObjectStore } from "fake-indexeddb";
import { NotSaved } from "../src/sync/client.js";
import { Bench, ask } from "./bench.js";

test("case 56: two tabs never call at once, and each sees what the other did", async () => {
  const bench = new Bench();
  const [one, two] = [await bench.open(), await bench.open()];
  const [a, b] = await Promise.all([ask(one, "een"), ask(two, "twee")]);
  bench.service.faults.push((_, serve) => new Promise((resolve) => setImmediate(() => resolve(serve()))));
  await Promise.all([one.sync(), two.sync()]);
  assert.equal(bench.houses.get("ans")?.most, 1);
  assert.equal(bench.service.applied.length, 2);
  await new Promise(setImmediate);
  for (const client of [one, two]) assert.deepEqual([client.view().has(`request/${a}`), client.view().has(`request/${b}`), client.outbox()], [true, true, []]);
});

test("case 57: what was saved is there after the tab is gone", async () => {
  const bench = new Bench();
  const id = await ask(await bench.open()); // the tab is never closed, as one that was killed
  const next = await bench.open();
  assert.ok(next.view().has(`request/${id}`));
  await next.sync();
  assert.equal(bench.service.applied.length, 1);
});

test("case 57: every change waits for the disk", async (t) => {
  const bench = new Bench();
  const asked: unknown[] = [];
  const transaction = IDBDatabase.prototype.transaction;
  t.mock.method(IDBDatabase.prototype, "transaction", function (this: IDBDatabase, tables: string[], mode?: IDBTransactionMode, options?: IDBTransactionOptions) {
    if (mode === "readwrite") asked.push(options?.durability);
    return transaction.call(this, tables, mode, options);
  });
  const client = await bench.open();
  await ask(client);
  await client.sync();
  await client.leave("discard");
  assert.ok(asked.length > 5);
  assert.deepEqual(new Set(asked), new Set(["strict"]));
});

test("case 58: a disk that is full keeps nothing of an intent, and says so", async (t) => {
  const bench = new Bench();
  const client = await bench.open();
  await ask(client);
  const put = IDBObjectStore.prototype.put;
  t.mock.method(IDBObjectStore.prototype, "put", function (this: IDBObjectStore, value: unknown, key: IDBValidKey) {
    if (this.name === "writers") throw new DOMException("no room", "QuotaExceededError");
    return put.call(this, value, key);
  });
  await assert.rejects(ask(client), (e) => e instanceof NotSaved && e.cause instanceof DOMException);
  t.mock.restoreAll();
  assert.equal(client.outbox().length, 1);
  assert.equal((await bench.open()).outbox().length, 1);
  await ask(client);
  await client.sync();
  assert.equal(bench.service.applied.length, 2);
});

test("case 58: a store that the browser has cleared is a new one, and pulls from nothing", async () => {
  const bench = new Bench();
  const client = await bench.open();
  bench.service.put("offer/1", {});
  await ask(client);
  await client.sync();
  const group = bench.service.calls.at(-1)?.body["clientGroupID"];
  client.close();
  bench.disk = new IDBFactory();
  const next = await bench.open();
  assert.deepEqual([next.view().size, next.outbox()], [0, []]);
  await ask(next);
  await next.sync();
  assert.equal(next.view().size, 3);
  assert.notEqual(bench.service.calls.at(-1)?.body["clientGroupID"], group);
});

test("case 58: arguments that could never be sent are refused at once", async () => {
  const client = await new Bench().open();
  let deep: unknown = 1;
  for (let i = 0; i < 9; i++) deep = { deep };
  for (const args of [undefined, null, [], 7, "x", deep, { words: "x".repeat(70_000) }]) {
    await assert.rejects(client.act("request.ask", args as never), NotSaved);
  }
  assert.deepEqual(client.outbox(), []);
});
