"""Vulnerability life cycles: first known, fixed when newer data shows it, returned, unknown if unobserved."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.platform.districts.models import District
from homeroom.apps.protect.vulnerabilities.models import Gap, Review, Sighting, Tally
from homeroom.apps.protect.vulnerabilities.review.review import review_vulnerabilities
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.protect.vulnerabilities.review_days import (
    CHROME,
    FIXED,
    KEV,
    NEWER,
    OLD,
    RANGES,
    build_chrome,
    build_laptop,
    build_player,
    list_gaps,
    review_day,
)

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("bulk writes, intervals, unique remedies")]
MONDAY, TUESDAY, FRIDAY, LATER = date(2026, 1, 12), date(2026, 1, 13), date(2026, 1, 16), date(2026, 1, 30)
STEPS = ("140.0.7339.80", "141.0.7390.54")


@pytest.fixture
def maple() -> District:
    return District.objects.create(slug="maple", name="Maple", timezone="America/Chicago")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


def test_what_a_device_lacks_is_open_since_the_day_and_one_release_is_fixed_before_the_next(
    maple: District, store: EvidenceStore
) -> None:
    two_devices: dict[str, Any] = {
        "devices": [build_laptop(1), build_laptop(2)],
        "software": [build_chrome(1, OLD), build_chrome(2, OLD)],
    }
    review_day(maple, store, MONDAY, **copy.deepcopy(two_devices), ranges=RANGES[:1])
    review_day(maple, store, TUESDAY, **copy.deepcopy(two_devices))
    report = review_day(
        maple,
        store,
        FRIDAY,
        devices=[build_laptop(1), build_laptop(2)],
        software=[build_chrome(1, NEWER), build_chrome(2, FIXED)],
    )
    assert list_gaps(maple) == [
        (1, "google-chrome", STEPS[0], MONDAY, "fixed", 4),
        (1, "google-chrome", STEPS[1], TUESDAY, "", None),
        (2, "google-chrome", STEPS[0], MONDAY, "fixed", 4),
        (2, "google-chrome", STEPS[1], TUESDAY, "fixed", 3),
    ]
    assert (report.opened, report.fixed, report.closed, report.missed) == (0, 3, 0, 0)


def test_releases_that_became_known_together_are_one_remedy_which_a_device_has_when_it_has_all_of_them(
    maple: District, store: EvidenceStore
) -> None:
    review_day(
        maple,
        store,
        MONDAY,
        devices=[build_laptop(1), build_laptop(2)],
        software=[build_chrome(1, OLD), build_chrome(2, OLD)],
    )
    review_day(
        maple,
        store,
        FRIDAY,
        devices=[build_laptop(1), build_laptop(2)],
        software=[build_chrome(1, NEWER), build_chrome(2, FIXED)],
    )
    assert list_gaps(maple) == [
        (1, "google-chrome", "+".join(STEPS), MONDAY, "", None),
        (2, "google-chrome", "+".join(STEPS), MONDAY, "fixed", 4),
    ]
    (tally,) = Tally.objects.of(maple)
    assert (tally.devices, tally.closes, tally.due_on) == (1, 1, date(2026, 2, 11))


def test_a_run_killed_once_it_had_published_leaves_the_tallies_before_it_to_the_next_run(
    maple: District, store: EvidenceStore
) -> None:
    values: dict[str, Any] = {"devices": [build_laptop(1)], "software": [build_chrome(1, OLD)]}
    review_day(maple, store, MONDAY, **copy.deepcopy(values))
    review_day(maple, store, TUESDAY, **copy.deepcopy(values))
    (tally,) = Tally.objects.of(maple)
    tally.pk, tally.review = None, tally.review - 1  # as the review before left it, which is let go after publishing
    tally.save(force_insert=True)
    review_vulnerabilities(district=maple, store=store, today=TUESDAY, at=datetime(2026, 1, 13, 12, tzinfo=UTC))
    assert [row.review for row in Tally.objects.of(maple)] == [2]


def test_what_returns_is_open_again_beside_what_was_fixed(maple: District, store: EvidenceStore) -> None:
    for day, version in ((MONDAY, NEWER), (TUESDAY, FIXED), (FRIDAY, NEWER)):
        review_day(maple, store, day, devices=[build_laptop(1)], software=[build_chrome(1, version)])
    assert list_gaps(maple) == [
        (1, "google-chrome", STEPS[1], MONDAY, "fixed", 1),
        (1, "google-chrome", STEPS[1], FRIDAY, "", None),
    ]
    assert [day_review.returned for day_review in Review.objects.of(maple).order_by("number")] == [0, 0, 1]
    sightings = Sighting.objects.of(maple).order_by("opened").values_list("cve", "since", "ended_on")
    assert list(sightings) == [("CVE-2099-1002", MONDAY, TUESDAY), ("CVE-2099-1002", FRIDAY, None)]


@pytest.mark.parametrize(
    ("what", "second"),
    [
        ("its source lists no software there any more", {"software": []}),
        ("another source lists some, its own does not", {"software": [build_chrome(1, FIXED, "intune")]}),
        ("the source is gone", {"sources": (), "software": [build_chrome(1, FIXED)]}),
        ("the device is gone and nothing newer says so", {"devices": [], "software": [], "complete": False}),
    ],
)
def test_what_nobody_could_see_is_not_fixed(
    maple: District, store: EvidenceStore, what: str, second: dict[str, Any]
) -> None:
    review_day(maple, store, MONDAY, devices=[build_laptop(1)], software=[build_chrome(1, NEWER)])
    report = review_day(maple, store, TUESDAY, **({"devices": [build_laptop(1)]} | second))
    assert list_gaps(maple) == [(1, "google-chrome", STEPS[1], MONDAY, "missed", None)], what
    assert (report.fixed, report.closed, report.missed) == (0, 0, 1)
    assert not Sighting.objects.of(maple).exclude(closed=None).exists()
    (tally,) = Tally.objects.of(maple)
    assert (tally.product_key, tally.devices, tally.missed, tally.stale) == ("google-chrome", 0, 1, 0)
    review_day(maple, store, FRIDAY, devices=[build_laptop(1)], software=[build_chrome(1, NEWER)])
    assert list_gaps(maple) == [(1, "google-chrome", STEPS[1], MONDAY, "", None)]


def test_a_device_that_newer_complete_loads_have_not_any_more_is_gone_and_counts_for_no_mean(
    maple: District, store: EvidenceStore
) -> None:
    review_day(
        maple,
        store,
        MONDAY,
        devices=[build_laptop(1), build_laptop(2)],
        software=[build_chrome(1, NEWER), build_chrome(2, NEWER)],
    )
    review_day(maple, store, TUESDAY, devices=[build_laptop(2)], software=[build_chrome(2, NEWER)])
    assert [(row[0], row[4], row[5]) for row in list_gaps(maple)] == [(1, "gone", None), (2, "", None)]


def test_a_check_of_a_scanner_is_over_only_while_a_scanner_speaks_of_the_device(
    maple: District, store: EvidenceStore
) -> None:
    scan = {"check_id": "156032", "cve": "CVE-2099-5", "source": "nessus", "title": "TLS is old"}
    two_devices: dict[str, Any] = {
        "devices": [build_laptop(1), build_laptop(2)],
        "software": [],
        "sources": ("fleet", "nessus"),
    }
    review_day(maple, store, MONDAY, **two_devices, vulnerabilities=[{**scan, "device": 1}, {**scan, "device": 2}])
    review_day(
        maple,
        store,
        TUESDAY,
        **{**two_devices, "devices": [build_laptop(1), build_laptop(2, in_sources=("fleet",))]},
        vulnerabilities=[{**scan, "device": 9}],
    )
    assert [(row[0], row[4]) for row in list_gaps(maple) if row[0] < 3] == [(1, "fixed"), (2, "missed")]


def test_a_remedy_that_a_feed_names_later_was_lacked_all_the_time(maple: District, store: EvidenceStore) -> None:
    review_day(maple, store, MONDAY, devices=[build_laptop(1)], software=[build_player(1)])
    named = [
        {
            "cve": "CVE-2099-1003",
            "vendor": "videolan",
            "product": "vlc_media_player",
            "introduced": "0",
            "fixed": "3.0.21",
        }
    ]
    review_day(maple, store, FRIDAY, devices=[build_laptop(1)], software=[build_player(1)], ranges=named)
    assert list_gaps(maple) == [
        (1, "vlc", "", MONDAY, "no_longer_applies", None),
        (1, "vlc", "3.0.21", MONDAY, "", None),
    ]


def test_a_new_release_is_a_new_gap_though_the_last_one_was_just_closed(maple: District, store: EvidenceStore) -> None:
    review_day(maple, store, MONDAY, devices=[build_laptop(1)], software=[build_chrome(1, NEWER)])
    later = [*RANGES, {"cve": "CVE-2099-1009", **CHROME, "fixed": "142.0.7444.59"}]
    review_day(maple, store, FRIDAY, devices=[build_laptop(1)], software=[build_chrome(1, FIXED)], ranges=later)
    assert [row[2:] for row in list_gaps(maple)] == [
        (STEPS[1], MONDAY, "fixed", 4),
        ("142.0.7444.59", FRIDAY, "", None),
    ]


def test_what_is_exploited_is_due_on_the_catalogs_day_and_the_rest_by_severity(
    maple: District, store: EvidenceStore
) -> None:
    devices = [build_laptop(1), build_laptop(2)]
    review_day(
        maple, store, MONDAY, devices=devices, software=[build_chrome(1, OLD), build_chrome(2, NEWER), build_player(2)]
    )
    tally_by_product = {row.product_key: row for row in Tally.objects.of(maple)}
    assert (tally_by_product["google-chrome"].due_on, tally_by_product["google-chrome"].overdue) == (
        KEV[0]["due_on"],
        0,
    )
    assert tally_by_product["vlc"].due_on == date(2026, 2, 11)  # thirty days for what is high
    review_day(
        maple, store, LATER, devices=devices, software=[build_chrome(1, OLD), build_chrome(2, NEWER), build_player(2)]
    )
    tally_by_product = {row.product_key: row for row in Tally.objects.of(maple)}
    assert (
        tally_by_product["google-chrome"].devices,
        tally_by_product["google-chrome"].overdue,
        tally_by_product["vlc"].overdue,
    ) == (2, 1, 0)


def test_the_same_again_writes_nothing_and_a_killed_run_leaves_nothing(maple: District, store: EvidenceStore) -> None:
    review_day(maple, store, MONDAY, devices=[build_laptop(1)], software=[build_chrome(1, OLD)])
    assert Review.objects.of(maple).count() == 1
    derived = store.get_latest_derived()
    assert derived is not None
    repeated = review_vulnerabilities(district=maple, store=store, today=MONDAY, at=derived.at)
    assert repeated is not None
    assert (repeated.number, Review.objects.of(maple).count()) == (1, 1)
    before = list_gaps(maple)
    gap = Gap.objects.of(maple).first()
    assert gap is not None
    Gap.objects.of(maple).filter(pk=gap.pk).update(closed=2, why="fixed", took=0)
    Gap.objects.create(
        district=maple, remedy=gap.remedy, device=77, kind="laptop", since=MONDAY, opened=2, snapshot="x"
    )
    Sighting.objects.of(maple).update(closed=2, ended_on=TUESDAY)
    review_day(maple, store, MONDAY, devices=[build_laptop(1)], software=[build_chrome(1, OLD)], exploited=())
    assert list_gaps(maple) == before
    assert not Sighting.objects.of(maple).exclude(closed=None).exists()


def test_before_the_first_resolve_there_is_nothing_to_review(maple: District, store: EvidenceStore) -> None:
    day = MONDAY
    assert review_vulnerabilities(district=maple, store=store, today=day, at=None) is None  # type: ignore[arg-type]
