// Devices on a bench: stores that live in memory, a clock that is set, dice that are the same each time, and tabs in one
// process.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { IDBFactory } from "fake-indexeddb";
import { Client, type Options } from "../src/sync/client.js";
import type { Link } from "../src/sync/link.js";
import type { Mutations, Mutators } from "../src/sync/overlay.js";
import type { Note, Tabs } from "../src/sync/tabs.js";
import { Double } from "./double.js";

// House joins the tabs of one store, as a browser does.
export class House {
  private readonly hearers = new Map<Tabs, (note: Note) => void>();
  private last: Promise<unknown> = Promise.resolve();
  private leader: Promise<void> = Promise.resolve();
  leads = false; // some tab leads, and so listens
  held = 0; // calls at the same time, which are never two
  most = 0;

  tab(): Tabs {
    const tab: Tabs = {
      exclusive: (work) => {
        const next = this.last.then(async () => {
          this.most = Math.max(this.most, ++this.held);
          try {
            return await work();
          } finally {
            this.held--;
          }
        });
        this.last = next.catch(() => undefined);
        return next;
      },
      lead: async (signal, work) => {
        if (!this.leads) return;
        const before = this.leader;
        let free = (): void => undefined;
        this.leader = new Promise((resolve) => (free = resolve));
        const given = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        await Promise.race([before, given]);
        if (!signal.aborted) await work();
        void before.then(free);
      },
      tell: (note) => {
        for (const [other, hear] of this.hearers) if (other !== tab) queueMicrotask(() => hear(note));
      },
      listen: (hear) => this.hearers.set(tab, hear),
      close: () => this.hearers.delete(tab),
    };
    return tab;
  }
}

// The mutators of these tests: asking shows the request, withdrawing closes it.
export const mutators: Mutators = {
  "request.ask": (draft, args) => draft.set(`request/${args.id}`, { ...args, state: "open", unsent: true }),
  "request.withdraw": (draft, { request }) => {
    const held = draft.get(`request/${request}`);
    if (held === undefined) throw new Error("there is no such request");
    draft.set(`request/${request}`, { ...held, state: "closed" });
  },
};

// words are arguments of request.ask.
export function words(id: string, text = "Melk en brood"): Mutations["request.ask"] {
  return { id, community: "01JDB8Q4M2ZT6R0V9XKFW3E7HC", kind: "groceries", urgency: "ordinary", words: text };
}

// Bench is one device with one browser, and a service.
export class Bench {
  readonly service: Double;
  now = 1_795_510_800_000;
  token = "token";
  refreshes = 0;
  refresh: Link["refresh"] = () => Promise.resolve("fresh");
  waits: number[] = [];
  wait: (ms: number, signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  readonly houses = new Map<string, House>();
  private static benches = 0;
  private seed = ++Bench.benches; // two devices never make the same nonces

  constructor(
    service = new Double(),
    public disk = new IDBFactory(),
  ) {
    this.service = service;
  }

  house(account = "ans"): House {
    const house = this.houses.get(account) ?? new House();
    this.houses.set(account, house);
    return house;
  }

  link(): Link {
    return {
      base: "https://naober.example",
      fetch: this.service.fetch as typeof fetch,
      access: () => this.token,
      refresh: () => {
        this.refreshes++;
        return this.refresh();
      },
    };
  }

  // open opens a tab.
  open(account = "ans", more: Partial<Options> = {}): Promise<Client> {
    const house = this.house(account);
    return Client.open({
      account,
      mutators,
      indexedDB: this.disk,
      tabs: house.tab(),
      now: () => this.now,
      random: (into) => into.set(createHash("md5").update(String((this.seed += 1000))).digest().subarray(0, into.length)),
      wait: (ms, signal) => {
        this.waits.push(ms);
        return this.wait(ms, signal);
      },
      link: this.link(),
      ...more,
    });
  }
}

// ask asks for something and answers with the id of the request.
export async function ask(client: Client, text?: string): Promise<string> {
  const id = client.newID();
  await client.act("request.ask", words(id, text));
  return id;
}

// copy is what a backup of the phone holds of an account's store.
export async function copy(disk: IDBFactory, account = "ans"): Promise<IDBFactory> {
  const other = new IDBFactory();
  const from = await opened(disk.open(`naober-${account}`));
  const request = other.open(`naober-${account}`, from.version);
  request.onupgradeneeded = () => {
    for (const table of from.objectStoreNames) request.result.createObjectStore(table);
  };
  const to = await opened(request);
  for (const table of from.objectStoreNames) {
    const source = from.transaction(table).objectStore(table);
    const [keys, rows] = await Promise.all([done(source.getAllKeys()), done(source.getAll())]);
    const target = to.transaction(table, "readwrite").objectStore(table);
    await Promise.all(rows.map((row, i) => done(target.put(row, keys[i]))));
  }
  from.close();
  to.close();
  return other;
}

const opened = (request: IDBOpenDBRequest): Promise<IDBDatabase> => done(request);

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no answer of the disk"));
  });
}

export const day = 24 * 3600 * 1000;

// told is what became of each entry of the outbox.
export function told(client: Client): string[] {
  return client.outbox().map((e) => `${e.name} ${e.status}`);
}

// pushes are how many intents each push had.
export function pushes(service: Double): number[] {
  return service.calls.filter((c) => c.path === "/sync/v1/push").map((c) => (c.body["mutations"] as unknown[]).length);
}

// manual is a wait that ends when the test lets it, or by its signal.
export function manual(bench: Bench): { ms: number; end: () => void }[] {
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
export async function until(what: string, so: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !so(); i++) await new Promise(setImmediate);
  assert.ok(so(), what);
}
