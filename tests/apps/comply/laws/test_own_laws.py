"""Policies of a district's own: imported as strictly as laws that ship, with older versions for cases of their time."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from homeroom.apps.comply.laws.answer_cases import load_case_reader
from homeroom.apps.comply.laws.catalog import list_laws
from homeroom.apps.comply.laws.own_laws import (
    import_law,
    list_own_law_problems,
    list_own_laws,
    remove_law,
)
from homeroom.apps.platform.audit.models import Entry
from homeroom.engines.comply.laws.answers import answer_case
from homeroom.library.yaml_loader import ContentRefused
from tests.apps.program import run_homeroom
from tests.cast import Cast, create_cast
from tests.content.documentation import ROOT
from tests.data_folders import prepare_data_folder
from tests.unit.comply.laws.law_documents import build_duty, build_law

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
EXAMPLES = sorted((ROOT / "docs" / "examples" / "policies").glob("*.yaml"))
IDS = ["acceptable-use", "artificial-intelligence", "insurance-renewal", "records-requests", "retention"]


@pytest.fixture
def cast(tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path / "data"
    return create_cast()


def write_policy(folder: Path, **values: Any) -> Path:
    path = folder / "policy.yaml"
    law = build_law(**{"id": "district-records", **values})
    path.write_text(yaml.safe_dump(law), encoding="utf-8")
    return path


def build_days(count: int, **values: Any) -> dict[str, Any]:
    return build_duty(id="answered", starts=["requested"], within={"count": count, "unit": "days"}, **values)


def find_due(cast: Cast, requested: str) -> date | None:
    laws = list_laws(district=cast.district)
    case = {"id": "one", "duty": "district-records:answered", "moments": {"requested": requested}}
    reader = load_case_reader(None, today=AT.date())
    reader = type(reader)(laws=laws, facts=reader.facts, today=reader.today)
    [answer] = answer_case(reader.read(json.dumps(case).encode()), laws)
    return answer.due


@pytest.mark.django_db
def test_a_newer_version_counts_from_its_first_day_and_the_older_before_it(cast: Cast, tmp_path: Path) -> None:
    for day, count in (("2024-07-01", 10), ("2026-07-01", 3), ("2025-07-01", 5)):
        path = write_policy(tmp_path, effective=date.fromisoformat(day), duties=[build_days(count)])
        import_law(path, district=cast.district, actor="technician", at=AT)
    assert find_due(cast, "2024-06-30") is None
    assert find_due(cast, "2025-06-30") == date(2025, 7, 10)
    assert find_due(cast, "2025-07-01") == date(2025, 7, 6)
    assert find_due(cast, "2026-07-01") == date(2026, 7, 4)
    assert [law.effective for law in list_own_laws(district=cast.district)] == [date(2026, 7, 1)]
    assert "us-ferpa" in list_laws(district=cast.district)


@pytest.mark.django_db
def test_a_correction_with_the_same_first_day_replaces_and_leaves_no_older_version(cast: Cast, tmp_path: Path) -> None:
    for count in (10, 5):
        path = write_policy(tmp_path, duties=[build_days(count)])
        imported = import_law(path, district=cast.district, actor="technician", at=AT)
        assert imported.older == ()
    assert find_due(cast, "2026-03-02") == date(2026, 3, 7)
    actions = list(Entry.objects.of(cast.district).values_list("action", "actor", "subject"))
    assert actions == [("import law", "technician", "district-records")] * 2


@pytest.mark.django_db
def test_what_was_removed_is_gone_with_its_older_versions_and_others_stay(cast: Cast, tmp_path: Path) -> None:
    for day in (date(2024, 7, 1), date(2026, 7, 1)):
        import_law(
            write_policy(tmp_path, effective=day, duties=[build_days(5)]),
            district=cast.district,
            actor="technician",
            at=AT,
        )
    other = write_policy(tmp_path, id="district-records-two")
    import_law(other, district=cast.district, actor="technician", at=AT)
    assert remove_law("district-records", district=cast.district, actor="technician", at=AT) == 2
    assert [law.id for law in list_own_laws(district=cast.district)] == ["district-records-two"]
    for name in ("district-records", "us-ferpa", "../x"):
        with pytest.raises(LookupError):
            remove_law(name, district=cast.district, actor="technician", at=AT)
    assert Entry.objects.of(cast.district).filter(action="remove law").get().detail == {"versions": 2}


@pytest.mark.django_db
@pytest.mark.parametrize(("change", "field"), [
    ({"id": "us-ferpa"}, "id"),
    ({"id": "records"}, "id"),
    ({"id": "district-records-2024-07-01"}, "id"),
    ({"id": "district-../../x"}, "id"),
    ({"id": f"district-{'x' * 60}"}, "id"),
    ({"id": 5}, "id"),
    ({"supersedes": "us-ferpa"}, "supersedes"),
    ({"depth": "deep"}, "depth"),
    ({"effective": "soon"}, "effective"),
    ({"counting": {"holidays": ["mars"]}}, "counting.holidays[0]"),
    ({"duties": [build_days(0)]}, "duties[0].within.count"),
    ({"duties": [build_days(5, proven_by=["no-such-control"])]}, "district-records.answered.proven_by"),
])  # fmt: skip
def test_a_policy_that_does_not_fit_is_refused_and_nothing_is_stored(cast: Cast, tmp_path: Path, change, field) -> None:
    path = write_policy(tmp_path, **change)
    with pytest.raises(ContentRefused) as refused:
        import_law(path, district=cast.district, actor="technician", at=AT)
    problem = refused.value.problems[0]
    assert (problem.file, problem.field) == ("policy.yaml", field)
    assert "would fit" in problem.message
    assert list_own_laws(district=cast.district) == ()
    assert not Entry.objects.of(cast.district).exists()


@pytest.mark.differs_by_database("a transaction that is rolled back")
@pytest.mark.django_db
def test_an_import_that_breaks_off_leaves_no_entry_in_the_trail(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("homeroom.apps.comply.laws.own_laws.write_own_law", break_off)
    with pytest.raises(OSError, match="full"):
        import_law(write_policy(tmp_path), district=cast.district, actor="technician", at=AT)
    assert not Entry.objects.of(cast.district).exists()
    assert list_own_laws(district=cast.district) == ()


@pytest.mark.django_db
def test_policies_of_other_districts_are_not_seen(cast: Cast, tmp_path: Path) -> None:
    import_law(write_policy(tmp_path), district=cast.district, actor="technician", at=AT)
    assert list_own_laws(district=cast.next_district) == ()


@pytest.mark.django_db
def test_a_file_that_was_damaged_by_hand_costs_only_itself(cast: Cast, tmp_path: Path, settings: Any) -> None:
    for name in ("district-one", "district-two"):
        import_law(write_policy(tmp_path, id=name), district=cast.district, actor="technician", at=AT)
    folder = settings.DATA / "content" / cast.district.slug / "laws" / "district"
    (folder / "district-one.yaml").write_text("depth: [", encoding="utf-8")
    assert [law.id for law in list_own_laws(district=cast.district)] == ["district-two"]
    assert [item.file for item in list_own_law_problems(district=cast.district)] == ["laws/district/district-one.yaml"]


def test_the_commands_import_list_answer_and_remove(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    imported = run_homeroom("laws", "import", *map(str, EXAMPLES), "--by", "ada", "--json", data=data)
    assert imported.returncode == 0, imported.stderr
    assert [law["id"] for law in json.loads(imported.stdout)["imported"]] == [f"district-{name}" for name in IDS]
    listed = json.loads(run_homeroom("laws", "list", "--json", data=data).stdout)["laws"]
    assert {law["id"] for law in listed if law["own"]} == {f"district-{name}" for name in IDS}
    assert "us-ny-121" in {law["id"] for law in listed}
    case = {"id": "a", "duty": "district-records-requests:request-answered", "moments": {"requested": "2026-11-20"}}
    cases = tmp_path / "cases.jsonl"
    cases.write_text(json.dumps(case), encoding="utf-8")
    [answer] = json.loads(run_homeroom("clocks", str(cases), "--data", str(data), "--json", data=data).stdout)[
        "answers"
    ]
    assert (answer["due"], answer["extended_to"]) == ("2026-11-30", "2026-12-07")
    assert run_homeroom("laws", "remove", "district-retention", data=data).returncode == 0
    again = run_homeroom("laws", "remove", "district-retention", data=data)
    assert again.returncode == 2
    assert "district-records-requests" in again.stderr
    bad = tmp_path / "bad.yaml"
    bad.write_text(EXAMPLES[0].read_text(encoding="utf-8").replace("in force", "dead"), encoding="utf-8")
    mixed = run_homeroom("laws", "import", str(bad), str(EXAMPLES[-1]), data=data)
    assert mixed.returncode == 2
    assert "bad.yaml: standing" in mixed.stderr
    assert "district-retention" in mixed.stdout
