"""Commands that create a district, and set which list decides who belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeroom.cli.options import Data, InDistrict, Json, output, print_json, refuse, register_old_name, start_command
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.know.inventory.named_lists import NameableList

verbs = typer.Typer()
group = typer.Typer(
    name="district",
    help="Set the name and time zone of a district, and the source of truth for people.",
    no_args_is_help=True,
)
verbs.add_typer(group)


@group.command("set")
@register_old_name(verbs, "name-district", new="district set")
@require_permission("district.manage")
def set_district(
    name: str,
    timezone: Annotated[str, typer.Option("--timezone")] = "America/New_York",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Give the district its name and time zone; makes the one that --district names where it is new."""
    context = start_command(data=data, district=district, make=True)
    from homeroom.apps.platform.districts.commands import rename_district

    try:
        rename_district(district=context.district, name=name, timezone=timezone)
    except (LookupError, ValueError) as error:
        refuse(f"{timezone!r} is not a time zone; one looks like America/Chicago ({error})")
    if as_json:
        print_json({"district": context.district.slug, "name": name, "timezone": timezone})
    else:
        output.print(f"{name}, {timezone}")


@group.command("authority")
@require_permission("sources.read", change="sources.declare")
def show_authority(
    load_id: Annotated[str | None, typer.Argument(metavar="[LOAD]", help="The load of a list.")] = None,
    decides: Annotated[
        bool, typer.Option("--yes/--no", help="Whether lists with this header decide who belongs.")
    ] = True,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """List the staff lists that may decide who works here; with LOAD, let it decide (or not, with --no)."""
    context = start_command(data=data, district=district)
    from homeroom.apps.know.inventory.named_lists import NoListToName, answer_list, list_nameable_lists
    from homeroom.evidence.loads.store import NoSuchLoad

    if load_id is not None:
        try:
            answer_list(
                district=context.district,
                store=context.store,
                load_id=load_id,
                decides=decides,
                actor="",
                at=context.at,
            )
        except (NoListToName, NoSuchLoad) as error:
            refuse(str(error))
    lists = list_nameable_lists(district=context.district, store=context.store)
    if as_json:
        print_json(
            [
                {
                    "load": item.load.id,
                    "source": item.load.instance,
                    "file": item.file,
                    "kinds": item.kinds,
                    "decides": item.decides,
                    "declared": item.is_declared,
                    "answered_by": item.answered_by,
                }
                for item in lists
            ]
        )
        return
    for item in lists:
        output.print(f"{item.load.id}  {escape(item.file)}  {_describe_authority(item)}", soft_wrap=True)
    if not lists:
        output.print("No list waits for anybody to say whether it decides.")


def _describe_authority(item: NameableList) -> str:
    kinds = " and ".join(item.kinds)
    if item.is_declared:
        return f"the district's facts declare who decides about {kinds}"
    if item.decides is None:
        return f"does it decide who of the {kinds} belongs? Nobody has said yet: add --yes or --no"
    verb, author = "decides" if item.decides else "does not decide", item.answered_by or "the command line"
    return f"{verb} who of the {kinds} belongs, says {author}"
