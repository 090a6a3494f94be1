// What the service shows to the account, as it lies on the device: pure functions over all of it.

export type Document = Readonly<Record<string, unknown>>;

// Held is one document. value is null once its time was over on this device; its key stays until a pull takes it
// away, because the cookie says that the device has it.
export interface Held {
  readonly value: Document | null;
  readonly until: number | null; // by the service's clock, in milliseconds
}

export type Documents = ReadonlyMap<string, Held>;

export interface Op {
  readonly op: string;
  readonly key?: string;
  readonly value?: unknown;
}

// Times tell the service's clock: its reading and the device's at the last whole pull, and the latest that the device's
// clock was ever seen at, all in milliseconds; how long documents are kept after that pull, and when to pull again.
export interface Times {
  readonly server: number;
  readonly device: number;
  readonly latest: number;
  readonly lease: number;
  readonly poll: number;
}

// slack is how far a device's clock may go back, in milliseconds, before it counts as set back: it is put right by
// moments all the time.
const slack = 60_000;

// serverNow is the service's clock by what has passed on the device since; undefined where the device cannot tell,
// because its own clock went back.
export function serverNow(times: Times | null, now: number): number | undefined {
  return times === null || now < times.latest - slack ? undefined : times.server + Math.max(now - times.device, 0);
}

// isObject tells a JSON object from everything else that JSON can be.
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// patch does the steps of a page in order; undefined where one is not understood, for then none may be done.
export function patch(docs: Documents, ops: readonly Op[]): Documents | undefined {
  if (ops.length === 0) return docs;
  const next = new Map(docs);
  for (const { op, key, value } of ops) {
    if (op === "clear") next.clear();
    else if (op === "del" && key !== undefined) next.delete(key);
    else if (op === "put" && key !== undefined && isObject(value)) next.set(key, held(value));
    else return undefined;
  }
  return next;
}

function held(value: Document): Held {
  const until = typeof value["until"] === "string" ? Date.parse(value["until"]) : NaN;
  return { value, until: Number.isNaN(until) ? null : until };
}

// forget empties what has come to its end; the same map where nothing has.
export function forget(docs: Documents, now: number): Documents {
  const over = [...docs].filter(([, d]) => d.value !== null && d.until !== null && d.until <= now);
  if (over.length === 0) return docs;
  const next = new Map(docs);
  for (const [key, d] of over) next.set(key, { value: null, until: d.until });
  return next;
}

// tooSoon reports whether something was forgotten that is not at its end by the service's clock: the device's ran
// ahead, and what it forgot has to be fetched again.
export function tooSoon(docs: Documents, now: number): boolean {
  return [...docs.values()].some((d) => d.value === null && d.until !== null && d.until > now);
}

// shown are the documents that a screen may show; those that have an end only where the time is known.
export function shown(docs: Documents, now: number | undefined): Map<string, Document> {
  const all = new Map<string, Document>();
  for (const [key, { value, until }] of docs) {
    if (value !== null && (until === null || (now !== undefined && until > now))) all.set(key, value);
  }
  return all;
}

// nextEnd is when the next document comes to its end; undefined where none does.
export function nextEnd(docs: Documents): number | undefined {
  let first: number | undefined;
  for (const { value, until } of docs.values()) {
    if (value !== null && until !== null && (first === undefined || until < first)) first = until;
  }
  return first;
}

// holds compares what the device holds with what it should: the number of keys, and the first eight bytes of SHA-256
// over them in the order of their bytes, each with a line end.
export async function holds(docs: Documents, check: { n: number; h: string }): Promise<boolean> {
  if (docs.size !== check.n) return false;
  const encoder = new TextEncoder();
  const keys = [...docs.keys()].map((key) => encoder.encode(`${key}\n`)).sort(compareBytes);
  const all = new Uint8Array(keys.reduce((n, k) => n + k.length, 0));
  let at = 0;
  for (const key of keys) {
    all.set(key, at);
    at += key.length;
  }
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", all)).subarray(0, 8);
  return Array.from(sum, (b) => b.toString(16).padStart(2, "0")).join("") === check.h;
}

// compareBytes orders keys as their bytes, line ends left out: JavaScript's own order is that of UTF-16.
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const both = Math.min(a.length, b.length) - 1;
  for (let i = 0; i < both; i++) {
    const d = (a[i] ?? 0) - (b[i] ?? 0);
    if (d !== 0) return d;
  }
  return a.length - b.length;
}
