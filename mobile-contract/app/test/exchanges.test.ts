// Plays every file of fixtures/exchanges with this client.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Player, type Exchange } from "./player.js";

const folder = new URL("../../../fixtures/exchanges/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

test("there are exchanges to play", () => assert.ok(files.length >= 40));

for (const file of files) {
  test(`exchange ${file}`, async () => {
    await new Player().play(JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Exchange);
  });
}
