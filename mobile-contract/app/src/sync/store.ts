// One account's store in IndexedDB. What is held in memory is what was last read or written; each change is one
// transaction that is on disk when its promise is fulfilled, and nothing of it where it is not.

import type { Held } from "./documents.js";
import type { Confirmed, Entry, Writer } from "./outbox.js";
import { newState, type State } from "./state.js";

const tables = ["meta", "docs", "outbox", "journal", "writers"] as const;
type Table = (typeof tables)[number];

// Meta is the row beside the tables. A stamp names one state of the store, so that a tab knows whether another one
// has written since.
interface Meta extends Pick<State, "times" | "resetAt" | "locked">, Pick<State["outbox"], "group" | "epoch" | "cookie" | "nextSeq" | "forked" | "lost"> {
  readonly stamp: string;
}

interface Stamped {
  readonly state: State;
  readonly stamp: string;
}

export class Store {
  private held: Stamped | undefined;
  private removed = false; // by another tab, on purpose: not to be made anew
  private db: IDBDatabase | undefined;

  private constructor(
    private readonly factory: IDBFactory,
    private readonly name: string,
    private readonly newID: () => string,
  ) {}

  // open opens the store of an account, or makes it. Each account has a database of its own.
  static async open(factory: IDBFactory, account: string, newID: () => string): Promise<Store> {
    const store = new Store(factory, nameOf(account), newID);
    await store.change((state) => state);
    return store;
  }

  // state is the store as this tab last saw it.
  get state(): State {
    if (this.held === undefined) throw new Error("the store is closed");
    return this.held.state;
  }

  close(): void {
    this.db?.close();
    this.db = undefined;
  }

  // destroy removes everything, and then the database. Other tabs that have it open close it; one that is frozen holds
  // that up, but not what was in it.
  async destroy(): Promise<void> {
    await this.onceMore((db) => {
      return new Promise<void>((resolve, reject) => {
        const t = db.transaction(tables, "readwrite", { durability: "strict" });
        t.oncomplete = () => resolve();
        t.onabort = () => reject(t.error ?? new Error("the store cannot be wiped"));
        for (const table of tables) t.objectStore(table).clear();
      });
    });
    this.close();
    this.removed = true;
    this.held = undefined;
    const request = this.factory.deleteDatabase(this.name);
    await new Promise<void>((resolve) => {
      request.onsuccess = request.onerror = request.onblocked = () => resolve();
    });
  }

  // change writes what f makes of the store. f sees what every tab has written; where it throws nothing is.
  async change(f: (state: State) => State): Promise<State> {
    return this.onceMore((db) => this.write(db, f));
  }

  // read brings what other tabs have written meanwhile into memory.
  async read(): Promise<State> {
    const found = await this.onceMore((db) => {
      return new Promise<Stamped | undefined>((resolve, reject) => {
        const t = db.transaction(tables);
        t.onabort = () => reject(t.error ?? new Error("the store cannot be read"));
        load(t, this.held, resolve);
      });
    });
    if (found === undefined) return this.change((state) => state);
    this.held = found;
    return found.state;
  }

  // onceMore opens the database anew where the browser has closed it, as when what a site stores was cleared.
  private async onceMore<T>(work: (db: IDBDatabase) => Promise<T>): Promise<T> {
    if (this.removed) throw new Error("the store was removed");
    try {
      return await work(this.db ?? (await this.connect()));
    } catch (e) {
      if (!(e instanceof Error) || e.name !== "InvalidStateError") throw e;
      this.close();
      if (this.removed) throw e;
      return work(await this.connect());
    }
  }

  private async connect(): Promise<IDBDatabase> {
    const request = this.factory.open(this.name, 1);
    request.onupgradeneeded = () => {
      for (const table of tables) request.result.createObjectStore(table);
    };
    const db = await settled(request);
    const gone = () => {
      db.close();
      if (this.db === db) this.db = undefined;
    };
    db.onclose = gone;
    db.onversionchange = () => {
      this.removed = true;
      gone();
    };
    this.db = db;
    return db;
  }

  private write(db: IDBDatabase, f: (state: State) => State): Promise<State> {
    return new Promise((resolve, reject) => {
      // strict: without it a browser says complete before the disk does.
      const t = db.transaction(tables, "readwrite", { durability: "strict" });
      let next: Stamped | undefined;
      let failure: unknown;
      t.onabort = () => reject(failure ?? t.error ?? new Error("the store cannot be written"));
      t.oncomplete = () => {
        this.held = next;
        if (next !== undefined) resolve(next.state);
      };
      load(t, this.held, (found) => {
        try {
          const before = found?.state ?? newState(this.newID());
          const after = f(before);
          next = found !== undefined && after === before ? found : { state: after, stamp: this.newID() };
          if (next !== found) save(t, found?.state, next);
        } catch (e) {
          failure = e;
          t.abort();
        }
      });
    });
  }
}

function nameOf(account: string): string {
  return `naober-${account}`;
}

function settled(request: IDBOpenDBRequest): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the store cannot be opened"));
  });
}

// load reads the store within a transaction, or takes what is held where nobody has written since; undefined where
// there is nothing: it is new, or what the site stored was cleared.
function load(t: IDBTransaction, held: Stamped | undefined, then: (found: Stamped | undefined) => void): void {
  const row = t.objectStore("meta").get("state") as IDBRequest<Meta | undefined>;
  row.onsuccess = () => {
    const meta = row.result;
    if (meta === undefined) return then(undefined);
    if (held !== undefined && meta.stamp === held.stamp) return then(held);
    const docKeys = t.objectStore("docs").getAllKeys();
    const docs = t.objectStore("docs").getAll() as IDBRequest<Held[]>;
    const entries = t.objectStore("outbox").getAll() as IDBRequest<Entry[]>;
    const journal = t.objectStore("journal").getAll() as IDBRequest<Confirmed[]>;
    const names = t.objectStore("writers").getAllKeys();
    const writers = t.objectStore("writers").getAll() as IDBRequest<Writer[]>;
    writers.onsuccess = () => {
      const { stamp, times, resetAt, locked, ...rest } = meta;
      const outbox = { ...rest, entries: entries.result, journal: journal.result, writers: zip(names.result, writers.result) };
      then({ stamp, state: { outbox, docs: zip(docKeys.result, docs.result), times, resetAt, locked } });
    };
  };
}

function zip<T>(keys: IDBValidKey[], values: T[]): Map<string, T> {
  return new Map(values.map((value, i) => [String(keys[i]), value]));
}

// save writes what differs. What is the same object is the same row: states are never changed in place.
function save(t: IDBTransaction, before: State | undefined, { state, stamp }: Stamped): void {
  const { entries, journal, writers, ...rest } = state.outbox;
  const meta: Meta = { ...rest, times: state.times, resetAt: state.resetAt, locked: state.locked, stamp };
  t.objectStore("meta").put(meta, "state");
  saveList(t, "outbox", before?.outbox.entries ?? [], entries);
  saveList(t, "journal", before?.outbox.journal ?? [], journal);
  saveRows(t, "writers", before?.outbox.writers ?? new Map(), writers);
  saveRows(t, "docs", before?.docs ?? new Map(), state.docs);
}

function saveRows(t: IDBTransaction, table: Table, before: ReadonlyMap<IDBValidKey, unknown>, after: ReadonlyMap<IDBValidKey, unknown>): void {
  if (before === after) return;
  const store = t.objectStore(table);
  for (const [key, value] of after) if (before.get(key) !== value) store.put(value, key);
  for (const key of before.keys()) if (!after.has(key)) store.delete(key);
}

// saveList saves what lies between the parts that two lists have in common: thousands may wait, and one is added.
function saveList(t: IDBTransaction, table: Table, before: readonly Entry[], after: readonly Entry[]): void {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const rows = (list: readonly Entry[]) => new Map(list.slice(head, list.length - tail).map((e) => [e.seq, e]));
  saveRows(t, table, rows(before), rows(after));
}
