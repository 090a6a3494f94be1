// One call to the service and what came back of it, sorted by what a client does next.

import { isObject } from "./documents.js";

// Link is how a client reaches the service as its account.
export interface Link {
  readonly base: string; // such as https://naober.example
  readonly fetch: typeof fetch;
  // access is the access token as it is now.
  access(): string | undefined;
  // refresh gets another one; it says where the person has to sign in again, and where the service answered that the
  // account is gone (410 with wipe). It throws where there is no connection. Called again while it runs it makes no
  // second call.
  refresh(): Promise<"fresh" | "sign_in" | "gone">;
}

// Reply is an answer of the service that has to be looked at.
export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly retryAfterMs: number; // 0 where nothing was said
}

// Nothing tells why there is no answer to go by: nothing came, something else than the service answered, the person
// has to sign in again, or the account is gone.
export type Nothing = "unreachable" | "not_the_service" | "sign_in" | "gone";

// patience is how long a call may take, in milliseconds: the service ends each after ten seconds, and networks are slow.
const patience = 30_000;

// call carries one call, with another access token where the first has run out.
export async function call(link: Link, method: "POST" | "DELETE", path: string, body?: unknown): Promise<Reply | Nothing> {
  const first = await once(link, method, path, body);
  if (typeof first === "string" || first.status !== 401) return first;
  try {
    const got = await link.refresh();
    if (got !== "fresh") return got;
  } catch {
    return "unreachable";
  }
  const second = await once(link, method, path, body);
  return typeof second !== "string" && second.status === 401 ? "sign_in" : second;
}

async function once(link: Link, method: string, path: string, body: unknown): Promise<Reply | Nothing> {
  try {
    const { fetch } = link;
    const answer = await fetch(link.base + path, {
      method,
      headers: { authorization: `Bearer ${link.access() ?? ""}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(patience),
    });
    if (answer.status === 204) return { status: 204, body: {}, retryAfterMs: 0 };
    const type = (answer.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
    if (type !== "application/json" && type !== "application/problem+json") return "not_the_service";
    const read = parsed(await answer.text());
    return isObject(read) ? { status: answer.status, body: read, retryAfterMs: seconds(answer.headers.get("retry-after")) } : "not_the_service";
  } catch {
    return "unreachable"; // nobody knows whether it arrived
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function seconds(header: string | null): number {
  const n = Number(header ?? 0);
  return Number.isFinite(n) && n > 0 ? n * 1000 : 0;
}
