// A service in memory for the faults that a real one cannot be made to have: it follows sync.md, knows two mutations,
// and shows every document to everybody. Tests that force no fault run against the real one.

import { createHash } from "node:crypto";
import type { Document } from "../src/sync/documents.js";

interface Verdict {
  status: "applied" | "rejected";
  code?: string;
  sent: Set<string>; // writer/id under which it came
}

// What the history of the data is: all that a backup holds.
interface History {
  docs: Map<string, { value: Document; version: number }>;
  ledger: Map<string, Verdict>;
  writers: Map<string, { group: string; last: number }>;
  version: number;
}

interface Mutation {
  clientID: string;
  id: number;
  nonce: string;
  name: string;
  args: Record<string, unknown>;
}

// Fault stands before a call: it answers in the service's place, lets the call through and changes what comes back, or
// does something meanwhile.
export type Fault = (call: { path: string; body: Record<string, unknown> }, serve: () => Response) => Response | Promise<Response>;

export class Double {
  now = 1_795_510_800_000;
  epoch = "a";
  pullVersionsSpoken = true;
  applied: string[] = []; // nonces whose effect was done, each time it was
  calls: { path: string; body: Record<string, unknown> }[] = [];
  readonly faults: Fault[] = []; // one for each of the next calls
  rule: (m: Mutation) => string | undefined = () => undefined; // a code refuses
  private history: History = { docs: new Map(), ledger: new Map(), writers: new Map(), version: 0 };
  private views = new Map<number, { docs: Map<string, number>; counts: Map<string, number> }>();
  private order = 0;
  readonly ended = new Set<string>();
  readonly streams: ((text: string | undefined) => void)[] = []; // each sends, and ends by undefined
  listeners = 0; // streams that somebody reads

  // fetch is what a client calls in the place of the browser's.
  readonly fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const path = new URL(String(url)).pathname;
    const body = init?.body === undefined ? {} : (JSON.parse(String(init.body)) as Record<string, unknown>);
    const call = { path, body };
    const serve = () => (path === "/sync/v1/events" ? this.stream(init?.signal) : this.serve(call));
    this.calls.push(call);
    const fault = this.faults.shift();
    return fault === undefined ? serve() : fault(call, serve);
  };

  put(key: string, value: Document): void {
    this.history.docs.set(key, { value, version: ++this.history.version });
  }

  remove(key: string): void {
    this.history.docs.delete(key);
  }

  documents(kind: string): string[] {
    return [...this.history.docs.keys()].filter((key) => key.startsWith(`${kind}/`));
  }

  backup(): History {
    return structuredClone(this.history);
  }

  // restore puts a backup back. Where the operator says so, the epoch is another.
  restore(history: History, epoch = this.epoch): void {
    this.history = structuredClone(history);
    this.views = new Map();
    this.epoch = epoch;
  }

  // forgetVerdicts empties the ledger, as after its term.
  forgetVerdicts(): void {
    this.history.ledger = new Map();
  }

  private serve({ path, body }: { path: string; body: Record<string, unknown> }): Response {
    const group = String(body["clientGroupID"]);
    if (path.startsWith("/sync/v1/groups/")) {
      this.ended.add(path.slice("/sync/v1/groups/".length));
      return new Response(null, { status: 204 });
    }
    if (this.ended.has(group)) return problem(409, "group_ended");
    return path === "/sync/v1/push" ? this.push(group, body["mutations"] as Mutation[]) : this.pull(body);
  }

  private stream(signal?: AbortSignal | null): Response {
    this.listeners++;
    let over = false;
    const leave = (then: () => void) => {
      if (!over) this.listeners--;
      over = true;
      then();
    };
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        signal?.addEventListener("abort", () => leave(() => controller.error(signal.reason)));
        this.streams.push((text) => {
          if (text === undefined) leave(() => controller.close());
          else controller.enqueue(new TextEncoder().encode(text));
        });
      },
      cancel: () => leave(() => undefined),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  private push(group: string, mutations: Mutation[]): Response {
    const results: Record<string, unknown>[] = [];
    for (const m of mutations) {
      const writer = this.history.writers.get(m.clientID) ?? { group, last: 0 };
      if (writer.group !== group) return problem(403, "client_group_forbidden");
      const result = this.judge(m, writer);
      results.push({ clientID: m.clientID, id: m.id, ...result });
      if (!["applied", "rejected", "duplicate"].includes(result.status)) break;
      this.history.writers.set(m.clientID, { group, last: Math.max(writer.last, m.id) });
    }
    const stopped = results.length > 0 && ["gap", "forked"].includes(String(results.at(-1)?.["status"]));
    return json(stopped ? 409 : 200, { epoch: this.epoch, serverNow: this.now, results, lastMutationIDs: {} });
  }

  private judge(m: Mutation, writer: { last: number }): { status: string; of?: string; code?: string; expectedID?: number } {
    const known = this.history.ledger.get(m.nonce);
    const number = `${m.clientID}/${m.id}`;
    if (m.id > writer.last + 1) return { status: "gap", expectedID: writer.last + 1 };
    if (known !== undefined && (m.id > writer.last || known.sent.has(number))) {
      known.sent.add(number);
      return { status: "duplicate", of: known.status, ...(known.code === undefined ? {} : { code: known.code }) };
    }
    if (m.id <= writer.last) {
      const other = [...this.history.ledger.values()].some((v) => v.sent.has(number));
      return other ? { status: "forked" } : { status: "duplicate", of: "unknown" };
    }
    const code = this.effect(m);
    const verdict: Verdict = { status: code === undefined ? "applied" : "rejected", ...(code === undefined ? {} : { code }), sent: new Set([number]) };
    this.history.ledger.set(m.nonce, verdict);
    if (code !== undefined) this.put(`outcome/${m.nonce}`, { nonce: m.nonce, name: m.name, status: "rejected", code });
    return { status: verdict.status, ...(code === undefined ? {} : { code }) };
  }

  private effect(m: Mutation): string | undefined {
    const refusal = this.rule(m);
    if (refusal !== undefined) return refusal;
    switch (m.name) {
      case "request.ask":
        this.put(`request/${String(m.args["id"])}`, { ...m.args, state: "open" });
        break;
      case "request.withdraw": {
        const key = `request/${String(m.args["request"])}`;
        const doc = this.history.docs.get(key);
        if (doc === undefined) return "request_not_found";
        this.put(key, { ...doc.value, state: "closed" });
        break;
      }
      case "outcome.dismiss":
        this.remove(`outcome/${String(m.args["nonce"])}`);
        break;
      default:
        return "mutation_unknown";
    }
    this.applied.push(m.nonce);
    return undefined;
  }

  private pull(body: Record<string, unknown>): Response {
    if (!this.pullVersionsSpoken) return json(200, { error: "VersionNotSupported", versionType: "pull", min: "2", max: "3" });
    const cookie = body["cookie"] as { order: number; e: string } | null;
    const base = cookie !== null && cookie.e === this.epoch ? this.views.get(cookie.order) : undefined;
    const before = base ?? { docs: new Map<string, number>(), counts: new Map<string, number>() };
    const view = { docs: new Map(before.docs), counts: new Map(before.counts) };
    const patch: Record<string, unknown>[] = base === undefined ? [{ op: "clear" }] : [];
    for (const key of before.docs.keys()) {
      if (this.history.docs.has(key)) continue;
      patch.push({ op: "del", key });
      view.docs.delete(key);
    }
    const due = [...this.history.docs].filter(([key, d]) => view.docs.get(key) !== d.version);
    const most = Number(body["maxOps"] ?? Infinity);
    for (const [key, { value, version }] of due.slice(0, most)) {
      patch.push({ op: "put", key, value });
      view.docs.set(key, version);
    }
    const hasMore = due.length > most;
    const told = hasMore ? [] : this.counts(String(body["clientGroupID"])).filter(([w, last]) => view.counts.get(w) !== last);
    for (const [w, last] of told) view.counts.set(w, last);
    if (base === undefined || patch.length + told.length > 0) this.views.set(++this.order, view);
    const order = base === undefined || patch.length + told.length > 0 ? this.order : cookie?.order;
    return json(200, {
      epoch: this.epoch,
      serverNow: this.now,
      cookie: { order, v: "v", e: this.epoch },
      lastMutationIDChanges: Object.fromEntries(told),
      patch,
      hasMore,
      ...(hasMore ? {} : { check: checkOf([...view.docs.keys()]) }),
      nextPollMs: 60_000,
      leaseMs: 30 * 24 * 3600 * 1000,
    });
  }

  private counts(group: string): [string, number][] {
    return [...this.history.writers].filter(([, w]) => w.group === group).map(([name, w]) => [name, w.last]);
  }
}

// checkOf is the check of sync.md, computed in another way than the client does.
export function checkOf(keys: string[]): { n: number; h: string } {
  const sorted = keys.map((key) => Buffer.from(key)).sort((a, b) => Buffer.compare(a, b));
  const sum = createHash("sha256");
  for (const key of sorted) sum.update(key).update("\n");
  return { n: keys.length, h: sum.digest("hex").slice(0, 16) };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ code, status }), { status, headers: { "content-type": "application/problem+json; charset=utf-8", ...headers } });
}

// lost lets the service act, and loses its answer.
export const lost: Fault = (_, serve) => {
  serve();
  throw new TypeError("no connection");
};

// cut keeps a call from the service.
export const cut: Fault = () => {
  throw new TypeError("no connection");
};

// hotel is the network of one, before somebody has signed in there.
export const hotel: Fault = () => new Response("<html>Log in</html>", { status: 200, headers: { "content-type": "text/html" } });
