// A peer's server in a process of its own: `node server.mjs couchdb|rxdb`. It says in a line where it listens, and ends with
// its input. Both pack what is long with gzip, and nothing takes longer than memory does.

import express from "express";
import compression from "compression";

const app = express();
app.disable("x-powered-by");
app.set("etag", false);
app.use(compression({ threshold: 1024 }));
if (process.argv[2] === "couchdb") {
  const { default: PouchDB } = await import("pouchdb-node");
  const { default: memory } = await import("pouchdb-adapter-memory");
  const { default: couch } = await import("express-pouchdb");
  PouchDB.plugin(memory);
  app.use(couch(PouchDB.defaults({ adapter: "memory" }), { mode: "minimumForPouchDB", inMemoryConfig: true }));
} else {
  app.use(express.json({ limit: "10mb" }), rxdb());
}
const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
server.keepAliveTimeout = 60_000; // as ours
process.stdin.resume().once("end", () => process.exit(0));

// rxdb is the server of RxDB's HTTP replication, as its documentation builds it: by checkpoint, the oldest first.
function rxdb() {
  const docs = new Map();
  const routes = express.Router();
  let last = 0;
  routes.get("/pull", (req, res) => {
    const [at, id, limit] = [Number(req.query.updatedAt), String(req.query.id), Number(req.query.limit)];
    const found = [...docs.values()]
      .filter((d) => d.updatedAt > at || (d.updatedAt === at && d.id > id))
      .sort((a, b) => a.updatedAt - b.updatedAt || (a.id < b.id ? -1 : 1))
      .slice(0, limit);
    const end = found.at(-1);
    res.json({ documents: found, checkpoint: end ? { id: end.id, updatedAt: end.updatedAt } : { id, updatedAt: at } });
  });
  routes.post("/push", (req, res) => {
    const conflicts = [];
    for (const { newDocumentState: next, assumedMasterState: assumed } of req.body) {
      const held = docs.get(next.id);
      if ((held && !assumed) || (held && assumed && held.updatedAt !== assumed.updatedAt)) conflicts.push(held);
      else docs.set(next.id, { ...next, updatedAt: ++last });
    }
    res.json(conflicts);
  });
  routes.get("/all", (_, res) => res.json([...docs.values()]));
  return routes;
}
