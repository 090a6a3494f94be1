#!/usr/bin/env python3
"""Judges what `naober bench` wrote out. It shares no code with it, and needs nothing but Python 3.9.

    check_bench.py match FOLDER...            a folder of `naober bench match --dump FOLDER`
    check_bench.py assignment FILE SOLUTION   a problem, and what `naober bench assignment --solution` wrote
    check_bench.py batch SOLUTION             what `naober bench batch --solution` wrote, the problem included
    check_bench.py rides FILE SOLUTION        a day, and what `naober bench rides --solution` wrote

Each line says what was looked at and how much of it is right; the exit code is 1 where anything is not, or where a
file cannot be read or nothing stands in it.
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


class Unreadable(Exception):
    """A file that is not what it should be, in words."""


def need(holds, what):
    if not holds:
        raise Unreadable(what)


def pairs(text):
    return [tuple(int(n) for n in word.split("-")) for word in text.split()]


def rows(folder, name):
    with open(f"{folder}/{name}.csv", newline="") as file:
        table = csv.DictReader(file)
        listed = list(table)
    for number, row in enumerate(listed):
        need(None not in row and None not in row.values(), f"{name}.csv: row {number} has not as many cells as the heading")
    return listed


CASES = ("s1", "s2", "s3", "s4", "s5", "s6")


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
        need(self.case in CASES, f"there is no case {self.case}")
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


def wanted(folder):
    """What each query must be answered with, and among how many volunteers."""
    volunteers = [Volunteer(row) for row in rows(folder, "volunteers")]
    need(len({v.id for v in volunteers}) == len(volunteers), "volunteers.csv: an id comes twice")
    return [answer(Query(row), volunteers) for row in rows(folder, "queries")], len(volunteers)


def match(folder):
    queries = rows(folder, "queries")
    for number, row in enumerate(queries):
        need(int(row["query"]) == number, f"queries.csv: query {row['query']} stands where {number} should")
    given = [[] for _ in queries]
    for row in rows(folder, "answers"):
        query, rank = int(row["query"]), int(row["rank"])
        need(0 <= query < len(queries), f"answers.csv: query {query} is not in queries.csv")
        need(rank == len(given[query]), f"answers.csv: rank {rank} of query {query} stands where {len(given[query])} should")
        given[query].append((int(row["id"]), int(row["value"])))
    want, volunteers = wanted(folder)
    wrong, found = 0, sum(len(people) for people in want)
    for number, must in enumerate(want):
        if must != given[number]:
            wrong += 1
            print(f"query {number}: {given[number]}\n  must be {must}", file=sys.stderr)
    print(f"{folder}: {len(want) - wrong} of {len(want)} answers exact, {found} people, {volunteers} volunteers")
    need(found > 0, "nobody is found by any query: nothing was looked at")
    return wrong == 0


def numbers(path, kind=int):
    with open(path) as file:
        lines = [[kind(word) for word in line.split()] for line in file]
    need(all(math.isfinite(n) for line in lines for n in line), "a number is not finite")
    return lines


def assignment(problem, solution):
    """Whether the columns are a permutation, and the prices prove that none is cheaper."""
    flat = [n for line in numbers(problem) for n in line]
    need(flat and flat[0] > 0 and len(flat) == 1 + flat[0] ** 2, f"{problem} is not a size and as many costs")
    size = flat[0]
    cost = [flat[1 + i * size : 1 + (i + 1) * size] for i in range(size)]
    lines = numbers(solution)
    need([len(line) for line in lines] == [size] * 3, f"three lines of {size} numbers were expected: columns, and prices of both")
    columns, row, column = lines
    need(all(0 <= j < size for j in columns), f"a column is not 0 to {size - 1}")
    total = sum(cost[i][columns[i]] for i in range(size))
    allowed = sorted(columns) == list(range(size))
    bound = sum(row) + sum(column)
    below = all(row[i] + column[j] <= cost[i][j] for i in range(size) for j in range(size))
    print(f"{problem}: cost {total}, allowed {allowed}, optimal {allowed and below and total == bound}")
    return allowed and below and total == bound


def day_of_tasks(lines):
    """The problem of a batch: what each task costs undone, its arcs by their numbers, and the loads of each worker."""
    need(lines and len(lines[0]) == 2 and min(lines[0]) > 0, "the first line is tasks and workers")
    tasks, workers = lines[0]
    need(len(lines) == tasks + workers + 4, f"{tasks + workers + 4} lines were expected: those of the problem, arcs, prices, cost")
    undone, arcs, number = [], [], 0
    for line in lines[1 : 1 + tasks]:
        need(len(line) > 1 and len(line) == 2 + 2 * line[1], f"task {len(arcs)} has not as many arcs as it says")
        need(all(0 <= worker < workers for worker in line[2::2]), f"task {len(arcs)} has an arc to nobody")
        undone.append(line[0])
        arcs.append({number + k: (line[2 + 2 * k], line[3 + 2 * k]) for k in range(line[1])})
        number += line[1]
    loads = lines[1 + tasks : 1 + tasks + workers]
    for worker, line in enumerate(loads):
        need(line and len(line) == 1 + line[0], f"worker {worker} has not as many places as it says")
        need(line[1:] == sorted(line[1:]), f"places of worker {worker} get cheaper")
    return undone, arcs, [line[1:] for line in loads]


def batch(solution):
    """Whether nobody takes more than they can, it costs what it says, and the prices prove that nothing is cheaper."""
    lines = numbers(solution)
    undone, arcs, loads = day_of_tasks(lines)
    chosen, price, stated = lines[-3:]
    need(len(chosen) == len(arcs), f"{len(chosen)} arcs are chosen for {len(arcs)} tasks")
    need(len(price) == len(loads), f"{len(price)} prices are given for {len(loads)} workers")
    need(len(stated) == 1, "the last line is the cost")
    taken, total = [0] * len(loads), 0
    for i, arc in enumerate(chosen):
        if arc == -1:
            total += undone[i]
            continue
        need(arc in arcs[i], f"arc {arc} is not one of task {i}")
        worker, cost = arcs[i][arc]
        need(taken[worker] < len(loads[worker]), f"worker {worker} takes more than {len(loads[worker])}")
        total += cost + loads[worker][taken[worker]]
        taken[worker] += 1
    bound = sum(min([undone[i]] + [cost + price[worker] for worker, cost in of.values()]) for i, of in enumerate(arcs))
    bound -= sum(max(price[worker] - cost, 0) for worker, load in enumerate(loads) for cost in load)
    right = total == bound and total == stated[0]
    print(f"{solution}: cost {total}, stated {stated[0]}, proven {bound}: {'optimal' if right else 'wrong'}")
    return right


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
    need(lines and len(lines[0]) == 5, f"{problem}: the first line is vehicles, stops, longest route, room and longest ride")
    vehicles, count, longest_route, room, longest_ride = lines[0]
    stops, half, routes = lines[1:], int(count) // 2, numbers(solution)
    stops = stops[: int(count) + 1]  # some files have the depot once more at their end
    need(count == 2 * half and len(stops) == count + 1, f"{problem}: {count:.0f} stops and a depot were expected")
    need(all(len(s) == 7 and s[0] == i for i, s in enumerate(stops)), f"{problem}: a stop is its number and six more")
    for i in range(1, half + 1):
        need(stops[i][4] == -stops[i + half][4], f"{problem}: not who gets on at {i} gets off at {i + half}")
    need(all(1 <= n <= count for route in routes for n in route), f"a stop of a route is not 1 to {count:.0f}")
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


def judged(judge, files):
    try:
        return judge(*files)
    except KeyError as e:
        what = f"there is no column {e}"
    except (Unreadable, OSError, ValueError, IndexError, ArithmeticError) as e:  # spans of one end, numbers beyond a float
        what = e
    print(f"{files[-1]}: {what}", file=sys.stderr)
    return False


def main(args):
    judges = {"match": (match, 1), "assignment": (assignment, 2), "batch": (batch, 1), "rides": (rides, 2)}
    judge, size = judges.get(args[0], (None, 1)) if args else (None, 1)
    rest, good = args[1:], True
    if judge is None or not rest or len(rest) % size:
        print(__doc__, file=sys.stderr)
        return 2
    for i in range(0, len(rest), size):
        good = judged(judge, rest[i : i + size]) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
