"""Fleet after its REST API: hosts page by page, with software and users only on request, and global policies.

Source: Fleet's REST API documentation, "List hosts" and "List policies": page from 0, per_page, order_key; 401 with
`message` and `errors` if the token is not its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.services.console import Call, Console, Reply
from tests.services.world import World

TOKEN = "fleet-observer-token-77aa"


def build_console(world: World) -> Fleet:
    return Fleet(world)


class Fleet(Console):
    """Two hundred hosts, exactly four full pages, and three policies."""

    client = "fleet"
    secrets = (TOKEN,)

    def __init__(self, world: World, *, skew: timedelta = timedelta()) -> None:
        super().__init__(world, skew=skew)
        self.hosts = {number: self._build_host(number) for number in range(1, 201)}
        self.policies = [_build_policy(number, passing=150 + number) for number in (1, 2, 3)]

    def build_settings(self, url: str) -> dict[str, str]:
        return {"address": url, "token": TOKEN}

    def handle_call(self, call: Call) -> Reply:
        if call.bearer != TOKEN:
            return _build_failure(401, "Authentication required")
        if call.path == "/api/v1/fleet/global/policies":
            return Reply(body={"policies": self.policies})
        if call.path != "/api/v1/fleet/hosts":
            return _build_failure(404, "Resource Not Found")
        page, size = int(call.get_param("page", "0")), int(call.get_param("per_page", "100"))
        rows = sorted(self.hosts.values(), key=lambda host: int(host[call.get_param("order_key", "id")]))
        options = {"software": call.get_param("populate_software"), "users": call.get_param("populate_users")}
        left_out = {name for name, flag in options.items() if flag != "true"}
        return Reply(
            body={
                "hosts": [
                    {name: value for name, value in host.items() if name not in left_out}
                    for host in rows[page * size : (page + 1) * size]
                ]
            }
        )

    def change_rows(self) -> None:
        """Enroll a host, update one, delete one, and let more hosts meet a policy."""
        self.hosts[901] = self._build_host(901)
        self.hosts[2]["os_version"] = "Microsoft Windows 11 Pro Education 24H2 10.0.26100.6899"
        del self.hosts[3]
        self.policies[0] = _build_policy(1, passing=199)

    def _build_host(self, number: int) -> dict[str, Any]:
        last_report = _format_time(self.read_clock() - timedelta(hours=number % 30))
        browser = {
            "id": 1,
            "name": "Google Chrome",
            "version": "142.0.7444.60",
            "source": "programs",
            "vulnerabilities": None,
        }
        vulnerability = {"cve": "CVE-2025-13223", "details_link": "https://nvd.nist.gov/vuln/detail/CVE-2025-13223"}
        archiver = {
            "id": 2,
            "name": "7-Zip",
            "version": "23.01",
            "source": "programs",
            "vulnerabilities": [vulnerability],
        }
        return {
            "id": number,
            "created_at": "2025-08-11T14:00:00Z",
            "detail_updated_at": last_report,
            "last_enrolled_at": "2025-08-11T14:00:00Z",
            "seen_time": last_report,
            "hostname": f"lab-{number:03d}.maple.example",
            "computer_name": f"LAB-{number:03d}",
            "display_name": f"LAB-{number:03d}",
            "uuid": f"4C4C4544-0000-4000-8000-{number:012d}",
            "platform": "windows",
            "osquery_version": "5.19.0",
            "os_version": "Microsoft Windows 11 Pro Education 23H2 10.0.22631.5909",
            "hardware_vendor": "Dell Inc.",
            "hardware_model": "Latitude 3440",
            "hardware_serial": f"LAT{number:04d}",
            "primary_ip": f"10.4.{number % 200}.{number % 250}",
            "primary_mac": f"f4:ee:08:00:{number // 256:02x}:{number % 256:02x}",
            "public_ip": "203.0.113.10",
            "team_id": 1,
            "team_name": "Labs",
            "disk_encryption_enabled": number % 5 != 0,
            "mdm": {"enrollment_status": "On (manual)", "name": "Intune", "server_url": "https://mdm.example"},
            "issues": {"failing_policies_count": 1, "critical_vulnerabilities_count": 0, "total_issues_count": 1},
            "software": [browser, archiver] if number % 2 else [browser],
            "users": [{"uid": 1001, "username": "labuser", "type": "local", "groupname": "Users", "shell": ""}],
        }


def _build_policy(number: int, *, passing: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Policy {number}",
        "query": "SELECT 1 FROM bitlocker_info WHERE protection_status = 1;",
        "description": "What it is about.",
        "critical": number == 1,
        "resolution": "Turn it on.",
        "platform": "windows",
        "team_id": None,
        "author_id": 1,
        "author_name": "Admin",
        "author_email": "admin@maple.example",
        "created_at": "2025-08-11T14:00:00Z",
        "updated_at": "2025-08-11T14:00:00Z",
        "passing_host_count": passing,
        "failing_host_count": 201 - passing,
        "host_count_updated_at": "2026-11-20T01:00:00Z",
    }


def _format_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _build_failure(status: int, message: str) -> Reply:
    return Reply(status=status, body={"message": message, "errors": [{"name": "base", "reason": message}]})
