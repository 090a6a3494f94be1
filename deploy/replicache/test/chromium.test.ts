// The client of replicache in a real browser: its own IndexedDB, locks between tabs, EventSource.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import type { MutatorDefs, ReadTransaction, WriteTransaction } from "replicache";
import { Chromium, Site } from "../../../mobile-contract/app/test/browser/site.js";
import { Demo } from "../../../mobile-contract/app/test/server/demo.js";
import { groceries, signIn, ulid, type Args } from "./device.js";

const packages = fileURLToPath(new URL("../../../../node_modules", import.meta.url));
const imports = {
  replicache: "/replicache/out/replicache.js",
  "@rocicorp/lock": "/@rocicorp/lock/out/lock.js",
  "@rocicorp/logger": "/@rocicorp/logger/out/logger.js",
  "@rocicorp/resolver": "/@rocicorp/resolver/out/resolver.js",
  "@badrap/valita": "/@badrap/valita/dist/mjs/index.mjs",
};
// Bundlers put that in its place.
const bundled = "<script>globalThis.process = { env: { NODE_ENV: 'production' } }</script>";
const shell = `<!doctype html><title>Replicache</title>${bundled}<script type="importmap">${JSON.stringify({ imports })}</script>`;

const demo = new Demo();
let site: Site;
before(
  async () => {
    await demo.start("--faults");
    site = new Site(demo.api, packages, shell);
    await site.start();
  },
  { timeout: 180_000 },
);
after(async () => {
  site.stop();
  await demo.end();
});
beforeEach(async () => {
  await fetch(`${demo.control}/test/fault`, { method: "DELETE" });
});

// Rep is what of the client these tests use.
interface Rep {
  readonly auth: string;
  readonly clientGroupID: Promise<string>;
  push(how: { now: boolean }): Promise<void>;
  pull(how: { now: boolean }): Promise<void>;
  query<R>(body: (tx: ReadTransaction) => Promise<R>): Promise<R>;
}

declare global {
  // What open leaves in a page.
  var rep: Rep;
  var ask: (args: Args) => Promise<void>;
}

// within runs a test in a browser of its own.
async function within(work: (chromium: Chromium) => Promise<void>): Promise<void> {
  const chromium = new Chromium();
  try {
    await chromium.start();
    await work(chromium);
  } finally {
    await chromium.end();
  }
}

// open opens the client of the resident in a page, as it comes, but for pushes and pulls that it makes by itself.
async function open(page: Page): Promise<void> {
  const who = demo.part("resident");
  const inPage = async ({ person, access }: { person: string; access: string }) => {
    const name = "replicache"; // the page's own map says where it is
    const { Replicache } = (await import(name)) as typeof import("replicache");
    const mutators: MutatorDefs = { "request.ask": (tx: WriteTransaction, args: Args) => tx.set(`request/${String(args["id"])}`, { ...args, unsent: true }) };
    const opened = new Replicache<MutatorDefs>({
      ...{ name: person, mutators, schemaVersion: "1", pushURL: "/sync/v1/push", pullURL: "/sync/v1/pull", auth: `Bearer ${access}` },
      ...{ pullInterval: null, pushDelay: 3600_000, requestOptions: { minDelayMs: 10, maxDelayMs: 100 } },
    });
    globalThis.rep = opened as unknown as Rep;
    globalThis.ask = async (args) => void (await opened.mutate["request.ask"]?.(args));
  };
  await page.evaluate(inPage, { person: who.person, access: await signIn(demo, who) });
}

async function ready(chromium: Chromium): Promise<Page> {
  const page = await chromium.page(site);
  await open(page);
  await pull(page);
  return page;
}

async function ask(page: Page, words: string): Promise<void> {
  const args = JSON.stringify(groceries(demo, demo.part("resident"), ulid(demo.now()), words));
  await page.evaluate((args) => globalThis.ask(JSON.parse(args) as Args), args);
}

async function pull(page: Page): Promise<void> {
  await page.evaluate(() => rep.pull({ now: true }));
}

async function push(page: Page): Promise<void> {
  await page.evaluate(() => rep.push({ now: true }));
}

// shown is what a page shows of requests with these words.
function shown(page: Page, words: string): Promise<string[]> {
  return page.evaluate(async (words) => {
    const all = (await rep.query((tx) => tx.scan({ prefix: "request/" }).values().toArray() as Promise<unknown[]>)) as { words?: string; unsent?: boolean }[];
    return all.filter((d) => d.words === words).map((d) => (d.unsent === true ? "waits" : "done"));
  }, words);
}

// becomes waits until a page shows that, trying again and again.
async function becomes(page: Page, words: string, want: string[], turn: () => Promise<void>): Promise<void> {
  const end = Date.now() + 40_000;
  let got = await shown(page, words);
  while (got.join() !== want.join()) {
    assert.ok(Date.now() < end, `${words} is ${got.join()}, not ${want.join()}`);
    await turn();
    got = await shown(page, words);
  }
}

test("chromium with replicache: a lost answer, a 503 and a 401, and what was done is there once, after a reload too", { timeout: 120_000 }, async () => {
  await within(async (chromium) => {
    const page = await ready(chromium);
    await ask(page, "In a browser");
    assert.deepEqual(await shown(page, "In a browser"), ["waits"]);
    for (const fault of ["drop", "unavailable", "unauthorized"]) await demo.ask("/test/fault", { fault, path: "/sync/v1/push" });
    for (let i = 0; i < 4; i++) await push(page);
    assert.deepEqual(await demo.ask("/test/fault"), { items: [] });
    await pull(page);
    assert.deepEqual(await shown(page, "In a browser"), ["done"]);
    await demo.ask("/test/forget-views", {});
    await page.reload();
    await open(page);
    await becomes(page, "In a browser", ["done"], () => pull(page));
  });
});

test("chromium with replicache: two tabs share a disk, and each shows what the other did", { timeout: 120_000 }, async () => {
  await within(async (chromium) => {
    const [one, two] = [await ready(chromium), await ready(chromium)];
    const stores = await Promise.all([one, two].map((page) => page.evaluate(() => rep.clientGroupID)));
    assert.equal(stores[0], stores[1]);
    await Promise.all([ask(one, "Tab one"), ask(two, "Tab two")]);
    await Promise.all([push(one), push(two)]);
    await Promise.all([pull(one), pull(two)]);
    for (const page of [one, two]) for (const words of ["Tab one", "Tab two"]) await becomes(page, words, ["done"], () => pull(page));
  });
});

test("chromium with replicache: what a closed tab has not sent is handed in by the other, once", { timeout: 120_000 }, async () => {
  await within(async (chromium) => {
    const [one, two] = [await ready(chromium), await ready(chromium)];
    await ask(one, "A closed tab");
    // It writes to the disk a while after; the other tab then shows it.
    await becomes(two, "A closed tab", ["waits"], () => two.waitForTimeout(100));
    await one.close();
    await becomes(two, "A closed tab", ["done"], async () => {
      await push(two);
      await pull(two);
    });
  });
});

test("chromium with replicache: a poke wakes it, by a ticket", { timeout: 120_000 }, async () => {
  await within(async (chromium) => {
    const page = await ready(chromium);
    await page.evaluate(async () => {
      const answer = await fetch("/sync/v1/events/ticket", { method: "POST", headers: { authorization: rep.auth, "content-type": "application/json" }, body: "{}" });
      const { ticket } = (await answer.json()) as { ticket: string };
      const source = new EventSource(`/sync/v1/events?ticket=${ticket}`);
      source.addEventListener("poke", () => void rep.pull({ now: true }));
      await new Promise((resolve) => source.addEventListener("hello", resolve));
    });
    const who = demo.part("resident");
    const answer = await fetch(`${demo.api}/v1/requests`, {
      method: "POST",
      headers: { authorization: `Bearer ${await signIn(demo, who)}`, "content-type": "application/json", "idempotency-key": ulid(demo.now()) },
      body: JSON.stringify({ ...groceries(demo, who, "", "By a poke"), id: undefined }),
    });
    assert.equal(answer.status, 201, await answer.text());
    await becomes(page, "By a poke", ["done"], () => page.waitForTimeout(100));
  });
});
