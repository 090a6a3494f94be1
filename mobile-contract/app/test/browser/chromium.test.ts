// What only a browser can show: a tab that dies, tabs that share a lock, and a disk that is full or cleared. The service
// is the real one.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import type { Mutations } from "../../src/sync/overlay.js";
import { Demo, type Part } from "../server/demo.js";
import { open } from "./open.js";
import { Chromium, Site } from "./site.js";

const demo = new Demo();
let site: Site;
let resident: Part;
let access = "";

before(
  async () => {
    await demo.start();
    site = new Site(demo.api);
    await site.start();
    resident = demo.part("resident");
    ({ access } = await demo.ask<{ access: string }>("/tokens", { mail: resident.mail, phone: false }));
  },
  { timeout: 60_000 },
);
after(async () => {
  site.stop();
  await demo.end();
});

// within runs a test in a browser of its own.
async function within(work: (chromium: Chromium) => Promise<void>): Promise<void> {
  const chromium = new Chromium();
  try {
    await chromium.start();
    await work(chromium);
  } finally {
    site.hold = () => Promise.resolve();
    site.heard = () => undefined;
    await chromium.end();
  }
}

async function ready(chromium: Chromium, patience?: number): Promise<Page> {
  const page = await chromium.page(site);
  await open(page, resident.person, access, patience);
  return page;
}

// groceries are what is asked for in these tests, without the id that the page gives.
function groceries(words: string): Omit<Mutations["request.ask"], "id"> {
  const start = Math.floor(demo.now() / 3600_000) * 3600_000 + 72 * 3600_000;
  const slots = [{ start: new Date(start).toISOString(), end: new Date(start + 3600_000).toISOString() }];
  return { community: resident.community, kind: "groceries", urgency: "ordinary", words, slots };
}

// ask asks for something in a page; it is fulfilled once that is saved.
async function ask(page: Page, words: string): Promise<void> {
  await page.evaluate((args) => client.act("request.ask", { ...args, id: client.newID() }), groceries(words));
}

function sync(page: Page) {
  return page.evaluate(() => client.sync());
}

// shown is what a page shows that has these words: a request that is there twice is there two times.
function shown(page: Page, words: string): Promise<string[]> {
  return page.evaluate((words) => [...client.view().values()].filter((d) => d["words"] === words).map((d) => (d["unsent"] === true ? "waits" : "done")), words);
}

test("chromium, case 57: a browser that is killed at the moment of saved keeps the intent, each time", { timeout: 120_000 }, async () => {
  await within(async (chromium) => {
    const times = 5;
    for (let i = 0; i < times; i++) {
      const page = await ready(chromium);
      site.heard = () => chromium.kill();
      await page
        .evaluate(async (args) => {
          await client.act("request.ask", { ...args, id: client.newID() });
          await fetch("/tell/saved");
        }, groceries(`kill ${i}`))
        .catch(() => undefined);
      await chromium.killed();
      await chromium.start();
    }
    const page = await ready(chromium);
    const kept = await page.evaluate(() => client.outbox().map((e) => e.args["words"]));
    assert.deepEqual(kept, Array.from({ length: times }, (_, i) => `kill ${i}`));
    const r = await sync(page);
    assert.deepEqual([r.sent, r.waiting, r.complete], [times, 0, true]);
    assert.deepEqual(await shown(page, "kill 0"), ["done"]);
  });
});

test("chromium, case 57: a tab that crashes at once after saved keeps the intent", { timeout: 60_000 }, async () => {
  await within(async (chromium) => {
    const page = await ready(chromium);
    await ask(page, "crash");
    const devtools = await page.context().newCDPSession(page);
    const crashed = page.waitForEvent("crash");
    void devtools.send("Page.crash").catch(() => undefined);
    await crashed;
    const next = await ready(chromium);
    assert.deepEqual(await shown(next, "crash"), ["waits"]);
    await sync(next);
    assert.deepEqual(await shown(next, "crash"), ["done"]);
  });
});

// heldPush holds back the answer to the next push, which has been done by then.
function heldPush(): { arrived: Promise<void>; release: () => void } {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  site.hold = (path) => {
    if (path !== "/sync/v1/push") return Promise.resolve();
    site.hold = () => Promise.resolve();
    arrive();
    return held;
  };
  return { arrived, release };
}

test("chromium, case 56: the tab that pushes is closed in the middle, the lock moves on, and there is one effect", { timeout: 60_000 }, async () => {
  await within(async (chromium) => {
    const [one, two] = [await ready(chromium), await ready(chromium)];
    await ask(one, "sluit");
    await two.waitForFunction(() => client.outbox().length === 1); // the other tab hears of it
    assert.deepEqual(await shown(two, "sluit"), ["waits"]);
    const push = heldPush();
    void sync(one).catch(() => undefined);
    await push.arrived;
    let ended = false;
    const other = sync(two).finally(() => (ended = true));
    await ask(two, "tweede");
    assert.equal(ended, false, "it waits for the lock, and people go on");
    await one.close();
    const r = await other;
    push.release();
    assert.deepEqual([r.waiting, r.complete], [0, true]);
    await sync(two);
    assert.deepEqual([await shown(two, "sluit"), await shown(two, "tweede")], [["done"], ["done"]]);
  });
});

test("chromium, case 56: a tab that does not come back loses the lock, and its late answer does no harm", { timeout: 60_000 }, async () => {
  await within(async (chromium) => {
    const [one, two] = [await ready(chromium, 500), await ready(chromium, 500)];
    await ask(one, "bevroren");
    const push = heldPush();
    const late = sync(one);
    await push.arrived;
    const r = await sync(two);
    assert.deepEqual([r.sent, r.waiting, r.complete], [1, 0, true]);
    push.release();
    assert.equal((await late).waiting, 0);
    for (const page of [one, two]) assert.deepEqual([await shown(page, "bevroren"), await page.evaluate(() => client.outbox().length)], [["done"], 0]);
  });
});

test("chromium, case 55: of two tabs one listens, both see at once what happens elsewhere, and a closed one is followed", { timeout: 60_000 }, async () => {
  await within(async (chromium) => {
    const keep = (page: Page) => page.evaluate(() => void client.keep(new AbortController().signal));
    const sees = (page: Page, words: string) => page.waitForFunction((words) => [...client.view().values()].some((d) => d["words"] === words), words, { timeout: 15_000 });
    const streams = async (n: number) => {
      for (let i = 0; i < 150 && site.streams !== n; i++) await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(site.streams, n);
    };
    const elsewhere = (words: string) =>
      fetch(`${demo.api}/v1/requests`, {
        method: "POST",
        headers: { authorization: `Bearer ${access}`, "content-type": "application/json", "idempotency-key": `elsewhere-${words}-0000000` },
        body: JSON.stringify(groceries(words)),
      });
    const [one, two] = [await ready(chromium), await ready(chromium)];
    await keep(one);
    await streams(1);
    await keep(two);
    assert.equal((await elsewhere("elders")).status, 201);
    await Promise.all([sees(one, "elders"), sees(two, "elders")]);
    assert.equal(site.streams, 1);
    await one.close();
    await streams(1);
    await elsewhere("opnieuw");
    await sees(two, "opnieuw");
  });
});

test("chromium, case 58: what the browser clears under an open tab is a new store, which pulls from nothing", { timeout: 60_000 }, async () => {
  await within(async (chromium) => {
    const page = await ready(chromium);
    await ask(page, "gewist");
    await sync(page);
    const before = await page.evaluate(() => client.view().size);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Storage.clearDataForOrigin", { origin: site.url, storageTypes: "all" });
    await ask(page, "daarna");
    const r = await sync(page);
    assert.deepEqual([r.waiting, r.complete, r.stop, r.fault], [0, true, undefined, undefined]);
    assert.equal(await page.evaluate(() => client.view().size), before + 1);
    const again = await ready(chromium);
    assert.deepEqual([await shown(again, "gewist"), await shown(again, "daarna")], [["done"], ["done"]]);
  });
});

test("chromium, case 58: a full disk refuses visibly, and what was saved before stays", { timeout: 60_000 }, async () => {
  await within(async (chromium) => {
    const page = await chromium.page(site);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: site.url, quotaSize: 3_000_000 });
    await open(page, resident.person, access);
    const said = await page.evaluate(async () => {
      let saved = 0;
      try {
        for (; saved < 500; saved++) await client.act("outcome.dismiss", { nonce: "x".repeat(60_000) });
      } catch (e) {
        const { name, cause } = e as Error;
        return { saved, name, cause: cause instanceof DOMException ? cause.name : String(cause), kept: client.outbox().length };
      }
      return { saved, name: "", cause: "", kept: client.outbox().length };
    });
    assert.deepEqual([said.name, said.cause, said.kept], ["NotSaved", "QuotaExceededError", said.saved]);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: site.url });
    await ask(page, "weer ruimte");
    const next = await ready(chromium);
    assert.equal(await next.evaluate(() => client.outbox().length), said.saved + 1);
  });
});

test("chromium: a tab that is opened later shows what the device has, before any call", { timeout: 60_000 }, async () => {
  await within(async (chromium) => {
    const page = await ready(chromium);
    await ask(page, "zonder net");
    await sync(page);
    await page.close();
    const next = await ready(chromium);
    assert.deepEqual(await shown(next, "zonder net"), ["done"]);
  });
});
