#!/usr/bin/env python3
"""Lets Schemathesis loose on a running demo, as everybody who can sign in there and as nobody.

    run.py --control URL --api URL --spec openapi.yaml --st PROGRAM --work DIR [--parts a,b] [--seed N] [--examples N] [--walks N] [--steps N]

Every answer must have a documented status, content type, headers and body, and none may be a 5xx; what breaks the description is
refused, and so is whoever does not sign in. The stateful phase walks from answers to further calls. Prints a line a part in the
words of go test, and exits 1 where one failed.
"""

import argparse
import concurrent.futures
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.request

CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance", "response_headers_conformance",
          "negative_data_rejection", "missing_required_header", "unsupported_method", "allow_header_conformance", "ignored_auth"]


# What ends the account that calls comes after everything else.
LAST = re.compile("erase|forget", re.IGNORECASE)


def answer(url, body=None):
    raw = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(url, data=raw, timeout=30) as response:
        return json.load(response)


def morning(options):
    """Moves the demo to ten the next morning, so that what may be done does not hang on the time of this run."""
    now = datetime.datetime.fromisoformat(answer(options.control + "/clock")["now"])
    to = (now + datetime.timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    answer(options.control + "/clock", {"to": to.isoformat().replace("+00:00", "Z")})
    answer(options.control + "/settle", {})


def config(options, part):
    """The settings of one part's run: its time is bounded by counts, so that a seed tells what is tried."""
    path = options.work / f"{part['part']}.toml"
    path.write_text(f"""
[generation]
max-examples = {options.examples}
with-security-parameters = false
database = "none"

[phases.stateful]
max-steps = {options.steps}
generation.max-examples = {options.walks}

[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 431]

[checks.missing_required_header]
expected-statuses = [400, 401, 403, 404, 415, 429]
""")
    return path


def ending(options):
    """The operations that end an account."""
    names = re.findall(r"^ +operationId: (\w+)$", pathlib.Path(options.spec).read_text(), re.MULTILINE)
    return [name for name in names if LAST.search(name)]


def play(options, part, last=False):
    began = time.monotonic()
    command = [options.st, "--config-file", str(config(options, part)), "run", options.spec, "--url", options.api, "--checks", ",".join(CHECKS),
               "--seed", str(options.seed), "--continue-on-failure", "--no-color", "--suppress-health-check", "all", "--warnings", "off", "--no-shrink"]
    for name in ending(options):
        command += ["--include-operation-id" if last else "--exclude-operation-id", name]
    known = {"community": part["community"]}
    if part.get("person"):
        known["person"] = part["person"]
    environment = dict(os.environ, SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=str(pathlib.Path(__file__).parent), NAOBER_CONTROL=options.control,
                       NAOBER_SPEC=options.spec, NAOBER_MAIL=part["mail"], NAOBER_KNOWN=json.dumps(known), NAOBER_SEED=str(options.seed),
                       NAOBER_TALLY=str(options.work / f"{part['part']}.json"))
    done = subprocess.run(command, cwd=options.work, env=environment, capture_output=True, text=True, timeout=options.timeout)
    (options.work / f"{part['part']}.out").write_text(done.stdout + done.stderr)
    cases = ", ".join(re.findall(r"(\d+ generated[^\n]*|\d+ covered / \d+ selected)", done.stdout)[::-1]).replace(" covered /", " links of").replace(" selected", "")
    # An error is a call that could not be made or judged; Schemathesis itself goes on over some of them.
    failed = "" if done.returncode == 0 and " errored" not in done.stdout else done.stdout[-12000:] + done.stderr[-4000:]
    tally = json.loads((options.work / f"{part['part']}.json").read_text())
    cases += f", {sum(any(status < '300' for status in statuses) for statuses in tally.values())} of {len(tally)} operations succeeded"
    return part["part"], failed, cases, time.monotonic() - began


def parts_of(options):
    """One part a role: of the volunteers the first."""
    cast = answer(options.control + "/cast")
    everybody = [part for part in cast if not part["part"].startswith("driver_") or part["part"] == "driver_near"]
    everybody.insert(0, {"part": "nobody", "mail": "", "community": cast[0]["community"]})
    if options.parts:
        everybody = [part for part in everybody if part["part"] in options.parts.split(",")]
    return everybody


def main():
    options = argparse.ArgumentParser(description=__doc__)
    for name in ("control", "api", "spec", "st", "work"):
        options.add_argument("--" + name, required=True)
    options.add_argument("--parts", default="")
    for name, default in (("seed", 1), ("examples", 5), ("walks", 40), ("steps", 10), ("timeout", 1800)):
        options.add_argument("--" + name, type=int, default=default)
    options = options.parse_args()
    options.work = pathlib.Path(options.work)
    options.spec = os.path.abspath(options.spec)
    everybody = parts_of(options)
    morning(options)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, failed, cases, seconds in pool.map(lambda part: play(options, part), everybody):
            print(f"--- {'FAIL' if failed else 'PASS'}: schemathesis as {name} ({seconds:.1f}s) {cases}", flush=True)
            if failed:
                bad += 1
                print(failed)
    if ending(options):
        name, failed, cases, seconds = play(options, {**everybody[-1], "part": everybody[-1]["part"] + "_at_last"}, last=True)
        print(f"--- {'FAIL' if failed else 'PASS'}: schemathesis as {name} ({seconds:.1f}s) {cases}", flush=True)
        if failed:
            bad += 1
            print(failed)
    return 1 if bad or not everybody else 0


if __name__ == "__main__":
    sys.exit(main())
