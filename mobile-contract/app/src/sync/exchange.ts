// What a sync does with the service: pushes what waits, pulls to the end, and goes round again where one brings up
// something for the other. Each call, with the storing of its answer, is made while no other tab makes one.

import { holds } from "./documents.js";
import { call, type Link, type Reply } from "./link.js";
import { step, waiting, type Entry } from "./outbox.js";
import { blank, type Fault, type Report } from "./report.js";
import { reset, take, type Page, type Pulled, type State } from "./state.js";
import type { Store } from "./store.js";
import type { Tabs } from "./tabs.js";
import { pullVersion, pushVersion, readPage, readPushed, schemaVersion, type Pull, type Push, type Pushed } from "./wire.js";

// The limits of one push and of one page; lengths in bytes.
const mostInPush = 100;
const mostPushed = 256 << 10;
const pageOps = 200;
const pageBytes = 256 << 10;

// rounds bounds how often a sync goes from the outbox to the documents and back. idlest bounds pushes in a row that
// bring no result: a gap or a fork needs one, a push that is too large seven until it is one intent.
const rounds = 8;
const idlest = 10;

// Place is the store that is synced, and what it is synced with.
export interface Place {
  readonly store: Store;
  readonly tabs: Tabs;
  readonly link: Link;
  readonly clock: () => number;
  readonly newID: (heard?: number) => string; // heard is the service's clock, where an answer tells it
  readonly change: (f: (state: State) => State) => Promise<State>;
  readonly over: () => boolean; // the store is closed, or gone
}

// Sent is what a push led to: results; something else that makes another one sensible; nothing more to push now; or
// that no call makes sense now.
type Sent = "settled" | "moved" | "nothing" | "halt";

export class Exchange {
  private most = mostInPush; // halves where the service finds a push too large

  constructor(private readonly place: Place) {}

  async run(): Promise<Report> {
    const r = blank();
    for (let i = 0; i < rounds && (await this.round(r)); i++);
    return r;
  }

  // round pushes until nothing moves any more and pulls to the end. It reports whether another one has something to do.
  private async round(r: Report): Promise<boolean> {
    const { tabs, store } = this.place;
    for (let idle = 0; idle < idlest; ) {
      const sent = await tabs.exclusive(() => this.push(r));
      if (sent === "halt") return false;
      if (sent === "nothing") break;
      idle = sent === "settled" ? 0 : idle + 1;
    }
    r.complete = false;
    for (let anew = 0; anew < rounds; ) {
      const pulled = await tabs.exclusive(() => this.pull(r));
      if (pulled === "halt") return false;
      if (pulled === "whole") r.complete = true;
      if (pulled !== "more" && pulled !== "again") break;
      if (pulled === "again") anew++;
    }
    const { outbox } = store.state;
    if (outbox.forked && outbox.entries.length === 0) {
      await this.refound(outbox.group); // the copy keeps the old one
      return true;
    }
    return waiting(outbox).length > 0 && r.retryAfterMs === 0 && !r.outdated.includes("push");
  }

  // push sends the next intents.
  private async push(r: Report): Promise<Sent> {
    if (this.place.over()) return "halt";
    const { outbox, locked } = await this.place.change((state) => state);
    if (locked) return "halt";
    const { sent, mutations } = batch(waiting(outbox), this.most);
    if (sent.length === 0) return "nothing";
    const body: Push = { pushVersion, clientGroupID: outbox.group, schemaVersion, clientNow: this.place.clock(), mutations };
    const reply = await this.call(r, "/sync/v1/push", body);
    if (reply === undefined) return "halt";
    if (sent.length > 1 && (reply.status === 413 || reply.body["code"] === "push_too_large")) {
      this.most = Math.ceil(sent.length / 2);
      return "moved";
    }
    if (await this.ended(reply, outbox.group)) return "moved";
    if (outdated(r, reply)) return "nothing";
    const answer = [200, 202, 409, 503].includes(reply.status) ? readPushed(reply.body) : undefined;
    return answer === undefined ? refused(r, reply) : this.settle(r, reply, sent, answer);
  }

  // settle stores the results.
  private async settle(r: Report, reply: Reply, sent: readonly Entry[], { epoch, results, serverNow }: Pushed): Promise<Sent> {
    const fresh = this.place.newID(serverNow);
    let restored = false;
    let settled = 0;
    await this.place.change((state) => {
      const outbox = step(state.outbox, { kind: "answered", sent, epoch, results, fresh, now: serverNow });
      restored = state.outbox.epoch !== null && state.outbox.epoch !== epoch;
      settled = waiting(state.outbox).length - waiting(outbox).length;
      return { ...state, outbox };
    });
    if (restored) return "moved";
    r.sent += Math.max(settled, 0); // a gap makes more wait than before
    const last = results.at(-1)?.status;
    if (reply.status === 503 || last === "retry") {
      r.retryAfterMs = Math.max(reply.retryAfterMs, 1000);
      return "nothing";
    }
    if (last === "gap" || last === "forked") return "moved";
    return settled > 0 ? "settled" : "nothing";
  }

  // pull takes one page in: documents, cookie and counts in one transaction.
  private async pull(r: Report): Promise<Pulled | "halt"> {
    if (this.place.over()) return "halt";
    const { outbox, locked } = await this.place.change((state) => state);
    if (locked) return "halt";
    const asked = { group: outbox.group, cookie: outbox.cookie };
    const cookie = outbox.cookie as Pull["cookie"]; // given back as it came
    const body: Pull = { pullVersion, clientGroupID: outbox.group, schemaVersion, cookie, maxOps: pageOps, maxBytes: pageBytes };
    const reply = await this.call(r, "/sync/v1/pull", body);
    if (reply === undefined) return "halt";
    if (await this.ended(reply, outbox.group)) return "again";
    if (outdated(r, reply)) return "stuck";
    const page = reply.status === 200 ? readPage(reply.body) : undefined;
    if (page === undefined) return refused(r, reply);
    r.pages++;
    const fresh = this.place.newID(page.serverNow);
    let pulled: Pulled = "late";
    const state = await this.place.change((before) => {
      const [after, what] = take(before, page, asked, fresh, this.place.clock());
      pulled = what;
      return after;
    });
    return (await this.fits(state, page, pulled)) ? pulled : this.anew(r, state, page);
  }

  // fits reports whether the device holds what it should, where a page says what that is.
  private async fits(state: State, page: Page, pulled: Pulled): Promise<boolean> {
    if (pulled === "whole" && page.check !== undefined) return holds(state.docs, page.check);
    return pulled !== "strange";
  }

  // anew has everything fetched anew.
  private async anew(r: Report, held: State, page: Page): Promise<Pulled> {
    r.mismatch = true;
    let pulled: Pulled = "stuck";
    await this.place.change((state) => {
      if (state.outbox.cookie !== held.outbox.cookie) return state; // another tab was faster
      const next = reset(state, page.serverNow);
      pulled = next === state ? "stuck" : "again";
      return next;
    });
    return pulled;
  }

  // ended gives a store another name that the service has given up.
  private async ended(reply: Reply, group: string): Promise<boolean> {
    if (reply.status !== 409 || reply.body["code"] !== "group_ended") return false;
    await this.refound(group);
    return true;
  }

  private async refound(from: string): Promise<void> {
    const [group, fresh] = [this.place.newID(), this.place.newID()];
    await this.place.change((state) => {
      return state.outbox.group === from ? { ...state, outbox: step(state.outbox, { kind: "refounded", group, fresh }) } : state;
    });
  }

  // call carries one call; undefined where there is no answer to go by, and the report says why.
  private async call(r: Report, path: string, body: unknown): Promise<Reply | undefined> {
    const reply = await call(this.place.link, "POST", path, body);
    if (typeof reply !== "string") return reply;
    if (reply === "sign_in" || reply === "gone") r.stop = reply;
    else r.fault = { kind: reply };
    return undefined;
  }
}

// refused notes an answer that is none to go by.
function refused(r: Report, { status, body, retryAfterMs }: Reply): "halt" {
  const code = typeof body["code"] === "string" ? { code: body["code"] } : {};
  const fault = (kind: Fault["kind"]) => (r.fault = { kind, status, ...code });
  if (status === 410 && body["error"] === "AccountGone" && body["wipe"] === true) {
    r.stop = "gone"; // nothing else wipes
  } else if (status === 403 && body["code"] === "client_group_forbidden") {
    r.stop = "forbidden";
  } else if (status === 408 || status === 429 || status >= 500) {
    r.retryAfterMs = Math.max(retryAfterMs, 1000);
    fault("later");
  } else {
    fault(status >= 400 ? "refused" : "not_the_service");
  }
  return "halt";
}

// outdated notes what the service no longer speaks; it says so with status 200.
function outdated(r: Report, { status, body }: Reply): boolean {
  if (status !== 200 || body["error"] !== "VersionNotSupported") return false;
  r.outdated.push(String(body["versionType"]));
  return true;
}

// batch takes the next intents that fit into one push; at least one.
function batch(entries: readonly Entry[], most: number): { sent: Entry[]; mutations: Push["mutations"] } {
  const sent: Entry[] = [];
  const mutations: Push["mutations"] = [];
  const encoder = new TextEncoder();
  let size = 0;
  for (const e of entries.slice(0, most)) {
    const mutation = { clientID: e.writer, id: e.id, nonce: e.nonce, name: e.name, args: { ...e.args }, timestamp: e.at };
    size += encoder.encode(JSON.stringify(mutation)).length + 1;
    if (sent.length > 0 && size > mostPushed) break;
    sent.push(e);
    mutations.push(mutation);
  }
  return { sent, mutations };
}
