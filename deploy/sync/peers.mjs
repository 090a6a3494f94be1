// The peers as a device has them, each with one database that holds what the account sees and nothing else: no filter, no
// other people's documents. They keep connections, take gzip, and prove who calls with the same token as ours.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import PouchDB from "pouchdb-node";
import memory from "pouchdb-adapter-memory";
import { createRxDatabase } from "rxdb";
import { getRxStorageMemory } from "rxdb/plugins/storage-memory";
import { replicateRxCollection } from "rxdb/plugins/replication";

PouchDB.plugin(memory);

// serve starts a peer's server.
export async function serve(kind) {
  const server = spawn(process.execPath, [fileURLToPath(new URL("server.mjs", import.meta.url)), kind], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const first = new Promise((resolve) => createInterface({ input: server.stdout }).once("line", resolve));
  const base = await Promise.race([first, ended.then(() => undefined)]);
  if (base === undefined) throw new Error(`${kind}: the server did not start`);
  return { base, end: () => (server.stdin.end(), ended) };
}

let devices = 0;

// Couch is PouchDB before a server that speaks CouchDB's replication.
export class Couch {
  constructor(base, token) {
    const headers = (more) => new Headers([...new Headers(more), ["authorization", `Bearer ${token}`]]);
    const fetching = (url, how) => PouchDB.fetch(url, { ...how, headers: headers(how?.headers) });
    this.there = new PouchDB(`${base}/held`, { skip_setup: true, fetch: fetching });
    this.here = new PouchDB(`here-${++devices}`, { adapter: "memory" });
  }

  // fill makes the server hold documents.
  static async fill(base, docs) {
    const there = new PouchDB(`${base}/held`);
    await there.bulkDocs([...docs].map(([key, value]) => ({ _id: key, value })));
  }

  // The checkpoint is kept on the device alone, which saves requests.
  async pull() {
    await this.here.replicate.from(this.there, { batch_size: 200, checkpoint: "target" });
  }

  async push() {
    await this.here.replicate.to(this.there, { batch_size: 200, checkpoint: "source" });
  }

  async write(key, value) {
    await this.here.put({ _id: key, value });
  }

  async held() {
    return new Set((await this.here.allDocs()).rows.map((r) => r.id));
  }

  async close() {
    await this.here.destroy();
  }
}

const schema = {
  version: 0,
  primaryKey: "id",
  type: "object",
  properties: { id: { type: "string", maxLength: 200 }, value: { type: "object" }, updatedAt: { type: "number" } },
  required: ["id", "value"],
};

// Rx is RxDB with the handlers of its HTTP replication. One collection holds all kinds, so that one pull brings them all.
export class Rx {
  static async open(base, token) {
    const rx = new Rx();
    rx.db = await createRxDatabase({ name: `here${++devices}`, storage: getRxStorageMemory(), multiInstance: false });
    await rx.db.addCollections({ held: { schema } });
    const headers = { authorization: `Bearer ${token}` };
    const json = async (answer) => {
      if (!answer.ok) throw new Error(`answered with ${answer.status}`);
      return answer.json();
    };
    rx.replication = replicateRxCollection({
      collection: rx.db.held,
      replicationIdentifier: "http",
      live: true,
      retryTime: 50,
      autoStart: false,
      pull: {
        batchSize: 200,
        handler: async (at, limit) => json(await fetch(`${base}/pull?updatedAt=${at?.updatedAt ?? 0}&id=${encodeURIComponent(at?.id ?? "")}&limit=${limit}`, { headers })),
      },
      push: {
        batchSize: 100,
        handler: async (rows) => json(await fetch(`${base}/push`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(rows) })),
      },
    });
    return rx;
  }

  static async fill(base, docs) {
    const rows = [...docs].map(([key, value]) => ({ newDocumentState: { id: key, value, _deleted: false } }));
    const answer = await fetch(`${base}/push`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(rows) });
    if (!answer.ok || (await answer.json()).length > 0) throw new Error("rxdb: the server could not be filled");
  }

  async pull() {
    if (this.started) this.replication.reSync();
    else await this.replication.start();
    this.started = true;
    await this.replication.awaitInSync();
  }

  async push() {
    await this.replication.awaitInSync();
  }

  async write(key, value) {
    await this.db.held.insert({ id: key, value });
  }

  async held() {
    return new Set((await this.db.held.find().exec()).map((d) => d.id));
  }

  async close() {
    await this.db.close();
  }
}
