"""KnowBe4's Reporting API after its reference: a bearer token, pages by cursor, and limits by the minute.

Source: developer.knowbe4.com/rest/reporting (elvis-swagger.yml): `per_page` of up to 500; with `cursor=true` an answer
is `data` with `_metadata.next_cursor`, else a list with the next page by `page`; 401 for a token of another region or
none; 429 after 50 requests in a minute. A test has `pst_id`, `name`, `started_at` and templates; a recipient the first
time of each kind of event; an enrollment its module, status and days.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.services.console import Call, Console, Reply
from tests.services.world import World

TOKEN = "eyJhbGciOiJIUzUxMiJ9.maple-knowbe4.signature"
PAGE_LIMIT, CALLS_A_MINUTE = 500, 50
PEOPLE = 620


def build_console(world: World) -> KnowBe4:
    return KnowBe4(world)


class KnowBe4(Console):
    """Three tests of 620 people, one of two years ago, one in progress, and 900 enrollments.

    `has_cursor` is false of the API as it was before 2026.
    """

    client = "knowbe4"
    secrets = (TOKEN,)

    def __init__(self, world: World, *, skew: timedelta = timedelta(), has_cursor: bool = True) -> None:
        super().__init__(world, skew=skew)
        self.has_cursor = has_cursor
        self.asked_at: list[datetime] = []
        began = world.read_clock() - timedelta(days=3)
        days = {14240: 60, 14241: 30, 14242: 0, 9000: 800}
        self.tests = {number: _build_test(number, began - timedelta(days=ago)) for number, ago in days.items()}
        self.recipients = {
            number: [_build_recipient(number, person, began - timedelta(days=ago)) for person in range(PEOPLE)]
            for number, ago in days.items()
        }
        self.enrollments = [_build_enrollment(number, began) for number in range(900)]

    def build_settings(self, url: str) -> dict[str, str]:
        return {"region": "US", "key": TOKEN, "address": url}

    def handle_call(self, call: Call) -> Reply:
        if call.bearer != TOKEN:
            return Reply(status=401, body={"errors": [{"code": 401, "message": "Unauthorized"}]})
        now = self.world.read_clock()
        self.asked_at = [at for at in self.asked_at if now - at < timedelta(minutes=1)]
        if len(self.asked_at) >= CALLS_A_MINUTE:
            return Reply(status=429, body={"message": "Too Many Requests"})
        self.asked_at.append(now)
        rows = self._find_rows(call.path.removeprefix("/v1/"))
        if rows is None:
            return Reply(status=404, body={"message": "Not Found"})
        return self._build_page(call, rows)

    def change_rows(self) -> None:
        """Somebody who did nothing reports, and one enrollment is completed, one added and one archived."""
        quiet = next(row for row in self.recipients[14242] if row["opened_at"] is None and row["reported_at"] is None)
        quiet["reported_at"] = _format_time(self.world.read_clock())
        self.enrollments[1] |= {"status": "Passed", "completion_date": _format_time(self.world.read_clock())}
        self.enrollments.append(_build_enrollment(2000, self.world.read_clock()))
        del self.enrollments[5]

    def _find_rows(self, path: str) -> list[dict[str, Any]] | None:
        if path == "phishing/security_tests":
            return list(self.tests.values())
        if path == "training/enrollments":
            return self.enrollments
        parts = path.split("/")
        if parts[:2] == ["phishing", "security_tests"] and parts[3:] == ["recipients"]:
            return self.recipients.get(int(parts[2]))
        return None

    def _build_page(self, call: Call, rows: list[dict[str, Any]]) -> Reply:
        size = min(int(call.get_param("per_page", "100")), PAGE_LIMIT)
        cursor = call.get_param("cursor")
        if cursor and self.has_cursor:
            start = 0 if cursor == "true" else int(cursor.removeprefix("after-"))
            following = f"after-{start + size}" if start + size < len(rows) else None
            return Reply(body={"data": rows[start : start + size], "_metadata": {"next_cursor": following}})
        start = size * (int(call.get_param("page", "1")) - 1)
        return Reply(body=rows[start : start + size])


def _build_test(number: int, began: datetime) -> dict[str, Any]:
    return {
        "campaign_id": 3423,
        "pst_id": number,
        "status": "Closed",
        "name": f"Monthly test {number}",
        "groups": [{"group_id": 0, "name": "All Users"}],
        "phish_prone_percentage": 0.09,
        "started_at": _format_time(began),
        "duration": 3,
        "categories": [{"category_id": 4237, "name": "Current Events"}],
        "template": [{"id": 11428, "name": "Your order"}, {"id": 11429, "name": "Your parcel"}],
        "landing-page": {"id": 1842, "name": "SEI Landing Page"},
        "scheduled_count": PEOPLE,
        "delivered_count": PEOPLE,
    }


def _build_recipient(test: int, person: int, began: datetime) -> dict[str, Any]:
    at = began + timedelta(seconds=person)
    waits = person % 100 == 99
    clicked = person % 11 == 0 and not waits
    return {
        "recipient_id": 3077742 + person,
        "pst_id": test,
        "user": {
            "id": 264215 + person,
            "active_directory_guid": None,
            "first_name": "Person",
            "last_name": str(person),
            "email": f"Person{person}@maple.example",
        },
        "template": {"id": 11428 + person % 2, "name": ("Your order", "Your parcel")[person % 2]},
        "scheduled_at": _format_time(at),
        "delivered_at": None if waits else _format_time(at + timedelta(seconds=20)),
        "opened_at": _format_time(at + timedelta(minutes=4)) if clicked or (person % 2 and not waits) else None,
        "clicked_at": _format_time(at + timedelta(minutes=5)) if clicked else None,
        "replied_at": None,
        "attachment_opened_at": None,
        "macro_enabled_at": None,
        "data_entered_at": _format_time(at + timedelta(minutes=6)) if clicked and person % 2 else None,
        "qr_code_scanned": None,
        "reported_at": _format_time(at + timedelta(minutes=9)) if person % 6 == 2 and not waits else None,
        "bounced_at": None,
        "ip": "198.51.100.7" if clicked else None,
        "ip_location": "Maple Valley" if clicked else None,
        "browser": "Chrome" if clicked else None,
        "browser_version": "141.0" if clicked else None,
        "os": "ChromeOS" if clicked else None,
    }


def _build_enrollment(number: int, began: datetime) -> dict[str, Any]:
    is_policy, is_done = number % 3 == 2, number % 4 != 1
    return {
        "enrollment_id": 1425526 + number,
        "content_type": "Uploaded Policy" if is_policy else "Store Purchase",
        "module_name": "Acceptable Use Policy" if is_policy else f"Security Awareness {number % 3}",
        "user": {
            "id": 264215 + number,
            "first_name": "Person",
            "last_name": str(number),
            "email": f"Person{number}@maple.example",
        },
        "campaign_name": "New Employee Policies",
        "enrollment_date": _format_time(began - timedelta(days=40)),
        "start_date": _format_time(began - timedelta(days=39)) if is_done else None,
        "completion_date": _format_time(began - timedelta(days=38)) if is_done else None,
        "status": "Passed" if is_done else "Past Due" if number % 8 == 1 else "Not Started",
        "time_spent": 2340 if is_done else 0,
        "policy_acknowledged": is_policy and is_done,
    }


def _format_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
