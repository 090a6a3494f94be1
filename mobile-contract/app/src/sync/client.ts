// The client of Sync v1 that an app puts its screens on. What a person does is on disk before act is fulfilled, and
// leaves the outbox only when the service has said what became of it and a whole pull has brought the effect. What the
// service shows is read from the device, with or without a connection.

import { isObject, nextEnd, serverNow, shown } from "./documents.js";
import { Exchange } from "./exchange.js";
import { nonce, ulid, type Random } from "./ids.js";
import { Keeper } from "./keep.js";
import { call, type Link } from "./link.js";
import { overlay, type Mutations, type Mutators, type View } from "./overlay.js";
import { gives, step, urgent, waiting, type Confirmed, type Entry, type Urgent } from "./outbox.js";
import { blank, type Report, type Stop } from "./report.js";
import { pass, seen, type State } from "./state.js";
import { Store } from "./store.js";
import { browserTabs, type Note, type Tabs } from "./tabs.js";

export interface Options {
  readonly account: string; // whose store it is: the person's id
  readonly link: Link;
  readonly mutators?: Mutators;
  // What a browser has; tests bring their own.
  readonly indexedDB?: IDBFactory;
  readonly tabs?: Tabs;
  readonly now?: () => number; // the device's clock, in milliseconds
  readonly random?: Random;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

// NotSaved tells that an intent is not kept: the screen must say so, and what was typed stays there.
export class NotSaved extends Error {
  override readonly name = "NotSaved";
}

// What the arguments of one intent may be: bytes as JSON, and how deep they are nested.
const mostArgs = 64 << 10;
const deepestArgs = 8;

// Client is one account's store, in one tab.
export class Client {
  private writer: string | undefined; // of this tab; made at the first intent
  private latest = -Infinity; // what the device's clock was seen at in this tab
  private running: Promise<Report> | undefined;
  private again = false;
  private over: Stop | undefined;
  private shown: { state: State; at: number | undefined; end: number; view: View } | undefined;
  private readonly hearers = new Set<() => void>();
  private readonly exchange: Exchange;
  private readonly keeper: Keeper;

  private constructor(
    private readonly options: Options,
    private readonly store: Store,
    private readonly tabs: Tabs,
    private readonly random: Random,
    private readonly clock: () => number,
  ) {
    const { link } = options;
    const change = (f: (state: State) => State) => this.change(f);
    const over = () => this.over !== undefined;
    this.exchange = new Exchange({ store, tabs, change, link, clock, newID: (heard) => (heard === undefined ? this.newID() : this.idAt(heard)), over });
    const dice = () => crumbs(random) / 65536;
    const tick = () => this.change((state) => state);
    this.keeper = new Keeper({ tabs, link, clock, dice, tick, over, wait: options.wait ?? wait, state: () => store.state, sync: () => this.sync() });
    tabs.listen((note) => void this.heard(note));
  }

  // open opens the store of an account on this device, or makes it.
  static async open(options: Options): Promise<Client> {
    const clock = options.now ?? Date.now;
    const random: Random = options.random ?? ((into) => crypto.getRandomValues(into));
    const store = await Store.open(options.indexedDB ?? indexedDB, options.account, () => ulid(clock(), random));
    const client = new Client(options, store, options.tabs ?? browserTabs(options.account), random, clock);
    await client.change((state) => (state.locked ? { ...state, locked: false } : state));
    return client;
  }

  // close lets go of the store. What is unsent stays in it.
  close(): void {
    this.over ??= "left";
    this.wake();
    this.tabs.close();
    this.store.close();
  }

  // newID makes the id of something that an intent makes: it goes into the arguments as id. Like all ids it is made by the
  // service's clock where the device's is behind: from a writer that looks a year old the service takes nothing.
  newID(): string {
    return this.idAt(this.store.state.times?.server ?? 0);
  }

  private idAt(heard: number): string {
    return ulid(Math.max(this.clock(), heard), this.random);
  }

  // act takes an intent. When it is fulfilled the intent is on disk, and only then may a screen say so; it answers with
  // the intent's nonce. It is rejected with NotSaved where nothing was kept.
  act<N extends keyof Mutations>(name: N, args: Mutations[N]): Promise<string> {
    return this.acts(name, args);
  }

  // actBefore is act for an intent that is worth something only until a moment: a yes for tomorrow, a cancellation, that
  // somebody did not come. before is in milliseconds since 1970 by the service's clock. It is sent like any other, and not
  // told to the service; urgent lists it while it waits.
  actBefore<N extends keyof Mutations>(name: N, args: Mutations[N], before: number): Promise<string> {
    return this.acts(name, args, before);
  }

  private async acts(name: keyof Mutations, args: unknown, before?: number): Promise<string> {
    if (before !== undefined && !Number.isFinite(before)) throw new NotSaved("the moment is no number");
    const text = JSON.stringify(args);
    const kept: unknown = text === undefined ? undefined : JSON.parse(text);
    if (!isObject(kept) || size(text) > mostArgs || depth(kept) > deepestArgs) throw new NotSaved("the arguments of an intent are an object of a sensible size");
    if (this.over !== undefined) throw new NotSaved("the store is closed");
    const mark = nonce(this.random);
    let writer: string | undefined;
    try {
      await this.change((state) => {
        writer = this.writer !== undefined && gives(state.outbox, this.writer) ? this.writer : this.newID();
        return { ...state, outbox: step(state.outbox, { kind: "acted", writer, nonce: mark, name, args: kept, at: this.clock(), ...(before === undefined ? {} : { before }) }) };
      });
    } catch (cause) {
      throw new NotSaved("the intent is not kept", { cause });
    }
    this.writer = writer;
    this.wake();
    return mark;
  }

  // view is what a screen shows. The same object comes back until something has changed.
  view(): View {
    if (this.over !== undefined) return new Map();
    const { state, now } = this.present();
    const at = serverNow(state.times, now);
    const known = this.shown;
    if (known?.state === this.store.state && (known.at === undefined) === (at === undefined) && (at ?? 0) < known.end) return known.view;
    const passed = pass(state, now);
    const view = overlay(shown(passed.docs, at), passed.outbox.entries, this.options.mutators ?? {});
    const lease = state.times !== null && state.times.lease > 0 && passed.docs.size > 0 ? state.times.server + state.times.lease + 1 : Infinity;
    this.shown = { state: this.store.state, at, end: Math.min(nextEnd(passed.docs) ?? Infinity, lease), view };
    return view;
  }

  // outbox is what is not confirmed yet, in the order in which the person acted.
  outbox(): readonly Entry[] {
    return this.over === undefined ? this.store.state.outbox.entries : [];
  }

  // urgent is what waits and is worth something only until a moment, the most pressing first, with the milliseconds that are
  // left by the service's clock as the device knows it. A screen says that such a thing is unsent, and offers to call where
  // less than two hours are left. Time alone changes it and subscribe does not tell of that: a screen asks once a minute.
  urgent(): readonly Urgent[] {
    if (this.over !== undefined) return [];
    const { state, now } = this.present();
    const { times } = state;
    // A clock that went back tells nothing: then it is at least as late as it was ever seen to be.
    const at = serverNow(times, now) ?? (times === null ? now : times.server + Math.max(times.latest - times.device, 0));
    return urgent(state.outbox, at);
  }

  // unsure is what could not be confirmed: the service no longer knew what became of it.
  unsure(): readonly Confirmed[] {
    return this.journal().filter((e) => e.status === "unknown");
  }

  // tooOld is what the service no longer takes, because it was kept here for more than a year; the person may do it anew.
  tooOld(): readonly Confirmed[] {
    return this.journal().filter((e) => e.code === "too_old");
  }

  private journal(): readonly Confirmed[] {
    return this.over === undefined ? this.store.state.outbox.journal : [];
  }

  // subscribe hears of each change, of this tab and of others; it hands back how to stop that.
  subscribe(hear: () => void): () => void {
    this.hearers.add(hear);
    return () => this.hearers.delete(hear);
  }

  // sync sends what waits and brings the device to what its person may see. It may be called at any time; called while
  // it runs it goes on until that is done as well. Nothing is lost where it ends early: the report says why. It is
  // rejected only where the store itself fails.
  sync(): Promise<Report> {
    if (this.running !== undefined) this.again = true;
    this.running ??= this.syncs();
    return this.running;
  }

  // syncs is over at the moment at which nothing is left to do: a call that comes later begins anew, and is not given an
  // answer from before it.
  private async syncs(): Promise<Report> {
    await Promise.resolve(); // running is set by then
    try {
      return await this.untilDone();
    } finally {
      this.running = undefined;
    }
  }

  private async untilDone(): Promise<Report> {
    for (;;) {
      this.again = false;
      if (this.over !== undefined) return { ...blank(), stop: this.over };
      const r = await this.exchange.run();
      if (r.stop === "gone") await this.remove("gone");
      if (this.over !== undefined) return { ...r, stop: this.over };
      const { outbox } = this.store.state;
      r.waiting = waiting(outbox).length;
      r.lost = outbox.lost;
      if (outbox.lost) await this.change((state) => ({ ...state, outbox: step(state.outbox, { kind: "told" }) }));
      if (!this.again || r.stop !== undefined || r.fault !== undefined || r.retryAfterMs > 0) return r;
    }
  }

  // keep syncs again and again until the signal, or until only the person can help: it then says why. It waits as the
  // service asks, and is woken by an act, by the service's pokes and by wake.
  keep(signal: AbortSignal): Promise<Stop | undefined> {
    return this.keeper.keep(signal);
  }

  // wake ends the pause of keep: the network is back, or the app is in front again.
  wake(): void {
    this.keeper.wake();
  }

  // leave signs the store out. send hands in first, and leaves nothing if all arrived; keep holds what is unsent until
  // this account is back, without any document; discard loses it, as the person has chosen. It answers how many
  // intents are unsent: where send comes back with some, nothing was removed.
  async leave(choice: "send" | "keep" | "discard"): Promise<number> {
    if (choice === "send") {
      const r = await this.sync();
      if (r.stop === "gone") return 0;
      if (r.waiting > 0 || (r.stop !== undefined && r.stop !== "left")) return waiting(this.store.state.outbox).length;
    }
    const unsent = waiting(this.store.state.outbox).length;
    if (choice === "keep" && unsent > 0) {
      await this.tabs.exclusive(async () => {
        this.over = "left";
        await this.change((state) => ({ ...state, locked: true, docs: new Map(), times: null, outbox: { ...state.outbox, cookie: null } }));
        this.tabs.tell("left");
      });
      this.close();
      return unsent;
    }
    const { group } = this.store.state.outbox;
    await call(this.options.link, "DELETE", `/sync/v1/groups/${group}`); // where it fails, the service forgets the store in time
    await this.remove("left");
    return choice === "discard" ? unsent : 0;
  }

  private async remove(why: "gone" | "left"): Promise<void> {
    await this.tabs.exclusive(async () => {
      this.over = why;
      await this.store.destroy();
      this.tabs.tell(why);
    });
    this.announce();
    this.close();
  }

  // change is one transaction, with what time alone does before it.
  private async change(f: (state: State) => State): Promise<State> {
    const { state: before, now } = this.present();
    const after = await this.store.change((state) => {
      const passed = pass(state, now);
      const next = f(passed);
      return next === state ? state : seen(next, now);
    });
    if (after !== before) {
      this.tabs.tell("changed");
      this.announce();
    }
    return after;
  }

  // present is the store with the latest that the device's clock was seen at, and the clock.
  private present(): { state: State; now: number } {
    const now = this.clock();
    this.latest = Math.max(this.latest, now);
    return { state: this.store.state, now };
  }

  private async heard(note: Note): Promise<void> {
    if (this.over !== undefined) return;
    if (note === "changed") {
      await this.store.read().catch(() => undefined); // the next act or sync says what is wrong with the store
    } else {
      this.over = note;
      this.close();
    }
    this.announce();
  }

  private announce(): void {
    for (const hear of this.hearers) hear();
  }
}

// crumbs are two random bytes as a number.
function crumbs(random: Random): number {
  const bytes = new Uint8Array(2);
  random(bytes);
  return (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
}

function size(text: string): number {
  return new TextEncoder().encode(text).length;
}

function depth(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce((most: number, inner) => Math.max(most, depth(inner)), 0);
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
