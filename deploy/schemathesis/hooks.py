"""What Schemathesis is told about this API beyond its description.

A caller signs in, and again where a call ended the session. Every intent has a key of its own. Ids that nobody has seen are mostly
replaced by those of documents that answers showed, and times by some that are still to come: made-up ones would rarely pass the
first test. What breaks the description is left as it is.
"""

import atexit
import datetime
import json
import os
import random
import re
import urllib.error
import urllib.request
import uuid

import schemathesis
import yaml

KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
VERSION = re.compile(r'"?[1-9][0-9]*"?')
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
NOUNS = {"profile": "person", "moderatedhelper": "person", "for": "person", "to": "organization", "by": "person", "helper": "person"}
PAIRS = (("start", "end"), ("from", "until"), ("depart", "arrive"))
MOSTLY = 0.8
MANY = 10
UNKNOWN = "01JDB8Q4M2ZT6R0V9XKFW3E7HN"


def asked(path, body):
    """What the demo's control port answers."""
    raw = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(os.environ["NAOBER_CONTROL"] + path, data=raw, timeout=30) as response:
        return json.load(response)


class Documents:
    """The ids of all documents that answers showed, by noun, and the present of the server."""

    def __init__(self):
        with open(os.environ["NAOBER_SPEC"], encoding="utf-8") as file:
            self.spec = yaml.safe_load(file)
        self.known = {noun: [one] for noun, one in json.loads(os.environ.get("NAOBER_KNOWN", "{}")).items()}
        self.seen = {one for many in self.known.values() for one in many}
        self.dice = random.Random(os.environ.get("NAOBER_SEED", "1"))
        self.answered = {}
        self.changes = {}
        self.now = datetime.datetime.fromisoformat(asked("/clock", None)["now"])

    def read(self, schema, value):
        """Notes every id in an answer under the name of the shape that holds it."""
        name = schema.get("$ref", "").rpartition("/")[2]
        if name:
            schema = self.spec["components"]["schemas"].get(name, {})
        if isinstance(value, dict):
            if isinstance(value.get("id"), str) and name:
                self.note(NOUNS.get(name.lower(), name.lower()), value["id"])
            for key, one in value.items():
                self.read(schema.get("properties", {}).get(key, {}), one)
        elif isinstance(value, list):
            for one in value[:20]:
                self.read(schema.get("items", {}), one)

    def save(self):
        """Leaves behind which operations had which statuses, and how often."""
        with open(os.environ["NAOBER_TALLY"], "w", encoding="utf-8") as file:
            json.dump(self.answered, file)

    def note(self, noun, one):
        if one not in self.seen:
            self.seen.add(one)
            self.known.setdefault(noun, []).append(one)

    def tire(self, path):
        """Notes a change of each document that a path names."""
        for one in ID.findall(path):
            self.changes[one] = self.changes.get(one, 0) + 1

    def rested(self, key, value):
        """Another document for one that was changed often: it takes 64 changes in ten minutes."""
        if not isinstance(value, str) or self.changes.get(value, 0) < MANY:
            return value
        choices = [one for one in self.known.get(NOUNS.get(key, key), []) if self.changes.get(one, 0) < MANY]
        return self.dice.choice(choices) if choices else UNKNOWN

    def instead(self, key, value):
        """A seen id for a made-up one; the first of a kind, which is mostly the caller's own, as often as all others."""
        choices = self.known.get(NOUNS.get(key, key))
        if not choices or not isinstance(value, str) or not ID.fullmatch(value) or value in self.seen or self.dice.random() > MOSTLY:
            return value
        return choices[0] if self.dice.random() < 0.5 else self.dice.choice(choices)

    def mend(self, value):
        """The same body with ids of documents that are there, and times to come."""
        if isinstance(value, list):
            return [self.mend(one) for one in value]
        if not isinstance(value, dict):
            return value
        value = {key: self.instead(key, self.mend(one)) for key, one in value.items()}
        begin = self.now + datetime.timedelta(days=self.dice.randrange(1, 6), minutes=15 * self.dice.randrange(4, 20))
        for first, second in PAIRS:
            if all(isinstance(value.get(key), str) and INSTANT.fullmatch(value[key]) for key in (first, second)) and self.dice.random() < MOSTLY:
                value[first], value[second] = stamp(begin), stamp(begin + datetime.timedelta(minutes=30 * self.dice.randrange(2, 8)))
        return value


    def fit(self, body):
        """The same body without what the rules of the trade exclude there and a description cannot: a wish that is the caller's own, and
        either times or a rule for them."""
        if self.dice.random() > MOSTLY:
            return body
        body = {key: one for key, one in body.items() if key not in ("for", "helper", "channel", "consent") or "theme" in body}
        if "urgency" in body and body.get("kind") != "ride":
            body.pop("ride", None)
        if isinstance(body.get("slots"), list) and len(body["slots"]) > 0:
            body.pop("series", None)
            body["slots"] = [{**one, "durationMinutes": 30} for one in body["slots"] if isinstance(one, dict)]
        if "availability" in body:
            body.pop("boxed", None)
        return body


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


documents = Documents()
atexit.register(documents.save)


class Session:
    """The part's own session; Schemathesis asks anew after a 401."""

    def get(self, case, context):
        try:
            return asked("/tokens", {"mail": os.environ["NAOBER_MAIL"]})["access"]
        except urllib.error.HTTPError:
            return None  # whoever was forgotten signs in no more

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": "Bearer " + data}


if os.environ.get("NAOBER_MAIL"):
    schemathesis.auth(refresh_interval=300)(Session)


@schemathesis.hook
def before_call(context, case, kwargs):
    sent = (case.headers or {}).get("Idempotency-Key")
    if isinstance(sent, str) and KEY.fullmatch(sent):
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
    # A version that nobody showed would only be refused as outdated.
    if VERSION.fullmatch((case.headers or {}).get("If-Match") or "") and documents.dice.random() < MOSTLY:
        del case.headers["If-Match"]
    for name, value in list((case.path_parameters or {}).items()):
        case.path_parameters[name] = documents.rested(name, documents.instead(name, value))
    if isinstance(case.body, (dict, list)):
        case.body = documents.mend(case.body)
    if isinstance(case.body, dict) and case.meta is not None and case.meta.generation.mode == schemathesis.GenerationMode.POSITIVE:
        case.body = documents.fit(case.body)


@schemathesis.hook
def after_call(context, case, response):
    statuses = documents.answered.setdefault(case.operation.definition.raw["operationId"], {})
    statuses[str(response.status_code)] = statuses.get(str(response.status_code), 0) + 1
    if response.status_code >= 300:
        return
    if case.method != "GET":
        documents.tire(case.formatted_path)
    if response.status_code == 204:
        return
    described = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    schema = described.get("content", {}).get("application/json", {}).get("schema")
    if schema is not None:
        if "json" in str(response.headers.get("content-type", "")):  # an export may be a page
            documents.read(schema, response.json())
