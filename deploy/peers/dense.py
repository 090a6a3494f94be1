#!/usr/bin/env python3
"""Solves assignment problems of the OR-Library with SciPy: dense.py FILE...

One JSON object a line: file, cost, and the milliseconds of the second of two solutions. The costs are
float64 beforehand, which is what SciPy would else make of them in the time that is measured.
"""

import json
import sys
import time

import numpy
from scipy.optimize import linear_sum_assignment

for name in sys.argv[1:]:
    with open(name) as file:
        numbers = file.read().split()
    size = int(numbers[0])
    costs = numpy.array(numbers[1 : 1 + size * size], dtype=numpy.float64).reshape(size, size)
    for _ in range(2):
        began = time.perf_counter()
        rows, columns = linear_sum_assignment(costs)
        took = time.perf_counter() - began
    print(json.dumps({"file": name, "cost": int(costs[rows, columns].sum()), "ms": took * 1000}))
