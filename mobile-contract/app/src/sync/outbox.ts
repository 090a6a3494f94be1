// The outbox as a pure function: what a person did, what became of it, and under which number it is sent. It knows
// no database, no network and no clock; what is written here is what sync.md says about the tables outbox, journal
// and writers.

// Status is what is known of an intent. All but waiting are final.
export type Status = "waiting" | "applied" | "rejected" | "unknown";

// Entry is one intent. The nonce is what the person meant and never changes; writer and id are under which number it
// is sent. seq is the order of the acts on this device.
export interface Entry {
  readonly seq: number;
  readonly writer: string;
  readonly id: number;
  readonly nonce: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly at: number; // the device's clock at the act, in milliseconds
  readonly before?: number; // after which it is worth nothing, by the service's clock in milliseconds; never sent
  readonly status: Status;
  readonly code?: string; // of a refusal
  readonly params?: Readonly<Record<string, string>>;
}

// Confirmed is an entry that has left the outbox, with the service's clock at that moment.
export interface Confirmed extends Entry {
  readonly confirmed: number;
}

// Writer is one sequence of numbers. assigned is the highest that this store gave out, 0 for a writer of a copy of it;
// last is how far a whole pull has told that it is counted. A closed writer gives out no number any more.
export interface Writer {
  readonly assigned: number;
  readonly last: number;
  readonly closed: boolean;
}

export type Cookie = Readonly<Record<string, unknown>>;

// Outbox is all that the order of sending depends on. entries and journal are sorted by seq.
export interface Outbox {
  readonly group: string;
  readonly epoch: string | null;
  readonly cookie: Cookie | null;
  readonly entries: readonly Entry[];
  readonly journal: readonly Confirmed[];
  readonly writers: ReadonlyMap<string, Writer>;
  readonly nextSeq: number;
  readonly forked: boolean; // another device has a copy of this store
  readonly lost: boolean; // the service lacks something that is in no journal any more, and the person is not told yet
}

// Result is what the service says became of one intent.
export interface Result {
  readonly clientID: string;
  readonly id: number;
  readonly status: string;
  readonly of?: string;
  readonly code?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly expectedID?: number;
}

// Event is what can happen to an outbox. fresh is an id for a new writer, should one be needed; now is the service's
// clock in milliseconds.
export type Event =
  | { kind: "acted"; writer: string; nonce: string; name: string; args: Readonly<Record<string, unknown>>; at: number; before?: number }
  | { kind: "answered"; sent: readonly Entry[]; epoch: string; results: readonly Result[]; fresh: string; now: number }
  | { kind: "counted"; epoch: string; counts: ReadonlyMap<string, number>; fresh: string; now: number }
  | { kind: "restored"; epoch: string; fresh: string }
  | { kind: "refounded"; group: string; fresh: string }
  | { kind: "told" };

// journalled is how long a confirmed intent can be sent again, in milliseconds.
export const journalled = 14 * 24 * 3600 * 1000;

// empty is the outbox of a new store.
export function empty(group: string): Outbox {
  return { group, epoch: null, cookie: null, entries: [], journal: [], writers: new Map(), nextSeq: 1, forked: false, lost: false };
}

// step is the whole of it.
export function step(box: Outbox, event: Event): Outbox {
  switch (event.kind) {
    case "acted":
      return act(box, event);
    case "answered":
      return answer(box, event);
    case "counted":
      return count(box, event);
    case "restored":
      return restore(box, event.epoch, event.fresh);
    case "refounded":
      return refound(box, event.group, event.fresh);
    case "told":
      return { ...box, lost: false };
  }
}

// waiting are the entries without a final result, in the order in which the person acted.
export function waiting(box: Outbox): Entry[] {
  return box.entries.filter((e) => e.status === "waiting");
}

// Urgent is an intent that waits and is worth something only until a moment. left are the milliseconds until then, below
// zero when it is over.
export interface Urgent extends Entry {
  readonly before: number;
  readonly left: number;
}

// urgent are those intents, the most pressing first. at is the service's clock.
export function urgent(box: Outbox, at: number): Urgent[] {
  const all = waiting(box).flatMap((e) => (e.before === undefined ? [] : [{ ...e, before: e.before, left: e.before - at }]));
  return all.sort((a, b) => a.before - b.before || a.seq - b.seq);
}

// gives reports whether a writer of this store still gives out numbers; a tab whose writer does not makes another.
export function gives(box: Outbox, writer: string): boolean {
  const known = box.writers.get(writer);
  return known !== undefined && known.assigned > 0 && !known.closed;
}

function act(box: Outbox, { writer, nonce, name, args, at, before }: Event & { kind: "acted" }): Outbox {
  const known = box.writers.get(writer) ?? { assigned: 0, last: 0, closed: false };
  const id = known.assigned + 1;
  const entry: Entry = { seq: box.nextSeq, writer, id, nonce, name, args, at, ...(before === undefined ? {} : { before }), status: "waiting" };
  return {
    ...box,
    entries: [...box.entries, entry],
    writers: new Map(box.writers).set(writer, { ...known, assigned: id }),
    nextSeq: box.nextSeq + 1,
  };
}

// answer stores the results in order and does what the last of them asks for. A result counts only for exactly the
// entry that was sent: meanwhile another tab may have numbered it anew.
function answer(box: Outbox, { sent, epoch, results, fresh, now }: Event & { kind: "answered" }): Outbox {
  if (box.epoch !== null && box.epoch !== epoch) return restore(box, epoch, fresh);
  let next: Outbox = { ...box, epoch };
  const places = new Map(box.entries.map((e, i) => [e.nonce, i]));
  const entries = [...box.entries];
  const tooOld: Confirmed[] = [];
  const settled = (): Outbox => {
    if (tooOld.length === 0) return { ...next, entries };
    const old = new Set(tooOld.map((e) => e.seq));
    const writers = new Map(box.writers);
    for (const { writer } of tooOld) writers.set(writer, { assigned: 0, last: 0, ...writers.get(writer), closed: true });
    return { ...next, entries: entries.filter((e) => !old.has(e.seq)), journal: sorted([...box.journal, ...tooOld]), writers };
  };
  for (const [i, result] of results.entries()) {
    const e = sent[i];
    if (e === undefined || result.clientID !== e.writer || result.id !== e.id) break; // no answer to this push
    const place = places.get(e.nonce) ?? -1;
    const mine = entries[place];
    if (mine === undefined || mine.writer !== e.writer || mine.id !== e.id || mine.status !== "waiting") continue;
    const status = result.status === "duplicate" ? result.of : result.status;
    // A store that was never answered before is not old: the device's clock is years behind.
    if (result.code === "too_old" && box.epoch === null) return renumber(settled(), fresh);
    if (status === "applied" || status === "rejected" || status === "unknown") {
      const done = settle(mine, status, result);
      entries[place] = done;
      if (done.code === "too_old") tooOld.push({ ...done, confirmed: now });
    } else {
      next = settled();
      if (status === "gap") return fill(next, e.writer, result.expectedID ?? 0, fresh);
      return status === "forked" ? renumber({ ...next, forked: true }, fresh) : next;
    }
  }
  return settled();
}

function settle(e: Entry, status: Status, { code, params }: Result): Entry {
  return { ...e, status, ...(code === undefined ? {} : { code }), ...(params === undefined ? {} : { params }) };
}

// again is an entry as it was before anything was known of it.
function again(e: Entry): Entry {
  const { seq, writer, id, nonce, name, args, at, before } = e;
  return { seq, writer, id, nonce, name, args, at, ...(before === undefined ? {} : { before }), status: "waiting" };
}

// fill makes the service's gap whole: everything of the writer from this number on is sent again, out of outbox and
// journal. Where the number is in neither, something is lost there for good, and what is left is numbered anew.
function fill(box: Outbox, writer: string, from: number, fresh: string): Outbox {
  const due = (e: Entry) => e.writer === writer && e.id >= from && e.code !== "too_old";
  if (![...box.entries, ...box.journal].some((e) => due(e) && e.id === from)) return renumber({ ...box, lost: true }, fresh);
  const back = box.journal.filter(due).map(again);
  return {
    ...box,
    entries: sorted([...back, ...box.entries.map((e) => (due(e) ? again(e) : e))]),
    journal: box.journal.filter((e) => !due(e)),
  };
}

// renumber gives everything without a final result 1, 2, 3 and so on under a new writer, in its order. No older
// writer gives out numbers after that: what it gave out lately is no longer under it.
function renumber(box: Outbox, fresh: string): Outbox {
  let id = 0;
  const entries = box.entries.map((e) => (e.status === "waiting" ? { ...e, writer: fresh, id: ++id } : e));
  const writers = new Map([...box.writers].map(([name, w]) => [name, { ...w, closed: true }]));
  if (id > 0) writers.set(fresh, { assigned: id, last: 0, closed: false });
  return { ...box, entries, writers };
}

// count takes in how far writers are counted, and confirms. A count below one that was known means that the service
// came back from a backup, whether it says so or not; one above all that this store gave out, that another device has
// a copy of it.
function count(box: Outbox, { epoch, counts, fresh, now }: Event & { kind: "counted" }): Outbox {
  const writers = new Map(box.writers);
  let copied = false;
  for (const [name, last] of counts) {
    const known = writers.get(name) ?? { assigned: 0, last: 0, closed: false };
    if (last < known.last) return restore(box, epoch, fresh);
    copied ||= !known.closed && known.assigned > 0 && last > known.assigned;
    writers.set(name, { ...known, last });
  }
  const counted = confirm({ ...box, epoch, writers }, now);
  return copied ? renumber({ ...counted, forked: true }, fresh) : counted;
}

// confirm moves to the journal what has its own final result and whose effect a whole pull has brought, and forgets
// what is in there for long.
function confirm(box: Outbox, now: number): Outbox {
  const brought = (e: Entry) => e.status !== "waiting" && (box.writers.get(e.writer)?.last ?? 0) >= e.id;
  const kept = box.journal.filter((e) => e.confirmed >= now - journalled);
  const done = box.entries.filter(brought).map((e) => ({ ...e, confirmed: now }));
  if (done.length === 0 && kept.length === box.journal.length) return box;
  return { ...box, entries: box.entries.filter((e) => !brought(e)), journal: sorted([...kept, ...done]) };
}

// restore begins anew with a service that came back from a backup: everything that was sent lately is sent again, and
// answered as a duplicate where it is still known. What was sent under a store that was given up is numbered anew, for
// its writers are not of this one.
function restore(box: Outbox, epoch: string, fresh: string): Outbox {
  const back = box.journal.filter((e) => e.code !== "too_old");
  const next: Outbox = {
    ...box,
    epoch,
    cookie: null,
    entries: sorted([...back, ...box.entries].map(again)),
    journal: box.journal.filter((e) => e.code === "too_old"),
    writers: new Map([...box.writers].map(([name, w]) => [name, { ...w, last: 0 }])),
  };
  return next.entries.some((e) => !box.writers.has(e.writer)) ? renumber(next, fresh) : next;
}

// refound gives the store another name, because a copy uses the old one or the service has given it up. Whatever is
// not confirmed is sent again: under another name no count would ever tell of it.
function refound(box: Outbox, group: string, fresh: string): Outbox {
  return renumber({ ...box, group, cookie: null, entries: box.entries.map(again), writers: new Map(), forked: false }, fresh);
}

function sorted<T extends Entry>(entries: T[]): T[] {
  return entries.sort((a, b) => a.seq - b.seq);
}
