// Opens the bundles of fixtures/bundles by what sync.md says and nothing else: whoever writes an app in another language can too.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

interface Bundle {
  bundle: number;
  way: string;
  session: string;
  number: number;
  until: number;
  sealed: string;
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../../fixtures/bundles/${name}.json`, import.meta.url), "utf8"));
const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "base64url"));
const text = (of: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(of, "utf8"));

async function open(bundleKey: string, b: Bundle, way: string): Promise<unknown> {
  const root = await crypto.subtle.importKey("raw", bytes(bundleKey), "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: text(`naober bundle ${way}`) };
  const key = await crypto.subtle.deriveKey(how, root, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  const sealed = bytes(b.sealed);
  const additionalData = text(["naober bundle 1", b.way, b.session, b.number, b.until].join("\n"));
  const packed = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.slice(0, 12), additionalData }, key, sealed.slice(12));
  return JSON.parse(gunzipSync(new Uint8Array(packed)).toString("utf8"));
}

for (const way of ["up", "down"]) {
  test(`a bundle ${way} opens as the page says`, async () => {
    const { bundleKey, file, plain } = read(way) as { bundleKey: string; file: Bundle; plain: unknown };
    assert.equal(file.way, way);
    assert.deepEqual(await open(bundleKey, file, way), plain);
  });
}

test("what was changed on its way does not open", async () => {
  const { bundleKey, refused } = read("refused") as { bundleKey: string; refused: { title: string; why: string; file: string }[] };
  const broken = refused.filter((r) => r.why === "seal");
  assert.ok(broken.length >= 5);
  for (const { title, file } of broken) {
    await assert.rejects(open(bundleKey, JSON.parse(file) as Bundle, "up"), title);
  }
});
