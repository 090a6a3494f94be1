import assert from "node:assert/strict";
import { test } from "node:test";
import { empty, gives, journalled, step, waiting, type Event, type Outbox, type Result } from "../src/sync/outbox.js";

const now = 1_795_510_800_000;

// after is a new outbox after these events.
function after(...events: Event[]): Outbox {
  return events.reduce(step, empty("store"));
}

function acted(nonce: string, writer = "w"): Event {
  return { kind: "acted", writer, nonce, name: "request.ask", args: {}, at: now };
}

// answered lets the service answer a push of all that waits.
function answered(box: Outbox, ...results: (Partial<Result> & { status: string })[]): Outbox {
  const sent = waiting(box);
  const full = results.map((r, i) => ({ clientID: sent[i]?.writer ?? "", id: sent[i]?.id ?? 0, ...r }));
  return step(box, { kind: "answered", sent, epoch: "a", results: full, fresh: "fresh", now });
}

function counted(box: Outbox, counts: Record<string, number>, at = now): Outbox {
  return step(box, { kind: "counted", epoch: "a", counts: new Map(Object.entries(counts)), fresh: "fresh", now: at });
}

// told is what can be told of an outbox in one line: where each nonce is, and under which number.
function told(box: Outbox): string {
  const entry = (e: { nonce: string; writer: string; id: number; status: string }) => `${e.nonce}=${e.writer}/${e.id} ${e.status}`;
  return [...box.entries.map(entry), "|", ...box.journal.map(entry)].join(", ");
}

test("ids count from 1 in each writer, and acts keep their order across writers", () => {
  const box = after(acted("a"), acted("b", "v"), acted("c"));
  assert.equal(told(box), "a=w/1 waiting, b=v/1 waiting, c=w/2 waiting, |");
});

test("the function changes nothing that it is given", () => {
  const box = after(acted("a"));
  const copy = structuredClone(box);
  counted(answered(box, { status: "applied" }), { w: 1 });
  answered(box, { status: "forked" });
  step(box, { kind: "restored", epoch: "b", fresh: "f" });
  assert.deepEqual(box, copy);
});

test("an entry leaves the outbox only with its own result and a count that reaches it", () => {
  const box = after(acted("a"), acted("b"));
  assert.equal(told(counted(box, { w: 2 })), "a=w/1 waiting, b=w/2 waiting, |", "a count alone");
  const settled = answered(box, { status: "applied" }, { status: "rejected", code: "no", params: { state: "x" } });
  assert.equal(told(settled), "a=w/1 applied, b=w/2 rejected, |", "results alone");
  assert.equal(told(counted(settled, { w: 1 })), "b=w/2 rejected, |, a=w/1 applied");
  assert.equal(told(counted(settled, {})), "a=w/1 applied, b=w/2 rejected, |", "a pull that tells no count");
  assert.equal(told(counted(counted(box, { w: 2 }), {})), "a=w/1 waiting, b=w/2 waiting, |");
  assert.equal(told(counted(answered(counted(box, { w: 2 }), { status: "applied" }), {})), "b=w/2 waiting, |, a=w/1 applied", "told before, and it still counts");
  assert.deepEqual(settled.entries[1]?.params, { state: "x" });
});

test("a duplicate is what it is of", () => {
  const box = after(acted("a"), acted("b"), acted("c"));
  const settled = answered(box, { status: "duplicate", of: "applied" }, { status: "duplicate", of: "rejected", code: "no" }, { status: "duplicate", of: "unknown" });
  assert.equal(told(counted(settled, { w: 3 })), "|, a=w/1 applied, b=w/2 rejected, c=w/3 unknown");
});

test("what is not final stays: retry, a status that nobody knows, results in another order, and what comes after them", () => {
  const box = after(acted("a"), acted("b"));
  for (const first of [{ status: "retry" }, { status: "perhaps" }, { status: "duplicate" }, { status: "applied", id: 2 }, { status: "applied", clientID: "v" }]) {
    assert.equal(told(answered(box, first, { status: "applied" })), "a=w/1 waiting, b=w/2 waiting, |", JSON.stringify(first));
  }
});

test("a result counts only for exactly the entry that was sent", () => {
  const box = after(acted("a"));
  const sent = waiting(box);
  const forked = answered(box, { status: "forked" });
  const late = step(forked, { kind: "answered", sent, epoch: "a", results: [{ clientID: "w", id: 1, status: "applied" }], fresh: "f", now });
  assert.equal(told(late), "a=fresh/1 waiting, |");
});

test("a gap is filled out of outbox and journal, from the number on that is missing", () => {
  const box = counted(answered(after(acted("a"), acted("b"), acted("c"), acted("o", "v")), { status: "applied" }, { status: "applied" }, { status: "applied" }), { w: 2 });
  assert.equal(told(box), "c=w/3 applied, o=v/1 waiting, |, a=w/1 applied, b=w/2 applied");
  const later = step(box, acted("d"));
  const d = waiting(later).at(-1);
  const gap = step(later, { kind: "answered", sent: d ? [d] : [], epoch: "a", results: [{ clientID: "w", id: 4, status: "gap", expectedID: 2 }], fresh: "fresh", now });
  assert.equal(told(gap), "b=w/2 waiting, c=w/3 waiting, o=v/1 waiting, d=w/4 waiting, |, a=w/1 applied");
  assert.equal(gap.lost, false);
});

test("case 27: a journal that is too short for a gap numbers anew what is left, and says so", () => {
  const box = counted(answered(after(acted("a"), acted("b")), { status: "applied" }), { w: 1 });
  const old = counted(box, {}, now + journalled + 1);
  assert.equal(told(old), "b=w/2 waiting, |");
  const gap = answered(old, { status: "gap", expectedID: 1 });
  assert.equal(told(gap), "b=fresh/1 waiting, |");
  assert.equal(gap.lost, true);
  assert.equal(step(gap, { kind: "told" }).lost, false);
});

test("case 21: a fork numbers all that waits anew, in its order and with its nonces", () => {
  const box = after(acted("a"), acted("b", "v"), acted("c"));
  const forked = answered(box, { status: "applied" }, { status: "forked" });
  assert.equal(told(forked), "a=w/1 applied, b=fresh/1 waiting, c=fresh/2 waiting, |");
  assert.equal(forked.forked, true);
  assert.deepEqual(["w", "v", "fresh", "other"].map((w) => gives(forked, w)), [false, false, true, false]);
  assert.equal(told(step(forked, acted("d", "fresh"))), "a=w/1 applied, b=fresh/1 waiting, c=fresh/2 waiting, d=fresh/3 waiting, |");
});

test("case 23: a count beyond what this store gave out is a fork, found once", () => {
  const box = after(acted("a"), acted("b", "v"));
  const forked = counted(box, { w: 4 });
  assert.equal(told(forked), "a=fresh/1 waiting, b=fresh/2 waiting, |");
  assert.equal(forked.forked, true);
  const again = counted({ ...forked, forked: false }, { w: 9 });
  assert.equal(again.forked, false);
  assert.equal(counted(box, { stranger: 9 }).forked, false, "writers of a copy are counted too");
});

test("case 25: another epoch sends again what was sent in 14 days", () => {
  const box = counted(answered(after(acted("a"), acted("b"), acted("c")), { status: "applied" }, { status: "rejected", code: "no" }), { w: 1 });
  assert.equal(told(box), "b=w/2 rejected, c=w/3 waiting, |, a=w/1 applied");
  const restored = step({ ...box, cookie: { order: 1 } }, { kind: "restored", epoch: "b", fresh: "fresh" });
  assert.equal(told(restored), "a=w/1 waiting, b=w/2 waiting, c=w/3 waiting, |");
  assert.deepEqual([restored.cookie, restored.epoch, restored.writers.get("w")?.last], [null, "b", 0]);
  const byPush = step(box, { kind: "answered", sent: waiting(box), epoch: "b", results: [], fresh: "fresh", now });
  assert.equal(told(byPush), told(restored), "it is found by a push too");
});

test("case 26: a count that went back is another history, told or not", () => {
  const box = counted(answered(after(acted("a"), acted("b")), { status: "applied" }, { status: "applied" }), { w: 2 });
  assert.equal(told(counted(box, { w: 1 })), "a=w/1 waiting, b=w/2 waiting, |");
  assert.equal(counted(box, { w: 1 }).cookie, null);
  assert.equal(told(counted(counted(box, { w: 1 }), { w: 1 })), "a=w/1 waiting, b=w/2 waiting, |", "and found once");
});

test("case 60: what is too old leaves at once, and is never sent again", () => {
  const heard = { ...after(acted("a"), acted("b")), epoch: "a" };
  const box = answered(heard, { status: "rejected", code: "too_old" });
  assert.equal(told(box), "b=w/2 waiting, |, a=w/1 rejected");
  assert.equal(gives(box, "w"), false, "nor is anything else under its writer");
  assert.equal(told(step(box, { kind: "restored", epoch: "b", fresh: "f" })), "b=w/2 waiting, |, a=w/1 rejected");
});

test("case 28: a store that was never answered is not too old, but its clock is behind: it numbers anew by the service's", () => {
  const box = answered(after(acted("a"), acted("b")), { status: "rejected", code: "too_old" }, { status: "rejected", code: "too_old" });
  assert.equal(told(box), "a=fresh/1 waiting, b=fresh/2 waiting, |");
  assert.equal(box.epoch, "a", "once");
});

test("a store under another name sends again whatever is not confirmed, and its journal under new numbers", () => {
  const box = counted(answered(after(acted("a"), acted("b"), acted("c")), { status: "applied" }, { status: "applied" }), { w: 1 });
  const other = step(box, { kind: "refounded", group: "other", fresh: "fresh" });
  assert.equal(told(other), "b=fresh/1 waiting, c=fresh/2 waiting, |, a=w/1 applied");
  assert.deepEqual([other.group, other.cookie, [...other.writers.keys()]], ["other", null, ["fresh"]]);
  assert.equal(told(step(other, { kind: "restored", epoch: "b", fresh: "newer" })), "a=newer/1 waiting, b=newer/2 waiting, c=newer/3 waiting, |");
});

test("the journal is kept for 14 days by the service's clock", () => {
  const box = counted(answered(after(acted("a")), { status: "applied" }), { w: 1 });
  assert.equal(counted(box, {}, now + journalled).journal.length, 1);
  assert.equal(counted(box, {}, now + journalled + 1).journal.length, 0);
});
