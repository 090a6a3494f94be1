// When to sync: again and again while an app is in front, woken by what the person does and by the service's pokes, and
// as patiently as the service asks.

import { nextEnd, serverNow } from "./documents.js";
import type { Link } from "./link.js";
import { listen } from "./listen.js";
import { blank, pause, type Report, type Stop } from "./report.js";
import type { State } from "./state.js";
import type { Tabs } from "./tabs.js";

// Kept is what is kept in sync.
export interface Kept {
  readonly tabs: Tabs;
  readonly link: Link;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly clock: () => number;
  readonly dice: () => number; // from 0 to 1
  readonly state: () => State;
  readonly sync: () => Promise<Report>;
  readonly tick: () => Promise<unknown>; // lets pass what time alone does
  readonly over: () => boolean; // the store is closed, or gone
}

// rarely is how long there are between two pulls at least, by a tab's place among the others, in milliseconds. Who hears has
// a stream open; who follows sees what the others pull, and asks where they do not.
const rarely = { follows: 720_000, hears: 600_000, leads: 0 };

export class Keeper {
  private rouse: () => void = () => undefined; // ends the pause
  private roused = false; // while there was none
  private place: keyof typeof rarely = "follows";

  constructor(private readonly kept: Kept) {}

  // wake ends the pause, or spares the next one.
  wake(): void {
    this.roused = true;
    this.rouse();
  }

  // keep syncs until the signal, or until only the person can help: it then says why.
  async keep(signal: AbortSignal): Promise<Stop | undefined> {
    const end = new AbortController();
    const stop = () => end.abort();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    const led = this.kept.tabs.lead(end.signal, () => this.lead(end.signal));
    try {
      return await this.syncs(end.signal);
    } finally {
      stop();
      signal.removeEventListener("abort", stop);
      await led;
    }
  }

  private async syncs(signal: AbortSignal): Promise<Stop | undefined> {
    let failures = 0;
    while (!signal.aborted) {
      this.roused = false;
      const r = await this.kept.sync();
      if (r.stop !== undefined) return r.stop;
      failures = r.complete && r.retryAfterMs === 0 ? 0 : failures + 1;
      let ms = pause(r, failures, this.untilDue(), this.kept.dice());
      while ((await this.sleep(ms, signal, r.retryAfterMs > 0)) && failures === 0) {
        if ((ms = this.untilDue()) <= 0) break; // or else another tab has pulled meanwhile
      }
    }
    return undefined;
  }

  // lead listens for all tabs, and anew whenever a stream ends.
  private async lead(signal: AbortSignal): Promise<void> {
    const { link, wait, dice } = this.kept;
    const stirred = () => {
      this.place = "hears";
      this.wake();
    };
    for (let failures = 0; !signal.aborted; ) {
      this.place = "leads";
      this.wake();
      const { opened, retryMs } = await listen(link, { stirred, wait }, signal);
      this.place = "leads";
      failures = opened ? 1 : failures + 1;
      if (!signal.aborted) await wait(retryMs > 0 ? retryMs : pause(blank(), failures, 0, dice()), signal);
    }
    this.place = "follows";
  }

  // untilDue is how long to the next pull, or to the end of a document, in milliseconds. A device's clock that went back
  // makes it no longer.
  private untilDue(): number {
    const { times, docs } = this.kept.state();
    if (times === null) return 0;
    const now = this.kept.clock();
    const due = Math.min(times.device - now, 0) + Math.max(times.poll, rarely[this.place]);
    const end = nextEnd(docs);
    const at = serverNow(times, now);
    return end === undefined || at === undefined ? due : Math.min(due, end - at);
  }

  // sleep waits for so long, or until it is woken; not where the service asked for patience. It reports whether all of
  // that time has passed.
  private async sleep(ms: number, signal: AbortSignal, patiently: boolean): Promise<boolean> {
    const alarm = new AbortController();
    const ring = () => alarm.abort();
    this.rouse = () => {
      if (!patiently || this.kept.over()) ring();
    };
    signal.addEventListener("abort", ring);
    if (this.roused) this.rouse();
    if (signal.aborted) ring();
    if (!alarm.signal.aborted) await this.kept.wait(ms, alarm.signal);
    this.rouse = () => undefined;
    signal.removeEventListener("abort", ring);
    if (!this.kept.over()) await this.kept.tick();
    return !alarm.signal.aborted;
  }
}
