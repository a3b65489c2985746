"""A fix file from finding to proof: rows selected, reviewed, released, run by a console, verified by a load."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.manage.planning.weeks import plan_for_week
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.protect.exceptions.commands import create_exception
from homeroom.apps.protect.exceptions.scopes import FindingScope
from homeroom.apps.protect.finding_work.queries import get_finding_state, list_work_entries
from homeroom.apps.protect.fixes.commands import FixNotPossible, choose_rows, discard_fix, release, review_fix
from homeroom.apps.protect.fixes.models import FixFile, FixRow
from homeroom.apps.protect.fixes.queries import (
    FixSummary,
    count_flags,
    find_fix,
    list_fix_rows,
    list_fixes,
    render_sample,
)
from homeroom.apps.protect.posture.published.queries import OpenFinding, get_published_assessment, list_member_subjects
from homeroom.domain.spreadsheets import FORMULA_PREFIXES
from tests.apps.protect.fixes.desk import (
    FIRST_DAY,
    CsvRow,
    FixDesk,
    load_first_morning,
    parse_csv,
    read_zip,
    rewrite_export,
)
from tests.shared_states import share_state

pytestmark = pytest.mark.django_db
writes_rows = pytest.mark.differs_by_database("rows written in bulk, rows locked for update")
SUSPEND = ("leaver-account", "google.suspend-user")


@pytest.fixture
def desk(tmp_path: Path, settings: Any) -> FixDesk:
    settings.DATA = tmp_path
    return load_first_morning(tmp_path)


def run_gam(desk: FixDesk, files: dict[str, str], *, name: str = "fix.csv", ignored: int = 0, removed: int = 0) -> None:
    """Apply a file of suspensions to the users' export.

    The first `ignored` rows are not applied, and the next `removed` users vanish from the export.
    """
    fix_rows = parse_csv(files[name])
    suspended_by_email = {
        row["primaryEmail"]: {"on": "True", "off": "False"}[row["suspended"]] for row in fix_rows[ignored:]
    }
    removed_emails = {row["primaryEmail"] for row in fix_rows[ignored : ignored + removed]}

    def change_row(row: CsvRow) -> Iterator[CsvRow]:
        if row["primaryEmail"] not in removed_emails:
            yield row | {"suspended": suspended_by_email.get(row["primaryEmail"], row["suspended"])}

    rewrite_export(desk.exports / "google" / "users.csv", change_row)


@dataclass(frozen=True, kw_only=True)
class AppliedFix:
    """A fix file as it was prepared, and the texts of its zip file."""

    prepared: FixSummary
    files: dict[str, str]


APPLIED = {
    "suspend": SUSPEND,
    "preauth": ("preauth-not-required", "activedirectory.require-preauth"),
    "assets": ("managed-without-asset-record", "snipeit.create-asset"),
}


@pytest.fixture
def applied(desk: FixDesk) -> dict[str, AppliedFix]:
    """Hand out a fix file for each console, and load the next day what the consoles did with them."""

    def build() -> tuple[dict[str, AppliedFix], int]:
        fixes = {}
        for name, control in APPLIED.items():
            prepared = desk.prepare_fix(*control)
            fixes[name] = AppliedFix(prepared=prepared, files=desk.release_fix(prepared))
        run_gam(desk, fixes["suspend"].files, ignored=1, removed=1)
        users = _require_preauth(desk, fixes["preauth"].files, ignored=1)
        assets = _create_assets(desk, fixes["assets"].files, ignored=1)
        desk.advance_day()
        return fixes, desk.run_morning(desk.exports / "google", users, assets)

    folder = desk.exports.parent
    fixes, outcomes = share_state(("applied fix files", desk.district.pk), folder, build)
    desk.day = FIRST_DAY + timedelta(days=1)
    assert outcomes == sum(fix.prepared.rows for fix in fixes.values()) - 1, "all but the one that nobody sees any more"
    return fixes


@writes_rows
def test_the_next_load_says_which_rows_worked(desk: FixDesk, applied: dict[str, AppliedFix]) -> None:
    fix, files = applied["suspend"].prepared, applied["suspend"].files
    assert (fix.state, fix.worked, fix.no_undo) == ("prepared", 0, 0)
    assert fix.rows >= 4
    assert {row["suspended"] for row in parse_csv(files["fix.csv"])} == {"on"}
    verified_fix = desk.get_fix(fix.public)
    assert (verified_fix.worked, verified_fix.did_not, verified_fix.not_seen) == (fix.rows - 2, 1, 1)
    assert verified_fix.state == "handed out"


def test_a_file_starts_its_finding_and_its_proof_is_the_state_of_its_rows(desk: FixDesk) -> None:
    finding = desk.get_finding(SUSPEND[0])
    fix = desk.prepare_fix(*SUSPEND)
    files = desk.release_fix(fix)
    assert _get_work(desk, finding) == ("in progress", "director")
    run_gam(desk, files, ignored=1)
    desk.advance_day()
    desk.run_morning(desk.exports / "google")
    acts = [
        (entry.act, entry.origin, entry.open_then)
        for entry in list_work_entries(district=desk.district, finding=finding)
    ]
    assert sorted(acts) == [("done", "fix", fix.rows - 1), ("reopen", "fix", 1), ("start", "fix", finding.members)]
    proofs = plan_for_week(district=desk.district, today=desk.day).proofs
    assert [(proof.status.subjects, proof.state) for proof in proofs] == [(fix.rows - 1, "proved")]


def _get_work(desk: FixDesk, finding: OpenFinding) -> tuple[str, str]:
    assessment = get_published_assessment(district=desk.district)
    assert assessment
    state = get_finding_state(district=desk.district, assessment=assessment, finding=finding, today=desk.day)
    return state.state, state.person


def test_asking_again_changes_nothing_and_what_is_late_still_proves_the_file(desk: FixDesk) -> None:
    fix = desk.prepare_fix(*SUSPEND)
    files = desk.release_fix(fix)
    run_gam(desk, files, ignored=2)
    desk.advance_day()
    desk.run_morning(desk.exports / "google")
    before = list(FixRow.objects.of(desk.district).order_by("place").values())
    trail_before = len(list_audit_entries(district=desk.district).lines)
    assert desk.run_morning() == 0
    assert list(FixRow.objects.of(desk.district).order_by("place").values()) == before
    assert [line.action for line in list_audit_entries(district=desk.district).lines[: trail_before - 10]].count(
        "check fix file"
    ) <= 1
    run_gam(desk, files)
    desk.advance_day()
    assert desk.run_morning(desk.exports / "google") == 2
    verified_fix = desk.get_fix(fix.public)
    assert (verified_fix.state, verified_fix.worked, verified_fix.did_not) == ("proved", fix.rows, 0)
    assert verified_fix.proved_at == desk.at


def test_a_load_from_before_the_hand_out_proves_nothing(desk: FixDesk) -> None:
    fix = desk.prepare_fix(*SUSPEND)
    files = desk.release_fix(fix)
    run_gam(desk, files)
    assert desk.run_morning(desk.exports / "google", at=desk.at - timedelta(hours=1)) == 0
    assert desk.get_fix(fix.public).not_seen == fix.rows


def test_the_undo_file_brings_the_export_back_to_what_it_was(desk: FixDesk) -> None:
    users = desk.exports / "google" / "users.csv"
    rewrite_export(users, lambda row: [row])
    start = users.read_bytes()
    files = desk.release_fix(desk.prepare_fix(*SUSPEND))
    run_gam(desk, files)
    assert users.read_bytes() != start
    run_gam(desk, files, name="undo.csv")
    assert users.read_bytes() == start


def test_only_records_of_that_console_are_in_the_file_and_the_others_are_counted(desk: FixDesk) -> None:
    fix = desk.prepare_fix(*SUSPEND)
    members = desk.get_finding("leaver-account").members
    assert fix.rows + sum(fix.left.values()) == members
    emails = {
        row["primaryEmail"] for row in parse_csv((desk.exports / "google" / "users.csv").read_text(encoding="utf-8"))
    }
    assert set(FixRow.objects.of(desk.district).values_list("handle", flat=True)) <= emails


def test_an_excepted_member_is_never_in_it_even_since_the_judgment(desk: FixDesk) -> None:
    fix = desk.prepare_fix(*SUSPEND)
    row = FixRow.objects.of(desk.district).filter(fix__public=fix.public).first()
    assert row
    arguments = {
        "district": desk.district,
        "at": desk.at,
        "today": desk.day,
        "actor": "director",
        "reason": "On leave until March.",
    }
    create_exception(
        **arguments,
        owner="director",
        expires_on=desk.day + timedelta(days=9),
        scope=FindingScope(control="leaver-account", subject=row.subject),
    )
    second_fix = desk.prepare_fix(*SUSPEND)
    assert second_fix.left["excepted"] == 1
    assert row.subject not in FixRow.objects.of(desk.district).filter(fix__public=second_fix.public).values_list(
        "subject", flat=True
    )
    create_exception(
        **arguments,
        scope=FindingScope(control="leaver-account"),
        owner="director",
        expires_on=desk.day + timedelta(days=9),
    )
    with pytest.raises(FixNotPossible, match="accepted"):
        desk.prepare_fix(*SUSPEND)


@writes_rows
def test_preparing_again_takes_the_place_of_what_nobody_reviewed(desk: FixDesk) -> None:
    first, second = desk.prepare_fix(*SUSPEND), desk.prepare_fix(*SUSPEND)
    assert [fix.public for fix in list_fixes(district=desk.district)] == [second.public]
    assert find_fix(district=desk.district, public=first.public) is None
    FixFile.objects.of(desk.district).filter(public=second.public).update(state="")
    third = desk.prepare_fix(*SUSPEND)
    assert FixFile.objects.of(desk.district).count() == 1, "what a killed run left is gone"
    assert third.rows == first.rows


@writes_rows
def test_nothing_leaves_before_it_was_reviewed_and_a_dropped_row_asks_for_another_look(desk: FixDesk) -> None:
    fix = desk.prepare_fix(*SUSPEND)
    arguments: dict[str, Any] = {"district": desk.district, "public": fix.public, "actor": "technician", "at": desk.at}
    with pytest.raises(FixNotPossible, match="it is prepared; reviewed"):
        release(**arguments)
    review_fix(**arguments | {"actor": "director"})
    assert choose_rows(**arguments, shown=[0], ticked=[]) == (0, 1)
    with pytest.raises(FixNotPossible):
        release(**arguments)
    files = desk.release_fix(desk.get_fix(fix.public))
    assert len(parse_csv(files["fix.csv"])) == fix.rows - 1
    with pytest.raises(FixNotPossible):
        choose_rows(**arguments, shown=[1], ticked=[])
    with pytest.raises(FixNotPossible):
        discard_fix(**arguments)
    with pytest.raises(LookupError):
        review_fix(**arguments | {"public": "x-0000000000000"})


def test_who_prepared_it_may_review_it_but_not_with_an_administrator_in_it(desk: FixDesk) -> None:
    fix = desk.prepare_fix(*SUSPEND)
    first = FixRow.objects.of(desk.district).filter(fix__public=fix.public, place=0)
    first.update(flags="administrator,recent")
    arguments: dict[str, Any] = {"district": desk.district, "public": fix.public, "at": desk.at}
    assert ("administrator", 1) in count_flags(district=desk.district, public=fix.public)
    with pytest.raises(FixNotPossible, match="administrator"):
        review_fix(**arguments, actor="technician")
    choose_rows(**arguments, shown=[0], ticked=[], actor="technician")
    review_fix(**arguments, actor="technician")
    assert desk.get_fix(fix.public).reviewed_by == "technician"


def test_at_the_command_line_nobody_stands_in_for_the_second_pair_of_eyes(desk: FixDesk) -> None:
    fix = desk.prepare_fix(*SUSPEND, actor="")
    FixRow.objects.of(desk.district).filter(fix__public=fix.public, place=0).update(flags="administrator")
    arguments: dict[str, Any] = {"district": desk.district, "public": fix.public, "at": desk.at}
    with pytest.raises(FixNotPossible, match="administrator"):
        review_fix(**arguments, actor="director")
    choose_rows(**arguments, shown=[0], ticked=[], actor="director")
    review_fix(**arguments, actor="director")
    assert desk.get_fix(fix.public).state == "reviewed"


def test_every_row_dropped_leaves_nothing_to_review(desk: FixDesk) -> None:
    fix = desk.prepare_fix(*SUSPEND)
    arguments: dict[str, Any] = {"district": desk.district, "public": fix.public, "actor": "director", "at": desk.at}
    choose_rows(**arguments, shown=range(fix.rows), ticked=[])
    with pytest.raises(FixNotPossible, match="no row is ticked"):
        review_fix(**arguments)


def test_the_zip_is_the_same_each_time_and_the_trail_has_its_hash_and_no_name(desk: FixDesk) -> None:
    fix = desk.prepare_fix(*SUSPEND)
    arguments: dict[str, Any] = {"district": desk.district, "public": fix.public, "actor": "director", "at": desk.at}
    review_fix(**arguments)
    first, second = release(**arguments), release(**arguments)
    with first.file, second.file:
        content = first.file.read()
        assert content == second.file.read()
    assert hashlib.sha256(content).hexdigest() == first.sha256 == desk.get_fix(fix.public).sha256
    release_lines = [
        line for line in list_audit_entries(district=desk.district).lines if line.action == "hand out fix file"
    ]
    assert [line.detail["sha256"] for line in release_lines] == [first.sha256] * 2
    assert {line.detail["rows"] for line in release_lines} == {fix.rows}
    assert "@" not in str([line.detail for line in list_audit_entries(district=desk.district).lines])
    readme = read_zip(content)["README.txt"]
    assert 'gam csv fix.csv gam update user "~primaryEmail" suspended "~suspended"' in readme
    assert 'gam csv undo.csv gam update user "~primaryEmail" suspended "~suspended"' in readme


def test_a_value_that_evidence_does_not_hold_has_no_undo_and_the_zip_says_for_whom(edited: FixDesk) -> None:
    fix = edited.prepare_fix(*SUSPEND)
    assert fix.no_undo == fix.rows
    files = edited.release_fix(fix)
    assert parse_csv(files["undo.csv"]) == []
    assert len(parse_csv(files["no-undo.csv"])) == fix.rows
    assert "cannot be undone" in files["README.txt"]


def test_powershell_s_own_export_names_the_accounts_and_proves_them(
    desk: FixDesk, applied: dict[str, AppliedFix]
) -> None:
    fix, files = applied["preauth"].prepared, applied["preauth"].files
    assert {row["DoesNotRequirePreAuth"] for row in parse_csv(files["fix.csv"])} == {"false"}
    assert {row["DoesNotRequirePreAuth"] for row in parse_csv(files["undo.csv"])} == {"true"}
    verified_fix = desk.get_fix(fix.public)
    assert (verified_fix.worked, verified_fix.did_not) == (fix.rows - 1, 1)


def _require_preauth(desk: FixDesk, files: dict[str, str], *, ignored: int) -> Path:
    """Apply a file to the directory's export, without its first rows; return the export."""
    users = desk.exports / "activedirectory" / "users.csv"
    type_line, _, table = users.read_text(encoding="utf-16").partition("\n")
    users.write_text(table, encoding="utf-8", newline="")
    identities = {row["Identity"] for row in parse_csv(files["fix.csv"])[ignored:]}
    rewrite_export(
        users,
        lambda row: [row | {"DoesNotRequirePreAuth": "False"} if row["ObjectGUID"].lower() in identities else row],
    )
    users.write_text(f"{type_line}\n{users.read_text(encoding='utf-8')}", encoding="utf-16", newline="")
    return users


def test_chromebooks_of_the_consoles_become_assets_that_the_next_load_finds(
    desk: FixDesk, applied: dict[str, AppliedFix]
) -> None:
    fix, files = applied["assets"].prepared, applied["assets"].files
    fix_rows = parse_csv(files["fix.csv"])
    assert len(fix_rows) == fix.rows
    assert all(row["Asset Tag"] and row["Serial Number"] and row["Model Name"] and row["Category"] for row in fix_rows)
    assert {row["Notes"] for row in fix_rows} == {f"Homeroom {fix.public}"}
    assert "undo.csv" not in files
    assert "Bulk Delete" in files["README.txt"]
    verified_fix = desk.get_fix(fix.public)
    assert (verified_fix.worked, verified_fix.did_not) == (fix.rows - 1, 1)


def _create_assets(desk: FixDesk, files: dict[str, str], *, ignored: int) -> Path:
    """Apply a file to the asset list, without its first rows; return the list."""
    assets = desk.exports / "snipeit" / "assets.csv"
    names = {"Serial": "Serial Number", "Asset Name": "Item Name", "Model": "Model Name"}
    header = assets.read_text(encoding="utf-8").splitlines()[0].replace('"', "").split(",")
    fix_rows = parse_csv(files["fix.csv"])[ignored:]
    new_assets = [{name: row.get(names.get(name, name), "") for name in header} for row in fix_rows]
    done: list[CsvRow] = []

    def add_new_assets(row: CsvRow) -> Iterator[CsvRow]:
        yield row
        if not done:
            done.append(row)
            yield from new_assets

    rewrite_export(assets, add_new_assets)
    return assets


@pytest.fixture
def edited(desk: FixDesk) -> FixDesk:
    """Load the next day what somebody edited in each console: states, units, and labels that are formulas."""

    def build() -> None:
        bad = {"Status": "=cmd|'/c calc'!A1", "Model": "@SUM(1)", "Asset Name": "+1"}
        rewrite_export(
            desk.exports / "google" / "users.csv", lambda row: [row | {"suspended": "", "archived": "False"}]
        )
        rewrite_export(desk.exports / "google" / "chromeosdevices.csv", _edit_chromebook)
        rewrite_export(desk.exports / "snipeit" / "assets.csv", lambda row: [row | bad])
        desk.advance_day()
        desk.run_morning()

    share_state(("edited exports", desk.district.pk), desk.exports.parent, build)
    desk.day = FIRST_DAY + timedelta(days=1)
    return desk


def _edit_chromebook(row: CsvRow) -> list[CsvRow]:
    """Put some into the top unit, and give others a model that is a formula."""
    edits = {"1": {"orgUnitPath": "/"}, "2": {"model": '=1+1;"x"'}}
    return [row | edits.get(row["deviceId"][-1], {})]


def test_a_move_goes_to_the_unit_that_was_named_and_back_to_the_one_that_was(edited: FixDesk) -> None:
    control = ("chromeos-top-unit", "google.move-chromeos-device")
    with pytest.raises(FixNotPossible, match="no record is in the unit /Nowhere"):
        edited.prepare_fix(*control, target="/Nowhere")
    with pytest.raises(FixNotPossible, match="plain name"):
        edited.prepare_fix(*control, target="=1+1")
    fix = edited.prepare_fix(*control, target="/Devices/Students/Aspen Elementary")
    files = edited.release_fix(fix)
    assert {row["orgUnitPath"] for row in parse_csv(files["fix.csv"])} == {"/Devices/Students/Aspen Elementary"}
    assert {row["orgUnitPath"] for row in parse_csv(files["undo.csv"])} == {"/"}
    proposed_fix = edited.prepare_fix(*control)
    proposed_rows = parse_csv(edited.release_fix(proposed_fix)["fix.csv"])
    assert len({row["orgUnitPath"] for row in proposed_rows}) > 1, "without a name each goes where its peers are"
    assert "/" not in {row["orgUnitPath"] for row in proposed_rows}


def test_a_hostile_label_never_reaches_a_cell_that_a_spreadsheet_would_run(edited: FixDesk) -> None:
    for control, action in (
        ("chromeos-silent", "snipeit.mark-lost"),
        ("managed-without-asset-record", "snipeit.create-asset"),
    ):
        fix = edited.prepare_fix(control, action)
        for name, text in edited.release_fix(fix).items():
            cells = [cell for row in parse_csv(text) for cell in row.values()] if name.endswith(".csv") else []
            assert [cell for cell in cells if cell.startswith(FORMULA_PREFIXES)] == []


def test_the_page_shows_students_by_their_ids_alone(desk: FixDesk) -> None:
    assessment = get_published_assessment(district=desk.district)
    assert assessment
    fix = desk.prepare_fix("dormant-account", "google.suspend-user")
    student_ids = set(
        FixRow.objects.of(desk.district)
        .filter(fix__public=fix.public, flags__contains="student")
        .values_list("handle", flat=True)
    )
    fix_lines, _ = list_fix_rows(district=desk.district, assessment=assessment, fix=fix, limit=1000)
    assert student_ids
    assert len(fix_lines) == fix.rows
    assert not student_ids & {line.handle for line in fix_lines}
    assert {line.name for line in fix_lines if "student" in line.flags} == {""}
    assert not any(handle in render_sample(district=desk.district, fix=fix)[1] for handle in student_ids)


@writes_rows
def test_pages_of_rows_miss_none_and_repeat_none(desk: FixDesk) -> None:
    assessment = get_published_assessment(district=desk.district)
    assert assessment
    fix = desk.prepare_fix("dormant-account", "google.suspend-user")
    positions: list[int] = []
    after: int | None = -1
    while after is not None:
        page, after = list_fix_rows(district=desk.district, assessment=assessment, fix=fix, after=after, limit=3)
        positions += [line.place for line in page]
    assert positions == list(range(fix.rows))


def test_only_an_action_that_the_control_names_is_made_and_a_school_narrows_it(desk: FixDesk) -> None:
    with pytest.raises(FixNotPossible, match=r"google\.suspend-user"):
        desk.prepare_fix("leaver-account", "google.move-user")
    with pytest.raises(FixNotPossible, match="nothing in bulk"):
        desk.prepare_fix("windows-10", "google.suspend-user")
    with pytest.raises(FixNotPossible, match=r"nobody in 'Nowhere'; \w.* would fit"):
        desk.prepare_fix(*SUSPEND, school="Nowhere")
    full_fix = desk.prepare_fix("dormant-account", "google.suspend-user")
    quiet_fix = desk.prepare_fix("dormant-account", "google.suspend-user", ordinary=True, quiet=True)
    assert quiet_fix.rows <= full_fix.rows


def test_the_district_next_door_has_none_of_it(desk: FixDesk) -> None:
    fix = desk.prepare_fix(*SUSPEND)
    assert list_fixes(district=desk.cast.next_district) == ()
    assert find_fix(district=desk.cast.next_district, public=fix.public) is None
    with pytest.raises(LookupError):
        release(district=desk.cast.next_district, public=fix.public, actor="stranger", at=desk.at)
    assert (
        list_member_subjects(
            district=desk.cast.next_district,
            assessment=get_published_assessment(district=desk.district),
            finding_id=desk.get_finding("leaver-account").id,
        )
        == ()
    )  # type: ignore[arg-type]
