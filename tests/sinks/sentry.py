"""Parses envelopes as Sentry does, and says what Sentry would not understand.

    sentry.py FOLDER
"""

import json
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

from sentry_relay.processing import StoreNormalizer, parse_release
from sentry_sdk.envelope import Envelope

KINDS = {"event", "transaction", "sessions", "profile"}
# What never leaves: https://develop.sentry.dev/sdk/data-model/event-payloads/ has places for it.
PRIVATE = {"request", "ip_address", "email", "username", "cookies", "headers", "user_agent"}


def keys(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def complaints(payload):
    """What relay notes down on an event: values that it dropped or changed, and why."""
    normalised = StoreNormalizer(project_id=1).normalize_event(json.loads(json.dumps(payload)))
    found = [f"{error['type']} {error.get('name')}: {error.get('reason')}" for error in normalised.get("errors", [])]
    found += [f"changed: {path}" for path in changed(normalised.get("_meta", {}))]
    # Relay makes a tag of it.
    if ["server_name", payload.get("server_name")] not in normalised["tags"] and "server_name" in payload:
        found.append("lost: server_name")
    for field in ("release", "environment", "platform", "fingerprint", "user", "tags"):
        if field in payload and normalised.get(field) in (None, [], {}):
            found.append(f"lost: {field}")
    return found


def changed(meta, path=""):
    for key, inner in meta.items():
        if key == "" and (inner.get("err") or inner.get("val") is not None):
            yield path
        elif isinstance(inner, dict):
            yield from changed(inner, f"{path}.{key}")


def seconds(time):
    """A time is a number or a text."""
    return time if isinstance(time, float) else datetime.fromisoformat(time).timestamp()


def check_event(payload):
    exception = payload["exception"]["values"][0]
    assert exception["type"] and exception["value"] and payload["fingerprint"], payload
    assert set(payload.get("user", {})) <= {"id"}, payload


def check_transaction(payload):
    trace = payload["contexts"]["trace"]
    assert trace["op"] == "mcp.server", trace
    for span in payload["spans"]:
        assert span["trace_id"] == trace["trace_id"] and span["parent_span_id"] == trace["span_id"], span
        times = [payload["start_timestamp"], span["start_timestamp"], span["timestamp"]]
        assert times == sorted(times, key=seconds), span


def check_sessions(payload):
    assert payload["attrs"]["release"] and payload["aggregates"], payload
    for aggregate in payload["aggregates"]:
        assert set(aggregate) <= {"started", "exited", "errored", "crashed"}, aggregate


def check_profile(payload):
    profile = payload["profile"]
    assert payload["version"] == "1" and payload["transaction"]["active_thread_id"] in profile["thread_metadata"]
    for sample in profile["samples"]:
        stack = profile["stacks"][sample["stack_id"]]
        assert all(profile["frames"][frame]["function"] for frame in stack), sample
        assert int(sample["elapsed_since_start_ns"]) >= 0 and sample["thread_id"] in profile["thread_metadata"]


def read(body, kinds):
    """What Sentry would not understand of an envelope; its items are counted in `kinds`."""
    for item in Envelope.deserialize(body).items:
        payload = json.loads(item.get_bytes())
        kinds[item.type] += 1
        globals()[f"check_{item.type}"](payload)
        if item.type in ("event", "transaction"):
            yield from complaints(payload)
            release = parse_release(payload["release"])
            if release["package"] != "icelocator-server" or not release["version_parsed"]:
                yield f"release {payload['release']}"
        if private := PRIVATE.intersection(keys(payload)):
            yield f"{sorted(private)}"


def main(folder, kinds=KINDS):
    counts, wrong = Counter(), []
    for path in sorted(Path(folder).iterdir()):
        wrong += [f"{path.name}: {complaint}" for complaint in read(path.read_bytes(), counts)]
    if missing := kinds - set(counts):
        wrong.append(f"nothing was sent of {sorted(missing)}")
    if wrong:
        sys.exit("Sentry would not understand:\n" + "\n".join(wrong))
    print("Sentry envelopes parse:", ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))


if __name__ == "__main__":
    main(sys.argv[1])
