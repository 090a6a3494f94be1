// Writes the types of all mutations out of the table in sync.md: each is its name, and the arguments that its route
// takes by openapi.yaml. A route that is changed or gone is then found where an app uses it.
//
//   node mutations.mjs SYNC.MD OUT.D.TS

import { writeFileSync } from "node:fs";
import { mutationsOf } from "./table.mjs";

const [page, out] = process.argv.slice(2);
if (!page || !out) throw new Error("usage: node mutations.mjs SYNC.MD OUT.D.TS");

const lines = mutationsOf(page).map(({ name, method, path, makes }) => {
  const made = makes ? "{ id: string } & " : "";
  return `  "${name}": ${made}Arguments<paths["${path}"]["${method}"]>;`;
});

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
