// What a client makes up while an exchange is played, by the names that the file gives it.

import assert from "node:assert/strict";
import { isObject } from "../src/sync/documents.js";
import { checkOf } from "./double.js";

const forms = { ulid: /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, nonce: /^[A-Za-z0-9_-]{22}$/ };
const named = /\$(ulid|nonce)\.[a-z0-9]+$/;

export class Names {
  private readonly values = new Map<string, string>();

  // bind gives a name its value, or compares it with the one that it has. Two names never have the same value.
  bind(name: string, value: string): void {
    const before = this.values.get(name);
    if (before !== undefined) return assert.equal(value, before, name);
    assert.match(value, forms[name.startsWith("$ulid.") ? "ulid" : "nonce"], name);
    for (const [other, has] of this.values) assert.notEqual(value, has, `${name} is the same as ${other}`);
    this.values.set(name, value);
  }

  // match compares what the client sent or holds with what the file says. An object has at least the fields that are written; in
  // args and cookie it has exactly those.
  match(want: unknown, got: unknown, at: string): void {
    if (typeof want === "string" && want.startsWith("$") && named.test(want)) {
      assert.equal(typeof got, "string", at);
      this.bind(want, String(got));
    } else if (Array.isArray(want)) {
      assert.ok(Array.isArray(got) && got.length === want.length, `${at} is ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
      want.forEach((one, i) => this.match(one, (got as unknown[])[i], `${at}[${i}]`));
    } else if (isObject(want) && "$count" in want) {
      assert.ok(Array.isArray(got));
      assert.equal(got.length, want["$count"], at);
      if ("first" in want) this.match(want["first"], got[0], `${at}.first`);
      if ("last" in want) this.match(want["last"], got.at(-1), `${at}.last`);
    } else if (isObject(want)) {
      assert.ok(isObject(got), `${at} is ${JSON.stringify(got)}`);
      const has = new Map(entriesOf(got));
      if (at.includes(".args") || at.endsWith(".cookie")) assert.equal(has.size, entriesOf(want).length, `${at} has other fields: ${JSON.stringify(got)}`);
      for (const [name, one] of entriesOf(want)) {
        assert.ok(has.has(name), `${at} lacks ${name}`);
        this.match(one, has.get(name), `${at}.${name}`);
      }
    } else {
      assert.deepEqual(got, want, at);
    }
  }

  // fill puts values in place of names, in what the service answers.
  fill(value: unknown, sent: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((one) => this.fill(one, sent));
    if (!isObject(value)) return value;
    if ("$each" in value) return mutationsOf(sent).map(({ clientID, id }) => ({ clientID, id, ...(value["$each"] as object) }));
    if ("$check" in value) return checkOf(this.fill(value["$check"], sent) as string[]);
    return Object.fromEntries(entriesOf(value).map(([name, one]) => [this.text(name), this.fill(one, sent)]));
  }

  // text puts the value of a name in its place, also behind "outcome/".
  private text(text: string): string {
    return text.replace(named, (name) => {
      const value = this.values.get(name);
      assert.ok(value !== undefined, `${name} has no value yet`);
      return value;
    });
  }
}

// entriesOf are the fields of an object, one of the name __proto__ too.
export function entriesOf(object: object): [string, unknown][] {
  return Object.keys(object).map((name) => [name, Object.getOwnPropertyDescriptor(object, name)?.value as unknown]);
}

function mutationsOf(sent: unknown): { clientID: unknown; id: unknown }[] {
  return (sent as { mutations: { clientID: unknown; id: unknown }[] }).mutations;
}
