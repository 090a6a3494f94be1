// The cases of the sync contract that a client decides, by their numbers, against a service that can be made to fail.

import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBDatabase, IDBFactory, IDBObjectStore } from "fake-indexeddb";
import { NotSaved, type Client } from "../src/sync/client.js";
import { ulid } from "../src/sync/ids.js";
import { Bench, ask, copy, words } from "./bench.js";
import { Double, checkOf, json, problem, type Fault } from "./double.js";

const lost: Fault = (_, serve) => {
  serve();
  throw new TypeError("no connection");
};
const cut: Fault = () => {
  throw new TypeError("no connection");
};
const hotel: Fault = () => new Response("<html>Log in</html>", { status: 200, headers: { "content-type": "text/html" } });
const day = 24 * 3600 * 1000;

function told(client: Client): string[] {
  return client.outbox().map((e) => `${e.name} ${e.status}`);
}

function pushes(service: Double): number[] {
  return service.calls.filter((c) => c.path === "/sync/v1/push").map((c) => (c.body["mutations"] as unknown[]).length);
}

test("case 2: an answer to a push is lost, and it is done once", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await ask(client);
  bench.service.faults.push(lost);
  const r = await client.sync();
  assert.deepEqual([r.fault?.kind, r.waiting], ["unreachable", 1]);
  assert.deepEqual([(await client.sync()).waiting, client.outbox().length, bench.service.applied.length], [0, 0, 1]);
});

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

test("case 45: what an older app left in the outbox is sent as it is", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await client.act("ask.old" as "ask.accept", { ask: "1" });
  const id = await ask(client);
  await client.sync();
  assert.equal([...client.view().values()].find((d) => d["code"] === "mutation_unknown")?.["name"], "ask.old");
  assert.ok(client.view().has(`request/${id}`), "it holds nothing up");
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

test("case 49: a token that ends during a push of 300: what was answered stays, and the rest goes out under the next one", async () => {
  const bench = new Bench();
  const client = await bench.open();
  for (let i = 0; i < 300; i++) await ask(client);
  bench.service.faults.push((_, serve) => serve(), () => problem(401, "token_expired"));
  bench.refresh = () => Promise.resolve("sign_in");
  const r = await client.sync();
  assert.deepEqual([r.stop, r.waiting, bench.refreshes, bench.service.applied.length], ["sign_in", 200, 1, 100]);
  bench.service.faults.push(() => problem(401, "token_expired"), (_, serve) => serve(), () => problem(401, "token_expired"));
  bench.refresh = () => Promise.resolve("fresh");
  const rest = await client.sync();
  assert.deepEqual([rest.stop, rest.waiting, bench.refreshes, bench.service.applied.length], [undefined, 0, 3, 300]);
  bench.service.faults.push(() => problem(401, "token_expired"));
  bench.refresh = () => Promise.reject(new TypeError("no connection"));
  assert.equal((await client.sync()).fault?.kind, "unreachable", "a refresh without a connection signs nobody out");
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

test("case 53: 401 without end, 403 and a hotel's network neither wipe nor count as an answer", async () => {
  const bench = new Bench();
  const client = await bench.open();
  await ask(client);
  const storm: Fault = () => problem(401, "token_expired");
  const rows: [string, Fault[], string | undefined, string | undefined][] = [
    ["401 without end", [storm, storm], "sign_in", undefined],
    ["another account's store", [() => problem(403, "client_group_forbidden")], "forbidden", undefined],
    ["403 of somebody else", [() => problem(403, "who_knows")], undefined, "refused"],
    ["a hotel", [hotel], undefined, "not_the_service"],
    ["a hotel that speaks JSON", [() => json(200, { login: "here" })], undefined, "not_the_service"],
    ["a hotel that knows the answers", [
      ({ body }) => {
        const [m] = body["mutations"] as { clientID: string; id: number }[];
        const results = [{ clientID: m?.clientID, id: m?.id, status: "applied" }];
        return new Response(JSON.stringify({ epoch: "a", serverNow: 1, results }), { headers: { "content-type": "text/html" } });
      },
    ], undefined, "not_the_service"],
    ["a list", [() => json(200, [])], undefined, "not_the_service"],
    ["half an answer", [() => new Response('{"epoch":"a","resu', { headers: { "content-type": "application/json" } })], undefined, "not_the_service"],
    ["results that are none", [() => json(200, { epoch: "b", serverNow: 1, results: [7] })], undefined, "not_the_service"],
    ["an empty 204", [() => new Response(null, { status: 204 })], undefined, "not_the_service"],
    ["a proxy's 502", [() => new Response("bad", { status: 502, headers: { "content-type": "text/html" } })], undefined, "not_the_service"],
  ];
  for (const [what, faults, stop, fault] of rows) {
    const before = bench.service.calls.length;
    bench.service.faults.push(...faults);
    const r = await client.sync();
    assert.deepEqual([r.stop, r.fault?.kind, r.waiting, r.sent], [stop, fault, 1, 0], what);
    assert.equal(bench.service.calls.length - before, faults.length, what);
    assert.equal(client.view().size, 1, what);
  }
  assert.equal((await client.sync()).waiting, 0);
});

test("case 54: 413 halves, down to one, and one that is too large is reported", async () => {
  const bench = new Bench();
  const client = await bench.open();
  for (let i = 0; i < 5; i++) await ask(client);
  const tooLarge: Fault = () => problem(413, "body_too_large");
  bench.service.faults.push(tooLarge, tooLarge, tooLarge, tooLarge);
  const r = await client.sync();
  assert.deepEqual([pushes(bench.service), r.fault?.kind, r.fault?.status, r.waiting], [[5, 3, 2, 1], "refused", 413, 5]);
  assert.equal((await client.sync()).waiting, 0);
});

test("case 54: 429 and 503 are waited for, with a pause that grows, and no act shortens what the service asked for", async () => {
  const bench = new Bench();
  const client = await bench.open();
  const end = new AbortController();
  bench.service.faults.push(
    () => problem(429, "too_many_calls", { "retry-after": "90" }),
    () => problem(503, "store_unavailable"),
    cut,
    hotel,
    () => problem(500, "internal"),
    cut,
    cut,
    cut,
    cut,
  );
  const woken: boolean[] = [];
  bench.wait = async (_, signal) => {
    await ask(client);
    client.wake();
    woken.push(signal.aborted);
    if (bench.waits.length > 9) end.abort();
  };
  assert.equal(await client.keep(end.signal), undefined);
  assert.deepEqual(woken.slice(0, 5), [false, false, true, true, false], "without a connection an act is a reason to try");
  const [first, ...later] = bench.waits;
  assert.equal(first, 90_000);
  later.slice(0, 8).forEach((ms, i) => {
    const middle = Math.min(1000 * 2 ** (i + 1), 60_000);
    assert.ok(ms >= middle / 2 && ms <= middle * 1.5, `${i}: ${ms}`);
  });
  const pace = bench.waits.at(-1) ?? 0;
  assert.ok(pace >= 720_000 && pace <= 864_000, `the pace of a tab that does not lead, and not that of all devices at once: ${pace}`);
  assert.equal(client.outbox().length, 1);
});

test("case 44: who is too old to pull does not ask every second, nor does a clock that went back put asking off", async () => {
  const bench = new Bench();
  const client = await bench.open();
  bench.service.pullVersionsSpoken = false;
  const end = new AbortController();
  bench.wait = () => {
    if (bench.waits.length === 8) bench.service.pullVersionsSpoken = true;
    if (bench.waits.length === 9) bench.now -= 5 * day;
    if (bench.waits.length > 9) end.abort();
    return Promise.resolve();
  };
  await client.keep(end.signal);
  assert.ok((bench.waits[7] ?? 0) >= 30_000, String(bench.waits));
  assert.ok((bench.waits[9] ?? 0) <= 864_000, String(bench.waits));
});

test("case 54: an act wakes a client that pauses between two pulls", async () => {
  const bench = new Bench();
  const client = await bench.open();
  const end = new AbortController();
  bench.wait = async (_, signal) => {
    if (bench.waits.length > 1) return end.abort();
    await ask(client);
    assert.ok(signal.aborted);
  };
  await client.keep(end.signal);
  assert.equal(bench.service.applied.length, 1);
});

test("case 55: pokes during a sync lead to one more, and no storm", async () => {
  const bench = new Bench();
  const client = await bench.open();
  bench.service.faults.push((_, serve) => {
    for (let i = 0; i < 10; i++) void client.sync();
    return serve();
  });
  await client.sync();
  assert.equal(bench.service.calls.length, 2);
});

// manual is a wait that ends when the test lets it, or by its signal.
function manual(bench: Bench): { ms: number; end: () => void }[] {
  const pending: { ms: number; end: () => void }[] = [];
  bench.wait = (ms, signal) =>
    new Promise((resolve) => {
      const one = { ms, end: () => (pending.splice(pending.indexOf(one), 1), resolve()) };
      pending.push(one);
      signal.addEventListener("abort", one.end);
    });
  return pending;
}

// until lets everything go on until something is so.
async function until(what: string, so: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !so(); i++) await new Promise(setImmediate);
  assert.ok(so(), what);
}

test("case 55: one of several tabs listens; each poke leads to a pull, and a stream that ends to another", async () => {
  const bench = new Bench();
  const { service } = bench;
  bench.house().leads = true;
  const pending = manual(bench);
  const [one, two] = [await bench.open(), await bench.open()];
  const [end, other] = [new AbortController(), new AbortController()];
  const kept = one.keep(end.signal);
  await until("it listens", () => service.streams.length === 1 && pending.some((p) => p.ms > 50_000));
  const keptToo = two.keep(other.signal);
  service.streams[0]?.('event: hello\ndata: {"epoch":"a"}\n\n');
  await until("with a stream it asks rarely", () => pending.some((p) => p.ms >= 600_000 && p.ms <= 720_000));
  service.put("offer/1", {});
  service.streams[0]?.(": beat\n\neve");
  service.streams[0]?.("nt: poke\r\ndata: {}\r\n\r\n");
  await until("a poke leads to a pull", () => one.view().has("offer/1"));
  await until("and the other tab hears of it", () => two.view().has("offer/1"));
  assert.equal(service.listeners, 1);
  service.streams[0]?.('event: bye\ndata: {"retryMs":2345}\n\n');
  service.streams[0]?.(undefined);
  await until("it waits as it was told", () => pending.some((p) => p.ms === 2345));
  service.faults.push(() => problem(401, "token_expired"));
  pending.find((p) => p.ms === 2345)?.end();
  await until("it listens anew, with another token", () => service.streams.length === 2);
  assert.equal(bench.refreshes, 1);
  service.streams[1]?.("event: hello\ndata: {}\n\n");
  await until("it hears", () => pending.filter((p) => p.ms === 60_000).length === 1);
  pending.find((p) => p.ms === 60_000)?.end();
  await until("a stream without a sign of life is given up", () => service.listeners === 0);
  end.abort();
  assert.equal(await kept, undefined);
  await until("the other tab leads now", () => service.streams.length === 3);
  assert.equal(service.listeners, 1);
  other.abort();
  await keptToo;
  await until("nobody listens any more", () => service.listeners === 0);
  // Where the signal is not heard any more once the answer has begun, the stream is let go of all the same.
  const third = await bench.open("ans", { link: { ...bench.link(), fetch: ((url: string, init: RequestInit) => service.fetch(url, { ...init, signal: null })) as typeof fetch } });
  const last = new AbortController();
  const keptLast = third.keep(last.signal);
  await until("the third listens", () => service.listeners === 1);
  last.abort();
  await keptLast;
  assert.equal(service.listeners, 0);
});

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
