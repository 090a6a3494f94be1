// Ids and nonces from injected time and randomness.

// Random fills bytes that nobody can guess; crypto.getRandomValues outside of tests.
export type Random = (into: Uint8Array) => void;

const base32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// ulid makes the id of something that is made on this device.
export function ulid(now: number, random: Random): string {
  let time = "";
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = base32.charAt(rest % 32) + time;
  const bytes = new Uint8Array(16);
  random(bytes);
  return time + Array.from(bytes, (b) => base32.charAt(b % 32)).join("");
}

// nonce makes 128 random bits, as 22 characters of base64url.
export function nonce(random: Random): string {
  const bytes = new Uint8Array(16);
  random(bytes);
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
