// Somebody's device with the client of replicache on it, as it comes, and the service with its fault switches.

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { Replicache, type MutatorDefs, type ReadonlyJSONValue, type ReplicacheOptions, type WriteTransaction } from "replicache";
import type { Demo, Part } from "../../../mobile-contract/app/test/server/demo.js";

export type Document = Readonly<Record<string, ReadonlyJSONValue | undefined>>;
export type Args = Record<string, ReadonlyJSONValue>;

// mutators are what an app shows of a mutation before the service has seen it.
export const mutators = {
  "request.ask": async (tx: WriteTransaction, args: Args) => tx.set(`request/${String(args["id"])}`, { ...args, unsent: true }),
  "request.withdraw": async (tx: WriteTransaction, args: Args) => change(tx, `request/${String(args["request"])}`, { state: "withdrawn" }),
  "ask.accept": async (tx: WriteTransaction, args: Args) => tx.set(`answer/${String(args["ask"])}`, { accepted: true }),
  "outcome.dismiss": async (tx: WriteTransaction, args: Args) => void (await tx.del(`outcome/${String(args["nonce"])}`)),
} satisfies MutatorDefs;

async function change(tx: WriteTransaction, key: string, to: Args): Promise<void> {
  const old = (await tx.get(key)) as Document | undefined;
  await tx.set(key, { ...(old ?? {}), ...to } as ReadonlyJSONValue);
}

// Call is one call that a device made: its status, or 0 where no answer came.
interface Call {
  readonly path: string;
  readonly store: string;
  readonly status: number;
  readonly patch: readonly { op: string; key?: string }[];
}

const calls: Call[] = [];
const send = globalThis.fetch;
globalThis.fetch = (async (input: Request | string | URL, init?: RequestInit) => {
  const request = new Request(input, init);
  const path = new URL(request.url).pathname;
  if (request.method !== "POST" || !path.startsWith("/sync/")) return send(request);
  const { clientGroupID: store = "" } = (await request.clone().json()) as { clientGroupID?: string };
  let status = 0;
  let patch: Call["patch"] = [];
  try {
    const answer = await send(request);
    const text = await answer.text();
    ({ status } = answer);
    if (status === 200 && text.startsWith("{")) ({ patch = [] } = JSON.parse(text) as { patch?: Call["patch"] });
    return new Response(text, { status, headers: answer.headers });
  } finally {
    calls.push({ path, store, status, patch });
  }
}) as typeof fetch;

const open = new Set<Device>();

export class Device {
  readonly rep: Replicache<typeof mutators>;
  refreshes = 0;
  outdated: unknown[] = [];
  private seen = 0;

  private constructor(
    readonly demo: Demo,
    readonly who: Part,
    readonly disk: string,
    access: string,
    more: Partial<ReplicacheOptions<typeof mutators>>,
  ) {
    this.rep = new Replicache({
      name: disk,
      mutators,
      schemaVersion: "1",
      pushURL: `${demo.api}/sync/v1/push`,
      pullURL: `${demo.api}/sync/v1/pull`,
      auth: `Bearer ${access}`,
      pullInterval: null,
      pushDelay: 3600_000, // a test says when
      requestOptions: { minDelayMs: 10, maxDelayMs: 100 },
      logLevel: "error",
      logSinks: [],
      ...more,
    });
    this.rep.getAuth = async () => {
      this.refreshes++;
      return `Bearer ${await signIn(demo, who)}`;
    };
    this.rep.onUpdateNeeded = (reason) => this.outdated.push(reason);
  }

  // open opens a device of somebody; on a disk that another one had it goes on with what lies there.
  static async open(demo: Demo, name: string, more: Partial<ReplicacheOptions<typeof mutators>> = {}, disk: string = crypto.randomUUID()): Promise<Device> {
    const who = demo.part(name);
    const device = new Device(demo, who, disk, await signIn(demo, who), more);
    open.add(device);
    await device.pull();
    return device;
  }

  async store(): Promise<string> {
    return this.rep.clientGroupID;
  }

  // fault sets a switch for the calls of this device.
  async fault(fault: Record<string, unknown>): Promise<void> {
    await this.demo.ask("/test/fault", { ...fault, store: await this.store() });
  }

  async ask(words: string): Promise<string> {
    const id = ulid(this.demo.now());
    await this.rep.mutate["request.ask"](groceries(this.demo, this.who, id, words));
    return id;
  }

  async pull(): Promise<void> {
    await this.rep.pull({ now: true });
  }

  async push(): Promise<void> {
    await this.rep.push({ now: true });
  }

  // drain pushes and pulls as a client does that goes on trying, until nothing waits.
  async drain(): Promise<void> {
    for (let tries = 0; (await this.waiting()) > 0; tries++) {
      assert.ok(tries < 50, "it does not drain");
      await this.push();
      await this.pull();
    }
  }

  async waiting(): Promise<number> {
    return (await this.rep.experimentalPendingMutations()).length;
  }

  async get(key: string): Promise<Document | undefined> {
    return (await this.rep.query((tx) => tx.get(key))) as Document | undefined;
  }

  // keys are those of one kind, or all.
  async keys(kind = ""): Promise<string[]> {
    return this.rep.query(async (tx) => tx.scan({ prefix: kind === "" ? "" : `${kind}/` }).keys().toArray());
  }

  // worded are the requests on the screen with these words.
  async worded(words: string): Promise<Document[]> {
    const all = await this.rep.query(async (tx) => tx.scan({ prefix: "request/" }).values().toArray());
    return (all as Document[]).filter((d) => d["words"] === words);
  }

  // came are the calls since this was asked last, of one path.
  async came(path: "push" | "pull"): Promise<Call[]> {
    const store = await this.store();
    const mine = calls.filter((c) => c.store === store);
    const fresh = mine.slice(this.seen).filter((c) => c.path === `/sync/v1/${path}`);
    this.seen = mine.length;
    return fresh;
  }

  async close(): Promise<void> {
    open.delete(this);
    await this.rep.close();
  }

  // closeAll ends what a test left open, so that the process can end.
  static async closeAll(): Promise<void> {
    await Promise.all([...open].map((device) => device.close()));
  }
}

export async function signIn(demo: Demo, who: Part, phone = false): Promise<string> {
  return (await demo.ask<{ access: string }>("/tokens", { mail: who.mail, phone })).access;
}

// groceries are what a resident asks for in these tests, for three days from now.
export function groceries(demo: Demo, who: Part, id: string, words: string): Args {
  const start = Math.floor((demo.now() + 72 * hour) / hour) * hour;
  const slots = [{ start: new Date(start).toISOString(), end: new Date(start + hour).toISOString() }];
  return { id, community: who.community, kind: "groceries", urgency: "ordinary", words, slots };
}

const hour = 3600_000;
const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// ulid names what is made here.
export function ulid(now: number): string {
  let name = "";
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) name = digits[rest % 32] + name;
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) name += digits[byte % 32];
  return name;
}
