import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mutations } from "../src/sync/overlay.js";

// These lines compile or do not: a wrong name or argument is found before it runs.
const right: { [N in keyof Mutations]?: Mutations[N] } = {
  "ask.accept": { ask: "01JDB8Q4M2ZT6R0V9XKFW3E7HQ" },
  "ask.later": { ask: "01JDB8Q4M2ZT6R0V9XKFW3E7HQ", until: "2026-11-26T08:45:00.000Z" },
  "message.send": { visit: "01JDB8Q4M2ZT6R0V9XKFW3E7HV", id: "01JDB8Q4M2ZT6R0V9XKFW3E7HM", text: "Tot zo" },
  "slot.skip": { request: "01JDB8Q4M2ZT6R0V9XKFW3E7HR", slot: "01JDB8Q4M2ZT6R0V9XKFW3E7HS" },
  "membership.leave": { membership: "01JDB8Q4M2ZT6R0V9XKFW3E7HB" },
  "outcome.dismiss": { nonce: "pXf0V9XKFW3E7HN01JDB8Q" },
};

// @ts-expect-error an id of the path is needed
export const noPath: Mutations["ask.accept"] = {};
// @ts-expect-error a field of the body is needed
export const noBody: Mutations["ask.later"] = { ask: "01JDB8Q4M2ZT6R0V9XKFW3E7HQ" };
// @ts-expect-error what is made has an id
export const noID: Mutations["message.send"] = { visit: "01JDB8Q4M2ZT6R0V9XKFW3E7HV", text: "Tot zo" };
// @ts-expect-error there is no such mutation
export const noName: keyof Mutations = "ask.fly";

test("mutations have the arguments of their routes", () => assert.equal(Object.keys(right).length, 6));
