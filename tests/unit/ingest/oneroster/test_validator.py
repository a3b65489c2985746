"""A valid bundle has no violation, and each broken rule is reported at its line."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.ingest.contract.limits import STANDARD
from homeroom.ingest.oneroster.rules import RULES
from homeroom.ingest.oneroster.validator import BundleReport, check_bundle
from homeroom.sample import generate_sample
from tests.amounts import choose_amount
from tests.unit.ingest.oneroster.bundle_builder import BundleDraft, build_valid_bundle
from tests.unit.ingest.oneroster.rule_violations import (
    INDEPENDENT_VIOLATIONS,
    ISOLATED_VIOLATIONS,
    VERSION_1_2_VIOLATIONS,
    PlantViolation,
    ViolationPlace,
)


def _check_draft(bundle: BundleDraft, folder: Path) -> BundleReport:
    path = bundle.write(folder)
    if bundle.raw.get("manifest.csv") == b"":
        (path / "manifest.csv").unlink()
    return check_bundle(path)


def _list_places(report: BundleReport) -> set[ViolationPlace]:
    return {(violation.rule.id, violation.file, violation.line, violation.field) for violation in report.violations}


def _plant_all(bundle: BundleDraft, plants: Mapping[str, PlantViolation]) -> set[ViolationPlace]:
    return set().union(*(plant(bundle, lambda first, _last: first) for plant in plants.values()))


def test_a_bundle_that_fits_has_no_violation(tmp_path: Path) -> None:
    for version in ("1.1", "1.2"):
        report = _check_draft(build_valid_bundle(version), tmp_path / version)
        assert report.violations == ()
        assert report.version == version
        assert report.rows["users.csv"] == 9


def test_a_zip_is_checked_like_a_folder(tmp_path: Path) -> None:
    folder = build_valid_bundle("1.1").write(tmp_path / "bundle")
    with zipfile.ZipFile(tmp_path / "roster.zip", "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    report = check_bundle(tmp_path / "roster.zip")
    assert report.is_clean
    assert not report.violations
    assert report.rows["enrollments.csv"] == 12


def test_many_broken_rules_are_all_told_and_nothing_else(tmp_path: Path) -> None:
    for version, plants in (
        ("1.1", INDEPENDENT_VIOLATIONS),
        ("1.2", {**INDEPENDENT_VIOLATIONS, **VERSION_1_2_VIOLATIONS}),
    ):
        bundle = build_valid_bundle(version)
        expected = _plant_all(bundle, plants)
        assert _list_places(_check_draft(bundle, tmp_path / version)) == expected


def test_a_file_that_comes_in_many_pieces_is_checked_as_one(tmp_path: Path) -> None:
    bundle = build_valid_bundle("1.2")
    expected = _plant_all(bundle, {**INDEPENDENT_VIOLATIONS, **VERSION_1_2_VIOLATIONS})
    path = bundle.write(tmp_path / "b")
    assert _list_places(check_bundle(path, limits=replace(STANDARD, block=700))) == expected


def test_what_only_looks_wrong_is_no_violation(tmp_path: Path) -> None:
    bundle = build_valid_bundle("1.2")
    users = bundle.files["users"]
    position = users[0].index("preferredGivenName")
    for number, row in enumerate(users):
        row.insert(position, "" if number else "resourceSourcedIds")
        row.append("blue" if number else "metadata.color")
    bundle.set_value("users", 1, "identifier", "123456789")  # nine digits are not yet a Social Security number
    bundle.set_value("users", 0, "phone", "555-0100")  # a teacher's
    bundle.set_value("users", 2, "middleName", 'O\u2019Neil, "Bo"')
    bundle.set_value("enrollments", 11, "beginDate", "2027-06-05")
    bundle.set_value("enrollments", 11, "endDate", "2027-06-05")
    bundle.raw["users.csv"] = (
        b"\xef\xbb\xbf" + bundle.format_member("users").replace("\r\n", "\n").rstrip("\n").encode()
    )
    bundle.raw["results.csv"] = bundle.format_member("results").replace("v1,", '"v1",').encode()
    assert _check_draft(bundle, tmp_path / "b").violations == ()


def test_a_delta_may_delete_by_id_alone_and_point_to_what_it_does_not_hold(tmp_path: Path) -> None:
    bundle = build_valid_bundle("1.1")
    for row in bundle.manifest:
        row[1] = "delta" if row[1] == "bulk" else row[1]
    bundle.files = {"users": bundle.files["users"], "enrollments": bundle.files["enrollments"]}
    for row in bundle.manifest:
        row[1] = "absent" if row[1] == "delta" and row[0] not in ("file.users", "file.enrollments") else row[1]
    for member in bundle.files:
        for number in range(len(bundle.get_rows(member))):
            bundle.set_value(member, number, "status", "active")
            bundle.set_value(member, number, "dateLastModified", "2026-11-24T06:00:00Z")
    bundle.files["users"][4][3:] = [""] * (len(bundle.files["users"][0]) - 3)
    bundle.set_value("users", 3, "status", "tobedeleted")
    bundle.set_value("enrollments", 11, "userSourcedId", "somebody-earlier")
    assert _check_draft(bundle, tmp_path / "b").violations == ()


def test_people_of_a_newer_bundle_without_its_file_of_roles_have_none(tmp_path: Path) -> None:
    bundle = build_valid_bundle("1.2")
    people = len(bundle.get_rows("users"))
    del bundle.files["roles"]
    next(row for row in bundle.manifest if row[0] == "file.roles")[1] = "absent"
    assert dict(_check_draft(bundle, tmp_path / "b").counts) == {("role.none", "users.csv", "sourcedId"): people}


def test_every_rule_can_be_broken() -> None:
    assert {*INDEPENDENT_VIOLATIONS, *VERSION_1_2_VIOLATIONS, *ISOLATED_VIOLATIONS} == set(RULES)


def test_a_path_that_holds_no_bundle_is_told(tmp_path: Path) -> None:
    report = check_bundle(tmp_path / "nothing.zip")
    assert {violation.rule.id for violation in report.violations} == {"bundle.unreadable", "manifest.missing"}


def test_a_value_of_a_person_is_shown_by_its_shape_alone(tmp_path: Path) -> None:
    bundle = build_valid_bundle("1.2")
    bundle.set_value("users", 3, "email", "Marisol at maple")
    bundle.set_value("users", 4, "password", "Tulip-4471")
    bundle.set_value("roles", 4, "role", "Marisol")
    bundle.set_value("roles", 5, "role", "Student")
    values = {
        violation.field: violation.value
        for violation in _check_draft(bundle, tmp_path / "b").violations
        if violation.line != 7 or violation.file != "roles.csv"
    }
    assert values == {"email": "Xxxxxxx xx xxxxx", "password": "", "role": "Xxxxxxx"}


def test_only_the_first_places_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    bundle = build_valid_bundle("1.1")
    for row in range(9):
        bundle.set_value("users", row, "enabledUser", "yes")
    report = check_bundle(bundle.write(tmp_path / "b"), max_listed=2)
    assert len(report.violations) == 2
    assert report.counts[("value.truth", "users.csv", "enabledUser")] == 9
    assert report.by_severity == {"error": 9, "warning": 0, "notice": 0}


def test_a_row_that_does_not_fit_hides_none_after_it(tmp_path: Path) -> None:
    bundle = build_valid_bundle("1.1")
    rows = bundle.format_member("users").split("\r\n")
    rows[2], rows[4] = f"{rows[2]},more", rows[4].rsplit(",", 1)[0]
    rows[6] = rows[6].replace("true", "maybe", 1)
    rows[7] = rows[7].replace("Vega", 'Ve"ga', 1)
    rows[8] = rows[8].replace("Vega", 'Ve"ga', 1)
    bundle.raw["users.csv"] = "\r\n".join(rows).encode()
    places = _list_places(_check_draft(bundle, tmp_path / "b"))
    assert {("file.width", "users.csv", line, None) for line in (3, 5)} | {
        ("file.form", "users.csv", 8, "familyName"),
        ("file.form", "users.csv", 9, "familyName"),
        ("value.truth", "users.csv", 7, "enabledUser"),
    } <= places


@pytest.mark.scale
def test_the_invented_sis_breaks_what_real_ones_break_and_nothing_else(tmp_path: Path) -> None:
    """Check bundles that are filled as many systems fill them.

    They have status in bulk files, families without user names, siblings who share one, passwords, and a role at a
    second school that is called secondary.
    """
    usual = {"value.blank-in-bulk", "value.required", "username.twice", "privacy.password", "privacy.demographics"}
    for seed, extra in ((2, set()), (1, {"manifest.property-missing", "value.word", "role.primary-none"})):
        generate_sample(tmp_path / str(seed), students=500, seed=seed, today=date(2026, 1, 6))
        (bundle,) = (tmp_path / str(seed)).glob("oneroster*")
        report = check_bundle(bundle)
        assert {rule for rule, _, _ in report.counts} == usual | extra
        assert {field for rule, _, field in report.counts if rule == "value.required"} == {"username"}


@pytest.mark.scale
@settings(
    max_examples=choose_amount(brief=15, thorough=100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    version=st.sampled_from(("1.1", "1.2")),
    rule=st.sampled_from(
        sorted({*INDEPENDENT_VIOLATIONS, *VERSION_1_2_VIOLATIONS, *ISOLATED_VIOLATIONS} - {"bundle.unreadable"})
    ),
    row=st.integers(0, 1000),
)
def test_one_broken_rule_is_told_at_its_line_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, version: str, rule: str, row: int
) -> None:
    bundle = build_valid_bundle("1.2" if rule in VERSION_1_2_VIOLATIONS else version)
    plant = {**INDEPENDENT_VIOLATIONS, **VERSION_1_2_VIOLATIONS, **ISOLATED_VIOLATIONS}[rule]
    expected = plant(bundle, lambda first, last: first + row % (last - first + 1))
    assert _list_places(_check_draft(bundle, tmp_path_factory.mktemp("bundle") / "b")) == expected


@pytest.mark.scale
@settings(
    max_examples=choose_amount(brief=15, thorough=100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    file=st.sampled_from(("manifest.csv", "users.csv", "roles.csv", "classes.csv", "enrollments.csv")),
    at=st.floats(0, 1),
    cut=st.integers(0, 40),
    put=st.binary(max_size=6) | st.sampled_from([b'"', b",", b"\r", b"\n", b"\x00", b"\xff\xfe", b'"\n"']),
)
def test_a_bundle_that_is_spoilt_anywhere_is_told_and_never_breaks_the_check(
    tmp_path_factory: pytest.TempPathFactory, file: str, at: float, cut: int, put: bytes
) -> None:
    folder = build_valid_bundle("1.2").write(tmp_path_factory.mktemp("bundle") / "b")
    data = (folder / file).read_bytes()
    position = int(at * len(data))
    (folder / file).write_bytes(data[:position] + put + data[position + cut :])
    report = check_bundle(folder, max_listed=None)
    assert 0 <= len(report.violations) <= sum(report.by_severity.values())  # some notes count what follows them
