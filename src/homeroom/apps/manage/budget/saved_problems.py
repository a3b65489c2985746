"""Refresh problems as they are saved: read from uploads or from evidence, changed, and written as files again."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from homeroom.apps.manage.budget.evidence_problem import write_evidence_problem
from homeroom.apps.manage.budget.refresh_documents import build_evidence_document
from homeroom.domain.manage.refresh.problem import RefreshProblem
from homeroom.domain.platform.district import District
from homeroom.domain.spreadsheets import iterate_csv_lines
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.library.manage.refresh.problem_fields import FITS
from homeroom.library.manage.refresh.problem_reader import read_refresh_problem
from homeroom.library.manage.refresh.yaml_document import YamlDocument

PLAN = "plan.yaml"
LISTS = ("fleet", "prices", "needs")
SUFFIXES = (".yaml", ".yml")
NUMBER_FITS = "a number of 0 or more, such as 180000"


class AmountRefused(ValueError):
    """An amount or price of a form is none; `field` is its name, the message has what would fit."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class SavedProblem:
    """The content of a plan's YAML and its lists as CSV; `needs` is empty if there are none."""

    content: dict[str, Any]
    fleet: str
    prices: str
    needs: str = ""


def read_uploaded_problem(files: Mapping[str, bytes]) -> SavedProblem:
    """Return the problem of uploaded files by name. Raise FileRefused with each problem of them.

    The plan may name lists among the uploaded files alone, so that no other file of the server is read.
    """
    plans = [name for name in files if name.lower().endswith(SUFFIXES)]
    if len(plans) != 1:
        reason = "is missing" if not plans else f"is there {len(plans)} times"
        raise FileRefused([Problem(file=PLAN, reason=reason, fits="one file in YAML with the lists that it names")])
    with TemporaryDirectory(prefix="homeroom-budget-") as name:
        folder = Path(name)
        (folder / PLAN).write_bytes(files[plans[0]])
        document = YamlDocument(folder / PLAN, fits=FITS)
        for key in LISTS:
            _check_list_name(document, key, files)
        document.raise_problems()
        names = {key: document.content[key] for key in LISTS if document.content.get(key) is not None}
        texts = {key: _decode_list(name, files[name]) for key, name in names.items()}
        for key, text in texts.items():
            (folder / names[key]).write_text(text, encoding="utf-8", newline="")
        read_refresh_problem(folder / PLAN)
    return _build_saved(document.content, texts)


def load_evidence_problem(*, district: District, today: date) -> tuple[SavedProblem, dict[str, Any]]:
    """Return the problem of the district's devices, and what it rests on as `homeroom refresh --json` prints it.

    Raise NothingLoaded, OSError, QueryTimeout.
    """
    with TemporaryDirectory(prefix="homeroom-budget-") as name:
        written = write_evidence_problem(Path(name) / "problem", district=district, today=today)
        content = YamlDocument(written.path, fits=FITS).content
        texts = {
            key: (written.path.parent / content[key]).read_text(encoding="utf-8") for key in LISTS if key in content
        }
    return _build_saved(content, texts), build_evidence_document(written)


def read_saved_problem(saved: SavedProblem) -> RefreshProblem:
    """Read a saved problem strictly. Raise FileRefused with each problem."""
    with TemporaryDirectory(prefix="homeroom-budget-") as name:
        return read_refresh_problem(write_saved_problem(Path(name), saved))


def write_saved_problem(folder: Path, saved: SavedProblem) -> Path:
    """Write a saved problem as files, and return the path of its plan."""
    for name in LISTS:
        if text := getattr(saved, name):
            (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    path = folder / PLAN
    path.write_text(json.dumps(saved.content, indent=1), encoding="utf-8")  # JSON is YAML
    return path


def list_amounts(saved: SavedProblem) -> dict[str, list[Any]]:
    """Return the yearly amounts by fund, of the funds that have them."""
    funds = saved.content.get("funds")
    if not isinstance(funds, Mapping):
        return {}
    return {
        str(name): list(fund["amounts"])
        for name, fund in funds.items()
        if isinstance(fund, Mapping) and isinstance(fund.get("amounts"), list)
    }


def list_prices(saved: SavedProblem) -> dict[str, str]:
    """Return the prices by kind as they are written; blank where there is none."""
    return {row["kind"]: row["price"] for row in _read_prices(saved) if "kind" in row and "price" in row}


def change_problem(
    saved: SavedProblem, *, amounts: Mapping[str, Sequence[str]], prices: Mapping[str, str]
) -> SavedProblem:
    """Return a problem with other yearly amounts and prices. Raise AmountRefused; `field` names fund or kind."""
    content: dict[str, Any] = json.loads(json.dumps(saved.content))
    for fund, texts in amounts.items():
        content["funds"][fund]["amounts"] = [_parse_amount(fund, text) for text in texts]
    rows = _read_prices(saved)
    for row in rows:
        if (text := prices.get(row["kind"])) is not None and text != row["price"]:
            row["price"] = text and str(_parse_amount(row["kind"], text))
    lines = [list(rows[0]), *([*row.values()] for row in rows)] if rows else []
    return replace(saved, content=content, prices="".join(iterate_csv_lines(lines)) if lines else saved.prices)


def _read_prices(saved: SavedProblem) -> list[dict[str, str]]:
    return [dict(row) for row in csv.DictReader(StringIO(saved.prices))]


def _parse_amount(field: str, text: str) -> int | float:
    """Parse an amount that somebody typed, also with a dollar sign and separators of thousands."""
    plain = text.strip().removeprefix("$").replace(",", "").strip()
    digits, _, cents = plain.partition(".")
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 12 or (cents and not cents.isdecimal()):
        raise AmountRefused(field, f"{text.strip() or 'blank'} is no number; {NUMBER_FITS} would fit")
    return float(plain) if cents.strip("0") else int(digits)


def _check_list_name(document: YamlDocument, key: str, files: Mapping[str, bytes]) -> None:
    name = document.content.get(key)
    if name is None and (key == "needs" or key not in document.content):
        return
    is_list = isinstance(name, str) and name in files and not name.lower().endswith(SUFFIXES)
    if not is_list or Path(str(name)).name != name:
        fits = ", ".join(sorted(item for item in files if not item.lower().endswith(SUFFIXES))) or "a list beside it"
        document.add_problem((key,), "is not among the uploaded files", value=name, fits=fits)


def _decode_list(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused([Problem(file=name, reason="is not UTF-8", fits="CSV in UTF-8")]) from None


def _build_saved(content: Mapping[Any, Any], texts: Mapping[str, str]) -> SavedProblem:
    plain: dict[str, Any] = json.loads(json.dumps(dict(content), default=str))
    plain.update({key: f"{key}.csv" for key in texts})
    return SavedProblem(
        content=plain, fleet=texts.get("fleet", ""), prices=texts.get("prices", ""), needs=texts.get("needs", "")
    )
