"""The options that every verb shares, and the start that each of them needs: folder, database, district, date."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from homeroom.apps.districts.models import District
    from homeroom.evidence.store import Store

DONE, WITH_REJECTS, REFUSED = 0, 1, 2
FIRST = "district"
POLITE = 10  # of the 19 steps that a process may stand back
YEARS = (2000, 2100)
_SLUG = re.compile(r"(?=.{1,60}\Z)[a-z0-9]+(-[a-z0-9]+)*\Z")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Data = Annotated[
    str | None, typer.Option("--data", help="The data folder; else HOMEROOM_DATA, else your user data folder.")
]
InDistrict = Annotated[
    str | None, typer.Option("--district", help="The district's short name; needed where there are several.")
]
Today = Annotated[
    str | None, typer.Option("--today", help="Judge as of this day (YYYY-MM-DD) instead of the current one.")
]

errors = Console(stderr=True, highlight=False)
output = Console(highlight=False)

Step = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Started:
    """What a verb works with: the district, its evidence, the day to judge by and the moment to write down."""

    district: District
    store: Store
    today: date
    at: datetime


def refuse(why: str) -> NoReturn:
    """Says why and ends with exit code 2."""
    errors.print(f"[red]Refused:[/] {escape(why)}", soft_wrap=True)
    raise typer.Exit(REFUSED)


def begin(
    *, data: str | None, district: str | None = None, today: str | None = None, kind: str = "", make: bool = False
) -> Started:
    """Opens the data folder, brings its database up to date and finds the district. Refuses with a sentence.

    The first district of a folder makes itself; another one only where `make` says so, so that a slip makes none.
    """
    unlock(data=data, kind=kind, district=district)
    return _started(district, today, make=make)


def give_way() -> None:
    """Lets pages go first: from here on this process takes what they leave of the processor. Windows knows no such word."""
    if hasattr(os, "nice"):
        os.nice(max(0, POLITE - os.nice(0)))


def unlock(*, data: str | None, kind: str = "", district: str | None = None) -> None:
    """Opens the data folder and brings its database up to date, for verbs that work for every district in it.

    The first district of a folder makes itself, of the short name `district` where one is given. Refuses with a sentence.
    """
    from homeroom.evidence.folder import FolderRefused, chosen, kind_of, opened

    folder = chosen(data)
    try:
        opened(folder, kind=kind or kind_of(folder) or "real")
    except FolderRefused as why:
        refuse(str(why))
    os.environ["HOMEROOM_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    import django

    django.setup()
    from homeroom.cli.preparing import prepared

    prepared()
    _first(district)


def _first(slug: str | None) -> None:
    from homeroom.apps.districts.commands import make_district
    from homeroom.apps.districts.queries import any_district

    if slug and not _SLUG.match(slug):
        refuse(f"--district {slug!r}; small letters, digits and single hyphens would fit, at most 60")
    if not any_district():
        make_district(slug=slug or FIRST, name="Our district")


def _started(slug: str | None, today: str | None, *, make: bool) -> Started:
    from zoneinfo import ZoneInfo

    from homeroom.apps.districts.commands import make_district
    from homeroom.apps.districts.queries import district_of, has_district
    from homeroom.apps.districts.stores import store_of

    if slug and make and not has_district(slug=slug):
        make_district(slug=slug, name="Our district")
    try:
        district = district_of(slug=slug or "")
    except LookupError as why:
        refuse(str(why))
    now = datetime.now(UTC)
    day = day_of(today, option="--today") if today else now.astimezone(ZoneInfo(district.timezone)).date()
    at = datetime.combine(day, time(12), tzinfo=UTC) if today else now
    return Started(district=district, store=store_of(district=district), today=day, at=at)


def day_of(text: str, *, option: str) -> date:
    """The day that an option names. Refuses what is none, and years in which no district has a calendar."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        refuse(f"{option} {text!r} is not a date; write it as YYYY-MM-DD")
    if not YEARS[0] <= day.year <= YEARS[1]:
        refuse(f"{option} {text!r} is too far away; a day from {YEARS[0]} to {YEARS[1]} would fit")
    return day


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value, enc_hook=_plain), indent=1).decode() + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Step]:
    """A progress bar on standard error, or nothing where output is JSON or no terminal is there."""
    if quiet or not errors.is_terminal:
        yield lambda _step, _done, _total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("", total=None)

        def step(said: str, done: int, total: int) -> None:
            bar.update(task, description=said, completed=done, total=total or None)

        yield step
