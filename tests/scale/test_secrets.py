"""No byte of a password, a Social Security number or a telephone number is stored, whatever became of its file."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.scale.driven_district import generate_sample, run_homeroom

pytestmark = pytest.mark.scale
TYPED = "Zq7!typed-"
SSN, PHONE = "000-84-{:04d}", "555-0199-{:04d}"


def test_no_typed_secret_stays_in_the_data_folder_or_is_printed(tmp_path: Path) -> None:
    exports, data = tmp_path / "exports", tmp_path / "data"
    truth = generate_sample(exports, students=500, seed=1, data=tmp_path / "unused")
    roster = exports / "oneroster" / "users.csv"
    secrets = _fill_secrets(roster, password_column="password", phone_columns=("sms", "phone"))
    secrets |= _add_column(exports / "hr" / "staff.csv", "SSN", SSN)
    secrets |= _add_rejected_row(roster)
    secrets |= _write_ragged_bundle(exports / "oneroster", tmp_path / "ragged")
    runs = [
        run_homeroom("assess", str(exports), "--today", truth["today"], data=data),
        _load_and_expect_refusal(tmp_path / "ragged", truth["today"], data),
    ]
    printed = "".join(run.stdout + run.stderr for run in runs)
    assert "were removed" in printed
    assert "row left out" in printed
    assert len(secrets) > 1_000
    stored = _read_all_bytes(data)
    assert len(stored) > 100_000
    assert [secret for secret in sorted(secrets) if secret in printed or secret.encode() in stored] == []
    for beginning in (TYPED, SSN[:7], PHONE[:9]):  # neither are pieces of one
        assert beginning not in printed
        assert beginning.encode() not in stored


def test_what_is_searched_holds_what_stands_in_a_compressed_table(tmp_path: Path) -> None:
    pq.write_table(pa.table({"word": ["needle"] * 500}), tmp_path / "x.parquet", compression="zstd")
    assert b"needle" in _read_all_bytes(tmp_path)


def _load_and_expect_refusal(bundle: Path, today: str, data: Path) -> CompletedProcess[str]:
    run = run_homeroom("load", str(bundle), "--source", "second", "--today", today, data=data)
    assert "refused" in run.stdout + run.stderr
    return run


def _fill_secrets(path: Path, *, password_column: str, phone_columns: tuple[str, ...]) -> set[str]:
    rows, secrets = _read_rows(path), set()
    for number, row in enumerate(rows):
        row[password_column] = f"{TYPED}{number:05d}"
        for column in phone_columns:
            row[column] = PHONE.format(number)
        secrets |= {row[password_column], *(row[column] for column in phone_columns)}
    _write_rows(path, rows)
    return secrets


def _add_column(path: Path, column: str, form: str) -> set[str]:
    rows = [row | {column: form.format(number)} for number, row in enumerate(_read_rows(path))]
    _write_rows(path, rows)
    return {row[column] for row in rows}


def _add_rejected_row(path: Path) -> set[str]:
    """Add a row without a key, which is left out, and with secrets in it."""
    rows = _read_rows(path)
    rows.append(rows[0] | {"sourcedId": "", "password": f"{TYPED}rejected", "phone": PHONE.format(9_999)})
    _write_rows(path, rows)
    return {f"{TYPED}rejected", PHONE.format(9_999)}


def _write_ragged_bundle(bundle: Path, target: Path) -> set[str]:
    """Copy the roster, make one line too long, and open a quote that is not closed, so that the file is refused."""
    shutil.copytree(bundle, target)
    lines = (target / "users.csv").read_text(encoding="utf-8").splitlines()
    lines.insert(5, f"{lines[5]},{TYPED}ragged,{PHONE.format(8_888)}")
    lines[6:6] = ['"opened', "and not closed"]
    (target / "users.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {f"{TYPED}ragged", PHONE.format(8_888)}


def _read_all_bytes(folder: Path) -> bytes:
    """Return every byte of every file, and every value of every Parquet file, decompressed."""
    buffer = io.BytesIO()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            buffer.write(path.read_bytes())
            if path.suffix == ".parquet":
                buffer.write(repr(pq.read_table(path).to_pydict()).encode())
    return buffer.getvalue()


def _read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
