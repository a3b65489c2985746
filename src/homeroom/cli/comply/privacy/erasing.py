"""The command that erases people, and cleans a restored folder of those who were erased."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeroom.cli.options import (
    CommandContext,
    Data,
    InDistrict,
    Json,
    lower_priority,
    output,
    parse_day_option,
    print_json,
    refuse,
    show_progress_bar,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.comply.erasing.certificate import ErasureCertificate
    from homeroom.evidence.erasing.register import BackupCopy

verbs = typer.Typer()


@verbs.command()
@require_permission("privacy.erase")
def erase(
    who: Annotated[
        list[str] | None, typer.Argument(help="The id of a person's page, an address or a number.", metavar="[WHO…]")
    ] = None,
    why: Annotated[str, typer.Option("--why", help="Why, in a sentence; no name.", metavar="TEXT")] = "",
    by: Annotated[str, typer.Option("--by", help="Who erases, for the audit trail.", metavar="NAME")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; change nothing.")] = False,
    though_listed: Annotated[
        bool, typer.Option("--though-listed", help="Erase even somebody whom a current load still lists.")
    ] = False,
    backup: Annotated[
        list[str] | None,
        typer.Option(
            "--backup",
            help="A backup that still holds them, and its last day, for the certificate; may be repeated.",
            metavar="NAME=LAST-DAY",
        ),
    ] = None,
    again: Annotated[
        Path | None,
        typer.Option("--again", help="Erase all people of a register again, from a folder that was restored."),
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Erase people from everything that is stored, and certify it. It cannot be undone."""
    people, backups = who or [], [_parse_backup(text) for text in backup or []]
    if bool(people) == (again is not None):
        refuse("say who to erase: the ID from a person's page, an address or a number, or --again REGISTER")
    context = start_command(data=data, district=district)
    lower_priority()
    certificate = _erase(
        context,
        people,
        reason=why,
        by=by,
        dry_run=dry_run,
        though_listed=though_listed,
        backups=backups,
        again=again,
        quiet=as_json,
    )
    if as_json:
        print_json(certificate.serialize())
    else:
        _print_certificate(certificate)


def _erase(
    context: CommandContext,
    people: list[str],
    *,
    reason: str,
    by: str,
    dry_run: bool,
    though_listed: bool,
    backups: list[BackupCopy],
    again: Path | None,
    quiet: bool,
) -> ErasureCertificate:
    from homeroom.apps.comply.erasing.commands import ErasureRefused, erase_again, erase_people
    from homeroom.evidence.erasing.find_person import PersonNotFound
    from homeroom.evidence.erasing.register import RegisterRefused
    from homeroom.evidence.loads.store import StoreBusy

    try:
        with show_progress_bar(quiet=quiet) as progress:
            if again is not None:
                return erase_again(
                    district=context.district,
                    store=context.store,
                    path=again,
                    actor=by,
                    at=context.at,
                    dry_run=dry_run,
                    progress=progress,
                )
            return erase_people(
                district=context.district,
                store=context.store,
                wanted=people,
                reason=reason,
                actor=by,
                at=context.at,
                backups=backups,
                dry_run=dry_run,
                though_listed=though_listed,
                progress=progress,
            )
    except (ErasureRefused, PersonNotFound, RegisterRefused, StoreBusy) as error:
        refuse(str(error))


def _parse_backup(text: str) -> BackupCopy:
    from homeroom.evidence.erasing.register import BackupCopy

    name, _, day = text.partition("=")
    last_day: date | None = parse_day_option(day, option="--backup") if day else None
    if not name.strip():
        refuse(f"--backup {text!r} must be NAME=YYYY-MM-DD")
    return BackupCopy(name=name.strip(), last_day=last_day)


def _print_certificate(certificate: ErasureCertificate) -> None:
    register = certificate.register
    people = f"{register.people} {'person' if register.people == 1 else 'people'}"
    output.print(f"{'Would erase' if certificate.dry_run else 'Erased'}: {people}")
    for area, counts in register.erased.items():
        for what, label in (("rows", "rows removed"), ("changed", "rows changed")):
            listed = ", ".join(f"{count:,} {name}" for name, count in counts.get(what, {}).items() if count)
            if listed:
                output.print(f"  {area}, {label}: {listed}", soft_wrap=True, markup=False)
    for item in register.stays:
        until = f" until {item.until}" if item.until else ""
        law = f" ({item.law})" if item.law else ""
        output.print(
            f"  stays: {item.count:,} {escape(item.what)}: {escape(item.why)}{escape(law)}{until}", soft_wrap=True
        )
    for copy in register.backups:
        until = f"until {copy.last_day}" if copy.last_day else "nobody said until when"
        output.print(f"  still in the backup {escape(copy.name)}, {until}", soft_wrap=True)
    if certificate.dry_run:
        output.print("Nothing was changed.")
        for source in certificate.listed_in:
            output.print(f"  {escape(source)} still lists them: --though-listed would be needed", soft_wrap=True)
    else:
        output.print(f"Register: {certificate.path}", soft_wrap=True, markup=False)


@verbs.command("last-ages")
@require_permission("privacy.read")
def show_last_ages(
    what: Annotated[
        str | None, typer.Argument(help="A source, person_records or account_records; without it, list all.")
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", help="Days after which somebody who left its lists is erased.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Remove its last age.")] = False,
    because: Annotated[str, typer.Option("--because", help="The law or policy.", metavar="TEXT")] = "",
    duty: Annotated[str, typer.Option("--duty", help="The duty that it meets.", metavar="LAW:DUTY")] = "",
    by: Annotated[str, typer.Option("--by", help="Who sets it, for the audit trail.", metavar="NAME")] = "homeroom",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """List how long people who left are stored, and whether that is met; or set it for a source."""
    context = start_command(data=data, district=district)
    from homeroom.apps.comply.erasing.last_age_status import list_last_ages
    from homeroom.apps.comply.erasing.last_ages import set_last_age

    if what is not None:
        if (days is None) != remove:
            refuse("use --days N or --remove")
        try:
            set_last_age(
                district=context.district,
                store=context.store,
                what=what,
                days=days,
                because=because,
                duty=duty,
                actor=by,
                at=context.at,
            )
        except ValueError as error:
            refuse(str(error))
    lines = [
        {
            "what": status.rule.what,
            "days": status.rule.days,
            "because": status.rule.because,
            "duty": status.rule.duty,
            "overdue": status.overdue,
            "state": "met by data" if status.is_met else "late",
        }
        for status in list_last_ages(store=context.store, at=context.at)
    ]
    if as_json:
        print_json(lines)
        return
    for line in lines:
        output.print(f"{line['what']}  {line['days']} days  {line['state']}  {line['because']}", markup=False)
    if not lines:
        output.print("People who left are stored until somebody erases them.")
