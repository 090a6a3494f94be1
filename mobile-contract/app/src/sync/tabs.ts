// The tabs of one store: at most one of them calls the service at a time, one leads and listens for all, and each learns
// what another has written.

// Note is what tabs tell each other: that the store has changed, or that it is gone from this device.
export type Note = "changed" | "left" | "gone";

export interface Tabs {
  // exclusive runs work while no other tab runs any.
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  // lead runs work in the tab that leads, once it is this one's turn; it gives that up where the signal comes first.
  lead(signal: AbortSignal, work: () => Promise<void>): Promise<void>;
  tell(note: Note): void;
  // listen hears the notes of other tabs.
  listen(hear: (note: Note) => void): void;
  close(): void;
}

// stealAfter is how long a tab waits for another one's call, in milliseconds. A live one ends its call before that, with
// its token's refresh; a frozen one must not stop the others. What both send then is done once all the same.
const stealAfter = 100_000;

// browserTabs joins the tabs of an account by a Web Lock and a BroadcastChannel.
export function browserTabs(account: string, patience = stealAfter): Tabs {
  const name = `naober-sync-${account}`;
  const channel = new BroadcastChannel(name);
  return {
    exclusive: (work) => locked(name, patience, work),
    lead: async (signal, work) => {
      try {
        await navigator.locks.request(`${name}-lead`, { signal }, work);
      } catch (e) {
        if (!signal.aborted) throw e;
      }
    },
    tell: (note) => channel.postMessage(note),
    listen: (hear) => {
      channel.onmessage = (e: MessageEvent<Note>) => hear(e.data);
    },
    close: () => channel.close(),
  };
}

async function locked<T>(name: string, patience: number, work: () => Promise<T>): Promise<T> {
  let running: Promise<T> | undefined;
  const run = () => (running = work());
  try {
    return await navigator.locks.request(name, { signal: AbortSignal.timeout(patience) }, run);
  } catch (e) {
    if (running !== undefined) return running; // its own failure, or the lock was taken from a tab that was frozen
    if (!(e instanceof DOMException) || e.name !== "TimeoutError") throw e;
    return navigator.locks.request(name, { steal: true }, run);
  }
}
