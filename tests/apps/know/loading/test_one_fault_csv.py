"""CSV files with one fault each: what is loaded, what is rejected on which line, and what is refused whole.

The files are written here byte by byte, without any code of the reader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.load_report import LoadResult
from homeroom.apps.know.sources.reject_export import load_rejects
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.ingest.contract.limits import STANDARD, Limits
from tests.amounts import choose_amount
from tests.apps.know.loading.oneroster_days import ORGS, USERS

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
HEADER = b"primaryEmail,id,orgUnitPath,suspended,archived,isEnrolledIn2Sv,lastLoginTime,name.givenName,name.familyName"
ROWS = 100
LAST_LINE = ROWS + 1
SMALL_BLOCKS = replace(STANDARD, block=choose_amount(brief=61, thorough=16))
"""Blocks shorter than a line; 61 divides no length of the lines, so that they end at each place of a line."""

Fault = Callable[[list[bytes]], bytes]


def build_row(number: int, *, first: bytes = b"Ann", family: bytes = b"Oak") -> bytes:
    login = b"p%d@maple.example,id-%d,/Staff,False,False,True,2026-01-10T08:00:00.000Z" % (number, number)
    return b",".join([login, first, family])


def build_lines(rows: int = ROWS) -> list[bytes]:
    return [HEADER, *(build_row(number) for number in range(rows))]


def join(lines: list[bytes], end: bytes = b"\n") -> bytes:
    return end.join(lines) + end


def change_line(line: int, change: Callable[[bytes], bytes], *, end: bytes = b"\n") -> Fault:
    def apply(lines: list[bytes]) -> bytes:
        lines[line - 1] = change(lines[line - 1])
        return join(lines, end)

    return apply


def change_lines(numbers: range, change: Callable[[bytes], bytes]) -> Fault:
    return lambda lines: join([change(text) if line in numbers else text for line, text in enumerate(lines, start=1)])


def put_given(line: int, value: bytes, *, end: bytes = b"\n") -> Fault:
    return change_line(line, lambda text: text.replace(b",Ann,", b"," + value + b","), end=end)


def cut_fields(text: bytes) -> bytes:
    return b",".join(text.split(b",")[:7])


def put_both(lines: list[bytes]) -> bytes:
    lines[2] = build_row(1, first="Zoë".encode())
    lines[4] = build_row(3, first=b"Jos\xe9")
    lines[8] = build_row(7, family=b"Nu\xf1ez")
    return join(lines)


@dataclass(frozen=True, kw_only=True)
class FaultCase:
    """A fault, the lines that are lost to it with words of their reasons, and whether the load is partial for it.

    `refused` is a line and words of the refusal, if the whole file is. `rows` is how many rows the file has. `note` are
    words of a note.
    """

    name: str
    fault: Fault
    lost: tuple[tuple[int, str], ...] = ()
    refused: tuple[int, str] | None = None
    rows: int = ROWS
    note: str = ""


CASES: tuple[FaultCase, ...] = (
    FaultCase(name="no fault", fault=join),
    FaultCase(name="a short row", fault=change_line(7, cut_fields), lost=((7, "7 fields; 9 would fit"),)),
    FaultCase(name="a long row", fault=change_line(7, lambda t: t + b",x"), lost=((7, "10 fields; 9 would fit"),)),
    FaultCase(name="a first row that is short", fault=change_line(2, cut_fields), lost=((2, "7 fields"),)),
    FaultCase(
        name="a short row in a file of Windows line ends",
        fault=change_line(50, cut_fields, end=b"\r\n"),
        lost=((50, "7 fields"),),
    ),
    FaultCase(
        name="a short row in a file of CR line ends",
        fault=change_line(50, cut_fields, end=b"\r"),
        lost=((50, "7 fields"),),
        note="line ends of CR alone",
    ),
    FaultCase(
        name="a cut last line",
        fault=lambda lines: join(lines)[:-60],
        lost=((LAST_LINE, "where the file ends; 9 would fit"),),
    ),
    FaultCase(
        name="a file cut inside quotes",
        fault=lambda lines: join([*lines[:-1], build_row(99, family=b'"Oak')])[:-1],
        lost=((LAST_LINE, "never closed"),),
    ),
    FaultCase(
        name="an empty line is no row",
        fault=lambda lines: join([*lines[:5], b"", *lines[5:]]),
        note="blank line skipped, first on line 6",
    ),
    FaultCase(
        name="the header again in the middle",
        fault=lambda lines: join([*lines[:50], HEADER, *lines[50:]]),
        note="the header again, which is no row of the list, first on line 51",
    ),
    FaultCase(
        name="a line of dashes below the header",
        fault=lambda lines: join([HEADER, b",".join(b"-" * len(name) for name in HEADER.split(b",")), *lines[1:]]),
        note="a line of dashes below the header, which is no row of the list, first on line 2",
    ),
    FaultCase(
        name="two byte order marks",
        fault=lambda lines: b"\xef\xbb\xbf" * 2 + join(lines),
        note="begins with a byte order mark",
    ),
    FaultCase(
        name="a byte order mark whose bytes became letters",
        fault=lambda lines: "\ufeff".encode().decode("cp1252").encode() + join(lines),
        note="begins with a byte order mark",
    ),
    FaultCase(
        name="UTF-16 cut within a letter of the last row",
        fault=lambda lines: join(lines).decode().encode("utf-16")[:-21],
        lost=((LAST_LINE, "a NUL byte"),),
        note="read as UTF-16-LE",
    ),
    FaultCase(
        name="UTF-16 with half a letter in a value",
        fault=lambda lines: put_given(9, b"Jo@")(lines).decode().encode("utf-16").replace(b"@\0,", b"\x3d\xd8,"),
        lost=((9, "a NUL byte"),),
    ),
    FaultCase(
        name="UTF-16 without a byte in the middle",
        fault=lambda lines: (
            join(lines).decode().encode("utf-16")[:-2001] + join(lines).decode().encode("utf-16")[-2000:]
        ),
        refused=(89, "a byte is missing in UTF-16-LE"),
    ),
    FaultCase(
        name="rows of delimiters alone",
        fault=lambda lines: join([*lines[:50], *[b",,,"] * 30, *lines[50:]]),
        note="row without any value skipped, first on line 51 (30 times)",
    ),
    FaultCase(
        name="a short row over three lines",
        fault=change_line(7, lambda text: text.replace(b",Ann,Oak", b',"A\n, n\nn"')),
        lost=((7, "8 fields, down to line 9; 9 would fit"),),
    ),
    FaultCase(
        name="a quote inside a value over two lines",
        fault=put_given(7, b'"A\nn" x'),
        lost=((7, "a quote inside a field, down to line 8"),),
    ),
    FaultCase(
        name="a quote that may have swallowed one row",
        fault=lambda lines: join([*lines[:9], build_row(8, first=b'"A'), build_row(9, first=b'"B"'), *lines[11:]]),
        refused=(11, "opens on line 10"),
    ),
    FaultCase(name="empty fields after the last", fault=change_line(7, lambda text: text + b",,"), note="empty fields"),
    FaultCase(
        name="a total below the last row",
        fault=lambda lines: join([*lines, b"Total: 100"]),
        note="a total below the last row, which is no row of the list, first on line 102",
    ),
    FaultCase(
        name="a number of rows below", fault=lambda lines: join([*lines, b"", b"(100 rows affected)"]), note="a total"
    ),
    FaultCase(
        name="the end of a report", fault=lambda lines: join([*lines, b"*** End of Report ***"]), note="a total below"
    ),
    FaultCase(
        name="a line below the last row that is no total",
        fault=lambda lines: join([*lines, b"Printed for Maple Valley"]),
        lost=((102, "1 field; 9 would fit"),),
        rows=ROWS + 1,
    ),
    FaultCase(
        name="a total above the last row",
        fault=lambda lines: join([*lines[:-1], b"Total: 99", lines[-1]]),
        lost=((LAST_LINE, "1 field; 9 would fit"),),
        rows=ROWS + 1,
    ),
    FaultCase(
        name="rows of Windows-1252 in UTF-8",
        fault=put_both,
        note="read as Windows-1252, first on line 5 (2 times)",
    ),
    FaultCase(name="one letter of Latin-1", fault=put_given(9, b"Jos\xe9"), note="not UTF-8: read as Windows-1252"),
    FaultCase(
        name="a byte of no encoding", fault=put_given(9, b"Jos\x81"), lost=((9, "a byte that is not UTF-8; UTF-8"),)
    ),
    FaultCase(
        name="a letter of Mac Roman", fault=put_given(9, b"Jos\x8e"), lost=((9, "may be Mac Roman or Windows-1252"),)
    ),
    FaultCase(
        name="two encodings in one row",
        fault=put_given(9, "Zoë ".encode() + b"Jos\xe9"),
        lost=((9, "a byte that is not UTF-8"),),
    ),
    FaultCase(name="a NUL", fault=put_given(12, b"A\0n"), lost=((12, "a NUL byte; text would fit"),)),
    FaultCase(name="many NULs", fault=put_given(12, b"\0" * 2000), refused=(12, "a NUL byte"), lost=((12, ""),)),
    FaultCase(name="a CR in a value", fault=put_given(12, b"A\rn"), lost=((12, "a line end (CR) inside the row"),)),
    FaultCase(
        name="a CR in the last value",
        fault=change_line(12, lambda text: text + b"\rn"),
        lost=((12, "a line end (CR) inside the row"),),
    ),
    FaultCase(
        name="a CR in a value of a file of Windows line ends",
        fault=put_given(12, b"A\rn", end=b"\r\n"),
        lost=((12, "a line end (CR) inside the row"),),
    ),
    FaultCase(name="a CR in quotes", fault=put_given(12, b'"A\rn"')),
    FaultCase(name="a quote inside a value", fault=put_given(20, b'5" x'), lost=((20, "a quote inside a field"),)),
    FaultCase(name="text after quotes", fault=put_given(20, b'"A" x'), lost=((20, "a quote inside a field"),)),
    FaultCase(name="a quote that never closes", fault=put_given(20, b'"Ann'), refused=(20, "never closed")),
    FaultCase(
        name="a quote that closes rows below",
        fault=lambda lines: join([*lines[:9], build_row(8, first=b'"A'), *lines[10:40], build_row(39, first=b'"B"')]),
        refused=(41, "opens on line 10"),
    ),
    FaultCase(
        name="a field of more than a mebibyte",
        fault=put_given(12, b"A" * (1 << 20) + b"n"),
        lost=((12, "a field of more than 1,048,576 bytes"),),
    ),
    FaultCase(name="no header", fault=lambda lines: join(lines[1:]), refused=(1, "the first line holds values")),
    FaultCase(
        name="a cut in the last value",
        fault=lambda lines: join(lines)[:-2],
        note="no line end after the last row, so that a cut of its last value would not show",
    ),
    FaultCase(
        name="a cell whose formula failed",
        fault=change_line(7, lambda text: text.replace(b",Oak", b",#REF!")),
        note="a cell whose formula failed, such as #N/A, read as empty, first on line 7",
    ),
    FaultCase(
        name="a title row above the header",
        fault=lambda lines: join([b"Users of Maple Valley, exported 1/15/2026", *lines]),
        note="title row above the header, which is no row of the list, first on line 1",
    ),
    FaultCase(
        name="three lines above the header, one of them blank",
        fault=lambda lines: join([b'"Users, 5"', b"", b"Exported:,1/15/2026,,,,,,,", *lines]),
        note="title row above the header, which is no row of the list, first on line 1 (3 times)",
    ),
    FaultCase(
        name="a title with a quote that never closes",
        fault=lambda lines: join([b'5" tablets', *lines]),
        note="title row above the header",
    ),
    FaultCase(
        name="a total as wide as the header",
        fault=lambda lines: join([*lines, b"Total,100,,,,,,,"]),
        note="a total below the last row, which is no row of the list, first on line 102",
    ),
    FaultCase(
        name="a column twice with the same values",
        fault=lambda lines: join([text + b"," + text.split(b",")[1] for text in lines]),
        note="two columns are called id and agree, so they are read as one",
    ),
    FaultCase(
        name="an optional column twice with different values",
        fault=lambda lines: join([lines[0] + b",Last Login Time", *(text + b",x" for text in lines[1:])]),
        note="two columns are called lastLoginTime and differ, so neither is read",
    ),
    FaultCase(
        name="an optional column twice in one spelling with different values",
        fault=lambda lines: join([lines[0] + b",name.familyName", *(text + b",x" for text in lines[1:])]),
        note="two columns are called name.familyName and differ, so neither is read, first on line 2",
    ),
    FaultCase(
        name="a needed column twice with different values",
        fault=lambda lines: join([lines[0] + b",PrimaryEmail", *(text + b",x" for text in lines[1:])]),
        refused=(2, "two columns have this name, and their values differ"),
    ),
    FaultCase(
        name="ten short rows",
        fault=change_lines(range(11, 21), cut_fields),
        lost=tuple((line, "7 fields") for line in range(11, 21)),
    ),
    FaultCase(
        name="eleven short rows",
        fault=change_lines(range(11, 22), cut_fields),
        refused=(11, "11 of 100 rows cannot be read (lines 11, 12, 13 and 8 more); the first: 7 fields"),
    ),
    FaultCase(
        name="every row short",
        fault=change_lines(range(2, 102), cut_fields),
        refused=(2, "none of its 100 rows can be read (lines 2, 3, 4 and 97 more)"),
    ),
)


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


def load_data(
    data: bytes, folder: Path, *, district: District, store: EvidenceStore, limits: Limits = STANDARD, day: int = 0
) -> LoadResult:
    path = folder / f"day-{day}" / "users.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    report = load_files([path], district=district, store=store, at=AT + timedelta(days=day), limits=limits)
    if not report.loaded:
        return LoadResult(outcome="refused", connector="", stream="", files=(), seconds=0, problems=report.problems)
    return report.loaded[0]


@pytest.mark.parametrize(
    ("case", "limits"),
    [
        *(pytest.param(case, STANDARD, id=f"{case.name}-blocks of 4 MiB") for case in CASES),
        *(
            pytest.param(case, SMALL_BLOCKS, id=f"{case.name}-blocks below a line")
            for case in choose_amount(brief=CASES[::6], thorough=CASES)
        ),
    ],
)
def test_one_fault_costs_only_what_is_bad(
    case: FaultCase, limits: Limits, tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    data = case.fault(build_lines())
    limits = STANDARD if len(data) > 1 << 20 else limits
    load_result = load_data(data, tmp_path / "in", district=district, store=store, limits=limits)
    if case.refused is not None:
        line, reason = case.refused
        (problem,) = load_result.problems
        assert (load_result.outcome, problem.line) == ("refused", line)
        assert reason in problem.reason
        assert problem.fits
        assert store.list_loads() == ()
        return
    load = load_result.load
    assert load is not None
    assert load_result.outcome == "new"
    rejects = load_rejects(store=store, load_id=load.id)
    assert [reject.line for reject in rejects] == [line for line, _ in case.lost]
    reasons = [reject.reason for reject in rejects]
    assert all(words in reason for reason, (_, words) in zip(reasons, case.lost, strict=True)), reasons
    assert all(reject.row_lost for reject in rejects)
    assert not any("maple" in (reject.value or "") for reject in rejects)
    assert load.mode == ("partial" if case.lost else "full")
    assert (load.files[0].rows, load.files[0].rejected, load.rows_rejected) == (
        case.rows,
        len(case.lost),
        len(case.lost),
    )
    notes = " / ".join(load.files[0].notes)
    assert case.note in notes
    assert ("could not be read" in notes) == bool(case.lost)
    lost_rows = {line - 2 for line, _ in case.lost} if case.rows == ROWS else set()
    expected = {f"p{number}@maple.example" for number in range(ROWS) if number not in lost_rows}
    with open_session(store.pin_snapshot()) as session:
        assert {row[0] for row in session.execute("SELECT email FROM account_records").fetchall()} == expected


def test_rows_after_a_broken_one_have_their_own_lines(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    lines = build_lines(30)
    lines[4] = cut_fields(lines[4])
    lines[9] = build_row(8, first=b'"A\nn"')
    lines[14] = b",".join([b"no mail", *lines[14].split(b",")[1:-2], b"", b"x"])
    lines[19] = lines[19] + b",x"
    load_result = load_data(join(lines), tmp_path / "in", district=district, store=store)
    assert load_result.load is not None
    lines_of_rejects = {reject.line for reject in load_rejects(store=store, load_id=load_result.load.id)}
    assert lines_of_rejects == {5, 16, 21}


def test_a_load_with_every_row_rejected_is_refused(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    rows = [text.replace(b"id-", b"").split(b",") for text in build_lines(3)[1:]]
    without_id = [b",".join([b"", b"", *fields[2:]]) for fields in rows]
    load_result = load_data(join([HEADER, *without_id]), tmp_path / "in", district=district, store=store)
    (problem,) = load_result.problems
    assert (load_result.outcome, problem.line) == ("refused", 2)
    assert "none of its 3 rows can be loaded; the first: no id" in problem.reason
    assert store.list_loads() == ()
    assert list(store.blobs.glob("*")) == []


def test_the_only_row_cut_is_no_list(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    load_result = load_data(join(build_lines(1))[:-60], tmp_path / "in", district=district, store=store)
    (problem,) = load_result.problems
    assert "its only row cannot be read (line 2)" in problem.reason


def test_a_broken_row_on_the_second_day_removes_nobody(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_data(join(build_lines()), tmp_path / "in", district=district, store=store)
    lines = build_lines()[:60]
    lines[30] = cut_fields(lines[30])
    second = load_data(join(lines), tmp_path / "in", district=district, store=store, day=1)
    assert (second.outcome, second.load.mode if second.load else "") == ("new", "partial")
    with open_session(store.pin_snapshot()) as session:
        assert session.execute("SELECT count(*) FROM account_records").fetchall() == [(ROWS,)]
    third = load_data(join(build_lines(98)), tmp_path / "in", district=district, store=store, day=2)
    assert third.load is not None
    assert (third.outcome, third.load.mode, third.load.tables["account_records"].removed) == ("new", "full", 2)


def test_a_second_day_that_lacks_a_tenth_of_its_rows_waits_for_a_person(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_data(join(build_lines(40)), tmp_path / "in", district=district, store=store)
    data = change_lines(range(11, 20), cut_fields)(build_lines(40))
    second = load_data(data, tmp_path / "in", district=district, store=store, day=1)
    assert second.outcome == "held"
    assert second.load is not None
    (reason,) = second.load.hold_reasons
    assert reason.startswith("9 of 40 rows of ")
    assert reason.endswith("could not be read (22%)")


def test_a_broken_row_of_a_bundle_makes_the_bundle_partial(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    users = [USERS, *(f"u{n},,true,s1,student,n{n},Given,Fox,,,01" for n in range(20)), "u20,,true"]
    (folder / "orgs.csv").write_text(ORGS, encoding="utf-8")
    (folder / "users.csv").write_text("\n".join(users) + "\n", encoding="utf-8")
    (load_result,) = load_files([folder], district=district, store=store, at=AT, limits=Limits(by_line=1)).loaded
    assert load_result.load is not None
    assert load_result.load.mode == "partial"
    assert load_result.load.tables["person_records"].rows == 20
    assert [(reject.line, reject.file.endswith("users.csv")) for reject in load_result.rejects] == [(22, True)]
    assert not any(file.line_hashes for file in load_result.load.files if file.name.endswith("users.csv"))
