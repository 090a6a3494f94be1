// The device on which an exchange of fixtures/exchanges is played; fixtures/README.md says what each field of a file means.

import assert from "node:assert/strict";
import { IDBFactory } from "fake-indexeddb";
import { Client } from "../src/sync/client.js";
import { isObject } from "../src/sync/documents.js";
import type { Link } from "../src/sync/link.js";
import type { Report } from "../src/sync/report.js";
import type { Store } from "../src/sync/store.js";
import type { Tabs } from "../src/sync/tabs.js";
import { House } from "./bench.js";
import { entriesOf, Names } from "./names.js";

interface Answer {
  status: number;
  type?: string;
  retryAfter?: number;
  body?: unknown;
  text?: string;
}

interface Call {
  push?: unknown;
  pull?: unknown;
  may?: boolean;
  from?: string;
  refresh?: "fresh" | "sign_in";
  meanwhile?: Step[];
  answer: Answer | null;
}

interface Holds {
  outbox?: unknown[];
  journal?: unknown[];
  unsure?: unknown[];
  documents?: Record<string, unknown>;
  madeAt?: Record<string, number>;
}

interface Step {
  account?: string;
  process?: number;
  act?: string;
  args?: unknown;
  nonce?: string;
  times?: number;
  refused?: boolean;
  sync?: Call[];
  report?: Record<string, unknown>;
  clock?: number;
  restart?: boolean;
  holds?: Holds;
}

export interface Exchange {
  title: string;
  cases: number[];
  now: number;
  steps: Step[];
}

// Process is one run of the app with its script.
interface Process {
  client: Client;
  due: Call[];
  last?: Call;
}

// What a file may say; a word that is in none of these is a mistake in the file.
const words = {
  exchange: ["title", "cases", "now", "steps"],
  step: ["account", "process", "act", "args", "nonce", "times", "refused", "sync", "report", "clock", "restart", "holds"],
  call: ["push", "pull", "may", "from", "refresh", "meanwhile", "answer"],
  answer: ["status", "type", "retryAfter", "body", "text"],
  holds: ["outbox", "journal", "unsure", "documents", "madeAt"],
};

export class Player {
  private readonly disk = new IDBFactory();
  private readonly house = new House();
  private readonly names = new Names();
  private readonly open = new Map<string, Process>();
  private now = 0;
  private at = "";
  private failure: unknown; // a client takes whatever its link throws for a bad network

  async play(x: Exchange): Promise<void> {
    known(x, words.exchange);
    this.now = x.now;
    for (const [i, step] of x.steps.entries()) {
      this.at = `step ${i + 1}`;
      await this.step(step);
    }
    for (const { client } of this.open.values()) client.close();
  }

  private async process({ account = "ans", process = 1 }: Step): Promise<[string, Process]> {
    const name = `${account}/${process}`;
    const there = this.open.get(name);
    if (there !== undefined) return [name, there];
    const tab = this.house.tab();
    // Two processes have no lock in common, as where one was frozen while it held it.
    const tabs: Tabs = { exclusive: (work) => work(), lead: () => Promise.resolve(), tell: tab.tell, listen: tab.listen, close: tab.close };
    const made: Process = { due: [] } as unknown as Process;
    made.client = await Client.open({ account, indexedDB: this.disk, tabs, now: () => this.now, link: this.link(account, made) });
    this.open.set(name, made);
    return [name, made];
  }

  private link(account: string, process: Process): Link {
    return {
      base: "https://naober.example",
      access: () => `token of ${account}`,
      refresh: () => {
        const said = process.last?.refresh;
        if (said === undefined) this.fail(new Error("no other token was due"));
        return Promise.resolve(said ?? "sign_in");
      },
      fetch: async (url, init) => {
        try {
          assert.equal(new Headers(init?.headers).get("authorization"), `Bearer token of ${account}`);
          return await this.serve(process, new URL(String(url)).pathname, JSON.parse(String(init?.body)));
        } catch (cause) {
          if (!(cause instanceof NoAnswer)) this.fail(cause);
          throw cause;
        }
      },
    };
  }

  private fail(cause: unknown): void {
    this.failure ??= new Error(`${this.at}: ${String(cause)}`, { cause });
  }

  private async serve(process: Process, path: string, sent: unknown): Promise<Response> {
    const pathOf = (c: Call | undefined) => c && (c.pull === undefined ? "/sync/v1/push" : "/sync/v1/pull");
    while (process.due[0]?.may === true && pathOf(process.due[0]) !== path) process.due.shift();
    const c = process.due.shift();
    assert.equal(path, pathOf(c), `another call is due than ${JSON.stringify(sent)}`);
    if (c === undefined) throw new Error("no call is due");
    known(c, words.call);
    process.last = c;
    this.names.match(c.pull ?? c.push, sent, "$");
    this.versions(path, sent);
    const at = this.at;
    for (const [i, step] of (c.meanwhile ?? []).entries()) {
      this.at = `${at}, meanwhile ${i + 1}`;
      await this.step(step);
    }
    this.at = at;
    if (c.answer === null) throw new NoAnswer("no connection");
    known(c.answer, words.answer);
    const { status, type = "application/json", retryAfter, body, text } = c.answer;
    const headers = { "content-type": type, ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }) };
    return new Response(body === undefined ? (text ?? "") : JSON.stringify(this.names.fill(body, sent)), { status, headers });
  }

  // versions are in every request, and no file repeats them.
  private versions(path: string, sent: unknown): void {
    assert.ok(isObject(sent));
    assert.equal(sent["schemaVersion"], "1");
    assert.equal(sent[path.endsWith("push") ? "pushVersion" : "pullVersion"], 1);
    if (path.endsWith("push")) assert.equal(sent["clientNow"], this.now);
  }

  private async step(s: Step): Promise<void> {
    known(s, words.step);
    const [name, process] = await this.process(s);
    if (s.act !== undefined) await this.act(process.client, s);
    else if (s.sync !== undefined) await this.sync(process, s);
    else if (s.clock !== undefined) this.now += s.clock;
    else if (s.restart === true) {
      process.client.close();
      this.open.delete(name);
    } else if (s.holds !== undefined) this.holds(process.client, s.holds);
    else throw new Error(`${this.at} says nothing`);
  }

  private async act(client: Client, { act, args, nonce, times = 1, refused = false }: Step): Promise<void> {
    for (let i = 0; i < times; i++) {
      let made: string | undefined;
      try {
        made = await client.act(act as never, long(this.names.fill(args, undefined)) as never);
      } catch (cause) {
        if (!refused) throw cause;
      }
      assert.equal(made === undefined, refused, `${this.at}: ${act} ${JSON.stringify(args)}`);
      if (nonce !== undefined && made !== undefined) this.names.bind(nonce, made);
    }
  }

  private async sync(process: Process, s: Step): Promise<void> {
    const { at } = this;
    process.due = [...(s.sync ?? [])];
    const r = await process.client.sync();
    if (this.failure !== undefined) throw this.failure;
    this.at = at;
    const left = process.due.filter((c) => c.may !== true);
    assert.deepEqual(left, [], `${at}: calls were not made; the sync ended with ${JSON.stringify(r)}`);
    process.due = [];
    const told = toldBy(r);
    for (const [name, want] of Object.entries(s.report ?? {})) assert.deepEqual(told[name], want, `${at}: ${name} in ${JSON.stringify(r)}`);
  }

  private holds(client: Client, h: Holds): void {
    known(h, words.holds);
    const told = (want: unknown[] | undefined, got: unknown[], what: string) => {
      if (want !== undefined) this.names.match(want, got, `${this.at}: ${what}`);
    };
    told(h.outbox, [...client.outbox()], "outbox");
    told(h.journal, journalOf(client), "journal");
    told(h.unsure, client.unsure().map((e) => e.nonce), "unsure");
    for (const [name, ms] of Object.entries(h.madeAt ?? {})) assert.equal(timeOf(String(this.names.fill(name, undefined))), ms, `${this.at}: ${name}`);
    if (h.documents === undefined) return;
    const want = this.names.fill(h.documents, undefined);
    const shown = Object.fromEntries(client.view());
    assert.deepEqual(Object.keys(shown).sort(), Object.keys(want as object).sort(), `${this.at}: documents`);
    this.names.match(want, shown, `${this.at}: documents`);
  }
}

class NoAnswer extends Error {}

// toldBy are the words of a report in the files.
function toldBy(r: Report): Record<string, unknown> {
  const { waiting, complete, mismatch, lost, outdated, stop } = r;
  return { waiting, complete, mismatch, lost, outdated, retryAfter: r.retryAfterMs / 1000, signIn: stop === "sign_in", gone: stop === "gone", forbidden: stop === "forbidden" };
}

function known(object: object, names: readonly string[]): void {
  for (const name of Object.keys(object)) assert.ok(names.includes(name), `a file has ${name}, which means nothing`);
}

// journalOf reads a table that no screen shows.
function journalOf(client: Client): unknown[] {
  try {
    return [...(client as unknown as { store: Store }).store.state.outbox.journal];
  } catch {
    return []; // it was wiped
  }
}

// long puts a text of so many letters in the place of {"$long": n}.
function long(args: unknown): unknown {
  if (!isObject(args)) return args;
  return Object.fromEntries(entriesOf(args).map(([name, v]) => [name, isObject(v) && typeof v["$long"] === "number" ? "x".repeat(v["$long"]) : v]));
}

// timeOf is when a ULID was made, in milliseconds.
function timeOf(ulid: string): number {
  let ms = 0;
  for (const letter of ulid.slice(0, 10)) ms = ms * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(letter);
  return ms;
}
