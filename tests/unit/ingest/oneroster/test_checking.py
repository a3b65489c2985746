"""A bundle that breaks no rule has no violation, and each rule that is broken is told at its line."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.ingest.limits import STANDARD
from homeroom.ingest.oneroster.checking import Checked, check_bundle
from homeroom.ingest.oneroster.rules import RULES
from homeroom.sample import make
from tests.unit.ingest.oneroster.bundles import Written, valid
from tests.unit.ingest.oneroster.plants import ALONE, NEWER, TOGETHER, Place, Plant


def _checked(bundle: Written, folder: Path) -> Checked:
    written = bundle.write(folder)
    if bundle.raw.get("manifest.csv") == b"":
        (written / "manifest.csv").unlink()
    return check_bundle(written)


def _places(checked: Checked) -> set[Place]:
    return {(one.rule.id, one.file, one.line, one.field) for one in checked.violations}


def _planted(bundle: Written, plants: Mapping[str, Plant]) -> set[Place]:
    return set().union(*(plant(bundle, lambda first, _last: first) for plant in plants.values()))


def test_a_bundle_that_fits_has_no_violation(tmp_path: Path) -> None:
    for version in ("1.1", "1.2"):
        checked = _checked(valid(version), tmp_path / version)
        assert checked.violations == ()
        assert checked.version == version
        assert checked.rows["users.csv"] == 9


def test_a_zip_is_checked_like_a_folder(tmp_path: Path) -> None:
    folder = valid("1.1").write(tmp_path / "bundle")
    with zipfile.ZipFile(tmp_path / "roster.zip", "w") as packed:
        for file in sorted(folder.iterdir()):
            packed.write(file, file.name)
    checked = check_bundle(tmp_path / "roster.zip")
    assert checked.clean
    assert not checked.violations
    assert checked.rows["enrollments.csv"] == 12


def test_many_broken_rules_are_all_told_and_nothing_else(tmp_path: Path) -> None:
    for version, plants in (("1.1", TOGETHER), ("1.2", {**TOGETHER, **NEWER})):
        bundle = valid(version)
        wanted = _planted(bundle, plants)
        assert _places(_checked(bundle, tmp_path / version)) == wanted


def test_a_file_that_comes_in_many_pieces_is_checked_as_one(tmp_path: Path) -> None:
    bundle = valid("1.2")
    wanted = _planted(bundle, {**TOGETHER, **NEWER})
    written = bundle.write(tmp_path / "b")
    assert _places(check_bundle(written, limits=replace(STANDARD, block=700))) == wanted


def test_what_only_looks_wrong_is_no_violation(tmp_path: Path) -> None:
    bundle = valid("1.2")
    users = bundle.files["users"]
    place = users[0].index("preferredGivenName")
    for number, row in enumerate(users):
        row.insert(place, "" if number else "resourceSourcedIds")
        row.append("blue" if number else "metadata.colour")
    bundle.put("users", 1, "identifier", "123456789")  # nine digits are not yet a Social Security number
    bundle.put("users", 0, "phone", "555-0100")  # a teacher's
    bundle.put("users", 2, "middleName", 'O\u2019Neil, "Bo"')
    bundle.put("enrollments", 11, "beginDate", "2027-06-05")
    bundle.put("enrollments", 11, "endDate", "2027-06-05")
    bundle.raw["users.csv"] = b"\xef\xbb\xbf" + bundle.text("users").replace("\r\n", "\n").rstrip("\n").encode()
    bundle.raw["results.csv"] = bundle.text("results").replace("v1,", '"v1",').encode()
    assert _checked(bundle, tmp_path / "b").violations == ()


def test_a_delta_may_delete_by_id_alone_and_point_to_what_it_does_not_hold(tmp_path: Path) -> None:
    bundle = valid("1.1")
    for row in bundle.manifest:
        row[1] = "delta" if row[1] == "bulk" else row[1]
    bundle.files = {"users": bundle.files["users"], "enrollments": bundle.files["enrollments"]}
    for row in bundle.manifest:
        row[1] = "absent" if row[1] == "delta" and row[0] not in ("file.users", "file.enrollments") else row[1]
    for member in bundle.files:
        for number in range(len(bundle.rows(member))):
            bundle.put(member, number, "status", "active")
            bundle.put(member, number, "dateLastModified", "2026-11-24T06:00:00Z")
    bundle.files["users"][4][3:] = [""] * (len(bundle.files["users"][0]) - 3)
    bundle.put("users", 3, "status", "tobedeleted")
    bundle.put("enrollments", 11, "userSourcedId", "somebody-earlier")
    assert _checked(bundle, tmp_path / "b").violations == ()


def test_people_of_a_newer_bundle_without_its_file_of_roles_have_none(tmp_path: Path) -> None:
    bundle = valid("1.2")
    people = len(bundle.rows("users"))
    del bundle.files["roles"]
    next(row for row in bundle.manifest if row[0] == "file.roles")[1] = "absent"
    assert dict(_checked(bundle, tmp_path / "b").counts) == {("role.none", "users.csv", "sourcedId"): people}


def test_every_rule_can_be_broken() -> None:
    assert {*TOGETHER, *NEWER, *ALONE} == set(RULES)


def test_a_path_that_holds_no_bundle_is_told(tmp_path: Path) -> None:
    checked = check_bundle(tmp_path / "nothing.zip")
    assert {one.rule.id for one in checked.violations} == {"bundle.unreadable", "manifest.missing"}


def test_a_value_of_a_person_is_shown_by_its_shape_alone(tmp_path: Path) -> None:
    bundle = valid("1.2")
    bundle.put("users", 3, "email", "Marisol at maple")
    bundle.put("users", 4, "password", "Tulip-4471")
    bundle.put("roles", 4, "role", "Marisol")
    bundle.put("roles", 5, "role", "Student")
    told = {
        one.field: one.value
        for one in _checked(bundle, tmp_path / "b").violations
        if one.line != 7 or one.file != "roles.csv"
    }
    assert told == {"email": "Xxxxxxx xx xxxxx", "password": "", "role": "Xxxxxxx"}


def test_only_the_first_places_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    bundle = valid("1.1")
    for row in range(9):
        bundle.put("users", row, "enabledUser", "yes")
    checked = check_bundle(bundle.write(tmp_path / "b"), kept=2)
    assert len(checked.violations) == 2
    assert checked.counts[("value.truth", "users.csv", "enabledUser")] == 9
    assert checked.by_severity == {"error": 9, "warning": 0, "notice": 0}


def test_a_row_that_does_not_fit_hides_none_after_it(tmp_path: Path) -> None:
    bundle = valid("1.1")
    rows = bundle.text("users").split("\r\n")
    rows[2], rows[4] = f"{rows[2]},more", rows[4].rsplit(",", 1)[0]
    rows[6] = rows[6].replace("true", "maybe", 1)
    rows[7] = rows[7].replace("Vega", 'Ve"ga', 1)
    rows[8] = rows[8].replace("Vega", 'Ve"ga', 1)
    bundle.raw["users.csv"] = "\r\n".join(rows).encode()
    found = _places(_checked(bundle, tmp_path / "b"))
    assert {("file.width", "users.csv", line, None) for line in (3, 5)} | {
        ("file.form", "users.csv", 8, "familyName"),
        ("file.form", "users.csv", 9, "familyName"),
        ("value.truth", "users.csv", 7, "enabledUser"),
    } <= found


@pytest.mark.scale
def test_the_invented_sis_breaks_what_real_ones_break_and_nothing_else(tmp_path: Path) -> None:
    """Its bundles are filled as many systems fill them: status in bulk files, families without user names, siblings who share
    one, passwords, and a role at a second school that is called secondary."""
    usual = {"value.blank-in-bulk", "value.required", "username.twice", "privacy.password", "privacy.demographics"}
    for seed, more in ((2, set()), (1, {"manifest.property-missing", "value.word", "role.primary-none"})):
        make(tmp_path / str(seed), students=500, seed=seed, today=date(2026, 1, 6))
        (bundle,) = (tmp_path / str(seed)).glob("oneroster*")
        checked = check_bundle(bundle)
        assert {rule for rule, _, _ in checked.counts} == usual | more
        assert {field for rule, _, field in checked.counts if rule == "value.required"} == {"username"}


@pytest.mark.scale
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    version=st.sampled_from(("1.1", "1.2")),
    rule=st.sampled_from(sorted({*TOGETHER, *NEWER, *ALONE} - {"bundle.unreadable"})),
    row=st.integers(0, 1000),
)
def test_one_broken_rule_is_told_at_its_line_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, version: str, rule: str, row: int
) -> None:
    bundle = valid("1.2" if rule in NEWER else version)
    plant = {**TOGETHER, **NEWER, **ALONE}[rule]
    wanted = plant(bundle, lambda first, last: first + row % (last - first + 1))
    assert _places(_checked(bundle, tmp_path_factory.mktemp("bundle") / "b")) == wanted


@pytest.mark.scale
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    file=st.sampled_from(("manifest.csv", "users.csv", "roles.csv", "classes.csv", "enrollments.csv")),
    at=st.floats(0, 1),
    cut=st.integers(0, 40),
    put=st.binary(max_size=6) | st.sampled_from([b'"', b",", b"\r", b"\n", b"\x00", b"\xff\xfe", b'"\n"']),
)
def test_a_bundle_that_is_spoilt_anywhere_is_told_and_never_breaks_the_check(
    tmp_path_factory: pytest.TempPathFactory, file: str, at: float, cut: int, put: bytes
) -> None:
    folder = valid("1.2").write(tmp_path_factory.mktemp("bundle") / "b")
    whole = (folder / file).read_bytes()
    place = int(at * len(whole))
    (folder / file).write_bytes(whole[:place] + put + whole[place + cut :])
    checked = check_bundle(folder, kept=None)
    assert 0 <= len(checked.violations) <= sum(checked.by_severity.values())  # some notes count what follows them
