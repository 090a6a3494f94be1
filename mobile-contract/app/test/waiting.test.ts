// When a client waits, and for what: the cases of the sync contract that a client decides, by their numbers, against a service that can be made to fail.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, ask, day, manual, pushes, until } from "./bench.js";
import { cut, hotel, json, problem, type Fault } from "./double.js";

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
