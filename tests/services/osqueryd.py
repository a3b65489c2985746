"""An osquery agent as osquery's remote protocol has it: it enrols, fetches its config, logs snapshots and answers questions.

Source: osquery's documentation, "Remote settings": the bodies of enroll, config, log and distributed reads and writes; an agent
that is told `node_invalid` enrols anew; logs may be packed with gzip.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

Post = Callable[[str, bytes, Mapping[str, str]], tuple[int, Any]]
"""Posts a body with headers to an endpoint; gives status and JSON."""

ROWS: Mapping[str, list[dict[str, str]]] = {
    "system_info": [
        {
            "uuid": "4C4C4544-0032-4D10-8054-B7C04F4E5931",
            "hostname": "lab-07",
            "computer_name": "LAB-07",
            "hardware_vendor": "Dell Inc.",
            "hardware_model": "Latitude 3440",
            "hardware_serial": "7LAT007",
            "cpu_brand": "i5",
        }
    ],
    "os_version": [
        {"name": "Microsoft Windows 11 Pro Education", "version": "10.0.22631", "build": "22631", "platform": "windows"}
    ],
    "interface_details": [
        {"mac": "f4:ee:08:00:00:07", "address": "10.4.0.7"},
        {"mac": "f4:ee:08:00:00:07", "address": "fe80::7"},
    ],
    "programs": [
        {"name": "7-Zip 23.01 (x64)", "version": "23.01", "vendor": "Igor Pavlov", "identifier": ""},
        {"name": "Google Chrome", "version": "142.0.7444.60", "vendor": "Google LLC", "identifier": "{A1}"},
    ],
    "user_groups": [{"username": "Administrator", "uid": "500"}, {"username": "labteacher", "uid": "1001"}],
    "bitlocker_info": [{"drive_letter": "C:", "protection_status": "0"}],
    "windows_security_center": [{"firewall": "Good", "antivirus": "Good"}],
}


class Osqueryd:
    """One agent on a Windows computer. A query is answered with the rows of the table that it reads first."""

    def __init__(self, post: Post, *, secret: str, identifier: str = ROWS["system_info"][0]["uuid"]) -> None:
        self.post, self.secret, self.identifier = post, secret, identifier
        self.node_key = ""
        self.broken: set[str] = set()

    def enrol(self) -> bool:
        """Whether it was let in."""
        details = {
            "os_version": ROWS["os_version"][0],
            "osquery_info": {"version": "5.19.0", "build_platform": "windows"},
            "system_info": ROWS["system_info"][0],
            "platform_info": {"vendor": "Dell Inc."},
        }
        said = {"enroll_secret": self.secret, "host_identifier": self.identifier, "host_details": details}
        answer = self._say("enroll", said | {"platform_type": "2"})
        self.node_key = "" if answer.get("node_invalid") else answer["node_key"]
        return bool(self.node_key)

    def visit(self) -> list[str]:
        """Reads the questions that are asked in between and answers them; their names."""
        asked = self._say("distributed/read", {"node_key": self.node_key})["queries"]
        answers: dict[str, Any] = {name: "" if name in self.broken else self._rows(sql) for name, sql in asked.items()}
        statuses = {name: int(name in self.broken) for name in asked}
        self._say(
            "distributed/write",
            {"node_key": self.node_key, "queries": answers, "statuses": statuses, "messages": {}},
        )
        return sorted(asked)

    def snapshots(self) -> list[str]:
        """Fetches the config and logs a snapshot of each scheduled query that is for this system; their names."""
        config = self._say("config", {"node_key": self.node_key})
        mine = {name: one for name, one in config["schedule"].items() if "windows" in one["platform"].split(",")}
        entries = [
            {
                "snapshot": self._rows(one["query"]),
                "action": "snapshot",
                "name": name,
                "hostIdentifier": self.identifier,
                "calendarTime": "Fri Nov 20 02:00:00 2026 UTC",
                "unixTime": 1795140000,
            }
            for name, one in mine.items()
        ]
        self._say("log", {"node_key": self.node_key, "log_type": "result", "data": entries}, packed=True)
        status = {"severity": 0, "filename": "scheduler.cpp", "line": 105, "message": "Executing scheduled query"}
        self._say("log", {"node_key": self.node_key, "log_type": "status", "data": [status]})
        return sorted(mine)

    def _rows(self, sql: str) -> list[dict[str, str]]:
        read = next((table for table in ROWS if f" {table} " in f"{sql} "), None)
        return ROWS[read] if read else []

    def _say(self, endpoint: str, said: Mapping[str, Any], *, packed: bool = False) -> dict[str, Any]:
        body = json.dumps(said).encode()
        headers = {"Content-Type": "application/json", **({"Content-Encoding": "gzip"} if packed else {})}
        status, answer = self.post(endpoint, gzip.compress(body) if packed else body, headers)
        assert status == 200, (endpoint, status, answer)
        assert isinstance(answer, dict)
        return answer
