"""The devices of a rollout: blocked ones by reason with the remedy, and those about which something is missing."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from django.test import Client

from homeroom.apps.manage.rollouts.models import Rollout, TargetRoom
from homeroom.apps.manage.rollouts.specs.compiled_specs import load_problem
from homeroom.apps.platform.audit.models import Entry
from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES
from tests.apps.manage.rollouts.rollout_cases import AT, TODAY
from tests.assessed_district import build_snapshot, publish_load
from tests.cast import Cast
from tests.web.manage.rollouts.test_making import get_text

ClientFactory = Callable[[str], Client]
CHROME, MAC = "chromeos", "macos"
# name, school, kind, platform, version, updates end, retired
DEVICES: list[tuple[Any, ...]] = [
    ("CB-1", "Cedar Middle", "chromebook", CHROME, "128.0.6613.137", date(2030, 6, 1), None),
    ("CB-2", "Cedar Middle", "chromebook", CHROME, "128.0.6613.137", date(2026, 6, 1), None),
    ("CB-3", "Maple High", "chromebook", CHROME, "128.0.6613.137", date(2025, 6, 1), None),
    ("CB-4", "Maple High", "chromebook", CHROME, "90.0.4430.218", date(2030, 6, 1), None),
    ("CB-5", "Maple High", "chromebook", CHROME, None, None, None),
    ("MAC-1", "Maple High", "laptop", MAC, "10.15.7", None, None),
    ("OLD-1", "Maple High", "chromebook", CHROME, "60.0", date(2020, 6, 1), True),
    ("FAR-1", "Lincoln Elementary", "chromebook", CHROME, "60.0", date(2020, 6, 1), None),
]
PURCHASES = [
    {"key": "a", "kind": "chromebook", "purchased_on": date(2023, 7, 1), "cost_minor": 25_900, "currency": "USD"},
    {"key": "b", "kind": "chromebook", "purchased_on": date(2025, 7, 1), "cost_minor": 28_900, "currency": "USD"},
]


@pytest.fixture
def devices(store: EvidenceStore, rollout: str) -> None:
    publish_load(store, "snipeit", "snipeit.assets", "device_records", PURCHASES, at=AT)
    names = ("name", "school", "kind", "platform", "os_version", "expires_on", "retired")
    rows = [{"id": number, **dict(zip(names, row, strict=True))} for number, row in enumerate(DEVICES)]
    table = cast_to_table(pl.DataFrame(rows, infer_schema_length=None), table=TABLES["devices"]).to_arrow()
    tables = build_snapshot(1) | {"devices": table}
    store.publish_derived(tables, inputs=store.compute_sources_id(), today=TODAY, at=AT)


def choose(client: Client, public: str, product: str, until: str = "2026-06-05") -> Any:
    return client.post(f"/rollouts/{public}/devices", {"product": product, "until": until})


@pytest.mark.usefixtures("devices")
def test_blocked_devices_are_listed_by_reason_with_the_remedy_and_its_price(as_: ClientFactory, rollout: str):
    client = as_("technician")
    assert choose(client, rollout, "testnav").status_code == 302
    text = get_text(client.get(f"/rollouts/{rollout}/devices"))
    for words in (
        "Devices for TestNav",
        "6 devices in the schools of this rollout.",
        "Their updates end too early: 2 (Chromebook)",
        "Replace them. 289.00 USD each by your last purchase on July 1, 2025, 578.00 USD in all.",
        "Their system is too old: 1 (Chromebook)",
        "Their system is too old: 1 (Laptop)",
        "The version of their system is not known: 1 (Chromebook)",
        "A console that manages them would tell",
        "The end of their updates is not known: 1 (Chromebook)",
        "known as of June 30, 2023",
        "What is known of the product’s needs is old: 2 (Chromebook)",
    ):
        assert words in text
    for name in ("FAR-1", "OLD-1"):
        assert name not in text


@pytest.mark.usefixtures("devices")
def test_without_a_product_the_end_of_updates_alone_counts(as_: ClientFactory, rollout: str):
    client = as_("director")
    text = get_text(client.get(f"/rollouts/{rollout}/devices"))
    assert "Their updates end too early: 1 (Chromebook)" in text, "until the last day of the rollout"
    choose(client, rollout, "", "2026-06-05")
    text = get_text(client.get(f"/rollouts/{rollout}/devices"))
    assert "Their updates end too early: 2 (Chromebook)" in text
    assert "too old" not in text


@pytest.mark.usefixtures("devices")
def test_the_file_has_every_device_blocked_first(as_: ClientFactory, rollout: str):
    client = as_("technician")
    choose(client, rollout, "testnav")
    answer = client.get(f"/rollouts/{rollout}/devices.csv")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    verdicts = [row["verdict"] for row in rows]
    assert verdicts == ["blocked"] * 4 + ["cannot tell"] * 2
    assert rows[0]["device"] == "CB-2"
    assert rows[0]["reasons"] == "Their updates end too early"


def test_a_rollout_without_devices_is_told_what_would_tell(as_: ClientFactory, cast: Cast, rollout: str):
    TargetRoom.objects.of(cast.district).update(school="Oak Elementary")
    text = get_text(as_("auditor").get(f"/rollouts/{rollout}/devices"))
    assert "No source has devices in these schools." in text


def test_a_product_that_is_none_and_a_day_that_is_none_change_nothing(as_: ClientFactory, cast: Cast, rollout: str):
    client = as_("technician")
    choose(client, rollout, "tetris")
    choose(client, rollout, "testnav", "soon")
    text = get_text(client.get(f"/rollouts/{rollout}/devices"))
    assert "is no product with known needs" in text
    assert "A day would fit" in text
    assert "product" not in Rollout.objects.of(cast.district).get().rules


def test_the_product_is_in_the_trail_and_no_part_of_what_is_planned(as_: ClientFactory, cast: Cast, rollout: str):
    choose(as_("technician"), rollout, "testnav")
    entry = Entry.objects.of(cast.district).filter(action="set rollout rules").latest("pk")
    assert entry.detail["rules"] == ["product", "product_until"]
    assert len(load_problem(district=cast.district, public=rollout).rooms) == 4


def test_an_auditor_names_no_product_and_a_stranger_sees_no_device(as_: ClientFactory, rollout: str):
    assert choose(as_("auditor"), rollout, "testnav").status_code == 403
    stranger = as_("stranger")
    assert choose(stranger, rollout, "testnav").status_code == 404
    for page in ("devices", "devices.csv"):
        assert stranger.get(f"/rollouts/{rollout}/{page}").status_code == 404
