"""Wazuh's alerts.json of version 4.x: one alert a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

# (rule, level, description, groups, MITRE ATT&CK technique or empty)
_RULES: Final = (
    ("5710", 5, "sshd: Attempt to login using a non-existent user", ["syslog", "sshd"], "T1110.001"),
    ("60122", 5, "Logon failure - Unknown user or bad password", ["windows", "windows_security"], "T1078"),
    ("550", 7, "Integrity checksum changed.", ["ossec", "syscheck"], "T1565.001"),
    ("502", 3, "Wazuh server started.", ["ossec"], ""),
)


@dataclass(frozen=True, kw_only=True)
class WazuhAgent:
    """An agent on a server."""

    number: int
    name: str
    address: str


class WazuhAlerts:
    """The file of alerts."""

    def __init__(self, path: Path, *, day: date) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows = 0
        self._path = path
        self._began = datetime.combine(day, time(15), tzinfo=UTC)
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, agent: WazuhAgent) -> None:
        """Write the alerts of one agent: one for each of a few rules."""
        for turn, rule in enumerate(_RULES[: 1 + agent.number % len(_RULES)]):
            at = self._began + timedelta(minutes=7 * self.rows % 240)
            self._file.write(json.dumps(_build_record(agent, turn, rule, at)) + "\n")
            self.rows += 1

    def close(self) -> list[Path]:
        """Close the file and return its path."""
        self._file.close()
        return [self._path]


def _build_record(
    agent: WazuhAgent, turn: int, rule: tuple[str, int, str, list[str], str], at: datetime
) -> dict[str, Any]:
    number, level, description, groups, technique = rule
    mitre = {"mitre": {"id": [technique], "tactic": ["Credential Access"], "technique": ["Brute Force"]}}
    return {
        "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "rule": {
            "level": level,
            "description": description,
            "id": number,
            **(mitre if technique else {}),
            "firedtimes": turn + 1,
            "mail": False,
            "groups": groups,
        },
        "agent": {"id": f"{agent.number:03d}", "name": agent.name, "ip": agent.address},
        "manager": {"name": "wazuh"},
        "id": f"{int(at.timestamp())}.{100_000 + agent.number * 10 + turn}",
        "full_log": "a line of a log",
        "decoder": {"name": "sshd"},
        "location": "/var/log/auth.log",
    }
