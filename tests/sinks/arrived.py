"""Reads what arrived at the services' intakes with the models that their makers publish.

    arrived.py FOLDER

The folder has one of its own for each intake, and in it a file for each body, unpacked.
"""

import sys
from pathlib import Path

import agentcat
import datadog
import sentry


def bodies(folder, intake):
    found = [path.read_bytes() for path in sorted((Path(folder) / intake).iterdir())]
    assert found, f"nothing arrived at {intake}"
    return found


def main(folder):
    datadog.models_are_strict()
    for body in bodies(folder, "agentcat"):
        agentcat.read("agentcat", body)
    for intake, path in [("datadog-logs", "/api/v2/logs"), ("datadog-series", "/api/v2/series")]:
        for body in bodies(folder, intake):
            assert len(body) <= datadog.LARGEST[path], f"{len(body)} bytes"
            datadog.parse(path, body)
    sentry.main(Path(folder) / "sentry", {"transaction"})


if __name__ == "__main__":
    main(sys.argv[1])
