// Writes a JSON Schema (2020-12) for each kind of document that a pull brings and for the arguments of each mutation, out of
// openapi.yaml and the table in sync.md. Each file stands by itself.
//
//   node schemas.mjs OPENAPI.YAML SYNC.MD OUT

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { mutationsOf } from "./table.mjs";

const [description, page, out] = process.argv.slice(2);
if (!description || !page || !out) throw new Error("usage: node schemas.mjs OPENAPI.YAML SYNC.MD OUT");
const api = parse(readFileSync(description, "utf8"));
const { schemas } = api.components;
const place = "#/components/schemas/";

// nameOf is the name of the component that a reference leads to.
function nameOf({ $ref }) {
  if (!$ref?.startsWith(place) || !(($ref = $ref.slice(place.length)) in schemas)) throw new Error(`${$ref} leads nowhere`);
  return $ref;
}

// standing makes a schema stand by itself: what it refers to comes along.
function standing(id, title, schema) {
  const defs = {};
  const text = (s) => JSON.stringify(s).replaceAll(place, "#/$defs/");
  const bring = (s) => {
    for (const [, name] of JSON.stringify(s).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (name in defs) continue;
      defs[name] = true;
      bring(schemas[name]);
      defs[name] = JSON.parse(text(schemas[name]));
    }
  };
  bring(schema);
  const $defs = Object.fromEntries(Object.entries(defs).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { $schema: "https://json-schema.org/draft/2020-12/schema", $id: `urn:naober:${id}`, title, ...JSON.parse(text(schema)), $defs };
}

// argumentsOf are the ids of the path, the fields of the body, and id where the mutation makes something.
function argumentsOf({ method, path, makes }) {
  const operation = api.paths[path]?.[method];
  if (!operation) throw new Error(`there is no ${method} ${path}`);
  const body = operation.requestBody?.content["application/json"].schema;
  const { properties = {}, required = [] } = body ? schemas[nameOf(body)] : {};
  const ids = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).concat(makes ? ["id"] : []);
  const id = { $ref: `${place}Id` };
  return {
    type: "object",
    properties: { ...Object.fromEntries(ids.map((name) => [name, id])), ...properties },
    required: [...ids, ...(operation.requestBody?.required ? required : [])],
    additionalProperties: false,
  };
}

const dismissal = { type: "object", properties: { nonce: schemas.Mutation.properties.nonce }, required: ["nonce"], additionalProperties: false };

function write(folder, all) {
  mkdirSync(join(out, folder), { recursive: true });
  for (const [name, schema] of all) {
    const made = standing(`${folder}:${name}`, name, schema);
    writeFileSync(join(out, folder, `${name}.schema.json`), `${JSON.stringify(made, null, 2)}\n`);
  }
  console.log(`${all.length} schemas of ${folder}`);
}

rmSync(out, { recursive: true, force: true });
write("documents", Object.entries(schemas.Document["x-kinds"]));
write("mutations", [...mutationsOf(page).map((m) => [m.name, argumentsOf(m)]), ["outcome.dismiss", dismissal]]);
