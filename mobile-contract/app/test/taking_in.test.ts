// What a client takes in: the cases of the sync contract that a client decides, by their numbers, against a service that can be made to fail.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ulid } from "../src/sync/ids.js";
import { Bench, ask, copy, day, told } from "./bench.js";
import { checkOf, cut, json, lost, type Fault } from "./double.js";

test("case 3: an answer to a pull is lost, and the same cookie is given again", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await client.sync();
  bench.service.put("offer/1", {});
  bench.service.faults.push(lost);
  assert.equal((await client.sync()).complete, false);
  assert.equal((await client.sync()).complete, true);
  const cookies = bench.service.calls.map((c) => JSON.stringify(c.body["cookie"]));
  assert.equal(cookies.at(-1), cookies.at(-2));
  assert.ok(client.view().has("offer/1"));
});

test("case 28: a device's clock that is years off, and that changes during use, decides nothing", async () => {
  for (const years of [-10, 10]) {
    const bench = new Bench();
    bench.now += years * 365 * day;
    const client = await bench.open();
    bench.service.put("address/1", { until: new Date(bench.service.now + 2 * 3600_000).toISOString() });
    bench.service.put("request/1", {});
    await client.sync();
    await ask(client);
    const writer = client.outbox()[0]?.writer ?? "";
    assert.ok(writer.slice(0, 10) >= ulid(bench.service.now, () => undefined).slice(0, 10), "a writer never looks years old");
    assert.equal((await client.sync()).complete, true);
    assert.equal(client.view().size, 3);
    bench.now -= 5 * day;
    assert.deepEqual([client.view().has("address/1"), client.view().has("request/1")], [false, true], "it went back: nobody knows what has passed");
    await client.sync();
    assert.equal(client.view().size, 3, "a pull sets it right");
    bench.now += 3600_000;
    await client.act("outcome.dismiss", { nonce: "1" });
    bench.now -= 1800_000;
    assert.equal((await bench.open()).view().has("address/1"), false, "it is found out after a restart too");
    bench.now -= 1800_000;
    await client.sync();
    assert.equal(client.view().has("address/1"), true);
    bench.now += 5 * day;
    assert.equal(client.view().has("address/1"), false, "it went ahead: forgotten too soon rather than too late");
    const r = await client.sync();
    assert.deepEqual([client.view().has("address/1"), r.mismatch], [true, false], "and fetched again");
    bench.now += 11 * 365 * day;
    assert.equal(client.view().size, 0, "the lease by a clock that ran ahead");
    await client.sync();
    assert.equal(client.view().size, 3);
  }
});

test("case 32: a document goes that a mutation waits for: it is sent all the same, and the refusal is shown", async () => {
  const bench = new Bench();
  const client = await bench.open();
  bench.service.put("request/1", { state: "open" });
  await client.sync();
  await client.act("request.withdraw", { request: "1" });
  bench.service.remove("request/1");
  bench.service.faults.push(({ body }) => {
    const [m] = body["mutations"] as { clientID: string; id: number }[];
    return json(503, { epoch: "a", serverNow: bench.service.now, results: [{ clientID: m?.clientID, id: m?.id, status: "retry" }] });
  });
  await client.sync();
  assert.deepEqual([client.view().has("request/1"), told(client)], [false, ["request.withdraw waiting"]]);
  await client.sync();
  assert.deepEqual([...client.view().values()].map((d) => d["code"]), ["request_not_found"]);
});

for (const n of [1000, 5000]) {
  test(`case 36: a first sync of ${n} documents comes page by page, and can be used before its end`, async () => {
    const bench = new Bench();
    for (let i = 0; i < n; i++) bench.service.put(`request/${i}`, { words: "Melk" });
    const client = await bench.open();
    const sizes: number[] = [];
    client.subscribe(() => sizes.push(client.view().size));
    bench.service.faults.push((_, serve) => serve(), (_, serve) => serve(), cut);
    const early = await client.sync();
    assert.deepEqual([early.complete, client.view().size], [false, 400]);
    client.close();
    const again = await bench.open();
    assert.equal(again.view().size, 400);
    const r = await again.sync();
    assert.deepEqual([r.complete, again.view().size, r.pages], [true, n, n / 200 - 2], "it goes on where it was");
    assert.ok(sizes.includes(200));
  });
}

test("case 42: of two pulls that overlap the answer that is late is left", async () => {
  const bench = new Bench();
  const [one, two] = [await bench.open(), await bench.open()];
  await one.sync();
  await two.sync();
  bench.service.put("offer/1", {});
  bench.service.faults.push(async (_, serve) => {
    const late = serve();
    bench.service.remove("offer/1");
    bench.service.put("offer/2", {});
    // The other tab pulls meanwhile, as one does that has taken the lock from a frozen one.
    const other = await bench.open("ans", { tabs: { exclusive: (work) => work(), tell: () => undefined, listen: () => undefined, lead: () => Promise.resolve(), close: () => undefined } });
    await other.sync();
    return late;
  });
  await one.sync();
  assert.deepEqual([...one.view().keys()], ["offer/2"]);
  const r = await one.sync();
  assert.deepEqual([r.mismatch, [...one.view().keys()]], [false, ["offer/2"]]);
});

test("case 42: a page is late that is the difference to something else than the device holds, also with a higher order", async () => {
  const bench = new Bench();
  const one = await bench.open();
  await one.sync();
  bench.service.put("offer/1", {});
  bench.service.faults.push(async (_, serve) => {
    const other = await bench.open("ans", { tabs: { exclusive: (work) => work(), tell: () => undefined, listen: () => undefined, lead: () => Promise.resolve(), close: () => undefined } });
    await other.sync(); // it brings the offer
    bench.service.remove("offer/1");
    bench.service.put("offer/2", {});
    return serve(); // says nothing of the offer, which the first tab did not have
  });
  for (let i = 0; i < 2; i++) assert.equal((await one.sync()).mismatch, false);
  assert.deepEqual([...one.view().keys()], ["offer/2"]);
});

test("a page that leads nowhere is not asked for again and again", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await client.sync();
  const calls = bench.service.calls.length;
  for (let i = 0; i < 20; i++) {
    bench.service.faults.push(({ body }) => json(200, { epoch: "a", serverNow: 1, cookie: body["cookie"], lastMutationIDChanges: {}, patch: [], hasMore: true, nextPollMs: 1, leaseMs: 1 }));
  }
  assert.equal((await client.sync()).complete, false);
  assert.equal(bench.service.calls.length - calls, 1);
});

test("case 42: a page with a lower order is late too", async () => {
  const bench = new Bench();
  const client = await bench.open();
  bench.service.put("offer/1", {});
  await client.sync();
  bench.service.faults.push(() => json(200, { epoch: "a", serverNow: 1, cookie: { order: 0, v: "v", e: "a" }, lastMutationIDChanges: {}, patch: [{ op: "clear" }], hasMore: false, nextPollMs: 1, leaseMs: 1 }));
  await client.sync();
  assert.equal(client.view().size, 1);
});

test("case 43: what was applied stays on the screen until a pull confirms it", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await client.sync();
  const id = await ask(client);
  const before = bench.service.calls.length;
  let seen = 0;
  client.subscribe(() => {
    seen++;
    assert.ok(client.view().has(`request/${id}`), "it flickers");
  });
  // The pull was computed before the push.
  bench.service.faults.push((_, serve) => serve(), ({ body }) => {
    const cookie = body["cookie"] as Record<string, unknown>;
    return json(200, { epoch: "a", serverNow: bench.service.now, cookie, lastMutationIDChanges: {}, patch: [], hasMore: false, check: checkOf([]), nextPollMs: 60_000, leaseMs: 30 * day });
  });
  await client.sync();
  assert.deepEqual([told(client), bench.service.calls.length - before], [["request.ask applied"], 2]);
  await client.sync();
  assert.deepEqual(told(client), []);
  assert.ok(seen > 2);
});

test("case 44: an app that is too old to pull still hands in what was done", async () => {
  const bench = new Bench();
  const client = await bench.open();
  bench.service.pullVersionsSpoken = false;
  await ask(client);
  const r = await client.sync();
  assert.deepEqual([r.outdated, r.waiting, r.fault, told(client)], [["pull"], 0, undefined, ["request.ask applied"]]);
  await ask(client);
  bench.service.faults.push(() => json(200, { error: "VersionNotSupported", versionType: "push", min: "2", max: "3" }));
  const late = await client.sync();
  assert.deepEqual([late.outdated, late.waiting], [["push", "pull"], 1]);
  bench.service.pullVersionsSpoken = true;
  await client.sync();
  assert.deepEqual(told(client), []);
});

test("case 46: a store whose cookie is not accepted begins with clear, and the outbox stays", async () => {
  const bench = new Bench();
  const client = await bench.open();
  bench.service.put("offer/1", {});
  await client.sync();
  await ask(client);
  bench.service.restore(bench.service.backup()); // forgets what it handed out
  bench.service.remove("offer/1");
  bench.service.faults.push(({ body }) => {
    const [m] = body["mutations"] as { clientID: string; id: number }[];
    return json(503, { epoch: "a", serverNow: bench.service.now, results: [{ clientID: m?.clientID, id: m?.id, status: "retry" }] });
  });
  await client.sync();
  assert.deepEqual([client.view().size, told(client)], [1, ["request.ask waiting"]]);
  await client.sync();
  assert.deepEqual([client.view().size, told(client)], [1, []]);
});

test("case 48: unknown kinds and fields are kept, and an unknown step leads to one new beginning an hour", async () => {
  const bench = new Bench();
  const client = await bench.open();
  bench.service.put("dream/1", { of: { a: ["village"] } });
  await client.sync();
  assert.deepEqual(client.view().get("dream/1"), { of: { a: ["village"] } });
  const shred: Fault = (_, serve) => {
    void serve();
    return json(200, { epoch: "a", serverNow: bench.service.now, cookie: { order: 99, v: "v", e: "a" }, lastMutationIDChanges: {}, patch: [{ op: "del", key: "dream/1" }, { op: "shred", key: "dream/1" }], hasMore: false, unknown: 1, nextPollMs: 1, leaseMs: 1 });
  };
  bench.service.faults.push(shred);
  const r = await client.sync();
  assert.deepEqual([r.mismatch, r.complete, client.view().size], [true, true, 1]);
  bench.service.faults.push(shred);
  const before = bench.service.calls.length;
  const again = await client.sync();
  assert.deepEqual([again.mismatch, again.complete, bench.service.calls.length - before, client.view().size], [true, false, 1, 1]);
  bench.service.now += 3600_000;
  bench.service.faults.push(shred);
  assert.equal((await client.sync()).complete, true);
});

test("case 61: any text survives, and the order of keys is that of their bytes", async () => {
  const bench = new Bench();
  const client = await bench.open();
  const text = `\u0000 \u202Eשלום 👩‍👩‍👧 ${"é".repeat(16_000)}`;
  const odd = ["request/\uFF5E", "request/\u{1F600}", "__proto__/constructor", `a/${"k".repeat(198)}`, "request/\uD7FF", "a/0"];
  for (const key of odd) bench.service.put(key, { words: text, ["__proto__"]: "x" });
  bench.service.put("request/json", JSON.parse('{"__proto__":{"evil":1},"deep":[[[[[1]]]]]}') as Record<string, unknown>);
  const id = await ask(client, text.slice(0, 4000));
  const r = await client.sync();
  assert.deepEqual([r.complete, r.mismatch, client.view().size], [true, false, odd.length + 2]);
  assert.equal(client.view().get(`request/${id}`)?.["words"], text.slice(0, 4000));
  assert.equal(({} as Record<string, unknown>)["evil"], undefined);
  const again = await bench.open();
  assert.equal(again.view().get("request/\u{1F600}")?.["words"], text);
});

test("case 62: after the lease the documents go, and the outbox stays", async () => {
  const bench = new Bench();
  const client = await bench.open();
  bench.service.put("offer/1", {});
  await client.sync();
  await client.act("request.withdraw", { request: "1" });
  bench.now += 30 * day;
  assert.equal(client.view().size, 1);
  bench.now += 1;
  assert.equal(client.view().size, 0, "at once");
  const next = await bench.open();
  assert.deepEqual([next.view().size, told(next)], [0, ["request.withdraw waiting"]]);
  bench.now -= 2;
  assert.equal(next.view().size, 0, "deleted, not only hidden");
  bench.now += 2;
  await next.sync();
  assert.ok(next.view().has("offer/1"));
});

test("case 62: after the lease more than one page comes again", async () => {
  const bench = new Bench();
  const client = await bench.open();
  for (let i = 0; i < 450; i++) bench.service.put(`offer/${i}`, {});
  await client.sync();
  bench.now += 31 * day;
  assert.equal(client.view().size, 0);
  let pulls = 0;
  for (let i = 0; i < 20; i++) {
    bench.service.faults.push(({ path }, serve) => {
      assert.ok(!path.endsWith("/pull") || ++pulls <= 10, "pages without end");
      return serve();
    });
  }
  const r = await client.sync();
  assert.deepEqual([r.complete, client.view().size, pulls], [true, 450, 3]);
});

test("case 63: a check that does not fit leads to one new beginning an hour, and is reported", async () => {
  const bench = new Bench();
  const client = await bench.open();
  bench.service.put("offer/1", {});
  await client.sync();
  const wrong: Fault = async (_, serve) => {
    const body = (await serve().json()) as Record<string, unknown>;
    return json(200, { ...body, check: { n: 1, h: "0000000000000000" } });
  };
  bench.service.faults.push(wrong);
  const r = await client.sync();
  assert.deepEqual([r.mismatch, r.complete, bench.service.calls.at(-1)?.body["cookie"]], [true, true, null]);
  bench.service.faults.push(wrong);
  const before = bench.service.calls.length;
  const again = await client.sync();
  assert.deepEqual([again.mismatch, bench.service.calls.length - before, client.view().size], [true, 1, 1]);
});

test("case 68: what has an end is gone at that moment, without a pull, and from the disk", async () => {
  const bench = new Bench();
  const client = await bench.open();
  bench.service.put("address/1", { street: "Brink 3", until: new Date(bench.service.now + 7_200_000).toISOString() });
  await client.sync();
  bench.now += 7_200_000 - 1;
  assert.ok(client.view().has("address/1"));
  bench.now += 1;
  assert.equal(client.view().size, 0);
  await bench.open(); // any tab that comes to it empties it
  const disk = await copy(bench.disk);
  const db = await new Promise<IDBDatabase>((resolve) => {
    const request = disk.open("naober-ans");
    request.onsuccess = () => resolve(request.result);
  });
  const rows = await new Promise<unknown[]>((resolve) => {
    const request = db.transaction("docs").objectStore("docs").getAll();
    request.onsuccess = () => resolve(request.result);
  });
  assert.ok(!JSON.stringify(rows).includes("Brink"), JSON.stringify(rows));
  bench.service.now += 7_200_000;
  bench.service.remove("address/1");
  const r = await client.sync();
  assert.deepEqual([r.complete, r.mismatch], [true, false]);
});
