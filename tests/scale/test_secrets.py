"""No byte of a password, a Social Security number or a telephone number stays, whatever became of its file."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.scale.running import homeroom, sample

pytestmark = pytest.mark.scale
TYPED = "Zq7!typed-"
SSN, PHONE = "000-84-{:04d}", "555-0199-{:04d}"


def test_no_typed_secret_stays_in_the_data_folder_or_is_printed(tmp_path: Path) -> None:
    exports, data = tmp_path / "exports", tmp_path / "data"
    truth = sample(exports, students=500, seed=1, data=tmp_path / "unused")
    roster = exports / "oneroster" / "users.csv"
    secrets = _filled(roster, passwords="password", phones=("sms", "phone"))
    secrets |= _with_column(exports / "hr" / "staff.csv", "SSN", SSN)
    secrets |= _rejected_row(roster)
    secrets |= _ragged_bundle(exports / "oneroster", tmp_path / "ragged")
    told = [
        homeroom("assess", str(exports), "--today", truth["today"], data=data),
        _refused(tmp_path / "ragged", truth["today"], data),
    ]
    printed = "".join(run.stdout + run.stderr for run in told)
    assert "left at the door" in printed
    assert "row left out" in printed
    assert len(secrets) > 1_000
    kept = _everything(data)
    assert len(kept) > 100_000
    assert [secret for secret in sorted(secrets) if secret in printed or secret.encode() in kept] == []
    for beginning in (TYPED, SSN[:7], PHONE[:9]):  # neither are pieces of one
        assert beginning not in printed
        assert beginning.encode() not in kept


def test_what_is_searched_holds_what_stands_in_a_compressed_table(tmp_path: Path) -> None:
    pq.write_table(pa.table({"word": ["needle"] * 500}), tmp_path / "x.parquet", compression="zstd")
    assert b"needle" in _everything(tmp_path)


def _refused(bundle: Path, today: str, data: Path) -> CompletedProcess[str]:
    run = homeroom("load", str(bundle), "--source", "second", "--today", today, data=data)
    assert "refused" in run.stdout + run.stderr
    return run


def _filled(path: Path, *, passwords: str, phones: tuple[str, ...]) -> set[str]:
    rows, secrets = _rows(path), set()
    for number, row in enumerate(rows):
        row[passwords] = f"{TYPED}{number:05d}"
        for column in phones:
            row[column] = PHONE.format(number)
        secrets |= {row[passwords], *(row[column] for column in phones)}
    _written(path, rows)
    return secrets


def _with_column(path: Path, column: str, form: str) -> set[str]:
    rows = [row | {column: form.format(number)} for number, row in enumerate(_rows(path))]
    _written(path, rows)
    return {row[column] for row in rows}


def _rejected_row(path: Path) -> set[str]:
    """A row without a key, which is left out, and with secrets in it."""
    rows = _rows(path)
    rows.append(rows[0] | {"sourcedId": "", "password": f"{TYPED}rejected", "phone": PHONE.format(9_999)})
    _written(path, rows)
    return {f"{TYPED}rejected", PHONE.format(9_999)}


def _ragged_bundle(bundle: Path, place: Path) -> set[str]:
    """The roster once more with a line that is too long, so that the file is refused."""
    shutil.copytree(bundle, place)
    lines = (place / "users.csv").read_text(encoding="utf-8").splitlines()
    lines.insert(5, f"{lines[5]},{TYPED}ragged,{PHONE.format(8_888)}")
    (place / "users.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {f"{TYPED}ragged", PHONE.format(8_888)}


def _everything(folder: Path) -> bytes:
    """Every byte of every file, and every value of every Parquet file, decompressed."""
    found = io.BytesIO()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.write(path.read_bytes())
            if path.suffix == ".parquet":
                found.write(repr(pq.read_table(path).to_pydict()).encode())
    return found.getvalue()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _written(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
