"""An osquery agent after osquery's remote protocol: it enrolls, fetches its config, logs and answers queries.

Source: osquery's documentation, "Remote settings": the bodies of enroll, config, log and distributed reads and writes;
an agent that receives `node_invalid` enrolls again; logs may be compressed with gzip.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

Post = Callable[[str, bytes, Mapping[str, str]], tuple[int, Any]]
"""Posts a body with headers to an endpoint; returns status and JSON."""

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
    """One agent on a Windows computer. It answers a query with the rows of the table that the query reads first."""

    def __init__(self, post: Post, *, secret: str, identifier: str = ROWS["system_info"][0]["uuid"]) -> None:
        self.post, self.secret, self.identifier = post, secret, identifier
        self.node_key = ""
        self.broken: set[str] = set()

    def enroll(self) -> bool:
        """Enroll and return whether it was admitted."""
        details = {
            "os_version": ROWS["os_version"][0],
            "osquery_info": {"version": "5.19.0", "build_platform": "windows"},
            "system_info": ROWS["system_info"][0],
            "platform_info": {"vendor": "Dell Inc."},
        }
        document = {"enroll_secret": self.secret, "host_identifier": self.identifier, "host_details": details}
        response = self._post_document("enroll", document | {"platform_type": "2"})
        self.node_key = "" if response.get("node_invalid") else response["node_key"]
        return bool(self.node_key)

    def answer_queries(self) -> list[str]:
        """Read the distributed queries, answer them, and return their names."""
        queries = self._post_document("distributed/read", {"node_key": self.node_key})["queries"]
        answers: dict[str, Any] = {
            name: "" if name in self.broken else self._select_rows(sql) for name, sql in queries.items()
        }
        statuses = {name: int(name in self.broken) for name in queries}
        self._post_document(
            "distributed/write",
            {"node_key": self.node_key, "queries": answers, "statuses": statuses, "messages": {}},
        )
        return sorted(queries)

    def log_snapshots(self) -> list[str]:
        """Fetch the config, log a snapshot of each scheduled query for this system, and return their names."""
        config = self._post_document("config", {"node_key": self.node_key})
        scheduled = {
            name: query for name, query in config["schedule"].items() if "windows" in query["platform"].split(",")
        }
        entries = [
            {
                "snapshot": self._select_rows(query["query"]),
                "action": "snapshot",
                "name": name,
                "hostIdentifier": self.identifier,
                "calendarTime": "Fri Nov 20 02:00:00 2026 UTC",
                "unixTime": 1795140000,
            }
            for name, query in scheduled.items()
        ]
        self._post_document("log", {"node_key": self.node_key, "log_type": "result", "data": entries}, compress=True)
        status = {"severity": 0, "filename": "scheduler.cpp", "line": 105, "message": "Executing scheduled query"}
        self._post_document("log", {"node_key": self.node_key, "log_type": "status", "data": [status]})
        return sorted(scheduled)

    def _select_rows(self, sql: str) -> list[dict[str, str]]:
        table_name = next((table for table in ROWS if f" {table} " in f"{sql} "), None)
        return ROWS[table_name] if table_name else []

    def _post_document(self, endpoint: str, document: Mapping[str, Any], *, compress: bool = False) -> dict[str, Any]:
        body = json.dumps(document).encode()
        headers = {"Content-Type": "application/json", **({"Content-Encoding": "gzip"} if compress else {})}
        status, response = self.post(endpoint, gzip.compress(body) if compress else body, headers)
        assert status == 200, (endpoint, status, response)
        assert isinstance(response, dict)
        return response
