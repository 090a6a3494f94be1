// The stream of the service that says that something may have changed, and never what. It spares the device asking every
// minute; whatever is missed on it the next pull makes up for.

import type { Link } from "./link.js";

// Heard is how a stream ended: after how long to listen anew as the service said it, 0 where it said nothing, and whether
// it was one at all.
export interface Heard {
  readonly opened: boolean;
  readonly retryMs: number;
}

export interface Ear {
  // stirred is called for each hello and each poke.
  stirred(): void;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

// silence is after how long without a sign of life, which comes every 25 seconds, a stream is dead; in milliseconds.
const silence = 60_000;

// listen holds one stream open until it ends, or the signal. Where the token has run out it takes another one.
export async function listen(link: Link, ear: Ear, signal: AbortSignal): Promise<Heard> {
  const end = new AbortController();
  const stop = () => end.abort();
  signal.addEventListener("abort", stop);
  let guard = new AbortController();
  const alive = () => {
    guard.abort();
    const mine = (guard = new AbortController());
    void ear.wait(silence, mine.signal).then(() => mine.signal.aborted || stop());
  };
  const heard = { opened: false, retryMs: 0 };
  try {
    alive();
    if (signal.aborted) stop();
    const body = await open(link, end.signal);
    for await (const { name, data } of events(body, alive, end.signal)) {
      heard.opened ||= name === "hello";
      if (name === "hello" || name === "poke") ear.stirred();
      if (name === "bye") heard.retryMs = retryOf(data);
    }
  } catch {
    // No connection, no stream, or none any more: to be listened to anew.
  } finally {
    guard.abort();
    stop();
    signal.removeEventListener("abort", stop);
  }
  return heard;
}

async function open(link: Link, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const call = () => {
    const { fetch } = link;
    const headers = { accept: "text/event-stream", authorization: `Bearer ${link.access() ?? ""}` };
    return fetch(`${link.base}/sync/v1/events`, { headers, cache: "no-store", redirect: "error", signal });
  };
  let answer = await call();
  if (answer.status === 401 && (await link.refresh()) === "fresh") answer = await call();
  const type = answer.headers.get("content-type") ?? "";
  if (answer.status !== 200 || !type.startsWith("text/event-stream") || answer.body === null) {
    await answer.body?.cancel();
    throw new Error(`no stream but ${answer.status}`);
  }
  return answer.body;
}

// events reads server-sent events until the stream or the signal ends it; alive is called for whatever comes, also for a
// comment. It lets go of the stream itself: the signal of a fetch is not heard everywhere once its answer has begun.
async function* events(body: ReadableStream<Uint8Array>, alive: () => void, signal: AbortSignal): AsyncGenerator<{ name: string; data: string }> {
  const reader = body.getReader();
  const leave = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave();
  const decoder = new TextDecoder();
  let rest = "";
  let name = "";
  let data = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "") {
          if (name !== "") yield { name, data };
          name = data = "";
        } else if (line.startsWith("event:")) name = line.slice(6).trim();
        else if (line.startsWith("data:")) data += line.slice(5).trim();
      }
    }
  } finally {
    signal.removeEventListener("abort", leave);
    leave();
  }
}

function retryOf(data: string): number {
  try {
    const { retryMs } = JSON.parse(data) as { retryMs?: unknown };
    return typeof retryMs === "number" && retryMs > 0 ? retryMs : 0;
  } catch {
    return 0;
  }
}
