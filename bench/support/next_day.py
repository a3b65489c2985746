"""Write a second day of a generated district's exports, in which one row in a hundred of each export differs.

Run as `python -m bench.support.next_day FIRST TOMORROW OUT`. FIRST and TOMORROW are the same district as generated for
two days; OUT becomes FIRST with every hundredth row as TOMORROW has it. Where a list does not change overnight, a
column of it is edited instead.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ONE_IN = 100
EDITED_COLUMNS = {"assets.csv": "Notes", "classes.csv": "title", ("activedirectory", "users.csv"): "Department"}
_ENCODINGS = {b"\xff\xfe": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


def write_next_day(first: Path, tomorrow: Path, out: Path, *, one_in: int = ONE_IN) -> dict[str, int]:
    """Write the second day to `out`; return the number of rows that differ, by file."""
    changed_rows = {}
    for path in sorted(path for path in first.rglob("*") if path.is_file()):
        name = path.relative_to(first)
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        changed_rows[name.as_posix()] = _write_file(path, tomorrow / name, out / name, one_in)
    return changed_rows


def _write_file(first: Path, tomorrow: Path, out: Path, one_in: int) -> int:
    if first.suffix == ".csv" and tomorrow.exists():
        return _write_csv(first, tomorrow, out, one_in)
    if first.suffix == ".json" and tomorrow.exists():
        return _write_json(first, tomorrow, out, one_in)
    shutil.copyfile(first, out)
    return 0


def _write_csv(first: Path, tomorrow: Path, out: Path, one_in: int) -> int:
    content = first.read_bytes()
    encoding = next((name for mark, name in _ENCODINGS.items() if content.startswith(mark)), "utf-8")
    text = content.decode(encoding)
    end = "\r\n" if "\r\n" in text else "\n"
    lines, later = text.split(end), tomorrow.read_bytes().decode(encoding).split(end)
    header = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    edited = _find_edited_column(first, lines[header])
    rows = [number for number in range(header + 1, len(lines)) if lines[number]]
    chosen = rows[one_in // 2 :: one_in]
    for number in chosen:
        if number < len(later) and later[number] and later[number] != lines[number]:
            lines[number] = later[number]
        elif edited is not None:
            lines[number] = _edit_line(lines[number], edited)
    out.write_bytes(end.join(lines).encode(encoding))
    return len(chosen)


def _find_edited_column(path: Path, header: str) -> int | None:
    column = EDITED_COLUMNS.get((path.parent.name, path.name)) or EDITED_COLUMNS.get(path.name)
    return next(csv.reader([header])).index(column) if column else None


def _edit_line(line: str, column: int) -> str:
    values = next(csv.reader([line]))
    values[column] = f"{values[column]} 2".strip()
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL if line.startswith('"') else csv.QUOTE_MINIMAL, lineterminator="").writerow(
        values
    )
    return text.getvalue()


def _write_json(first: Path, tomorrow: Path, out: Path, one_in: int) -> int:
    try:
        document = json.loads(first.read_bytes().decode("utf-8-sig"))
    except json.JSONDecodeError:  # a log with an object a line
        shutil.copyfile(first, out)
        return 0
    rows, later = _get_rows(document), _get_rows(json.loads(tomorrow.read_bytes().decode("utf-8-sig")))
    chosen = range(one_in // 2, min(len(rows), len(later)), one_in)
    for number in chosen:
        rows[number] = later[number]
    if chosen:
        out.write_text(json.dumps(document, indent=1), encoding="utf-8")
    else:
        shutil.copyfile(first, out)
    return len(chosen)


def _get_rows(document: Any) -> list[Any]:
    if isinstance(document, list):
        return document
    lists: Sequence[list[Any]] = [value for value in document.values() if isinstance(value, list)]
    return max(lists, key=len, default=[])


if __name__ == "__main__":
    print(json.dumps(write_next_day(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))))
