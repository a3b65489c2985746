"""Loading: what a package becomes, what waits for a person, and what is recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeroom.apps.know.sources.commands import approve, discard, load_files, undo
from homeroom.apps.know.sources.load_report import LoadReport, LoadResult
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.session import open_session

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
HEADER = "primaryEmail,id,orgUnitPath,suspended,archived,isEnrolledIn2Sv,lastLoginTime"


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


def write_users(folder: Path, *rows: tuple[str, str], name: str = "users.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{login}@maple.example,id-{login},{unit},False,False,True,2026-01-10T08:00:00.000Z" for login, unit in rows
    ]
    path = folder / name
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def build_users(count: int, unit: str = "/Staff") -> list[tuple[str, str]]:
    return [("root", "/"), *((f"person{number}", unit) for number in range(count - 1))]


def load_paths(paths: list[Path], district: District, store: EvidenceStore, **options: object) -> LoadReport:
    return load_files(paths, district=district, store=store, at=AT, actor="technician", **options)  # type: ignore[arg-type]


def get_only_result(report: LoadReport) -> LoadResult:
    assert len(report.loaded) == 1
    return report.loaded[0]


def list_emails(store: EvidenceStore) -> set[str]:
    return {
        row[0] for row in open_session(store.pin_snapshot()).execute("SELECT email FROM account_records").fetchall()
    }


def test_the_same_file_again_is_one_snapshot(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    path = write_users(tmp_path / "in", *build_users(3))
    first = get_only_result(load_paths([path], district, store))
    before = sorted(file.name for file in store.folder.rglob("*") if file.is_file())
    again = get_only_result(load_paths([path], district, store))
    assert (first.outcome, again.outcome) == ("new", "unchanged")
    assert again.load == first.load
    assert sorted(file.name for file in store.folder.rglob("*") if file.is_file()) == before


def test_the_same_file_under_another_name_is_still_the_same(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_paths([write_users(tmp_path / "in", *build_users(3))], district, store)
    assert (
        get_only_result(
            load_paths([write_users(tmp_path / "again", *build_users(3), name="Export (1).csv")], district, store)
        ).outcome
        == "unchanged"
    )


def test_two_tenants_of_one_product_stand_side_by_side(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_paths([write_users(tmp_path / "in", ("ann", "/"))], district, store)
    load_paths([write_users(tmp_path / "other", ("bo", "/"))], district, store, source="google-high-school")
    assert list_emails(store) == {"ann@maple.example", "bo@maple.example"}
    assert {current_load.instance for current_load in store.list_current_loads()} == {"google", "google-high-school"}


def test_an_export_of_one_unit_is_known_for_what_it_is(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_paths([write_users(tmp_path / "all", *build_users(30))], district, store)
    report = load_paths(
        [write_users(tmp_path / "unit", ("person1", "/Staff/Lincoln"), ("person2", "/Staff/Lincoln/Office"))],
        district,
        store,
    )
    load_result = get_only_result(report)
    assert load_result.load is not None
    assert (load_result.outcome, load_result.load.scope) == ("new", "unit:/Staff/Lincoln")
    assert len(list_emails(store)) == 30


def test_a_load_that_would_delete_over_a_tenth_waits_with_its_difference(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_paths([write_users(tmp_path / "one", *build_users(20))], district, store)
    load_result = get_only_result(load_paths([write_users(tmp_path / "two", *build_users(17))], district, store))
    assert load_result.outcome == "held"
    assert load_result.load is not None
    assert load_result.load.hold_reasons == ("would remove 3 of 20 account records (15%)",)
    assert len(list_emails(store)) == 20


def test_a_load_that_deletes_just_a_tenth_does_not_wait(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_paths([write_users(tmp_path / "one", *build_users(20))], district, store)
    assert (
        get_only_result(load_paths([write_users(tmp_path / "two", *build_users(18))], district, store)).outcome == "new"
    )


def test_a_person_approves_what_waits_and_only_once(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    load_paths([write_users(tmp_path / "one", *build_users(20))], district, store)
    load_result = get_only_result(load_paths([write_users(tmp_path / "two", *build_users(10))], district, store))
    assert load_result.load is not None
    published = approve(district=district, store=store, load_id=load_result.load.id, actor="director", at=AT)
    assert len(list_emails(store)) == 10
    assert published.tables["account_records"].removed == 10
    assert store.list_held_loads() == ()
    with pytest.raises(NoSuchLoad):
        approve(district=district, store=store, load_id=load_result.load.id, actor="director", at=AT)


def test_a_discarded_load_leaves_no_file_behind(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    load_paths([write_users(tmp_path / "one", *build_users(20))], district, store)
    before = {file.name for file in store.blobs.iterdir()}
    load_result = get_only_result(load_paths([write_users(tmp_path / "two", *build_users(10))], district, store))
    assert load_result.load is not None
    assert {file.name for file in store.blobs.iterdir()} > before
    discard(district=district, store=store, load_id=load_result.load.id, actor="director", at=AT)
    assert {file.name for file in store.blobs.iterdir()} == before
    assert store.list_held_loads() == ()


def test_what_waits_is_not_read_again_and_goes_through_when_it_is_approved_at_once(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_paths([write_users(tmp_path / "one", *build_users(20))], district, store)
    path = write_users(tmp_path / "two", *build_users(10))
    first, again = (get_only_result(load_paths([path], district, store)) for _ in range(2))
    assert first.load == again.load
    assert get_only_result(load_paths([path], district, store, approved=True)).outcome == "new"
    assert (store.list_held_loads(), len(list_emails(store))) == ((), 10)


def test_any_load_can_be_undone_whole(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    load_paths([write_users(tmp_path / "one", *build_users(20))], district, store)
    second = get_only_result(load_paths([write_users(tmp_path / "two", *build_users(21))], district, store))
    assert second.load is not None
    undo(district=district, store=store, load_id=second.load.id, actor="director", at=AT)
    assert len(list_emails(store)) == 20


def test_a_file_that_breaks_in_the_middle_leaves_nothing(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    path = write_users(tmp_path / "in", *build_users(200))
    text = path.read_text(encoding="utf-8")
    swallowed = text.splitlines()[-1]
    path.write_text(text + f'"one cell, never closed\n{swallowed}\n{swallowed}\n', encoding="utf-8")
    report = load_paths([path], district, store)
    [problem] = report.refused
    assert problem.line == 202
    assert store.list_loads() == ()
    assert list(store.blobs.glob("*")) == []


def test_one_bad_file_keeps_no_other_out(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    folder = tmp_path / "in"
    write_users(folder, *build_users(3))
    (folder / "photo.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    report = load_paths([folder], district, store)
    assert [load_result.outcome for load_result in report.loaded] == ["new"]
    assert [problem.file.endswith("photo.csv") for problem in report.refused] == [True]
    assert not report.clean


def test_a_delta_without_its_bulk_is_refused_with_what_would_fit(
    tmp_path: Path, district: District, store: EvidenceStore
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
    report = load_paths([folder], district, store)
    assert [problem.fits for problem in report.refused] == ["the bulk export first, then its deltas in order"]
    assert store.list_loads() == ()


def test_a_csv_of_their_own_is_read_by_a_mapping_file(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "directory.csv").write_text("Login;Unit;Blocked\nann@maple.example;/Staff;no\n", encoding="utf-8")
    (folder / "directory.yaml").write_text(
        "homeroom: mapping\nname: own-directory\nconnector: csv\ntable: account_records\ncolumns:\n"
        "  key: {from: Login, as: lower}\n  email: {from: Login, as: lower}\n  org_unit: {from: Unit}\n"
        "  suspended: {from: Blocked, as: truth}\n",
        encoding="utf-8",
    )
    report = load_paths([folder], district, store)
    assert report.refused == ()
    assert get_only_result(report).connector == "csv"
    rows = (
        open_session(store.pin_snapshot())
        .execute("SELECT email, org_unit, suspended, connector FROM account_records")
        .fetchall()
    )
    assert rows == [("ann@maple.example", "/Staff", False, "csv")]


def write_list_with_mapping(folder: Path, name: str, *, mapping: str = "list") -> None:
    """Write a list of people beside its mapping file; lists of two names have the same column names."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.csv").write_text("No,First,Last\n1,Ann,Moss\n", encoding="utf-8")
    (folder / f"{mapping}.mapping.yaml").write_text(
        f"homeroom: mapping\nname: people\nconnector: {name}\ntable: person_records\ncolumns:\n"
        "  key: {from: No}\n  given_name: {from: First}\n  family_name: {from: Last}\n",
        encoding="utf-8",
    )


def test_of_several_mapping_files_the_nearest_one_reads_a_list(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    write_list_with_mapping(tmp_path / "one", "north")
    write_list_with_mapping(tmp_path / "two", "south")
    in_own_folders = load_paths([tmp_path / "one", tmp_path / "two"], district, store)
    assert sorted((load_result.connector, load_result.files) for load_result in in_own_folders.loaded) == [
        ("north", ("north.csv",)),
        ("south", ("south.csv",)),
    ]
    for name in ("east", "west"):
        write_list_with_mapping(tmp_path / "both", name, mapping=name)
    in_one_folder = load_paths([tmp_path / "both"], district, store)
    assert sorted((load_result.connector, load_result.files) for load_result in in_one_folder.loaded) == [
        ("east", ("east.csv",)),
        ("west", ("west.csv",)),
    ]
    for name in ("upper", "lower"):
        write_list_with_mapping(tmp_path / "neither", name, mapping=f"for-{name}")
    ambiguous = load_paths([tmp_path / "neither"], district, store)
    assert ["fits two kinds of file alike" in problem.reason for problem in ambiguous.refused] == [True, True]


def test_every_change_is_written_down_with_who_made_it(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    first = get_only_result(load_paths([write_users(tmp_path / "one", *build_users(20))], district, store))
    waiting_result = get_only_result(load_paths([write_users(tmp_path / "two", *build_users(10))], district, store))
    assert first.load is not None
    assert waiting_result.load is not None
    discard(district=district, store=store, load_id=waiting_result.load.id, actor="director", at=AT)
    undo(district=district, store=store, load_id=first.load.id, actor="director", at=AT)
    lines = [(line.actor, line.action, line.subject) for line in list_audit_entries(district=district).lines]
    assert lines == [
        ("director", "undo load", first.load.id),
        ("director", "discard load", waiting_result.load.id),
        ("technician", "hold load", waiting_result.load.id),
        ("technician", "load", first.load.id),
    ]


def test_a_load_whose_writer_was_killed_before_it_was_written_down_is_written_down_by_the_next(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    path = write_users(tmp_path / "one", *build_users(20))
    first = get_only_result(
        load_paths([path], create_district(slug="oak", name="Oak"), store)
    )  # its entry went to another trail
    assert list_audit_entries(district=district).lines == ()
    load_paths([path], district, store)
    [line] = list_audit_entries(district=district).lines
    assert (line.action, first.load is not None and line.subject == first.load.id) == ("load", True)
