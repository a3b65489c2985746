"""Names for canaries look as if they belonged to the district, are nobody's, and cannot be guessed from the code."""

from __future__ import annotations

import pytest

from homeroom.domain.protect.detections.canaries import CanaryPlace
from homeroom.engines.protect.canaries.names import (
    AccountStyle,
    NamingHabits,
    build_candidates,
    choose_names,
    compose_initials,
    learn_account_style,
)
from homeroom.library.protect.detections.canary_guides import get_canary_guide

SEED = b"one installation"


def _make_habits(**values: object) -> NamingHabits:
    return NamingHabits(**{"district": "Maple Valley Unified", "year": 2026, "domain": "maple.example", **values})  # type: ignore[arg-type]


def _build(
    place: CanaryPlace, *, seed: bytes = SEED, people: tuple[str, ...] = (), **values: object
) -> tuple[str, ...]:
    baits = get_canary_guide(place).baits
    return build_candidates(place, baits=baits, habits=_make_habits(**values), seed=seed, people_words=people)


@pytest.mark.parametrize(("services", "style"), [
    (("svc-backup", "svc-print", "ana.ruiz"), AccountStyle(mark="svc", separator="-")),
    (("sa_sql", "sa_web", "svc-old"), AccountStyle(mark="sa", separator="_")),
    (("backup.service", "scan.service"), AccountStyle(mark="service", separator=".", mark_ends=True)),
])  # fmt: skip
def test_an_account_is_named_as_the_districts_service_accounts_are(services: tuple[str, ...], style: AccountStyle):
    assert learn_account_style(_make_habits(services=services)) == style
    assert style.compose(["copier", "scan"]) in {
        name.partition("@")[0] for name in _build(CanaryPlace.GOOGLE_ACCOUNT, services=services)
    }


def test_without_service_accounts_words_are_joined_as_in_other_names():
    habits = _make_habits(separators=(("-", 4), (".", 9_000)))
    assert learn_account_style(habits) == AccountStyle(separator=".")


def test_a_logon_name_fits_into_active_directory_and_an_address_has_the_districts_domain():
    logons = _build(CanaryPlace.AD_ACCOUNT, services=("service-backup",))
    assert logons
    assert all(name.startswith("service-") and len(name) <= 20 for name in logons)
    assert all(name.endswith("@maple.example") for name in _build(CanaryPlace.ENTRA_ACCOUNT))
    assert _build(CanaryPlace.ENTRA_ACCOUNT, domain="") == ()


def test_the_same_installation_proposes_the_same_and_another_one_others():
    names = _build(CanaryPlace.GOOGLE_ACCOUNT)
    assert names == _build(CanaryPlace.GOOGLE_ACCOUNT)
    assert set(names) == set(_build(CanaryPlace.GOOGLE_ACCOUNT, seed=b"another"))
    assert names[:5] != _build(CanaryPlace.GOOGLE_ACCOUNT, seed=b"another")[:5]


def test_a_word_that_is_somebodys_name_is_in_no_proposal():
    before = _build(CanaryPlace.GOOGLE_ACCOUNT)
    assert any("copier" in name for name in before)
    after = _build(CanaryPlace.GOOGLE_ACCOUNT, people=("Copier",))
    assert not any("copier" in name for name in after)
    assert len(after) == len(before) - 1


def test_no_proposal_is_taken_and_each_turn_shows_others_until_all_were_shown():
    names = _build(CanaryPlace.GOOGLE_ACCOUNT)
    taken = {names[0].upper(), names[1].partition("@")[0]}
    free = [name for name in names if name not in names[:2]]
    turns = [choose_names(names, taken=taken, turn=turn) for turn in range(-(-len(free) // 5))]
    assert [name for turn in turns for name in turn] == free
    assert choose_names(names, taken=taken, turn=len(turns)) == turns[0]
    assert choose_names(names, taken=names) == ()


def test_a_title_has_the_school_year_and_what_the_district_is_called():
    titles = _build(CanaryPlace.DRIVE_DOCUMENT, schools=("Lincoln Elementary", "Grove High"))
    assert "2027 payroll export" in titles
    assert "2026-27 salary schedule, draft" in titles
    assert "MVU VPN accounts" in titles
    assert {title for title in titles if title.startswith(("Lincoln Elementary", "Grove High"))}
    assert not [title for title in titles if "{" in title]


def test_what_the_district_lacks_is_in_no_title():
    assert not [title for title in _build(CanaryPlace.DRIVE_DOCUMENT) if title.endswith("alarm codes")]
    assert _build(CanaryPlace.SHARE_FILE) == ()
    assert all(path.startswith("office\\") for path in _build(CanaryPlace.SHARE_FILE, shares=("office",)))


def test_initials_stand_for_a_name_of_several_words():
    assert [compose_initials(name) for name in ("School District of Cedar Bluff (new)", "Cedar")] == ["SDCB", "Cedar"]
