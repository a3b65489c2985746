"""gophish after its source: an API key as a bearer token, a summary of campaigns, and each campaign as a whole.

Source: github.com/gophish/gophish (0.12.1), middleware/middleware.go (401 with `success` and `message`),
controllers/api/campaign.go (404 `Campaign not found`), models/campaign.go and models/smtp.go: nothing is paged, empty
lists are left out, details are JSON in text, and a campaign comes with the password of its mail server.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from tests.services.console import Call, Console, Reply
from tests.services.world import World

KEY = "5f7c1e9d2b8a4c6e8f0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60"
TYPED, RELAY = "Tulip-Typed-77", "Relay-Secret-1"
PEOPLE = 30
_NO_TIME = "0001-01-01T00:00:00Z"


def build_console(world: World) -> Gophish:
    return Gophish(world)


class Gophish(Console):
    """Five campaigns: two that are over, one of two years ago, one in progress, and one that is queued without an event."""

    client = "gophish"
    secrets = (KEY, TYPED, RELAY)

    def __init__(self, world: World, *, skew: timedelta = timedelta()) -> None:
        super().__init__(world, skew=skew)
        began = world.read_clock() - timedelta(days=1)
        self.campaigns = {
            number: _build_campaign(number, began - timedelta(days=30 * (3 - number))) for number in range(1, 4)
        }
        self.campaigns[9] = _build_campaign(9, began - timedelta(days=700))
        self.campaigns[4] = {**_build_campaign(4, began), "status": "Queued", "timeline": [], "results": []}

    def build_settings(self, url: str) -> dict[str, str]:
        return {"address": url, "key": KEY}

    def handle_call(self, call: Call) -> Reply:
        if call.bearer != KEY:
            return _fail(401, "Invalid API Key")
        if call.method != "GET":
            return _fail(405, "Method not allowed")
        if call.path == "/api/campaigns/summary":
            rows = [_summarize(campaign) for campaign in self.campaigns.values()]
            return Reply(body={"total": len(rows), "campaigns": rows})
        number = call.path.removeprefix("/api/campaigns/")
        campaign = self.campaigns.get(int(number)) if number.isdigit() else None
        if campaign is None:
            return _fail(404, "Campaign not found")
        return Reply(body={name: value for name, value in campaign.items() if value != []})

    def change_rows(self) -> None:
        """Somebody clicks overnight, and a queued campaign is sent."""
        now = self.world.read_clock()
        self.campaigns[3]["timeline"].append(_build_entry(3, "person2@maple.example", now, "Clicked Link", visitor=2))
        self.campaigns[4] = _build_campaign(4, now)


def _build_campaign(number: int, began: datetime) -> dict[str, Any]:
    timeline = [_build_entry(number, "", began, "Campaign Created")]
    for person in range(PEOPLE):
        email, at = f"Person{person}@maple.example", began + timedelta(seconds=person, microseconds=123456)
        timeline.append(_build_entry(number, email, at, "Email Sent" if person % 10 else "Error Sending Email"))
        if person % 3 == 0:
            timeline.append(_build_entry(number, email, at + timedelta(minutes=4), "Email Opened", visitor=person))
        if person % 5 == 1:
            timeline.append(_build_entry(number, email, at + timedelta(minutes=5), "Clicked Link", visitor=person))
        if person % 15 == 1:
            typed = {"username": [email], "password": [f"{TYPED}-{person}"]}
            later = at + timedelta(minutes=6)
            timeline.append(_build_entry(number, email, later, "Submitted Data", visitor=person, typed=typed))
        if person % 7 == 0:
            timeline.append(_build_entry(number, email, at + timedelta(minutes=9), "Email Reported", visitor=person))
    return {
        "id": number,
        "name": f"Parcel {number}",
        "created_date": _format_time(began),
        "launch_date": _format_time(began),
        "send_by_date": _NO_TIME,
        "completed_date": _NO_TIME,
        "template": {"id": 3, "name": "Parcel", "subject": "Your parcel", "html": "<p>Hello {{.FirstName}}</p>"},
        "page": {"id": 2, "name": "Sign in", "html": "<form>", "capture_credentials": True, "capture_passwords": True},
        "status": "In progress" if number == 3 else "Completed",
        "results": [{"id": "Ab3dE9x", "status": "Email Sent", "email": "Person1@maple.example", "reported": False}],
        "groups": [],
        "timeline": timeline,
        "smtp": {"id": 1, "name": "Relay", "username": "relay", "password": RELAY, "host": "mail.maple.example:587"},
        "url": "https://drills.maple.example",
    }


def _build_entry(
    number: int,
    email: str,
    at: datetime,
    message: str,
    *,
    visitor: int | None = None,
    typed: dict[str, list[str]] | None = None,
) -> dict[str, Any]:
    details = ""
    if visitor is not None:
        browser = {"address": f"198.51.100.{visitor + 1}", "user-agent": "Mozilla/5.0 (X11; CrOS x86_64)"}
        details = json.dumps({"payload": {"rid": ["Ab3dE9x"], **(typed or {})}, "browser": browser})
    return {"campaign_id": number, "email": email, "time": _format_time(at), "message": message, "details": details}


def _summarize(campaign: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "created_date", "launch_date", "send_by_date", "completed_date", "status", "name")
    return {**{name: campaign[name] for name in names}, "stats": {"total": PEOPLE, "sent": PEOPLE, "error": 0}}


def _format_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "789Z"


def _fail(status: int, message: str) -> Reply:
    return Reply(status=status, body={"success": False, "message": message, "data": None})
