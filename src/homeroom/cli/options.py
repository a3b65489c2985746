"""Options that every command shares, and the start that each of them needs: folder, database, district, date."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

from homeroom.cli.startup.garbage import pause_collection
from homeroom.cli.startup.remote_options import explain_local_command, get_remote_options
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.domain.schooldays import format_american_time

if TYPE_CHECKING:
    from homeroom.apps.platform.districts.models import District
    from homeroom.evidence.loads.store import EvidenceStore

DONE, WITH_REJECTS, REFUSED = 0, 1, 2
DEFAULT_DISTRICT = "district"
NICENESS = 10  # of the 19 steps that a process may stand back
YEARS = (2000, 2100)
_SLUG = re.compile(r"(?=.{1,60}\Z)[a-z0-9]+(-[a-z0-9]+)*\Z")


@dataclass
class _JsonState:
    """Whether the running command was asked for a JSON document, and whether it printed it."""

    is_asked: bool = False
    is_printed: bool = False


_json_state = _JsonState()


def start_json(is_asked: bool) -> bool:
    """Remember at the start of a command whether it was called with --json; return the value."""
    _json_state.is_asked, _json_state.is_printed = is_asked, False
    return is_asked


Json = Annotated[bool, typer.Option("--json", callback=start_json, help="Print one JSON document and nothing else.")]
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


@dataclass(frozen=True, kw_only=True)
class CommandContext:
    """Context of a command: the district, its evidence, the date to assess by and the time to record."""

    district: District
    store: EvidenceStore
    today: date
    at: datetime


def refuse(reason: str) -> NoReturn:
    """Print the reason and exit with code 2."""
    refuse_all([reason])


def refuse_all(problems: Iterable[object]) -> NoReturn:
    """Print the problems in their order and exit with code 2.

    With --json they are also a JSON document on standard output, unless the command already printed its result there.
    """
    reasons = [str(problem) for problem in problems]
    if _json_state.is_asked and not _json_state.is_printed:
        print_json({"exit_code": REFUSED, "errors": reasons})
    sys.stdout.flush()
    for reason in reasons:
        errors.print(f"[red]Error:[/] {escape(reason)}", soft_wrap=True)
    raise typer.Exit(REFUSED)


def start_command(
    *, data: str | None, district: str | None = None, today: str | None = None, kind: str = "", make: bool = False
) -> CommandContext:
    """Open the data folder, migrate its database and find the district; refuse with a message if that fails.

    The first district of a folder is created automatically; another one only if `make` is true, so that a typo creates
    none.
    """
    prepare_data_folder(data=data, kind=kind, district=district)
    return _build_context(district, today, make=make)


def register_old_name[F: Callable[..., Any]](verbs: typer.Typer, name: str, *, new: str) -> Callable[[F], F]:
    """Register a command under its old name too: hidden, working, and pointing to the new name."""
    hint: Any = f"Run homeroom {new} instead."  # Click takes a text here, Typer's annotation only a truth value
    return verbs.command(name, hidden=True, deprecated=hint)


def has_subcommand(context: typer.Context) -> bool:
    """Return True if a group that is a command by itself was called with one of its subcommands.

    Refuse options before the subcommand, which would be lost.
    """
    if context.invoked_subcommand is None:
        return False
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "COMMANDLINE":
            refuse(f"{parameter.opts[0]} belongs after {context.invoked_subcommand}")
    return True


def lower_priority() -> None:
    """Lower the priority of this process, so that pages are served first; does nothing on Windows."""
    if hasattr(os, "nice"):
        os.nice(max(0, NICENESS - os.nice(0)))


def prepare_data_folder(*, data: str | None, kind: str = "", district: str | None = None) -> None:
    """Open the data folder and migrate its database, for commands that work for every district in it.

    The first district of a folder is created automatically, with the short name `district` if given. Refuse with a
    message if that fails.
    """
    from homeroom.evidence.files.data_folder import (
        MOVED_MARKER,
        FolderRefused,
        locate_data_folder,
        open_data_folder,
        read_folder_kind,
    )

    if get_remote_options() is not None:
        refuse(explain_local_command())
    folder = locate_data_folder(data)
    try:
        open_data_folder(folder, kind=kind or read_folder_kind(folder) or "real")
    except FolderRefused as error:
        refuse(str(error))
    os.environ["HOMEROOM_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    with pause_collection():
        _start_journal(folder)
        import django
        from django.conf import settings

        from homeroom.evidence.integrity.state_files import STATE_FILE, is_database_lost

        django.setup()
    if (folder / MOVED_MARKER).exists() and "NAME" in settings.DATABASES.get("jobs", {}):
        refuse(f"the state of {folder} was moved to PostgreSQL; set DATABASE_URL to its address")
    if is_database_lost(folder):
        refuse(f"{folder / STATE_FILE} is missing or empty; restore it: homeroom doctor --repair --backup FOLDER")
    from homeroom.cli.startup.databases import migrate_databases

    migrate_databases()
    _ensure_first_district(district)
    _finish_erasures(folder)
    _settle_announced_entries()


def _start_journal(folder: Path) -> None:
    """Let this process's temporary files go into the data folder, and remove those of dead processes."""
    from homeroom.cli.startup.ended_process import get_ended_process
    from homeroom.evidence.files.reading_journal import start_journal

    ended = get_ended_process()
    start_journal(folder, ended_process=ended.pid, exit_code=ended.exit_code)


def _finish_erasures(folder: Path) -> None:
    """Carry out the erasures that a killed run began, before anything is read."""
    if any((folder / "evidence").glob("*/erasing.json")):
        from homeroom.apps.comply.erasing.commands import finish_erasures

        finish_erasures()


def _settle_announced_entries() -> None:
    """Add the audit entries of changes to files that a killed run made."""
    from homeroom.apps.platform.audit.announcing import settle_all_announced_entries

    settle_all_announced_entries()


def _ensure_first_district(slug: str | None) -> None:
    from homeroom.apps.platform.districts.commands import create_district
    from homeroom.apps.platform.districts.queries import has_any_district

    if slug and not _SLUG.match(slug):
        refuse(f"--district {slug!r} must be at most 60 small letters, digits and single hyphens")
    if not has_any_district():
        create_district(slug=slug or DEFAULT_DISTRICT, name="Our district")


def _build_context(slug: str | None, today: str | None, *, make: bool) -> CommandContext:
    from zoneinfo import ZoneInfo

    from homeroom.apps.platform.districts.commands import create_district
    from homeroom.apps.platform.districts.evidence_store import get_evidence_store
    from homeroom.apps.platform.districts.queries import get_district, has_district

    if slug and make and not has_district(slug=slug):
        create_district(slug=slug, name="Our district")
    try:
        district = get_district(slug=slug or "")
    except LookupError as error:
        refuse(str(error))
    now = datetime.now(UTC)
    day = parse_day_option(today, option="--today") if today else now.astimezone(ZoneInfo(district.timezone)).date()
    at = datetime.combine(day, time(12), tzinfo=UTC) if today else now
    return CommandContext(district=district, store=get_evidence_store(district=district), today=day, at=at)


def parse_day_option(text: str, *, option: str) -> date:
    """Parse the date of an option; refuse an invalid one, and years in which no district has a calendar."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        refuse(f"{option} {text!r} is not a date; use YYYY-MM-DD")
    if not YEARS[0] <= day.year <= YEARS[1]:
        refuse(f"{option} must be a date from {YEARS[0]} to {YEARS[1]}")
    return day


def format_local_time(at: datetime, zone: tzinfo | None = None) -> str:
    """Return a time in that zone, else in this computer's, such as Nov 27, 2026, 1:13 AM."""
    local = at.astimezone(zone)
    return f"{local:%b} {local.day}, {local.year}, {format_american_time(local.hour * 60 + local.minute)}"


def format_zoned_time(at: datetime, zone: tzinfo | None = None) -> str:
    """Return a time in that zone, else in this computer's, with its short name: Nov 27, 2026, 1:13 AM EST."""
    return f"{format_local_time(at, zone)} {at.astimezone(zone).tzname()}"


def print_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    _json_state.is_printed = True
    sys.stdout.write(
        msgspec.json.format(msgspec.json.encode(value, enc_hook=_encode_json_value), indent=1).decode() + "\n"
    )


def _encode_json_value(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


@contextmanager
def show_progress_bar(*, quiet: bool) -> Iterator[Progress]:
    """Show a progress bar on standard error, or nothing if output is JSON or there is no terminal."""
    if quiet or not errors.is_terminal:
        yield ignore_progress
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with ProgressBar(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("", total=None)

        def update_bar(description: str, done: int, total: int) -> None:
            bar.update(task, description=description, completed=done, total=total or None)

        yield update_bar
