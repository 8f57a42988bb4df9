"""Reads events, a line of JSON each, with the public model of a dialect: `agentcat.py {agentcat|mcpcat} FILE`.

Every event must be taken, and come back with every field as it was.
"""

import importlib
import json
import sys
from datetime import datetime

MAX_BYTES = 100 * 1024
# Nothing of ours sets it.
NEVER_SENT = {"ip_address"}
# The published models' lists of types are older than the service: they lack the custom events that the public SDKs send,
# and the old dialect's lacks tasks.
NOT_LISTED = {"agentcat": {"agentcat:custom"}, "mcpcat": {"mcpcat:custom"} | {f"mcp:tasks/{what}" for what in ("get", "result", "list", "cancel")}}


def comparable(event):
    """The service's times are points in time, however they are written."""
    told = event["timestamp"]
    at = told if isinstance(told, datetime) else datetime.fromisoformat(told)
    return {**event, "timestamp": at.timestamp(), "session_id": event.get("session_id")}


def model_of(dialect):
    return importlib.import_module(f"{dialect}_api").PublishEventRequest


def known(model):
    return set(model.model_fields) - {"additional_properties"}


def read(dialect, body):
    """The event that stands in a body, when the model takes it and gives it back with every field as it was."""
    event, model = json.loads(body), model_of(dialect)
    assert len(body) <= MAX_BYTES, f"{len(body)} bytes"
    assert set(event) <= known(model), f"the model does not know {set(event) - known(model)}"
    kind = event["event_type"]
    # What the list lacks is read as something that it has: all else is held to the model.
    unlisted = kind in NOT_LISTED[dialect]
    parsed = model.from_dict({**event, "event_type": "mcp:ping"} if unlisted else event).to_dict()
    if unlisted:
        parsed["event_type"] = kind
    assert comparable(parsed) == comparable(event), f"{parsed} is not {event}"
    return event


def main(dialect, path):
    fields, types, ids, sizes = set(), set(), set(), []
    with open(path, "rb") as lines:
        for line in lines:
            body = line.rstrip(b"\n")
            event = read(dialect, body)
            sizes.append(len(body))
            fields |= set(event)
            types.add(event["event_type"])
            ids.add(event["id"])
    expected = known(model_of(dialect)) - NEVER_SENT
    assert len(sizes) > 300 and len(ids) == len(sizes), f"{len(ids)} ids of {len(sizes)} events"
    assert fields == expected, f"no event had {expected - fields}"
    assert NOT_LISTED[dialect] < types, f"no event was of {NOT_LISTED[dialect] - types}"
    cut = sum(size > MAX_BYTES * 0.8 for size in sizes)
    assert cut, "no event was near the limit"
    print(f"{dialect}: {len(sizes)} events of {len(types)} types, {cut} of them near the limit of size: all fields kept")


if __name__ == "__main__":
    main(*sys.argv[1:])
