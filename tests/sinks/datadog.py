"""An intake that takes only what Datadog's own models parse, a server that sends to it, and what must have come of its calls.

Arguments: the server's program, a folder for logs. Prints a line when all is well.
"""

import gzip
import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v2.model.http_log import HTTPLog
from datadog_api_client.v2.model.metric_payload import MetricPayload

PATIENCE = 20
KEY = "0123456789abcdef0123456789abcdef"
TAGS = {"env:test", "team:families", "kube_namespace:local"}
CALLS = 25
MODELS = {"/api/v2/logs": HTTPLog, "/api/v2/series": MetricPayload}
LARGEST = {"/api/v2/logs": 5_000_000, "/api/v2/series": 512_000}

came = {path: [] for path in MODELS}
wrong = []


def parse(path, body):
    """What stands in a body, when the model knows every part of it."""
    parsed = ApiClient(Configuration()).deserialize(body.decode(), (MODELS[path],), True)
    if getattr(parsed, "_unparsed", False):
        raise ValueError(f"{path}: not by the model: {body[:500]}")
    return json.loads(body)


class Intake(BaseHTTPRequestHandler):
    """Refuses what Datadog would refuse, and says so at the end."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            assert self.headers["content-encoding"] == "gzip", "not packed"
            assert self.headers["content-type"] == "application/json", "no JSON"
            assert self.headers["dd-api-key"] == KEY, "not our key"
            body = gzip.decompress(body)
            assert len(body) <= LARGEST[self.path], f"{len(body)} bytes"
            came[self.path].append(parse(self.path, body))
            status = 202
        except Exception as error:
            wrong.append(error)
            status = 400
        self.send_response(status)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def models_are_strict():
    """A model that takes anything would check nothing."""
    point = {"timestamp": 1, "value": 1.0}
    for path, bad in [
        ("/api/v2/logs", [{"message": "a"}, {"message": 1}]),
        ("/api/v2/logs", [{"service": "a"}]),
        ("/api/v2/series", {"series": [{"metric": "a", "points": [{**point, "timestamp": "now"}]}]}),
        ("/api/v2/series", {"series": [{"metric": "a", "points": [point], "type": 9}]}),
        ("/api/v2/series", {"series": [{"points": [point]}]}),
    ]:
        try:
            parse(path, json.dumps(bad).encode())
        except Exception:
            continue
        raise AssertionError(f"the model of {path} takes {bad}")


def start(name, message, *arguments):
    """A process, and what its log line with this message names."""
    log = open(OUT / f"{name}.log", "w+")
    process = subprocess.Popen([PROGRAM, *arguments, "--log-format", "json"], stderr=log, stdin=subprocess.DEVNULL)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        text = (OUT / f"{name}.log").read_text()
        if found := re.search(rf'"message":"{message}".*?"icelocator.listen":"([^"]*)"|"icelocator.listen":"([^"]*)".*?"message":"{message}"', text):
            return process, found[1] or found[2]
        time.sleep(0.05)
    raise AssertionError(f"the {name} does not start:\n{(OUT / f'{name}.log').read_text()}")


def call(url, number):
    """A call of a tool."""
    arguments = {"alien_number": f"A{900_000_002 + number % 3}", "country_of_birth": "Honduras"}
    body = {
        "jsonrpc": "2.0",
        "id": number,
        "method": "tools/call",
        "params": {"name": "search_detainee_by_alien_number", "arguments": arguments},
    }
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        answer.read()


def settings(site, intake):
    (OUT / "secrets/datadog").mkdir(parents=True, exist_ok=True)
    (OUT / "secrets/datadog/api-key").write_text(f"{KEY}\n")
    written = {
        "configVersion": 1,
        "auth": {"anonymous": True},
        "limits": {"perCaller": None},
        "locator": {"baseUrl": site},
        "telemetry": {
            "datadog": {
                "apiKeySecretRef": {"name": "datadog", "key": "api-key"},
                "intakeUrl": intake,
                "env": "test",
                "tags": {"team": "families"},
            }
        },
    }
    file = OUT / "settings.yaml"
    file.write_text(json.dumps(written))
    return str(file)


def check():
    logs = [log for batch in came["/api/v2/logs"] for log in batch]
    assert len(logs) == CALLS, f"{len(logs)} logs of {CALLS} calls"
    for log in logs:
        assert log["service"] == "icelocator" and log["ddsource"] == "icelocator", log
        assert TAGS <= set(log["ddtags"].split(",")), log
        assert log["mcp.method.name"] == "tools/call", log
        assert log["gen_ai.tool.name"] == "search_detainee_by_alien_number", log
        assert log["duration"] > 0 and log["icelocator"]["search"]["outcome"], log
        assert abs(log["timestamp"] / 1000 - time.time()) < 600, log
    series = [one for batch in came["/api/v2/series"] for one in batch["series"]]
    sums = {}
    for one in series:
        assert TAGS | {"service:icelocator"} <= set(one["tags"]), one
        if one["type"] == 1:
            sums[one["metric"]] = sums.get(one["metric"], 0) + one["points"][0]["value"]
    assert sums["icelocator.searches"] == CALLS, sums
    assert sums["icelocator.search.duration.count"] == CALLS, sums
    assert sums["icelocator.search.duration.bucket"] == CALLS, sums
    gauges = {one["metric"] for one in series if one["type"] == 3}
    assert {"icelocator.build.info", "process.resident_memory"} <= gauges, gauges
    everything = json.dumps(came)
    # As a whole number: a fraction may have any digits (0.09000000000000001).
    planted = re.search(r"(?<![\d.])90000000\d(?!\d)", everything)
    assert not planted, everything[planted.start() - 100 : planted.end() + 100]
    return len(logs), len(series)


def main():
    models_are_strict()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Intake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    processes = []
    try:
        process, site = start("simulator", "simulating", "simulate", "--listen", "127.0.0.1:0")
        processes.append(process)
        file = settings(f"http://{site}", f"http://127.0.0.1:{server.server_port}")
        listen = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--secrets-dir", str(OUT / "secrets")]
        process, address = start("server", "taking calls", "serve", "--settings", file, *listen)
        processes.append(process)
        for number in range(CALLS):
            call(f"http://{address}/mcp", number)
        # What waits is sent before it ends.
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        if wrong:
            raise wrong[0]
        logs, series = check()
        print(f"Datadog: {logs} logs of {CALLS} calls and {series} series, as its models have them")
    finally:
        for process in processes:
            process.kill()
            process.wait()


if __name__ == "__main__":
    PROGRAM, OUT = sys.argv[1], Path(sys.argv[2])
    main()
