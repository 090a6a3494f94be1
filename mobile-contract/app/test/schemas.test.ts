// The JSON Schemas of documents and arguments, judged by a validator that is not ours: what fits, and that what is spoilt does not.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { Exchange } from "./player.js";

const at = (path: string) => new URL(`../../${path}`, import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(at(path), "utf8"));
const ajv = new Ajv2020({ strict: false, validateFormats: false });

function schemasOf(folder: string): Map<string, ValidateFunction> {
  const files = readdirSync(at(`generated/schemas/${folder}/`));
  return new Map(files.map((file) => [file.replace(".schema.json", ""), ajv.compile(read(`generated/schemas/${folder}/${file}`) as object)]));
}

const documents = schemasOf("documents");
const mutations = schemasOf("mutations");

for (const [kind, fits] of documents) {
  test(`a schema of the kind ${kind}`, () => {
    const { key, value } = read(`../fixtures/documents/${kind}.json`) as { key: string; value: Record<string, unknown> };
    assert.ok(key.startsWith(`${kind}/`));
    assert.ok(fits(value), ajv.errorsText(fits.errors));
    assert.ok(fits({ ...value, notKnownYet: 1 }), "a field of a later service is no mistake");
    const first = Object.keys(value)[0] ?? "";
    assert.ok(!fits({ ...value, [first]: [[]] }), `${first} is a list of lists, and fits`);
    assert.ok(!fits({}), "nothing fits");
  });
}

test("every mutation has a schema, and the arguments of all exchanges fit", () => {
  const rows = readFileSync(at("../sync.md"), "utf8").match(/^\| `[a-z_]+\.[a-z_.0-9]+` \| /gm) ?? [];
  assert.equal(mutations.size, rows.length);
  assert.equal(documents.size, readdirSync(at("../fixtures/documents/")).length);
  let judged = 0;
  for (const file of readdirSync(at("../fixtures/exchanges/"))) {
    for (const { act, args, refused } of (read(`../fixtures/exchanges/${file}`) as Exchange).steps) {
      const fits = mutations.get(act ?? "");
      if (fits === undefined || refused === true || typeof args !== "object" || args === null) continue;
      const named = JSON.parse(JSON.stringify(args).replaceAll("$nonce.", "nonce-of-a-file-named-")) as object;
      if ("constructor" in args && Object.hasOwn(args, "constructor")) continue; // 61_odd_texts: refused by the service
      judged++;
      assert.ok(fits(named), `${file}: ${act ?? ""} ${ajv.errorsText(fits.errors)}`);
      assert.ok(!fits({ ...named, planted: true }), "a field too many fits");
      assert.ok(!fits({}), "nothing fits");
    }
  }
  assert.ok(judged > 50);
});
