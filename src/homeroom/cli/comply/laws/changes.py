"""The option of `homeroom laws` that shows what changed for this district since somebody last looked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from homeroom.cli.options import (
    Data,
    InDistrict,
    Json,
    Today,
    has_subcommand,
    output,
    print_json,
    refuse,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.comply.duties.law_changes import LawChange, LawChanges

DEFAULT_ACTOR = "homeroom"


def register_changes(group: typer.Typer) -> None:
    """Give a group of commands the option --changed."""
    group.callback(invoke_without_command=True)(show_changes)


@require_permission("duties.read")
def show_changes(
    context: typer.Context,
    changed: Annotated[
        bool, typer.Option("--changed", help="Show what changed for this district since somebody last looked.")
    ] = False,
    seen: Annotated[
        bool, typer.Option("--seen", help="Remember the laws as they are now, so that only later changes are shown.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who looked, for the audit trail.", metavar="USER")] = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Show the laws of this district, and what changed in them with an update."""
    if has_subcommand(context):
        return
    if not (changed or seen):
        refuse("give --changed, --seen or a command; see homeroom laws --help")
    start = start_command(data=data, district=district, today=today)
    from homeroom.apps.comply.duties.law_changes import list_law_changes, mark_laws_seen

    changes = list_law_changes(district=start.district, today=start.today)
    if seen:
        mark_laws_seen(district=start.district, today=start.today, actor=by, at=start.at)
    if as_json:
        print_json(_convert_changes(changes))
    else:
        _print_changes(changes, is_seen=seen)


def _convert_changes(changes: LawChanges) -> dict[str, Any]:
    return {
        "seen_at": changes.seen_at,
        "seen_by": changes.seen_by or None,
        "changes": [
            {"duty": item.duty, "title": item.title, "change": item.kind, "old": dict(item.old), "new": dict(item.new)}
            for item in changes.changes
        ],
    }


def _print_changes(changes: LawChanges, *, is_seen: bool) -> None:
    if changes.seen_at is None:
        hint = "" if is_seen else " homeroom laws --seen remembers them as they are now."
        output.print(f"Nobody has looked at the laws of this district yet.{hint}", soft_wrap=True)
        return
    for item in changes.changes:
        output.print(f"[bold]{item.kind}[/]  {escape(item.title)}  [dim]{item.duty}[/]", soft_wrap=True)
        for line in _list_lines(item):
            output.print(f"    {escape(line)}", soft_wrap=True)
    if not changes.changes:
        output.print(f"Nothing changed since {changes.seen_at:%Y-%m-%d}.")


def _list_lines(item: LawChange) -> list[str]:
    names = dict.fromkeys((*item.old, *item.new))
    return [f"{name}: {item.old.get(name, 'nothing')} → {item.new.get(name, 'nothing')}" for name in names]
