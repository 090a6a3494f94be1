#!/usr/bin/env python3
"""Lets Schemathesis loose on a running demo, as everybody who can sign in there, one after the other.

    run.py --control URL --api URL --spec openapi.yaml --st PROGRAM --work DIR [--parts a,b] [--seed N] [--seconds N]

Every answer must have a documented status, content type, headers and body, and none may be a 5xx. Each part meets documents that
are really there: their ids are read from the lists that the part sees. What ends the part's own session comes last. Prints a line a
part in the words of go test, and exits 1 where one failed.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance"
LAST = ["endDevice", "forgetMe"]  # they end the session that makes the calls


def answer(url, token=None, body=None):
    request = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode())
    if token:
        request.add_header("Authorization", "Bearer " + token)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError:
        return {}


def documents(api, token, part):
    """The ids of documents that this part can see, by the name of the path parameter."""
    found = {"community": part["community"], "person": part["person"]}
    for scope in ("mine", "helping", "behalf", "community&community=" + part["community"]):
        for request in answer(f"{api}/v1/requests?scope={scope}", token).get("items", []):
            found.setdefault("request", request["id"])
            for name, many in (("slot", "slots"), ("ask", "asks"), ("visit", "visits")):
                for one in request.get(many, []):
                    found.setdefault(name, one["id"])
    for name, path in (("offer", "offers"), ("membership", "me/memberships"), ("referral", "referrals")):
        for one in answer(f"{api}/v1/{path}", token).get("items", []):
            found.setdefault(name, one["id"])
    return found


def config(work, part, ids):
    path = work / f"{part}.toml"
    lines = ["[parameters]"] + [f'"path.{name}" = "{value}"' for name, value in sorted(ids.items())]
    path.write_text("\n".join(lines) + "\n")
    return path


def run(options, name, token, toml, only, seconds):
    command = [options.st, "--config-file", str(toml), "run", options.spec, "--url", options.api, "--checks", CHECKS, "--seed", str(options.seed),
               "--max-examples", "8", "--continue-on-failure", "--generation-with-security-parameters", "false", "--no-color",
               "--suppress-health-check", "all", "--warnings", "off", "--max-time", str(seconds)]
    if token:
        command += ["-H", "Authorization: Bearer " + token]
    for operation in LAST:
        command += ["--include-operation-id" if only else "--exclude-operation-id", operation]
    environment = dict(os.environ, SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=str(pathlib.Path(__file__).parent))
    done = subprocess.run(command, cwd=options.work, env=environment, capture_output=True, text=True, timeout=seconds * 4 + 120)
    (options.work / f"{name}.out").write_text(done.stdout + done.stderr)
    return done


def play(options, part):
    began = time.monotonic()
    token = ""
    ids = {"community": part["community"]}
    if part["mail"]:
        token = answer(options.control + "/tokens", body={"mail": part["mail"]})["access"]
        ids = documents(options.api, token, part)
    toml = config(options.work, part["part"], ids)
    failed = []
    for only in (False, True):
        done = run(options, part["part"], token, toml, only, options.seconds)
        if done.returncode != 0:
            failed.append(done.stdout[-6000:] + done.stderr[-2000:])
    cases = [line.strip() for line in (options.work / f"{part['part']}.out").read_text().splitlines() if "generated" in line]
    return part["part"], failed, cases, time.monotonic() - began


def main():
    options = argparse.ArgumentParser(description=__doc__)
    for name in ("control", "api", "spec", "st", "work"):
        options.add_argument("--" + name, required=True)
    options.add_argument("--parts", default="")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--seconds", type=int, default=40)
    options = options.parse_args()
    options.work = pathlib.Path(options.work)
    options.spec = os.path.abspath(options.spec)
    parts = answer(options.control + "/cast")
    once = {}
    for part in parts:
        once.setdefault(part["part"] if not part["part"].startswith("driver_") else "driver_near", part)
    everybody = list(once.values()) + [{"part": "nobody", "mail": "", "community": parts[0]["community"]}]
    if options.parts:
        everybody = [part for part in everybody if part["part"] in options.parts.split(",")]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, failed, cases, seconds in pool.map(lambda part: play(options, part), everybody):
            print(f"--- {'FAIL' if failed else 'PASS'}: schemathesis as {name} ({seconds:.1f}s) {' '.join(cases)}", flush=True)
            for text in failed:
                print(text)
            bad += len(failed)
    return 1 if bad or not everybody else 0


if __name__ == "__main__":
    sys.exit(main())
