// Our service in a process of its own, and our client for browsers before it.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { IDBFactory } from "fake-indexeddb";

const { Client } = await import(pathToFileURL(process.env.NAOBER_APP + "/src/sync/client.js").href);

// World is a service with an account that sees so many documents.
export class World {
  static async start(docs) {
    const world = new World();
    world.process = spawn(process.env.NAOBER, ["bench", "sync", "--serve", "--docs", String(docs)], { stdio: ["pipe", "pipe", "inherit"] });
    world.ended = new Promise((resolve) => world.process.once("exit", resolve));
    const lines = createInterface({ input: world.process.stdout });
    const first = await Promise.race([new Promise((resolve) => lines.once("line", resolve)), world.ended.then(() => undefined)]);
    if (first === undefined) throw new Error("the service did not start");
    return Object.assign(world, JSON.parse(first));
  }

  // writes has the neighbour send a message, and answers with its id.
  async writes(visit, text) {
    const answer = await fetch(`${this.api}/v1/visits/${visit}/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.neighbour.token}`, "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
      body: JSON.stringify({ text }),
    });
    if (answer.status !== 201) throw new Error(`a message was answered with ${answer.status}: ${await answer.text()}`);
    return (await answer.json()).id;
  }

  async end() {
    this.process.stdin.end();
    await this.ended;
  }
}

// tab is a browser with one tab: nobody else calls.
function tab() {
  let last = Promise.resolve();
  return {
    exclusive: (work) => {
      const next = last.then(work);
      last = next.catch(() => undefined);
      return next;
    },
    lead: (signal) => new Promise((resolve) => signal.addEventListener("abort", resolve)),
    tell: () => undefined,
    listen: () => undefined,
    close: () => undefined,
  };
}

// phone opens an empty store of the world's account behind a link.
export function phone(world, link) {
  return Client.open({
    account: world.holder.person,
    indexedDB: new IDBFactory(),
    tabs: tab(),
    link: { base: link.base, fetch, access: () => world.holder.token, refresh: () => Promise.resolve("sign_in") },
  });
}

// synced syncs until everything is there and confirmed, and fails where that cannot be.
export async function synced(client) {
  const r = await client.sync();
  if (!r.complete || r.waiting > 0 || r.mismatch) throw new Error(`a sync ended with ${JSON.stringify(r)}`);
  return r;
}
