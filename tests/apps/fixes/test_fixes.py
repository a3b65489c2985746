"""A fix file from the finding to the proof: chosen by records, reviewed, handed out, run by a console, seen by a load."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.audit.queries import trail
from homeroom.apps.fixes.commands import NotFixed, discard, drop, hand_out, review
from homeroom.apps.fixes.models import FixFile, FixRow
from homeroom.apps.fixes.queries import fix_of, fixes, flags_of, lines, sample_of
from homeroom.apps.posture.commands import accept
from homeroom.apps.posture.queries import judgement, member_subjects
from homeroom.domain.spreadsheets import RUN_BY_A_SPREADSHEET
from tests.apps.fixes.desk import Desk, Row, after_first_morning, edited, inside, rows

pytestmark = pytest.mark.django_db
SUSPEND = ("leaver-account", "google.suspend-user")


@pytest.fixture
def desk(tmp_path: Path, settings: Any) -> Desk:
    settings.DATA = tmp_path
    return after_first_morning(tmp_path)


def gam(desk: Desk, files: dict[str, str], *, name: str = "fix.csv", deaf: int = 0, lost: int = 0) -> None:
    """Runs a file of suspensions on the users' export, but for the first `deaf` rows; `lost` further ones vanish."""
    told = rows(files[name])
    word = {row["primaryEmail"]: {"on": "True", "off": "False"}[row["suspended"]] for row in told[deaf:]}
    gone = {row["primaryEmail"] for row in told[deaf : deaf + lost]}

    def change(row: Row) -> Iterator[Row]:
        if row["primaryEmail"] not in gone:
            yield row | {"suspended": word.get(row["primaryEmail"], row["suspended"])}

    edited(desk.exports / "google" / "users.csv", change)


def test_the_next_load_says_which_rows_worked(desk: Desk) -> None:
    fix = desk.prepared(*SUSPEND)
    assert (fix.state, fix.worked, fix.no_undo) == ("prepared", 0, 0)
    assert fix.rows >= 4
    files = desk.handed(fix)
    assert {row["suspended"] for row in rows(files["fix.csv"])} == {"on"}
    gam(desk, files, deaf=1, lost=1)
    desk.next_day()
    assert desk.morning(desk.exports / "google") == fix.rows - 1
    seen = desk.fix(fix.public)
    assert (seen.worked, seen.did_not, seen.not_seen) == (fix.rows - 2, 1, 1)
    assert seen.state == "handed out"


def test_asking_again_changes_nothing_and_what_is_late_still_proves_the_file(desk: Desk) -> None:
    fix = desk.prepared(*SUSPEND)
    files = desk.handed(fix)
    gam(desk, files, deaf=2)
    desk.next_day()
    desk.morning(desk.exports / "google")
    before = list(FixRow.objects.of(desk.district).order_by("place").values())
    trail_before = len(trail(district=desk.district).lines)
    assert desk.morning() == 0
    assert list(FixRow.objects.of(desk.district).order_by("place").values()) == before
    assert [line.action for line in trail(district=desk.district).lines[: trail_before - 10]].count(
        "check fix file"
    ) <= 1
    gam(desk, files)
    desk.next_day()
    assert desk.morning(desk.exports / "google") == 2
    proved = desk.fix(fix.public)
    assert (proved.state, proved.worked, proved.did_not) == ("proved", fix.rows, 0)
    assert proved.proved_at == desk.at


def test_a_load_from_before_the_hand_out_proves_nothing(desk: Desk) -> None:
    fix = desk.prepared(*SUSPEND)
    files = desk.handed(fix)
    gam(desk, files)
    assert desk.morning(desk.exports / "google", at=desk.at - timedelta(hours=1)) == 0
    assert desk.fix(fix.public).not_seen == fix.rows


def test_the_undo_file_brings_the_export_back_to_what_it_was(desk: Desk) -> None:
    users = desk.exports / "google" / "users.csv"
    edited(users, lambda row: [row])
    start = users.read_bytes()
    files = desk.handed(desk.prepared(*SUSPEND))
    gam(desk, files)
    assert users.read_bytes() != start
    gam(desk, files, name="undo.csv")
    assert users.read_bytes() == start


def test_only_records_of_that_console_are_in_the_file_and_the_others_are_counted(desk: Desk) -> None:
    fix = desk.prepared(*SUSPEND)
    members = desk.finding("leaver-account").members
    assert fix.rows + sum(fix.left.values()) == members
    emails = {row["primaryEmail"] for row in rows((desk.exports / "google" / "users.csv").read_text(encoding="utf-8"))}
    assert set(FixRow.objects.of(desk.district).values_list("handle", flat=True)) <= emails


def test_an_excepted_member_is_never_in_it_even_since_the_judgement(desk: Desk) -> None:
    fix = desk.prepared(*SUSPEND)
    row = FixRow.objects.of(desk.district).filter(fix__public=fix.public).first()
    assert row
    told = {"district": desk.district, "at": desk.at, "today": desk.day, "actor": "director", "reason": "On leave."}
    accept(
        **told, control="leaver-account", owner="director", expires_on=desk.day + timedelta(days=9), subject=row.subject
    )
    again = desk.prepared(*SUSPEND)
    assert again.left["excepted"] == 1
    assert row.subject not in FixRow.objects.of(desk.district).filter(fix__public=again.public).values_list(
        "subject", flat=True
    )
    accept(**told, control="leaver-account", owner="director", expires_on=desk.day + timedelta(days=9))
    with pytest.raises(NotFixed, match="accepted"):
        desk.prepared(*SUSPEND)


def test_preparing_again_takes_the_place_of_what_nobody_reviewed(desk: Desk) -> None:
    first, second = desk.prepared(*SUSPEND), desk.prepared(*SUSPEND)
    assert [one.public for one in fixes(district=desk.district)] == [second.public]
    assert fix_of(district=desk.district, public=first.public) is None
    FixFile.objects.of(desk.district).filter(public=second.public).update(state="")
    third = desk.prepared(*SUSPEND)
    assert FixFile.objects.of(desk.district).count() == 1, "what a killed run left is gone"
    assert third.rows == first.rows


def test_nothing_leaves_before_it_was_reviewed_and_a_dropped_row_asks_for_another_look(desk: Desk) -> None:
    fix = desk.prepared(*SUSPEND)
    who: dict[str, Any] = {"district": desk.district, "public": fix.public, "actor": "technician", "at": desk.at}
    with pytest.raises(NotFixed, match="it is prepared; reviewed"):
        hand_out(**who)
    review(**who | {"actor": "director"})
    assert drop(**who, places=[0]) == 1
    with pytest.raises(NotFixed):
        hand_out(**who)
    files = desk.handed(desk.fix(fix.public))
    assert len(rows(files["fix.csv"])) == fix.rows - 1
    with pytest.raises(NotFixed):
        drop(**who, places=[1])
    with pytest.raises(NotFixed):
        discard(**who)
    with pytest.raises(LookupError):
        review(**who | {"public": "x-0000000000000"})


def test_who_prepared_it_may_review_it_but_not_with_an_administrator_in_it(desk: Desk) -> None:
    fix = desk.prepared(*SUSPEND)
    first = FixRow.objects.of(desk.district).filter(fix__public=fix.public, place=0)
    first.update(flags="administrator,recent")
    who: dict[str, Any] = {"district": desk.district, "public": fix.public, "at": desk.at}
    assert ("administrator", 1) in flags_of(district=desk.district, public=fix.public)
    with pytest.raises(NotFixed, match="administrator"):
        review(**who, actor="technician")
    drop(**who, places=[0], actor="technician")
    review(**who, actor="technician")
    assert desk.fix(fix.public).reviewed_by == "technician"


def test_at_the_command_line_nobody_stands_in_for_the_second_pair_of_eyes(desk: Desk) -> None:
    fix = desk.prepared(*SUSPEND, actor="")
    FixRow.objects.of(desk.district).filter(fix__public=fix.public, place=0).update(flags="administrator")
    who: dict[str, Any] = {"district": desk.district, "public": fix.public, "at": desk.at}
    with pytest.raises(NotFixed, match="administrator"):
        review(**who, actor="director")
    drop(**who, places=[0], actor="director")
    review(**who, actor="director")
    assert desk.fix(fix.public).state == "reviewed"


def test_every_row_dropped_leaves_nothing_to_review(desk: Desk) -> None:
    fix = desk.prepared(*SUSPEND)
    who: dict[str, Any] = {"district": desk.district, "public": fix.public, "actor": "director", "at": desk.at}
    drop(**who, places=range(fix.rows))
    with pytest.raises(NotFixed, match="every row"):
        review(**who)


def test_the_zip_is_the_same_each_time_and_the_trail_has_its_hash_and_no_name(desk: Desk) -> None:
    fix = desk.prepared(*SUSPEND)
    who: dict[str, Any] = {"district": desk.district, "public": fix.public, "actor": "director", "at": desk.at}
    review(**who)
    first, second = hand_out(**who), hand_out(**who)
    with first.file, second.file:
        content = first.file.read()
        assert content == second.file.read()
    assert hashlib.sha256(content).hexdigest() == first.sha256 == desk.fix(fix.public).sha256
    told = [line for line in trail(district=desk.district).lines if line.action == "hand out fix file"]
    assert [line.detail["sha256"] for line in told] == [first.sha256] * 2
    assert {line.detail["rows"] for line in told} == {fix.rows}
    assert "@" not in str([line.detail for line in trail(district=desk.district).lines])
    readme = inside(content)["README.txt"]
    assert 'gam csv fix.csv gam update user "~primaryEmail" suspended "~suspended"' in readme
    assert 'gam csv undo.csv gam update user "~primaryEmail" suspended "~suspended"' in readme


def test_a_value_that_evidence_does_not_hold_has_no_undo_and_the_zip_says_for_whom(desk: Desk) -> None:
    edited(desk.exports / "google" / "users.csv", lambda row: [row | {"suspended": "", "archived": "False"}])
    desk.next_day()
    desk.morning(desk.exports / "google")
    fix = desk.prepared(*SUSPEND)
    assert fix.no_undo == fix.rows
    files = desk.handed(fix)
    assert rows(files["undo.csv"]) == []
    assert len(rows(files["no-undo.csv"])) == fix.rows
    assert "no way back" in files["README.txt"]


def test_powershell_s_own_export_names_the_accounts_and_proves_them(desk: Desk) -> None:
    fix = desk.prepared("preauth-not-required", "activedirectory.require-preauth")
    files = desk.handed(fix)
    told = rows(files["fix.csv"])
    assert {row["DoesNotRequirePreAuth"] for row in told} == {"false"}
    assert {row["DoesNotRequirePreAuth"] for row in rows(files["undo.csv"])} == {"true"}
    users = desk.exports / "activedirectory" / "users.csv"
    typed, _, table = users.read_text(encoding="utf-16").partition("\n")
    users.write_text(table, encoding="utf-8", newline="")
    named = {row["Identity"] for row in told[1:]}
    edited(users, lambda row: [row | {"DoesNotRequirePreAuth": "False"} if row["ObjectGUID"].lower() in named else row])
    users.write_text(f"{typed}\n{users.read_text(encoding='utf-8')}", encoding="utf-16", newline="")
    desk.next_day()
    desk.morning(users)
    seen = desk.fix(fix.public)
    assert (seen.worked, seen.did_not) == (fix.rows - 1, 1)


def test_chromebooks_of_the_consoles_become_assets_that_the_next_load_finds(desk: Desk) -> None:
    fix = desk.prepared("managed-without-asset-record", "snipeit.create-asset")
    files = desk.handed(fix)
    told = rows(files["fix.csv"])
    assert len(told) == fix.rows
    assert all(row["Asset Tag"] and row["Serial Number"] and row["Model Name"] and row["Category"] for row in told)
    assert {row["Notes"] for row in told} == {f"Homeroom {fix.public}"}
    assert "undo.csv" not in files
    assert "Bulk Delete" in files["README.txt"]
    assets = desk.exports / "snipeit" / "assets.csv"
    names = {"Serial": "Serial Number", "Asset Name": "Item Name", "Model": "Model Name"}
    header = assets.read_text(encoding="utf-8").splitlines()[0].replace('"', "").split(",")
    new = [{name: row.get(names.get(name, name), "") for name in header} for row in told[1:]]
    done: list[Row] = []

    def change(row: Row) -> Iterator[Row]:
        yield row
        if not done:
            done.append(row)
            yield from new

    edited(assets, change)
    desk.next_day()
    desk.morning(assets)
    seen = desk.fix(fix.public)
    assert (seen.worked, seen.did_not) == (fix.rows - 1, 1)


def test_a_move_goes_to_the_unit_that_was_named_and_back_to_the_one_that_was(desk: Desk) -> None:
    edited(
        desk.exports / "google" / "chromeosdevices.csv",
        lambda row: [row | {"orgUnitPath": "/"} if row["deviceId"].endswith("1") else row],
    )
    desk.next_day()
    desk.morning(desk.exports / "google")
    control = ("chromeos-top-unit", "google.move-chromeos-device")
    with pytest.raises(NotFixed, match="no record is in the unit /Nowhere"):
        desk.prepared(*control, target="/Nowhere")
    with pytest.raises(NotFixed, match="plain name"):
        desk.prepared(*control, target="=1+1")
    fix = desk.prepared(*control, target="/Devices/Students/Aspen Elementary")
    files = desk.handed(fix)
    assert {row["orgUnitPath"] for row in rows(files["fix.csv"])} == {"/Devices/Students/Aspen Elementary"}
    assert {row["orgUnitPath"] for row in rows(files["undo.csv"])} == {"/"}
    proposed = desk.prepared(*control)
    named = rows(desk.handed(proposed)["fix.csv"])
    assert len({row["orgUnitPath"] for row in named}) > 1, "without a name each goes where its peers are"
    assert "/" not in {row["orgUnitPath"] for row in named}


def test_a_hostile_label_never_reaches_a_cell_that_a_spreadsheet_would_run(desk: Desk) -> None:
    bad = {"Status": "=cmd|'/c calc'!A1", "Model": "@SUM(1)", "Asset Name": "+1"}
    edited(desk.exports / "snipeit" / "assets.csv", lambda row: [row | bad])
    edited(
        desk.exports / "google" / "chromeosdevices.csv",
        lambda row: [row | {"model": '=1+1;"x"'} if row["deviceId"].endswith("2") else row],
    )
    desk.next_day()
    desk.morning()
    for control, action in (
        ("chromeos-silent", "snipeit.mark-lost"),
        ("managed-without-asset-record", "snipeit.create-asset"),
    ):
        fix = desk.prepared(control, action)
        for name, text in desk.handed(fix).items():
            cells = [cell for row in rows(text) for cell in row.values()] if name.endswith(".csv") else []
            assert [cell for cell in cells if cell.startswith(RUN_BY_A_SPREADSHEET)] == []


def test_the_page_shows_pupils_by_their_ids_alone(desk: Desk) -> None:
    of = judgement(district=desk.district)
    assert of
    fix = desk.prepared("dormant-account", "google.suspend-user")
    pupils = set(
        FixRow.objects.of(desk.district)
        .filter(fix__public=fix.public, flags__contains="pupil")
        .values_list("handle", flat=True)
    )
    shown, _ = lines(district=desk.district, of=of, fix=fix, limit=1000)
    assert pupils
    assert len(shown) == fix.rows
    assert not pupils & {line.handle for line in shown}
    assert {line.name for line in shown if "pupil" in line.flags} == {""}
    assert not any(handle in sample_of(district=desk.district, fix=fix)[1] for handle in pupils)


def test_pages_of_rows_miss_none_and_repeat_none(desk: Desk) -> None:
    of = judgement(district=desk.district)
    assert of
    fix = desk.prepared("dormant-account", "google.suspend-user")
    seen: list[int] = []
    after: int | None = -1
    while after is not None:
        page, after = lines(district=desk.district, of=of, fix=fix, after=after, limit=3)
        seen += [line.place for line in page]
    assert seen == list(range(fix.rows))


def test_only_an_action_that_the_control_names_is_made_and_a_school_narrows_it(desk: Desk) -> None:
    with pytest.raises(NotFixed, match=r"google\.suspend-user"):
        desk.prepared("leaver-account", "google.move-user")
    with pytest.raises(NotFixed, match="nothing in bulk"):
        desk.prepared("windows-10", "google.suspend-user")
    with pytest.raises(NotFixed, match=r"nobody in 'Nowhere'; \w.* would fit"):
        desk.prepared(*SUSPEND, school="Nowhere")
    whole = desk.prepared("dormant-account", "google.suspend-user")
    quiet = desk.prepared("dormant-account", "google.suspend-user", ordinary=True, quiet=True)
    assert quiet.rows <= whole.rows


def test_the_district_next_door_has_none_of_it(desk: Desk) -> None:
    fix = desk.prepared(*SUSPEND)
    assert fixes(district=desk.cast.next_district) == ()
    assert fix_of(district=desk.cast.next_district, public=fix.public) is None
    with pytest.raises(LookupError):
        hand_out(district=desk.cast.next_district, public=fix.public, actor="stranger", at=desk.at)
    assert (
        member_subjects(
            district=desk.cast.next_district,
            of=judgement(district=desk.district),
            finding_id=desk.finding("leaver-account").id,
        )
        == ()
    )  # type: ignore[arg-type]
