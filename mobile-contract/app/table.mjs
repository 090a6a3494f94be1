// The table of mutations in sync.md: each does what its route does.

import { readFileSync } from "node:fs";

const row = /^\| `([a-z_.0-9]+)` \| `(GET|POST|PUT|PATCH|DELETE) (\/[^`]+)` \| (.*) \|$/;

// mutationsOf reads the rows of the table that are routes; outcome.dismiss is the one that is none. makes tells that the device
// gives what is made its id.
export function mutationsOf(page) {
  const all = [];
  for (const line of readFileSync(page, "utf8").split("\n")) {
    const found = row.exec(line);
    if (!found) continue;
    const [, name, method, path, ids] = found;
    all.push({ name, method: method.toLowerCase(), path, makes: ids.includes("`id`") });
  }
  if (all.length < 40) throw new Error(`only ${all.length} mutations were found in ${page}`);
  return all;
}
