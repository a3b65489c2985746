"""The command of facts: what this district is, as laws ask for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import Data, InDistrict, Json, output, print_json, refuse, start_command
from homeroom.domain.comply.laws.facts import format_fact
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.comply.laws.facts import KnownFact

verbs = typer.Typer()
DEFAULT_ACTOR = "homeroom"


@verbs.command("facts")
@require_permission("duties.read", change="duties.change")
def show_facts(
    assignments: Annotated[
        list[str] | None,
        typer.Argument(help="Facts to enter, such as state=NY; an empty value takes one back.", metavar="NAME=VALUE…"),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who enters them, for the audit trail.", metavar="USER")] = (
        DEFAULT_ACTOR
    ),
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """List the facts that laws ask of this district and where each is from, or enter some."""
    context = start_command(data=data, district=district)
    from homeroom.apps.comply.laws.facts import InvalidFact, enter_facts, load_known_facts

    texts = dict(_split(item) for item in assignments or ())
    try:
        enter_facts(district=context.district, texts=texts, actor=by, at=context.at)
    except InvalidFact as error:
        refuse(f"{error.field}: {error}")
    facts = load_known_facts(district=context.district)
    if as_json:
        print_json({"facts": [_convert_fact(fact) for fact in facts]})
    else:
        output.print(_build_grid(facts))


def _split(item: str) -> tuple[str, str]:
    name, equals, value = item.partition("=")
    if not equals:
        refuse(f"{item!r} must be NAME=VALUE, such as state=NY")
    return name.strip(), value


def _convert_fact(fact: KnownFact) -> dict[str, object]:
    return {"name": fact.field.name, "value": fact.value, "from": fact.origin or None, "asks": fact.field.asks}


def _build_grid(facts: Iterable[KnownFact]) -> Grid:
    grid = Grid("fact", "value", "from", "question", box=None, pad_edge=False, header_style="dim")
    for fact in facts:
        value = "not known" if fact.value is None else format_fact(fact.value)
        grid.add_row(fact.field.name, escape(value), fact.origin, escape(fact.field.asks))
    return grid
