// deploy/bench.sh sync: ours beside PouchDB and RxDB, then weeks on a link of 2G.

import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { compare } from "./compare.mjs";
import { median, say, table, worst } from "./figures.mjs";
import { week } from "./week.mjs";

const { values } = parseArgs({
  options: {
    docs: { type: "string", default: "200" },
    rounds: { type: "string", default: "7" },
    seeds: { type: "string", default: "8" },
    "first-seed": { type: "string", default: "1" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const number = (name, least, most) => {
  const n = Number(values[name]);
  if (!Number.isInteger(n) || n < least || n > most) throw new Error(`--${name} is ${least} to ${most}`);
  return n;
};
const docs = number("docs", 15, 1000);
const rounds = number("rounds", 1, 50);
const seeds = number("seeds", 1, 100);
const seed = number("first-seed", 1, 1_000_000);
if (values.only !== undefined && values.only !== "peers" && values.only !== "week") throw new Error("--only is peers or week");

const load = loadavg()[0].toFixed(1);
const report = { docs, load };
if (values.only !== "week") report.peers = await compare({ docs, rounds, seed });
if (values.only !== "peers") report.weeks = await weeks();
if (values.json) console.log(JSON.stringify(report));
else print();
process.exit(0); // PouchDB leaves timers behind

// weeks lives two at a time: most of each is waiting.
async function weeks() {
  const all = [];
  for (let next = seed; next < seed + seeds; next += 2) {
    all.push(...(await Promise.all([next, next + 1].filter((s) => s < seed + seeds).map((s) => week({ docs, seed: s })))));
    say(`${all.length} of ${seeds} weeks`);
  }
  return all;
}

function print() {
  console.log(`load ${load} as it began`);
  if (report.peers) printPeers(report.peers);
  if (report.weeks) printWeeks(report.weeks);
}

function printPeers({ docs, token, figures }) {
  const names = Object.keys(figures);
  console.log(`\n${docs} documents, medians of ${rounds} rounds in turns; bytes of both ways on the connection, ours over theirs behind them`);
  const rows = [["", ...names.flatMap((n) => [n, n === "ours" ? "" : "ratio"])]];
  const row = (title, of, digits = 0) =>
    rows.push([title, ...names.flatMap((n) => [of(figures[n]).toFixed(digits), n === "ours" ? "" : (of(figures.ours) / of(figures[n])).toFixed(2)])]);
  for (const [what, title] of [["none", "nothing new"], ["one", "one new document"], ["full", "everything"]]) {
    row(`${title}: bytes`, (f) => f[what].bytes);
    row(`${title}: without the tokens`, (f) => f[what].bytes - f[what].requests * token);
    row(`${title}: requests`, (f) => f[what].requests);
    row(`${title}: ms`, (f) => f[what].ms, 1);
  }
  const { acts } = figures.ours.drops;
  for (const unit of ["bytes", "requests", "ms"]) row(`${acts} acts under drops: ${unit}`, (f) => f.drops[unit]);
  for (const what of ["lost", "doubled", "unsure"]) rows.push([`${acts} acts under drops: ${what}`, ...names.flatMap((n) => [figures[n].drops[what], ""])]);
  console.log(table(rows));
}

function printWeeks(weeks) {
  const s = (ms) => `${(ms / 1000).toFixed(1)} s`;
  const all = (of) => weeks.flatMap(of);
  const within = (list, goal) => `${list.filter((ms) => ms <= goal).length} of ${list.length} within ${goal / 1000} s`;
  const first = weeks[0];
  console.log(`\nA week on 50 kbit/s, 800 ms there and back, one of twenty packets lost; ${weeks.length} seeds from ${seed}`);
  console.log(`${first.documents} documents: ${median(all((w) => w.bytes)).toFixed(0)} bytes, ${median(all((w) => w.requests))} requests`);
  const rows = [["", "median", "worst", "goal"]];
  const row = (title, list, goal) => rows.push([title, s(median(list)), s(worst(list)), goal ? within(list, goal) : ""]);
  row("first sync, until it is of use", all((w) => w.usable), 10_000);
  row("first sync, until all is there", all((w) => w.complete));
  row("a yes from offline: the answer is here", all((w) => w.told), 5000);
  row("a yes from offline: confirmed by a pull", all((w) => w.yes), 5000);
  row("opened in the morning, one new document", all((w) => w.morning.map((c) => c.ms)));
  row("opened in the evening, nothing new", all((w) => w.evening.map((c) => c.ms)));
  console.log(table(rows));
}
