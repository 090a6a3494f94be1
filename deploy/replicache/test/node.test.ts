// The client of replicache in Node, against the service itself. The numbers are those of the hard cases that both
// sides share.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Puller, PullResponseV1, Pusher } from "replicache";
import { Demo } from "../../../mobile-contract/app/test/server/demo.js";
import { Device, groceries, signIn, ulid } from "./device.js";

const demo = new Demo();
before(() => demo.start("--faults"), { timeout: 180_000 });
after(async () => {
  await Device.closeAll();
  await demo.end();
});
beforeEach(async () => {
  await fetch(`${demo.control}/test/fault`, { method: "DELETE" });
});

function statuses(calls: readonly { status: number }[]): number[] {
  return calls.map((c) => c.status);
}

test("replicache: what is done is pushed, pulled and confirmed", async () => {
  const device = await Device.open(demo, "resident");
  assert.ok((await device.keys("me")).includes(`me/${device.who.person}`));
  const id = await device.ask("Melk");
  assert.equal((await device.get(`request/${id}`))?.["unsent"], true);
  await device.drain();
  const shown = await device.get(`request/${id}`);
  assert.deepEqual([shown?.["unsent"], shown?.["relation"], shown?.["words"]], [undefined, "requester", "Melk"]);
  await device.close();
});

test("replicache, case 2: the answer to a push is lost, and everything is done once", async () => {
  const device = await Device.open(demo, "resident");
  await device.fault({ fault: "drop", path: "/sync/v1/push", times: 2 });
  await device.ask("Case 2");
  for (let i = 0; i < 3; i++) await device.push();
  assert.deepEqual(statuses(await device.came("push")), [0, 0, 200]);
  assert.equal(await device.waiting(), 1, "only a pull confirms");
  await device.pull();
  assert.deepEqual([await device.waiting(), (await device.worded("Case 2")).length], [0, 1]);
  await device.close();
});

test("replicache, case 3: the answer to a pull is lost or breaks off, and the next brings it", async () => {
  const [device, other] = [await Device.open(demo, "resident"), await Device.open(demo, "resident")];
  await other.ask("Case 3");
  await other.drain();
  for (const fault of ["drop", "truncate", "portal"]) await device.fault({ fault, path: "/sync/v1/pull" });
  await device.came("pull");
  while ((await device.worded("Case 3")).length === 0) await device.pull();
  assert.deepEqual(statuses(await device.came("pull")), [0, 0, 200, 200]);
  assert.equal((await device.worded("Case 3")).length, 1);
  await Promise.all([device.close(), other.close()]);
});

test("replicache, case 8: a push stops in the middle, and no mutation is skipped or done twice", async () => {
  const device = await Device.open(demo, "resident");
  const ids = [await device.ask("Case 8"), await device.ask("Case 8"), await device.ask("Case 8")];
  await device.fault({ fault: "single", path: "/sync/v1/push" });
  await device.push();
  await device.pull();
  assert.equal(await device.waiting(), 2);
  await device.fault({ fault: "unavailable", path: "/sync/v1/push", times: 2 });
  await device.drain();
  assert.deepEqual(statuses(await device.came("push")), [202, 503, 503, 200]);
  assert.deepEqual((await device.worded("Case 8")).map((d) => d["id"]).sort(), ids.sort());
  await device.close();
});

test("replicache, case 12 and 14: what is refused leaves the screen, and the refusal reaches every device though the answer was lost", async () => {
  const [device, other] = [await Device.open(demo, "resident"), await Device.open(demo, "resident")];
  const id = ulid(demo.now());
  await device.rep.mutate["request.ask"]({ ...groceries(demo, device.who, id, "Case 14"), community: ulid(demo.now()) });
  assert.equal((await device.worded("Case 14")).length, 1);
  await device.fault({ fault: "drop", path: "/sync/v1/push" });
  await device.drain();
  assert.equal((await device.worded("Case 14")).length, 0);
  await other.pull();
  const [outcome] = await device.keys("outcome");
  assert.ok(outcome !== undefined);
  assert.deepEqual(await other.keys("outcome"), [outcome]);
  assert.equal((await other.get(outcome))?.["status"], "rejected");
  await other.rep.mutate["outcome.dismiss"]({ nonce: outcome.slice("outcome/".length) });
  await other.drain();
  await device.pull();
  assert.deepEqual([await device.keys("outcome"), await other.keys("outcome")], [[], []]);
  await Promise.all([device.close(), other.close()]);
});

test("replicache, case 16: the store of one account with the token of another is refused, and told nothing", async () => {
  const [device, other] = [await Device.open(demo, "resident"), await Device.open(demo, "driver_third")];
  const [mine, theirs] = [device.rep.auth, other.rep.auth];
  const before = await device.keys();
  await device.ask("Case 16");
  await device.came("push");
  device.rep.auth = theirs;
  await device.push();
  await device.pull();
  assert.deepEqual([statuses(await device.came("push")), await device.waiting()], [[403], 1]);
  await other.pull();
  assert.equal((await other.worded("Case 16")).length, 0);
  assert.equal((await device.keys()).length, before.length + 1, "what waits is all that is new");
  device.rep.auth = mine;
  await device.drain();
  assert.equal((await device.worded("Case 16")).length, 1);
  await Promise.all([device.close(), other.close()]);
});

test("replicache, case 29: what is hidden is deleted with the next pull, and comes back whole", async () => {
  const device = await Device.open(demo, "resident");
  const id = await device.ask("Case 29");
  await device.drain();
  await demo.ask("/test/fault", { fault: "hide", key: `request/${id}` });
  await device.pull();
  assert.equal((await device.worded("Case 29")).length, 0);
  await device.rep.mutate["request.withdraw"]({ request: id });
  await device.drain();
  const codes = await Promise.all((await device.keys("outcome")).map(async (key) => (await device.get(key))?.["code"]));
  assert.deepEqual(codes, ["request_not_found"]);
  await fetch(`${demo.control}/test/fault`, { method: "DELETE" });
  await device.pull();
  const [shown] = await device.worded("Case 29");
  assert.deepEqual([shown?.["state"], shown?.["relation"]], ["draft", "requester"]);
  await device.close();
});

test("replicache, case 31: once a visit is agreed its helper gets the address, and the other side a name", { timeout: 120_000 }, async () => {
  await demo.advance(`${String(untilMonday(demo.now()))}m`);
  await signIn(demo, demo.part("driver_near"), true);
  await signIn(demo, demo.part("driver_second"), true);
  const [resident, driver] = [await Device.open(demo, "resident"), await Device.open(demo, "driver_near")];
  const start = demo.now() + 76 * 3600_000;
  const at = (hours: number) => new Date(start + hours * 3600_000).toISOString();
  const id = ulid(demo.now());
  await resident.rep.mutate["request.ask"]({
    ...{ id, community: resident.who.community, publish: true, kind: "ride", urgency: "ordinary" },
    slots: [{ start: at(0), end: at(3) }],
    ride: { passengers: 1, walker: true, returnAt: at(2), to: { town: "Assen", lat: 52.9925, lon: 6.5649 } },
  });
  await resident.drain();
  await demo.settle();
  await driver.pull();
  const asked = (await driver.get(`request/${id}`)) as { asks?: { id: string }[]; where?: unknown } | undefined;
  const [question] = asked?.asks ?? [];
  assert.ok(question !== undefined, "the driver is not asked");
  assert.deepEqual(await driver.keys("address"), []);
  await driver.rep.mutate["ask.accept"]({ ask: question.id });
  await driver.drain();
  await demo.settle();
  await driver.pull();
  await resident.pull();
  const [address] = await driver.keys("address");
  assert.ok(address !== undefined, "the driver does not get the address");
  assert.equal(typeof (await driver.get(address))?.["name"], "string");
  const [visit] = ((await resident.get(`request/${id}`)) as { visits?: { state: string }[] } | undefined)?.visits ?? [];
  assert.equal(visit?.state, "planned");
  assert.deepEqual(await driver.keys("answer"), [], "what only the screen showed goes once it is confirmed");
  await Promise.all([resident.close(), driver.close()]);
});

// untilMonday is how many minutes it takes until ten past seven in the morning of the next Monday, in UTC.
function untilMonday(now: number): number {
  const day = new Date(now);
  day.setUTCHours(7, 10, 0, 0);
  do day.setUTCDate(day.getUTCDate() + 1);
  while (day.getUTCDay() !== 1);
  return Math.ceil((day.getTime() - now) / 60_000);
}

const many = 300;

// pieces hands in a hundred mutations at a time, as much as the service takes.
function pieces(device: () => Device): Pusher {
  return async (body) => {
    const all = (body as { mutations: unknown[] }).mutations;
    for (let done = 0; done < all.length; ) {
      const { status, text } = await post(device(), "push", { ...body, mutations: all.slice(done, done + 100) });
      if (status !== 200 && status !== 202) return { httpRequestInfo: { httpStatusCode: status, errorMessage: text } };
      done += (JSON.parse(text) as { results: unknown[] }).results.length;
    }
    return { httpRequestInfo: { httpStatusCode: 200, errorMessage: "" } };
  };
}

async function post(device: Device, what: string, body: object): Promise<{ status: number; text: string }> {
  const headers = { authorization: device.rep.auth, "content-type": "application/json" };
  const answer = await fetch(`${demo.api}/sync/v1/${what}`, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: answer.status, text: await answer.text() };
}

test(`replicache, case 49: the token runs out in the middle of a push of ${many} mutations`, { timeout: 180_000 }, async () => {
  const device: Device = await Device.open(demo, "driver_third", { pusher: pieces(() => device) });
  for (let i = 0; i < many; i++) await device.ask(`Case 49, ${i}`);
  await device.fault({ fault: "unauthorized", path: "/sync/v1/push", after: 1 });
  await device.came("push");
  await device.push();
  await device.drain();
  const came = statuses(await device.came("push"));
  // A machine with much to do answers 202 to some.
  assert.deepEqual([came.indexOf(401), came.filter((s) => s !== 200 && s !== 202).length, came.at(-1), device.refreshes], [1, 1, 200, 1]);
  const all = await device.rep.query(async (tx) => tx.scan({ prefix: "request/" }).values().toArray());
  const words = (all as { words?: string }[]).map((d) => d.words ?? "").filter((w) => w.startsWith("Case 49"));
  assert.deepEqual([words.length, new Set(words).size], [many, many]);
  await device.close();
});

test("replicache, case 36: a first pull of all that there is comes in one piece", async () => {
  const device = await Device.open(demo, "driver_third");
  const came = await device.came("pull");
  assert.equal(came.length, 1);
  assert.ok((came[0]?.patch.length ?? 0) > many, `only ${String(came[0]?.patch.length)} steps`);
  assert.equal((await device.keys()).length, came[0]?.patch.filter((p) => p.op === "put").length);
  await device.close();
});

// paging pulls so many documents at a time; left tells whether there are more.
function paging(device: () => Device, left: { more: boolean }): Puller {
  return async (body) => {
    const { status, text } = await post(device(), "pull", { ...body, maxOps: 40 });
    const httpRequestInfo = { httpStatusCode: status, errorMessage: status === 200 ? "" : text };
    if (status !== 200) return { httpRequestInfo };
    const response = JSON.parse(text) as PullResponseV1 & { hasMore: boolean };
    left.more = response.hasMore;
    return { response, httpRequestInfo };
  };
}

test("replicache, case 37: every third page is lost, and the app ends between two pages", { timeout: 60_000 }, async () => {
  const whole = await Device.open(demo, "driver_third");
  const left = { more: true };
  const puller = paging(() => device, left);
  let device: Device = await Device.open(demo, "driver_third", { puller });
  const pages = [...(await device.came("pull"))];
  for (let turn = 1; left.more; turn++) {
    assert.ok(turn < 60, "it does not come to an end");
    if (turn % 3 === 0) await device.fault({ fault: "drop", path: "/sync/v1/pull" });
    if (turn === 4) {
      await device.close();
      device = await Device.open(demo, "driver_third", { puller }, device.disk);
    } else await device.pull();
    pages.push(...(await device.came("pull")));
  }
  assert.ok(statuses(pages).filter((s) => s === 0).length >= 2, statuses(pages).join());
  assert.deepEqual((await device.keys()).sort(), (await whole.keys()).sort());
  await Promise.all([device.close(), whole.close()]);
});

test("replicache, case 39: a cookie that the service does not know means clear and everything, once", async () => {
  const device = await Device.open(demo, "resident");
  const before = (await device.keys()).sort();
  await device.came("pull");
  await demo.ask("/test/forget-views", {});
  await device.pull();
  await device.pull();
  const pages = await device.came("pull"); // one more where it was poked meanwhile
  assert.equal(pages.filter((page) => page.patch[0]?.op === "clear").length, 1);
  assert.deepEqual(pages.at(-1)?.patch, []);
  assert.deepEqual((await device.keys()).sort(), before);
  await device.close();
});

test("replicache, case 44: an app whose documents are too old is told so, and still hands in what was done", async () => {
  const device = await Device.open(demo, "resident", { schemaVersion: "0" });
  const other = await Device.open(demo, "resident");
  assert.deepEqual(device.outdated.at(-1), { type: "VersionNotSupported", versionType: "schema" });
  assert.deepEqual(await device.keys(), []);
  await device.ask("Case 44");
  await device.push();
  await other.pull();
  assert.equal((await other.worded("Case 44")).length, 1);
  await Promise.all([device.close(), other.close()]);
});

test("replicache: a pull with a token that has run out is made again with a fresh one", async () => {
  const device = await Device.open(demo, "resident");
  await device.fault({ fault: "unauthorized", path: "/sync/v1/pull" });
  await device.pull();
  await device.pull();
  assert.equal(device.refreshes, 1);
  await device.close();
});

test("replicache: a poke wakes another device", async () => {
  const [device, other] = [await Device.open(demo, "resident"), await Device.open(demo, "resident")];
  const left = new AbortController();
  const stream = await fetch(`${demo.api}/sync/v1/events`, { headers: { authorization: other.rep.auth, accept: "text/event-stream" }, signal: left.signal });
  assert.equal(stream.status, 200);
  const woken = (async () => {
    let heard = "";
    for await (const piece of stream.body as unknown as AsyncIterable<Uint8Array>) if ((heard += new TextDecoder().decode(piece)).includes("event: poke")) return;
    throw new Error(`the stream ends after ${heard}`);
  })();
  await device.ask("A poke");
  await device.drain();
  await woken;
  left.abort();
  await other.pull();
  assert.equal((await other.worded("A poke")).length, 1);
  await Promise.all([device.close(), other.close()]);
});

test("replicache: two tabs on one disk both hand in, and show what the other did", async () => {
  const one = await Device.open(demo, "resident");
  const two = await Device.open(demo, "resident", {}, one.disk);
  assert.equal(await one.store(), await two.store());
  await one.ask("Two tabs, one");
  await two.ask("Two tabs, two");
  await Promise.all([one.drain(), two.drain()]);
  await Promise.all([one.pull(), two.pull()]);
  for (const tab of [one, two]) for (const words of ["Two tabs, one", "Two tabs, two"]) assert.equal((await tab.worded(words)).length, 1, words);
  await Promise.all([one.close(), two.close()]);
});
