#!/usr/bin/env python3
"""Asks the matcher and its peers in turns, and prints what came out as a Markdown table.

Started by run.sh, which starts the servers. Each row is one workload: our median, theirs, and the ratio of
the two by round (the median of the rounds, and the span from the least to the most), the target, and
whether it was reached.
"""

import argparse
import json
import os
import pathlib
import platform
import random
import re
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
SEARCHES = ["s1", "s2", "s3", "s4", "s5", "s6"]
PLANS = ["b1", "b2", "b3", "b5"]


def options():
    p = argparse.ArgumentParser(prog="deploy/bench.sh match", description=__doc__)
    p.add_argument("--n", default="", help="volunteers, sizes with commas between (10000,100000,1000000)")
    p.add_argument("--rounds", type=int, default=0, help="how often each takes its turn (5)")
    p.add_argument("--only", default="", help=",".join(SEARCHES + PLANS))
    p.add_argument("--first-seed", type=int, default=1)
    p.add_argument("--quick", action="store_true", help="small sizes, two rounds")
    p.add_argument("--json", action="store_true", help="one JSON object a row in place of the table")
    for name in ("bin", "python", "work", "data", "redis", "postgres"):
        p.add_argument("--" + name, required=True, help=argparse.SUPPRESS)
    o = p.parse_args()
    o.sizes = [int(n) for n in (o.n or ("20000" if o.quick else "10000,100000,1000000")).split(",")]
    o.rounds = o.rounds or (2 if o.quick else 5)
    o.only = o.only.lower().split(",") if o.only else SEARCHES + PLANS
    if strange := set(o.only) - set(SEARCHES + PLANS):
        p.error(f"no such workload: {', '.join(sorted(strange))}")
    return o


def lines(*command):
    out = subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def say(text):
    print(f"bench.sh: {text}", file=sys.stderr, flush=True)


class Table:
    def __init__(self, as_json):
        self.json, self.rows = as_json, []

    def row(self, what, ours, peer="", theirs="", ratios=(), target="", reached=None, note=""):
        """Ratios are theirs by ours, a number for each round."""
        self.rows.append(
            {"what": what, "ours": ours, "peer": peer, "theirs": theirs, "ratio": round(statistics.median(ratios), 2) if ratios else None,
             "least": round(min(ratios), 2) if ratios else None, "most": round(max(ratios), 2) if ratios else None, "target": target,
             "reached": reached, "note": note})
        if self.json:
            print(json.dumps(self.rows[-1]), flush=True)

    def against(self, what, ours, peer, theirs, least, unit="us", note=""):
        """A row of which each round's ratio is to be at least so much; without a bar it is only reported."""
        ratios = [t / o for t, o in zip(theirs, ours)]
        reached = None if least is None else statistics.median(ratios) >= least
        self.row(what, figure(ours, unit), peer, figure(theirs, unit), ratios, "" if least is None else f">= {least}x", reached, note)

    def show(self, load):
        if self.json:
            return
        print("| workload | ours | peer | theirs | ratio (span) | target | reached | |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
        for r in self.rows:
            ratio = "" if r["ratio"] is None else f"{r['ratio']}x ({r['least']} to {r['most']})"
            reached = {None: "", True: "yes", False: "**no**"}[r["reached"]]
            print("|", " | ".join([r["what"], r["ours"], r["peer"], r["theirs"], ratio, r["target"], reached, r["note"]]), "|")
        print(f"\n{load}")


def figure(values, unit):
    return f"{statistics.median(values):.3g} {unit}" if statistics.median(values) < 1000 else f"{statistics.median(values):,.0f} {unit}"


def percent(share):
    return f"{share * 100:.4g} % exact"


def searches(o, t, n):
    """S1, S2, S3, S5 and S6 beside others, and what is measured of ourselves alone."""
    cases = [c for c in o.only if c in SEARCHES and c != "s4"]
    if not cases:
        return own(o, t, n)
    big = n >= 1_000_000
    got = {}
    for line in lines(f"{o.bin}/peers", "--n", n, "--rounds", o.rounds, "--only", ",".join(cases), "--first-seed", o.first_seed,
                      "--redis", o.redis, "--postgres", o.postgres, *(["--questions", 500, "--slow", 100] if o.quick else [])):
        got[line["case"], line["system"]] = line
    bars = {("s1", "tidwall/rtree"): 5, ("s2", "tidwall/rtree"): 15, ("s3", "tidwall/rtree"): 50, ("s5", "tidwall/rtree"): 3}
    for (case, system), line in got.items():
        us = got[case, "naober"]
        if system == "naober":
            continue
        what = f"{case.upper()}, {n:,}"
        note = f"{percent(us['exact'])}, theirs {percent(line['exact'])}"
        if line["floor_us"]:
            note += f"; way there and back {line['floor_us']:.3g} us"
        bar = bars.get((case, system)) if big or case == "s5" and n >= 100_000 else None
        t.against(what, us["p50_us"], system, line["p50_us"], bar, note=note)
        if system.startswith("PostGIS") and (over := got.get((case, "naober, HTTP + JSON"))):
            t.against(what + ", over HTTP + JSON", over["p50_us"], system, line["p50_us"], 7 if big and case == "s3" else None,
                      note=f"way there and back {over['floor_us']:.3g} us")
    if {"s3", "s6"} <= set(cases):
        s3, s6 = got["s3", "naober"], got["s6", "naober"]
        ratios = [b / a for a, b in zip(s3["p50_us"], s6["p50_us"])]
        bar = n >= 100_000
        t.row(f"S6, {n:,}", figure(s6["p50_us"], "us"), "our own S3", figure(s3["p50_us"], "us"), ratios, "<= 3x" if bar else "",
              statistics.median(ratios) <= 3 if bar else None, percent(s6["exact"]))
    own(o, t, n)


def own(o, t, n):
    big = n >= 1_000_000
    if "s3" in o.only:
        all = [lines(f"{o.bin}/naober", "bench", "match", "--case", "s3", "--n", n, "--first-seed", o.first_seed, "--json")[0] for _ in range(min(o.rounds, 3))]
        f = sorted(all, key=lambda f: f["of_limit"])[len(all) // 2]
        ratios = [f["of_limit"] for f in all]
        t.row(f"S3, {n:,}", f"{f['p50_us']:.3g} us", "the limit", f"{f['limit_us']:.3g} us", ratios, "<= 2x" if big else "", f["of_limit"] <= 2 if big else None,
              f"{f['lines']:.0f} lines of {f['line_ns']:.3g} ns, {f['boxes_us']:.2g} us boxes and heap; {f['pass_rate'] * 100:.2g} % pass; {percent(f['exact'])}")
        t.row(f"memory, {n:,}", f"{f['bytes_per_volunteer']:.0f} bytes", target="<= 300 bytes" if big else "", reached=f["bytes_per_volunteer"] <= 300 if big else None)
        built = statistics.median(f["build_s"] for f in all)
        t.row(f"building, {n:,}", f"{built:.2g} s", target="<= 2 s" if big else "", reached=built <= 2 if big else None)
    if "s4" in o.only:
        all = [lines(f"{o.bin}/naober", "bench", "match", "--case", "s4", "--n", n, "--first-seed", o.first_seed, "--json")[0] for _ in range(min(o.rounds, 3))]
        ratios = [f["p99_us"] / f["read_only_p99_us"] for f in all]
        bar = n >= 100_000
        t.row(f"S4 p99, {n:,}", f"{statistics.median(f['p99_us'] for f in all):.3g} us", "without changes", f"{statistics.median(f['read_only_p99_us'] for f in all):.3g} us",
              ratios, "<= 3x" if bar else "", statistics.median(ratios) <= 3 if bar else None, f"{all[0]['change_p50_us']:.3g} us a change; {percent(all[0]['exact'])}")


def dense_files(o):
    """The files of the OR-Library where they are, and else some like them."""
    files = sorted(pathlib.Path(o.data).glob("assign*.txt"))
    draw = random.Random(o.first_seed)
    for size in (100, 400) if files else (100, 200, 300, 400):
        name = pathlib.Path(o.work) / f"drawn{size}.txt"
        name.write_text(f"{size}\n" + "\n".join(" ".join(str(draw.randint(1, 100)) for _ in range(size)) for _ in range(size)) + "\n")
        files.append(name)
    return files


def dense(o, t):
    files = dense_files(o)
    ours, theirs, costs = {f: [] for f in files}, {f: [] for f in files}, {}
    for _ in range(o.rounds):
        twice = [f for f in files for _ in range(2)]
        for f, a in list(zip(twice, lines(f"{o.bin}/naober", "bench", "assignment", *twice, "--json")))[1::2]:
            ours[f].append(a["ms"])
            costs[f] = (a["cost"], a["certified"])
        for f, a in zip(files, lines(o.python, HERE / "dense.py", *files)):
            theirs[f].append(a["ms"])
            costs[f] += (a["cost"],)
    for f in files:
        same = costs[f][1] and costs[f][0] == costs[f][2]
        ratios = [a / b for a, b in zip(ours[f], theirs[f])]
        t.row(f"B1, {f.stem}", figure(ours[f], "ms"), "SciPy", figure(theirs[f], "ms"), [1 / r for r in ratios], ">= 0.83x", statistics.median(ratios) <= 1.2 and same,
              f"cost {costs[f][0]}, proven, {'as' if same else 'NOT as'} theirs")


def batch(o, t):
    for n in [2000] if o.quick else [1000, 10_000, 50_000]:
        for shape in ("slack", "congested"):
            ours, theirs, cost = [], [], set()
            rounds = o.rounds if n < 50_000 else 1
            for _ in range(rounds):
                name = f"{o.work}/batch.txt"
                a = lines(f"{o.bin}/naober", "bench", "batch", "--n", n, "--shape", shape, "--first-seed", o.first_seed, "--solution", name, "--json")[0]
                b = lines(f"{o.bin}/network", name)[0]
                ours.append(a["ms"])
                theirs.append(b["ms"])
                cost |= {a["cost"], b["cost"]}
            say(f"batch of {n}, {shape}: done")
            note = f"proven {a['certified']}, cost {'as' if len(cost) == 1 else 'NOT as'} theirs"
            t.against(f"B2, {shape}, {n:,}", ours, "LEMON NetworkSimplex", theirs, 1 if shape == "congested" else None, "ms", note)
            if shape == "slack" and n == 10_000:
                t.row(f"B2, {shape}, {n:,}", figure(ours, "ms"), target="<= 20 ms", reached=statistics.median(ours) <= 20)


def optima(folder):
    text = pathlib.Path(folder, "SOURCES.md").read_text() if pathlib.Path(folder, "SOURCES.md").exists() else ""
    return {name: float(cost) for name, cost in re.findall(r"\b([ab]\d-\d+) (\d+\.\d+)", text)}


def rides(o, t):
    best, seconds, gaps = optima(o.data), 1 if o.quick else 10, []
    files = [f for f in sorted(pathlib.Path(o.data).glob("[ab]*-*.txt")) if f.stem in best]
    for f in files:
        d = lines(f"{o.bin}/naober", "bench", "rides", f, "--seconds", seconds, "--first-seed", o.first_seed, "--json")[0]
        gap = (d["distance"] / best[f.stem] - 1) * 100 if d["feasible"] else float("inf")
        gaps.append(max(gap, 0))
        t.row(f"B3, {f.stem}, {seconds} s", f"{d['distance']:.2f}", "optimum", f"{best[f.stem]:.2f}", note=f"{gap:.2f} % above; feasible {d['feasible']}")
    if gaps:
        t.row(f"B3, mean gap of {len(gaps)}", f"{statistics.mean(gaps):.3f} %", target="<= 0.3 %", reached=statistics.mean(gaps) <= 0.3)
    else:
        t.row("B3", "", note="the days of the literature are not here")


def insertion(o, t):
    for trips in [1000, 10_000] if o.quick else [1000, 10_000, 100_000]:
        all = [lines(f"{o.bin}/naober", "bench", "insert", "--trips", trips, "--first-seed", o.first_seed, "--json")[0] for _ in range(min(o.rounds, 3 if trips < 100_000 else 1))]
        t.against(f"B5, {trips:,} trips", [i["p50_us"] for i in all], "every place tried", [i["brute_p50_us"] for i in all], 50, note=percent(all[0]["exact"]))


def load():
    one, five, _ = os.getloadavg()
    return f"{one:.1f} ({five:.1f} in five minutes)"


def main():
    o, before, began = options(), load(), time.time()
    t = Table(o.json)
    for n in o.sizes:
        searches(o, t, n)
    for name, work in zip(PLANS, (dense, batch, rides, insertion)):
        if name in o.only:
            say(f"{name.upper()} begins")
            work(o, t)
    t.show(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; seed {o.first_seed}, {o.rounds} rounds, {time.time() - began:.0f} s; "
           f"load before {before}, after {load()}. A ratio is theirs by ours, or of two of ours the greater by the smaller.")
    if any(r["reached"] is False for r in t.rows):
        say("some targets are not reached")


main()
