// All that a store holds, and what a page of a pull does to it: pure, so that a page is one step or none.

import { forget, patch, serverNow, tooSoon, type Documents, type Op, type Times } from "./documents.js";
import { empty, step, type Cookie, type Outbox } from "./outbox.js";

// State is one account's store. resetAt is the service's clock when the documents were last fetched anew because
// they were not those that they should be. locked is a store whose person has signed out and left something unsent: no tab
// that has not heard of it fetches anything into it.
export interface State {
  readonly outbox: Outbox;
  readonly docs: Documents;
  readonly times: Times | null;
  readonly resetAt: number | null;
  readonly locked: boolean;
}

// newState is a store that has never met the service.
export function newState(group: string): State {
  return { outbox: empty(group), docs: new Map(), times: null, resetAt: null, locked: false };
}

// Page is one answer to a pull.
export interface Page {
  readonly epoch: string;
  readonly serverNow: number;
  readonly cookie: Cookie;
  readonly lastMutationIDChanges: ReadonlyMap<string, number>;
  readonly patch: readonly Op[];
  readonly hasMore: boolean;
  readonly check?: { readonly n: number; readonly h: string };
  readonly nextPollMs: number;
  readonly leaseMs: number;
}

// Pulled is what a page led to: late, it was left, because another tab was faster; more and again, pull once more, the
// second one from nothing; whole, the device holds all; strange, it has a step that nobody knows and was left; stuck, it
// leads nowhere.
export type Pulled = "late" | "more" | "again" | "whole" | "strange" | "stuck";

// resetEvery is how often documents are fetched anew at most, in milliseconds: a fault that stays is no loop.
const resetEvery = 3600 * 1000;

// take takes a page in. asked is the cookie it was asked with: a page is the difference to that, and fits nothing
// else. fresh is an id for a new writer; now is the device's clock.
export function take(state: State, page: Page, asked: { group: string; cookie: Cookie | null }, fresh: string, now: number): [State, Pulled] {
  const { outbox } = state;
  const held = JSON.stringify(outbox.cookie);
  if (outbox.group !== asked.group || held !== JSON.stringify(asked.cookie) || older(page, outbox)) return [state, "late"];
  if (outbox.epoch !== null && outbox.epoch !== page.epoch) {
    return [{ ...state, outbox: step(outbox, { kind: "restored", epoch: page.epoch, fresh }) }, "again"];
  }
  const docs = patch(state.docs, page.patch);
  if (docs === undefined) return [state, "strange"];
  const taken: State = { ...state, docs, outbox: { ...outbox, epoch: page.epoch, cookie: page.cookie } };
  // A page that leads nowhere is not asked for again and again.
  if (page.hasMore) return [taken, JSON.stringify(page.cookie) === held ? "stuck" : "more"];
  return whole(taken, page, fresh, now);
}

function whole(state: State, page: Page, fresh: string, now: number): [State, Pulled] {
  const outbox = step(state.outbox, { kind: "counted", epoch: page.epoch, counts: page.lastMutationIDChanges, fresh, now: page.serverNow });
  if (outbox.cookie === null) return [{ ...state, outbox }, "again"];
  const times = { server: page.serverNow, device: now, latest: now, lease: page.leaseMs, poll: page.nextPollMs };
  const counted = { ...state, outbox, times };
  return tooSoon(state.docs, page.serverNow) ? [withoutCookie(counted), "again"] : [counted, "whole"];
}

// older reports whether a page was computed before what the device holds.
function older(page: Page, outbox: Outbox): boolean {
  const mine = outbox.cookie?.["order"];
  const its = page.cookie["order"];
  return outbox.epoch === page.epoch && typeof mine === "number" && typeof its === "number" && its < mine;
}

// reset has everything fetched anew, at most once an hour by the service's clock; else the state comes back as it is.
export function reset(state: State, at: number): State {
  if (state.resetAt !== null && Math.abs(at - state.resetAt) < resetEvery) return state;
  return withoutCookie({ ...state, resetAt: at });
}

function withoutCookie(state: State): State {
  return { ...state, outbox: { ...state.outbox, cookie: null } };
}

// pass is what time alone does: documents come to their end, and all of them go once nothing was heard for the lease.
// The same state where nothing has.
export function pass(state: State, now: number): State {
  const at = serverNow(state.times, now);
  if (at === undefined || state.times === null) return state;
  if (state.times.lease > 0 && at - state.times.server > state.times.lease) {
    // What comes from now on has a lease of its own, or the first of many pages would go with the next.
    return withoutCookie({ ...state, docs: new Map(), times: { ...state.times, server: at, device: now } });
  }
  const docs = forget(state.docs, at);
  return docs === state.docs ? state : { ...state, docs };
}

// seen notes the device's clock, so that a step back is found out also after a restart.
export function seen(state: State, now: number): State {
  return state.times === null || now <= state.times.latest ? state : { ...state, times: { ...state.times, latest: now } };
}
