"""Check-ins of osquery agents for each CPU-second of the server, hostile messages included.

Half of the messages are agents' reads of their queries, and every fourth one an agent's report of 200 programs. Of the
others each is one that no agent sends: nested, packed, wide, cut, or with a guessed key or secret.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from bench.support.goals import Goal, require_exactly
from bench.support.program import require_exit_code, run_homeroom
from bench.support.server import serve_data

AGENTS, MESSAGES = 20, 4_000
GOALS = {
    "check_ins_per_cpu_second": Goal(at_least=400),
    "hostile_answered": require_exactly(1),
    "still_served": require_exactly(1),
}
DEEP = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
GUESS = b'{"node_key": "guessguessguessguessguessguessguess", "enroll_secret": "guess", "host_identifier": "x"'
HOSTILE: tuple[tuple[str, bytes, bool], ...] = (
    ("enroll", gzip.compress(DEEP), True),
    ("log", gzip.compress(DEEP), True),
    ("config", GUESS + b', "more": ' + DEEP + b"}", False),
    ("log", gzip.compress(b"{" + b" " * (8 << 20) + b"}"), True),
    ("distributed/write", GUESS + b', "queries": {"a": [' + b"1," * 20_000 + b"1]}}", False),
    ("distributed/read", b'{"node_key": "gue', False),
    ("enroll", GUESS + b"}", False),
)


def measure(*, runs: int = 1) -> dict[str, float]:
    """Return the agents' check-ins for each CPU-second of the server while hostile messages come between them."""
    del runs
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        data = Path(name) / "data"
        secret = json.loads(require_exit_code(run_homeroom("agents", "enroll-secret", "--json", data=data)).out)
        with serve_data(data) as (address, process):
            return _measure_server(address, process, secret)


def _measure_server(address: str, process: int, secret: dict[str, str]) -> dict[str, float]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    endpoints = secret["endpoints"]

    def post_message(endpoint: str, body: bytes, *, is_packed: bool = False) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json", **({"Content-Encoding": "gzip"} if is_packed else {})}
        connection.request("POST", f"{endpoints}/{endpoint}", body=body, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()

    keys = []
    for number in range(AGENTS):
        body = json.dumps({"enroll_secret": secret["secret"], "host_identifier": f"lab-{number}"}).encode()
        keys.append(json.loads(post_message("enroll", body)[1])["node_key"])
    programs = [{"name": f"Program {number}", "version": "1.0", "vendor": "Maker"} for number in range(200)]
    statuses: list[int] = []
    before, check_ins = _measure_cpu(process), 0
    for number in range(MESSAGES):
        key = keys[number % AGENTS]
        if number % 4 == 3:
            endpoint, body, is_packed = HOSTILE[number // 4 % len(HOSTILE)]
            statuses.append(post_message(endpoint, body, is_packed=is_packed)[0])
            continue
        document = {"node_key": key} | ({"queries": {"homeroom_programs": programs}} if number % 4 == 1 else {})
        endpoint = "distributed/write" if number % 4 == 1 else "distributed/read"
        status, _ = post_message(endpoint, json.dumps(document).encode())
        check_ins += status == 200
    cpu = _measure_cpu(process) - before
    return {
        "check_ins_per_cpu_second": check_ins / cpu,
        "messages_per_cpu_second": MESSAGES / cpu,
        "hostile_answered": float(set(statuses) <= {200, 400, 413}),
        "still_served": float(post_message("config", b"{}")[0] == 200),
    }


def _measure_cpu(process: int) -> float:
    """Return the CPU-seconds of a process and its children (Linux)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process or stat.parent.name == str(process):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
