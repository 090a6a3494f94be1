// The shapes of the wire, of openapi.yaml, and how much of an answer is looked at before it counts as one: a hotel's
// network answers too.

import type { components } from "../../generated/schema.js";
import { isObject } from "./documents.js";
import type { Result } from "./outbox.js";
import type { Page } from "./state.js";

export type Push = components["schemas"]["Push"];
export type Pull = components["schemas"]["Pull"];

// The versions that this client speaks.
export const pushVersion = 1;
export const pullVersion = 1;
export const schemaVersion = "1";

export interface Pushed {
  readonly epoch: string;
  readonly serverNow: number;
  readonly results: readonly Result[];
}

// readPushed reads the answer to a push; undefined where it is none.
export function readPushed(body: Record<string, unknown>): Pushed | undefined {
  const { epoch, serverNow, results } = body;
  if (typeof epoch !== "string" || epoch === "" || typeof serverNow !== "number" || !Array.isArray(results)) return undefined;
  const read = results.map(readResult);
  return read.every((r) => r !== undefined) ? { epoch, serverNow, results: read } : undefined;
}

function readResult(r: unknown): Result | undefined {
  if (!isObject(r) || typeof r["clientID"] !== "string" || typeof r["id"] !== "number" || typeof r["status"] !== "string") return undefined;
  return {
    clientID: r["clientID"],
    id: r["id"],
    status: r["status"],
    ...(typeof r["of"] === "string" ? { of: r["of"] } : {}),
    ...(typeof r["code"] === "string" ? { code: r["code"] } : {}),
    ...(isObject(r["params"]) ? { params: r["params"] as Record<string, string> } : {}),
    ...(typeof r["expectedID"] === "number" ? { expectedID: r["expectedID"] } : {}),
  };
}

// readPage reads the answer to a pull; undefined where it is none. What an op says is judged when it is done.
export function readPage(body: Record<string, unknown>): Page | undefined {
  const { epoch, serverNow, cookie, lastMutationIDChanges: counts, patch, hasMore, check, nextPollMs, leaseMs } = body;
  if (typeof epoch !== "string" || epoch === "" || typeof serverNow !== "number" || typeof hasMore !== "boolean") return undefined;
  if (!isObject(cookie) || !isObject(counts) || !Array.isArray(patch) || !patch.every(isObject)) return undefined;
  const told = Object.entries(counts).filter((c): c is [string, number] => typeof c[1] === "number");
  return {
    epoch,
    serverNow,
    cookie,
    lastMutationIDChanges: new Map(told),
    patch: patch.map((o) => ({ op: String(o["op"]), ...(typeof o["key"] === "string" ? { key: o["key"] } : {}), value: o["value"] })),
    hasMore,
    ...(isObject(check) && typeof check["n"] === "number" && typeof check["h"] === "string" ? { check: { n: check["n"], h: check["h"] } } : {}),
    nextPollMs: typeof nextPollMs === "number" ? nextPollMs : 0,
    leaseMs: typeof leaseMs === "number" ? leaseMs : 0,
  };
}
