"""Snipe-IT after its API: assets in rows with a total, archived ones only on request.

Source: Snipe-IT's AssetsController and AssetsTransformer: limit (500 at most) and offset, sort and order, status; text
is HTML-escaped; days are `{"date", "formatted"}`; 401 with `error` if the token is not its own.
"""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import Any

from tests.services.console import Call, Console, Reply
from tests.services.world import World

TOKEN = "eyJ0eXAiOiJKV1QifQ.maple-assets.signature"
_PAGE_LIMIT = 500
_LABELS = (("Ready to Deploy", "deployable"), ("Out for Repair", "pending"), ("Archived", "archived"))


def build_console(world: World) -> SnipeIT:
    return SnipeIT(world)


class SnipeIT(Console):
    """1,240 assets; every thirteenth is archived."""

    client = "snipeit"
    secrets = (TOKEN,)

    def __init__(self, world: World, *, skew: timedelta = timedelta()) -> None:
        super().__init__(world, skew=skew)
        self.rows = {number: _build_asset(number) for number in range(1, 1241)}

    def build_settings(self, url: str) -> dict[str, str]:
        return {"address": url, "token": TOKEN}

    def handle_call(self, call: Call) -> Reply:
        if call.bearer != TOKEN:
            return Reply(status=401, body={"error": "Unauthorized."})
        if call.path != "/api/v1/hardware":
            return Reply(status=404, body={"status": "error", "messages": "404 endpoint not found."})
        archived = call.get_param("status") == "Archived"
        assets = [row for row in self.rows.values() if (row["status_label"]["status_meta"] == "archived") == archived]
        assets.sort(key=lambda row: int(row["id"]), reverse=call.get_param("order") == "desc")
        start, page_size = int(call.get_param("offset", "0")), min(int(call.get_param("limit", "50")), _PAGE_LIMIT)
        return Reply(body={"total": len(assets), "rows": assets[start : start + page_size]})

    def change_rows(self) -> None:
        """Buy one asset, check one out, retire one, and delete one."""
        self.rows[2001] = _build_asset(2001)
        self.rows[2] |= {"assigned_to": _build_user(77), "status_label": _build_label("Ready to Deploy", "deployed")}
        self.rows[4] |= {"status_label": _build_label("Archived", "archived"), "assigned_to": None}
        del self.rows[5]


def _build_asset(number: int) -> dict[str, Any]:
    label, meta = _LABELS[2] if number % 13 == 0 else _LABELS[1] if number % 50 == 1 else _LABELS[0]
    is_checked_out = number % 3 == 0 and meta == "deployable"
    return {
        "id": number,
        "name": escape(f"Cart & Room {number % 40}"),
        "asset_tag": f"MV-{number:05d}",
        "serial": f"5CD{number:07d}",
        "model": {"id": 4, "name": "Chromebook 11 G9 EE"},
        "model_number": "G9",
        "eol": "60 months",
        "asset_eol_date": _format_day("2028-07-01"),
        "status_label": _build_label(label, "deployed" if is_checked_out else meta),
        "category": {"id": 1, "name": "Chromebooks"},
        "manufacturer": {"id": 2, "name": "HP"},
        "supplier": None,
        "notes": None,
        "company": None,
        "location": {"id": 3, "name": f"School {number % 3}"},
        "rtd_location": {"id": 3, "name": f"School {number % 3}"},
        "assigned_to": _build_user(number) if is_checked_out else None,
        "warranty_months": "36 months",
        "warranty_expires": _format_day("2026-07-01"),
        "purchase_date": _format_day("2023-07-01"),
        "purchase_cost": "1,289.50",
        "checkout_counter": 1,
        "custom_fields": {"Funding Source": {"field": "_snipeit_funding_2", "value": "Title I", "field_format": "ANY"}},
    }


def _build_label(name: str, meta: str) -> dict[str, Any]:
    kind = {"deployed": "deployable"}.get(meta, meta)
    return {"id": 2, "name": name, "status_type": kind, "status_meta": meta}


def _build_user(number: int) -> dict[str, Any]:
    name = f"student{number}"
    return {
        "id": number,
        "username": name,
        "name": f"Student {number}",
        "first_name": "Student",
        "last_name": str(number),
        "email": f"{name}@maple.example",
        "employee_number": str(100000 + number),
        "type": "user",
    }


def _format_day(day: str) -> dict[str, str]:
    return {"date": day, "formatted": day}
