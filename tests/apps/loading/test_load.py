"""Loading: what a package becomes, what waits for a person, and what is written down."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeroom.apps.audit.queries import trail
from homeroom.apps.districts.commands import make_district
from homeroom.apps.districts.models import District
from homeroom.apps.sources.commands import approve, discard, load, undo
from homeroom.apps.sources.reports import Loaded, LoadReport
from homeroom.evidence.session import session_of
from homeroom.evidence.store import NoSuchLoad, Store

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
HEADER = "primaryEmail,id,orgUnitPath,suspended,archived,isEnrolledIn2Sv,lastLoginTime"


@pytest.fixture
def district() -> District:
    return make_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "evidence", district="maple")


def users(folder: Path, *rows: tuple[str, str], name: str = "users.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{who}@maple.example,id-{who},{unit},False,False,True,2026-01-10T08:00:00.000Z" for who, unit in rows]
    path = folder / name
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def many(count: int, unit: str = "/Staff") -> list[tuple[str, str]]:
    return [("root", "/"), *((f"person{number}", unit) for number in range(count - 1))]


def loaded(paths: list[Path], district: District, store: Store, **more: object) -> LoadReport:
    return load(paths, district=district, store=store, at=AT, actor="technician", **more)  # type: ignore[arg-type]


def only(report: LoadReport) -> Loaded:
    assert len(report.loaded) == 1
    return report.loaded[0]


def emails(store: Store) -> set[str]:
    return {row[0] for row in session_of(store.pinned()).execute("SELECT email FROM account_records").fetchall()}


def test_the_same_file_again_is_one_snapshot(tmp_path: Path, district: District, store: Store) -> None:
    path = users(tmp_path / "in", *many(3))
    first = only(loaded([path], district, store))
    before = sorted(file.name for file in store.folder.rglob("*") if file.is_file())
    again = only(loaded([path], district, store))
    assert (first.outcome, again.outcome) == ("new", "unchanged")
    assert again.load == first.load
    assert sorted(file.name for file in store.folder.rglob("*") if file.is_file()) == before


def test_the_same_file_under_another_name_is_still_the_same(tmp_path: Path, district: District, store: Store) -> None:
    loaded([users(tmp_path / "in", *many(3))], district, store)
    assert (
        only(loaded([users(tmp_path / "again", *many(3), name="Export (1).csv")], district, store)).outcome
        == "unchanged"
    )


def test_two_tenants_of_one_product_stand_side_by_side(tmp_path: Path, district: District, store: Store) -> None:
    loaded([users(tmp_path / "in", ("ann", "/"))], district, store)
    loaded([users(tmp_path / "other", ("bo", "/"))], district, store, source="google-high-school")
    assert emails(store) == {"ann@maple.example", "bo@maple.example"}
    assert {one.instance for one in store.standing()} == {"google", "google-high-school"}


def test_an_export_of_one_unit_is_known_for_what_it_is(tmp_path: Path, district: District, store: Store) -> None:
    loaded([users(tmp_path / "all", *many(30))], district, store)
    report = loaded(
        [users(tmp_path / "unit", ("person1", "/Staff/Lincoln"), ("person2", "/Staff/Lincoln/Office"))], district, store
    )
    one = only(report)
    assert one.load is not None
    assert (one.outcome, one.load.scope) == ("new", "unit:/Staff/Lincoln")
    assert len(emails(store)) == 30


def test_a_load_that_would_delete_over_a_tenth_waits_with_its_difference(
    tmp_path: Path, district: District, store: Store
) -> None:
    loaded([users(tmp_path / "one", *many(20))], district, store)
    one = only(loaded([users(tmp_path / "two", *many(17))], district, store))
    assert one.outcome == "held"
    assert one.load is not None
    assert one.load.held_because == ("3 of 20 account records would go (15%)",)
    assert len(emails(store)) == 20


def test_a_load_that_deletes_just_a_tenth_does_not_wait(tmp_path: Path, district: District, store: Store) -> None:
    loaded([users(tmp_path / "one", *many(20))], district, store)
    assert only(loaded([users(tmp_path / "two", *many(18))], district, store)).outcome == "new"


def test_a_person_approves_what_waits_and_only_once(tmp_path: Path, district: District, store: Store) -> None:
    loaded([users(tmp_path / "one", *many(20))], district, store)
    one = only(loaded([users(tmp_path / "two", *many(10))], district, store))
    assert one.load is not None
    published = approve(district=district, store=store, load_id=one.load.id, actor="director", at=AT)
    assert len(emails(store)) == 10
    assert published.tables["account_records"].removed == 10
    assert store.held() == ()
    with pytest.raises(NoSuchLoad):
        approve(district=district, store=store, load_id=one.load.id, actor="director", at=AT)


def test_a_discarded_load_leaves_no_file_behind(tmp_path: Path, district: District, store: Store) -> None:
    loaded([users(tmp_path / "one", *many(20))], district, store)
    before = {file.name for file in store.blobs.iterdir()}
    one = only(loaded([users(tmp_path / "two", *many(10))], district, store))
    assert one.load is not None
    assert {file.name for file in store.blobs.iterdir()} > before
    discard(district=district, store=store, load_id=one.load.id, actor="director", at=AT)
    assert {file.name for file in store.blobs.iterdir()} == before
    assert store.held() == ()


def test_what_waits_is_not_read_again_and_goes_through_when_it_is_approved_at_once(
    tmp_path: Path, district: District, store: Store
) -> None:
    loaded([users(tmp_path / "one", *many(20))], district, store)
    path = users(tmp_path / "two", *many(10))
    first, again = (only(loaded([path], district, store)) for _ in range(2))
    assert first.load == again.load
    assert only(loaded([path], district, store, approved=True)).outcome == "new"
    assert (store.held(), len(emails(store))) == ((), 10)


def test_any_load_can_be_undone_whole(tmp_path: Path, district: District, store: Store) -> None:
    loaded([users(tmp_path / "one", *many(20))], district, store)
    second = only(loaded([users(tmp_path / "two", *many(21))], district, store))
    assert second.load is not None
    undo(district=district, store=store, load_id=second.load.id, actor="director", at=AT)
    assert len(emails(store)) == 20


def test_a_file_that_breaks_in_the_middle_leaves_nothing(tmp_path: Path, district: District, store: Store) -> None:
    path = users(tmp_path / "in", *many(200))
    path.write_text(path.read_text(encoding="utf-8") + "one,cell,too,few\n", encoding="utf-8")
    report = loaded([path], district, store)
    [problem] = report.refused
    assert problem.line == 202
    assert store.loads() == ()
    assert list(store.blobs.glob("*")) == []


def test_one_bad_file_keeps_no_other_out(tmp_path: Path, district: District, store: Store) -> None:
    folder = tmp_path / "in"
    users(folder, *many(3))
    (folder / "photo.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    report = loaded([folder], district, store)
    assert [one.outcome for one in report.loaded] == ["new"]
    assert [problem.file.endswith("photo.csv") for problem in report.refused] == [True]
    assert not report.clean


def test_a_delta_without_its_bulk_is_refused_with_what_would_fit(
    tmp_path: Path, district: District, store: Store
) -> None:
    folder = tmp_path / "delta"
    folder.mkdir()
    (folder / "manifest.csv").write_text(
        "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.users,delta\nfile.orgs,delta\n",
        encoding="utf-8",
    )
    (folder / "orgs.csv").write_text(
        "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\ns1,active,2026-01-01,Lincoln,school,,\n",
        encoding="utf-8",
    )
    (folder / "users.csv").write_text(
        "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,"
        "identifier,email,sms,phone,agentSourcedIds,grades,password\n"
        "u1,active,2026-01-01,true,s1,student,,,Ann,Oak,,,,,,,05,\n",
        encoding="utf-8",
    )
    report = loaded([folder], district, store)
    assert [problem.fits for problem in report.refused] == ["the bulk export first, then its deltas in order"]
    assert store.loads() == ()


def test_a_csv_of_their_own_is_read_by_a_mapping_file(tmp_path: Path, district: District, store: Store) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "directory.csv").write_text("Login;Unit;Blocked\nann@maple.example;/Staff;no\n", encoding="utf-8")
    (folder / "directory.yaml").write_text(
        "homeroom: mapping\nname: own-directory\nconnector: csv\ntable: account_records\ncolumns:\n"
        "  key: {from: Login, as: lower}\n  email: {from: Login, as: lower}\n  org_unit: {from: Unit}\n"
        "  suspended: {from: Blocked, as: truth}\n",
        encoding="utf-8",
    )
    report = loaded([folder], district, store)
    assert report.refused == ()
    assert only(report).connector == "csv"
    rows = (
        session_of(store.pinned())
        .execute("SELECT email, org_unit, suspended, connector FROM account_records")
        .fetchall()
    )
    assert rows == [("ann@maple.example", "/Staff", False, "csv")]


def listed(folder: Path, name: str, *, mapping: str = "list") -> None:
    """A list of people beside its mapping file; lists of two names have the same headings."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.csv").write_text("No,First,Last\n1,Ann,Moss\n", encoding="utf-8")
    (folder / f"{mapping}.mapping.yaml").write_text(
        f"homeroom: mapping\nname: people\nconnector: {name}\ntable: person_records\ncolumns:\n"
        "  key: {from: No}\n  given_name: {from: First}\n  family_name: {from: Last}\n",
        encoding="utf-8",
    )


def test_of_several_mapping_files_the_nearest_one_reads_a_list(
    tmp_path: Path, district: District, store: Store
) -> None:
    listed(tmp_path / "one", "north")
    listed(tmp_path / "two", "south")
    apart = loaded([tmp_path / "one", tmp_path / "two"], district, store)
    assert sorted((one.connector, one.files) for one in apart.loaded) == [
        ("north", ("north.csv",)),
        ("south", ("south.csv",)),
    ]
    for name in ("east", "west"):
        listed(tmp_path / "both", name, mapping=name)
    named = loaded([tmp_path / "both"], district, store)
    assert sorted((one.connector, one.files) for one in named.loaded) == [
        ("east", ("east.csv",)),
        ("west", ("west.csv",)),
    ]
    for name in ("upper", "lower"):
        listed(tmp_path / "neither", name, mapping=f"for-{name}")
    neither = loaded([tmp_path / "neither"], district, store)
    assert ["fits two kinds of file alike" in problem.reason for problem in neither.refused] == [True, True]


def test_every_change_is_written_down_with_who_made_it(tmp_path: Path, district: District, store: Store) -> None:
    first = only(loaded([users(tmp_path / "one", *many(20))], district, store))
    held = only(loaded([users(tmp_path / "two", *many(10))], district, store))
    assert first.load is not None
    assert held.load is not None
    discard(district=district, store=store, load_id=held.load.id, actor="director", at=AT)
    undo(district=district, store=store, load_id=first.load.id, actor="director", at=AT)
    lines = [(line.actor, line.action, line.subject) for line in trail(district=district).lines]
    assert lines == [
        ("director", "undo load", first.load.id),
        ("director", "discard load", held.load.id),
        ("technician", "load", first.load.id),
    ]


def test_a_load_whose_writer_was_killed_before_it_was_written_down_is_written_down_by_the_next(
    tmp_path: Path, district: District, store: Store
) -> None:
    path = users(tmp_path / "one", *many(20))
    first = only(loaded([path], make_district(slug="oak", name="Oak"), store))  # its entry went to another trail
    assert trail(district=district).lines == ()
    loaded([path], district, store)
    [line] = trail(district=district).lines
    assert (line.action, first.load is not None and line.subject == first.load.id) == ("load", True)
