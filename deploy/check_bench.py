#!/usr/bin/env python3
"""Judges what `naober bench` wrote out. It shares no code with it, and needs nothing but Python 3.9.

    check_bench.py match FOLDER...            a folder of `naober bench match --dump FOLDER`
    check_bench.py assignment FILE SOLUTION   a problem, and what `naober bench assignment --solution` wrote
    check_bench.py batch SOLUTION             what `naober bench batch --solution` wrote, the problem included
    check_bench.py rides FILE SOLUTION        a day, and what `naober bench rides --solution` wrote

Each line says what was looked at and how much of it is right; the exit code is 1 where anything is not.
Figures are single-precision floats as in the index, so that equal means equal.
"""

import csv
import math
import struct
import sys

WEEK = 7 * 24 * 4
MONDAY = 2900 * WEEK
LEAST, MOST = 10, 1000
PACE = {0: 1.3 * 3.6 / 4.5, 1: 1.3 * 3.6 / 15, 2: 1.3 * 3.6 / 50}  # seconds a metre: on foot, by bike, by car


def f32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def pairs(text):
    return [tuple(int(n) for n in word.split("-")) for word in text.split()]


def rows(folder, name):
    with open(f"{folder}/{name}.csv", newline="") as file:
        return list(csv.DictReader(file))


class Volunteer:
    def __init__(self, row):
        self.id = int(row["id"])
        self.x, self.y, self.reach = (f32(float(row[k])) for k in ("x", "y", "reach"))
        self.traits = int(row["traits"], 16)
        self.week = set()
        for begin, end in pairs(row["weekly"]):
            length = (end - begin) % WEEK or WEEK
            self.week.update((begin + i) % WEEK for i in range(length))
        self.busy, self.free = pairs(row["busy"]), pairs(row["free"])
        self.valid = [(int(t, 16), *pairs(span)[0]) for t, span in (word.split(":") for word in row["valid"].split())]
        self.way, self.asked, self.done, self.limit = (int(row[k]) for k in ("way", "asked", "done", "limit"))

    def traits_during(self, begin, end):
        held = self.traits
        for dated in {t for t, _, _ in self.valid}:
            if not any(t & dated == dated and a <= begin and end <= b for t, a, b in self.valid):
                held &= ~dated
        return held

    def offered(self, quarter):
        return (quarter - MONDAY) % WEEK in self.week or any(a <= quarter < b for a, b in self.free)

    def taken(self, quarter):
        return any(a <= quarter < b for a, b in self.busy)

    def square(self, q):
        dx, dy = f32(self.x - q.x), f32(self.y - q.y)
        return f32(f32(dx * dx) + f32(dy * dy))


class Query:
    def __init__(self, row):
        self.case = row["case"]
        self.x, self.y, self.within = (f32(float(row[k])) for k in ("x", "y", "within"))
        self.k, self.begin, self.end, self.now = (int(row[k]) for k in ("k", "from", "to", "now"))
        self.need = int(row["need"], 16)
        self.excepted = {int(n) for n in row["except"].split()}
        self.willing = row["willing"] == "true"
        self.known = {int(i): (int(f), int(r)) for i, f, r in (word.split(":") for word in row["known"].split())}
        self.weights = [int(n) for n in row["weights"].split()]

    def fits(self, v, square):
        if self.within and square > f32(self.within * self.within) or v.id in self.excepted:
            return False
        if self.willing and square > f32(v.reach * v.reach):
            return False
        held = v.traits_during(self.begin, self.end) if self.begin < self.end else v.traits
        if held & self.need != self.need:
            return False
        return all(v.offered(t) and not v.taken(t) for t in range(self.begin, self.end))

    def worth(self, v, square):
        metres = f32(math.sqrt(square))
        seconds = int(f32(metres * f32(PACE[v.way])))
        near = MOST * 900 // (900 + seconds)
        beside = 0
        for times in (range(self.begin - 1, self.begin - 5, -1), range(self.end, self.end + 4)):
            for t in times:
                if not v.offered(t) or v.taken(t):
                    break
                beside += 1
        time = 500 + 500 * beside // 8
        familiar, mutual = self.known.get(v.id, (500, 500))
        rested = MOST if v.asked == 0 else MOST * max(self.now - v.asked, 0) // (max(self.now - v.asked, 0) + WEEK)
        left = MOST if v.limit == 0 else MOST * (v.limit - min(v.done, v.limit)) // v.limit
        return [near, time, familiar, rested * left // MOST, mutual]

    def score(self, worth):
        logs = (math.log(min(max(w, LEAST), MOST) / MOST) * 65536 for w in worth)
        return sum(weight * math.floor(log + 0.5) for weight, log in zip(self.weights, logs))


def answer(q, volunteers):
    """What the query must be answered with: (id, value) in order."""
    found = []
    for v in volunteers:
        square = v.square(q)
        if not q.fits(v, square):
            continue
        if q.case == "s5":
            found.append((0, v.id, 0))
        elif q.case == "s6":
            score = q.score(q.worth(v, square))
            found.append((-score, v.id, score))
        else:
            found.append((square, v.id, square))
    found.sort()
    if q.case != "s5":
        found = found[: q.k]
    return [(who, round(value)) for _, who, value in found]


def match(folder):
    volunteers = [Volunteer(row) for row in rows(folder, "volunteers")]
    given = {}
    for row in rows(folder, "answers"):
        given.setdefault(int(row["query"]), []).append((int(row["id"]), int(row["value"])))
    queries = rows(folder, "queries")
    wrong = found = 0
    for number, row in enumerate(queries):
        want = answer(Query(row), volunteers)
        found += len(want)
        if want != given.get(number, []):
            wrong += 1
            print(f"query {number}: {given.get(number, [])}\n  must be {want}", file=sys.stderr)
    print(f"{folder}: {len(queries) - wrong} of {len(queries)} answers exact, {found} people, {len(volunteers)} volunteers")
    return wrong == 0 and found > 0


def numbers(path, kind=int):
    with open(path) as file:
        return [[kind(word) for word in line.split()] for line in file]


def assignment(problem, solution):
    """Whether the columns are a permutation, and the prices prove that none is cheaper."""
    flat = [n for line in numbers(problem) for n in line]
    size = flat[0]
    cost = [flat[1 + i * size : 1 + (i + 1) * size] for i in range(size)]
    columns, row, column = numbers(solution)
    total = sum(cost[i][columns[i]] for i in range(size))
    allowed = sorted(columns) == list(range(size))
    bound = sum(row) + sum(column)
    below = all(row[i] + column[j] <= cost[i][j] for i in range(size) for j in range(size))
    print(f"{problem}: cost {total}, allowed {allowed}, optimal {allowed and below and total == bound}")
    return allowed and below and total == bound


def batch(solution):
    """Whether nobody takes more than they can, and the prices prove that nothing is cheaper."""
    lines = numbers(solution)
    tasks, workers = lines[0]
    arcs, first = [], []
    for line in lines[1 : 1 + tasks]:
        first.append(len(arcs))
        arcs += [(line[2 + 2 * k], line[3 + 2 * k]) for k in range(line[1])]
    undone = [line[0] for line in lines[1 : 1 + tasks]]
    first.append(len(arcs))
    loads = [line[1:] for line in lines[1 + tasks : 1 + tasks + workers]]
    chosen, price = lines[1 + tasks + workers : 3 + tasks + workers]
    taken, total, allowed = [0] * workers, 0, len(chosen) == tasks
    for i, arc in enumerate(chosen):
        if arc < 0:
            total += undone[i]
            continue
        worker, cost = arcs[arc]
        allowed = allowed and first[i] <= arc < first[i + 1] and taken[worker] < len(loads[worker])
        if not allowed:
            break
        total += cost + loads[worker][taken[worker]]
        taken[worker] += 1
    bound = sum(
        min([undone[i]] + [cost + price[worker] for worker, cost in arcs[first[i] : first[i + 1]]]) for i in range(tasks)
    ) - sum(max(price[w] - cost, 0) for w in range(workers) for cost in loads[w])
    print(f"{solution}: cost {total}, allowed {allowed}, optimal {allowed and total == bound}")
    return allowed and total == bound


def late(line, limits):
    """Whether the stops of a route, (service, from, to), can begin within their windows under all limits."""
    begin = [stop[1] for stop in line]
    for _ in range(len(line) + 1):
        for a, b, least in limits:
            begin[b] = max(begin[b], begin[a] + least)
    almost = 1e-4  # the planner rounds to a millionth
    return any(begin[b] < begin[a] + least - almost for a, b, least in limits) or any(
        begin[i] > stop[2] + almost for i, stop in enumerate(line)
    )


def rides(problem, solution):
    """Whether every ride is driven once, in time, with room, and no longer than it may be."""
    lines = [line for line in numbers(problem, float) if line]
    vehicles, count, longest_route, room, longest_ride = lines[0]
    stops = lines[1 : 2 + int(count)]
    half, routes = int(count) // 2, numbers(solution)
    seen, way, good = [], 0.0, len(routes) <= vehicles
    for route in routes:
        if not route:
            continue
        line, limits, begun, aboard = [stops[0]], [], {}, 0
        for number in route:
            stop = stops[number]
            if number <= half:
                begun[number] = len(line)
            elif number - half in begun:
                at = begun[number - half]
                limits.append((len(line), at, -longest_ride - line[at][3]))
            else:
                good = False
            aboard += stop[4]
            good = good and aboard <= room
            line.append(stop)
        line.append(stops[0])
        limits.append((len(line) - 1, 0, -longest_route))
        for i in range(1, len(line)):
            leg = math.hypot(line[i][1] - line[i - 1][1], line[i][2] - line[i - 1][2])
            way += leg
            limits.append((i - 1, i, line[i - 1][3] + leg))
        good = good and not late([(s[3], s[5], s[6]) for s in line], limits)
        seen += route
    good = good and sorted(seen) == list(range(1, 2 * half + 1))
    print(f"{problem}: distance {way:.2f}, can be driven {good}")
    return good


def main(args):
    judges = {"match": (match, 1), "assignment": (assignment, 2), "batch": (batch, 1), "rides": (rides, 2)}
    judge, size = judges.get(args[0], (None, 1)) if args else (None, 1)
    rest = args[1:]
    if judge is None or not rest or len(rest) % size:
        print(__doc__, file=sys.stderr)
        return 2
    return 0 if all([judge(*rest[i : i + size]) for i in range(0, len(rest), size)]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
