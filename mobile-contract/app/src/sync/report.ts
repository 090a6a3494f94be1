// What a sync has done, and when to try again.

// Stop is why a client goes no further by itself. sign_in: the person has to sign in, and nothing is lost; gone: the account
// was erased and the store is wiped; forbidden: stores and tokens were mixed; left: the person signed out.
export type Stop = "sign_in" | "gone" | "forbidden" | "left";

// Fault is why a call brought nothing. later: the service asked for patience; refused: it will not take the call as it
// stands, and the app is at fault.
export interface Fault {
  readonly kind: "unreachable" | "not_the_service" | "later" | "refused";
  readonly status?: number;
  readonly code?: string;
}

export interface Report {
  sent: number; // intents that got a final result
  pages: number; // of what the service shows
  waiting: number; // intents that are still without a result
  complete: boolean; // the device holds all that its person may see
  retryAfterMs: number; // not before that; 0 for as soon as one likes
  mismatch: boolean; // the device held something else than it should, and was told to fetch all anew
  lost: boolean; // the service lacks something that this device sent longer ago than it can send again; told once
  outdated: string[]; // what the service no longer speaks of this app's: push, pull, schema
  stop?: Stop;
  fault?: Fault;
}

export function blank(): Report {
  return { sent: 0, pages: 0, waiting: 0, complete: false, retryAfterMs: 0, mismatch: false, lost: false, outdated: [] };
}

// longestPause bounds the back-off, in milliseconds.
const longestPause = 60_000;

// pause is how long a client waits after a report: until the next pull is due, up to a fifth longer; what the service
// asked for; and after failures in a row 1, 2, 4 and so on seconds, each a random half longer or shorter: not all devices
// are to come at once. dice is from 0 to 1.
export function pause(r: Report, failures: number, poll: number, dice: number): number {
  if (failures === 0) return Math.max(poll * (1 + dice / 5), 1000);
  const backOff = Math.min(1000 * 2 ** (failures - 1), longestPause) * (0.5 + dice);
  return Math.max(backOff, r.retryAfterMs);
}
