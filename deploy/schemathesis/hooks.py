"""What Schemathesis is told about this API: every intent has a key of its own.

Without it each change would carry the example's key, and all but the first would be refused as a repetition.
"""

import re
import uuid

import schemathesis

KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


@schemathesis.hook
def before_call(context, case, kwargs):
    sent = (case.headers or {}).get("Idempotency-Key")
    if isinstance(sent, str) and KEY.fullmatch(sent):
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
