// Writes the types of all mutations out of the table in sync.md: each is its name, and the arguments that its route
// takes by openapi.yaml. A route that is changed or gone is then found where an app uses it.
//
//   node mutations.mjs SYNC.MD OUT.D.TS

import { readFileSync, writeFileSync } from "node:fs";

const [page, out] = process.argv.slice(2);
if (!page || !out) throw new Error("usage: node mutations.mjs SYNC.MD OUT.D.TS");

const row = /^\| `([a-z_.0-9]+)` \| `(GET|POST|PUT|PATCH|DELETE) (\/[^`]+)` \| (.*) \|$/;
const lines = [];
for (const line of readFileSync(page, "utf8").split("\n")) {
  const found = row.exec(line);
  if (!found) continue;
  const [, name, method, path, ids] = found;
  const made = ids.includes("`id`") ? "{ id: string } & " : "";
  lines.push(`  "${name}": ${made}Arguments<paths["${path}"]["${method.toLowerCase()}"]>;`);
}
if (lines.length < 40) throw new Error(`only ${lines.length} mutations were found in ${page}`);

writeFileSync(out, `// Made by mutations.mjs.
import type { paths } from "./schema.js";

type PathOf<T> = T extends { parameters: { path: infer P } } ? P : unknown;
type Content<R> = R extends { content: { "application/json": infer B } } ? B : never;
type BodyOf<T> = T extends { requestBody: infer R } ? Content<R> : T extends { requestBody?: infer R } ? ([R] extends [undefined] ? unknown : Partial<Content<R>>) : unknown;
type Arguments<T extends { responses: unknown }> = PathOf<T> & BodyOf<T>;

export interface Mutations {
${lines.join("\n")}
  "outcome.dismiss": { nonce: string };
}
`);
