#!/usr/bin/env python3
"""Changes files of `naober bench` one number at a time, and sees that check_bench.py notices.

    check_bench_test.py WORK   what deploy/test.sh wrote: WORK/figures/s1 to s6, WORK/slack-small.txt,
                               WORK/congested-small.txt, WORK/dense.txt and dense.out, WORK/day.txt and day.out

What is changed is what was answered, and how long the lists of a problem are. Where another number of a problem is
changed, the answer may well stay right. Prints how many changes there were; the exit code is 1 where one was missed.
"""

import contextlib
import functools
import io
import os
import re
import sys
import tempfile

import check_bench

MOST = 60  # changes of one kind in a file, spread over all of it
NUMBER = re.compile(r"-?\d+(\.\d+)?")
check_bench.wanted = functools.lru_cache(None)(check_bench.wanted)  # looking at everybody takes seconds


def accepts(*args):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return check_bench.main(list(args)) == 0


def spread(places):
    return places[:: max(1, len(places) // MOST)]


class Changes:
    """Counts the changes of one file, and those that were not noticed. Without a change it must be right."""

    def __init__(self, path, *args):
        self.path, self.args, self.made, self.missed = path, args, 0, []
        with open(path) as file:
            self.lines = file.read().splitlines()
        if not accepts(*args):
            self.missed.append("as it stands it is refused")

    def put(self, what, lines):
        with open(self.path, "w") as file:
            file.write("".join(line + "\n" for line in lines))
        self.made += 1
        if accepts(*self.args):
            self.missed.append(what)

    def numbers(self, lines, change, words=None):
        """Changes numbers of some lines, or only the first words of each."""
        places = [(i, word) for i in lines for word in list(NUMBER.finditer(self.lines[i]))[:words]]
        for i, word in spread(places):
            line = self.lines[i]
            new = line[: word.start()] + str(change(int(word.group()))) + line[word.end() :]
            self.put(f"line {i + 1}: {new[:80]}", [*self.lines[:i], new, *self.lines[i + 1 :]])

    def shape(self):
        """Lines too many and too few, numbers too many and too few at the ends, and what is no number."""
        lines, last = self.lines, self.lines[-1]
        for what, changed in {
            "empty": [],
            "only the first line": lines[:1],
            "the last line missing": lines[:-1],
            "the last line twice": [*lines, last],
            "a line too many": [*lines, "1 2"],
            "a number too many": [*lines[:-1], last + " 7"],
            "a number too few": [*lines[:-1], NUMBER.sub("", last, count=1)],
            "a word": [*lines[:-1], last + "x"],
            "not a number": [*lines[:-1], "nan"],
        }.items():
            if changed != lines:
                self.put(what, changed)

    def done(self):
        with open(self.path, "w") as file:
            file.write("".join(line + "\n" for line in self.lines))
        print(f"{self.path}: {self.made} changes, {len(self.missed)} missed")
        for what in self.missed:
            print(f"  {what}", file=sys.stderr)
        return not self.missed


def more(n):
    return n + 1


def less(n):
    return n - 1


def match(folder):
    c = Changes(f"{folder}/answers.csv", "match", folder)
    lines = range(1, len(c.lines))
    c.numbers(lines, more)
    c.numbers(lines, less)
    c.shape()
    c.put("no answers", c.lines[:1])
    c.put("another order", [c.lines[0], *reversed(c.lines[1:])])
    c.put("a query that was not asked", [*c.lines, "9999,0,1,1"])
    good = c.done()
    with tempfile.TemporaryDirectory() as copy:
        for name in ("volunteers", "answers", "queries"):
            os.symlink(os.path.abspath(f"{folder}/{name}.csv"), f"{copy}/{name}.csv")
        with open(f"{folder}/queries.csv") as file:
            queries = file.read().splitlines()
        with open(f"{folder}/answers.csv") as file:
            last = max(int(line.split(",")[0]) for line in file.read().splitlines()[1:])
        os.remove(f"{copy}/queries.csv")
        for kept in (queries[: last + 1], queries[:1] + queries[2:], queries[:1]):
            with open(f"{copy}/queries.csv", "w") as file:
                file.write("".join(line + "\n" for line in kept))
            if accepts("match", copy):
                print(f"{folder}: {len(queries) - len(kept)} queries fewer are missed", file=sys.stderr)
                good = False
    return good


def batch(path):
    c = Changes(path, "batch", path)
    tasks, workers = (int(n) for n in c.lines[0].split())
    end = len(c.lines)
    for change in (more, less):
        c.numbers([end - 3, end - 1], change)  # arcs and cost
        c.numbers([0], change)
        c.numbers(range(1 + tasks, 1 + tasks + workers), change, words=1)  # how many places
    c.numbers([end - 2], lambda price: 10**9)  # a smaller change of a price may prove as much
    undone = c.lines[-3].replace("-1", "-5")
    if undone != c.lines[-3]:
        c.put("-5 for nobody", [*c.lines[:-3], undone, *c.lines[-2:]])
    c.put("a price too many", [*c.lines[:-2], c.lines[-2] + " 5", c.lines[-1]])
    c.put("a price too few", [*c.lines[:-2], c.lines[-2].rsplit(" ", 1)[0], c.lines[-1]])
    for task in spread(range(1, 1 + tasks)):
        words = c.lines[task].split()
        for count in (more, less):
            words[1] = str(count(int(c.lines[task].split()[1])))
            c.put(f"arcs of task {task}", [*c.lines[:task], " ".join(words), *c.lines[task + 1 :]])
    c.shape()
    return c.done()


def assignment(problem, path):
    c = Changes(path, "assignment", problem, path)
    for change in (more, less):
        c.numbers(range(3), change)
    c.put("prices that add up to the same", [c.lines[0], c.lines[1] + " 7", c.lines[2] + " -7"])
    c.shape()
    good = c.done()
    p = Changes(problem, "assignment", problem, path)
    for change in (more, less):
        p.numbers([0], change)
    return p.done() and good


def rides(problem, path):
    c = Changes(path, "rides", problem, path)
    for change in (more, less, lambda n: -n):
        c.numbers(range(len(c.lines)), change)
    c.shape()
    c.put("the depot on the way", [c.lines[0] + " 0", *c.lines[1:]])
    good = c.done()
    p = Changes(problem, "rides", problem, path)
    p.numbers(range(1, len(p.lines)), more, words=1)
    p.put("a place that is none", [p.lines[0], p.lines[1], "1 nan 0 1 1 0 100", *p.lines[3:]])
    p.put("a load that stays", [*p.lines[:-1], p.lines[-1].replace("-1", "0")])
    return p.done() and good


def main(work):
    good = [match(f"{work}/figures/{of}") for of in check_bench.CASES]
    good += [batch(f"{work}/{of}-small.txt") for of in ("slack", "congested")]
    good += [assignment(f"{work}/dense.txt", f"{work}/dense.out"), rides(f"{work}/day.txt", f"{work}/day.out")]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
