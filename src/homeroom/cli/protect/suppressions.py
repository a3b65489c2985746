"""Commands that suppress vulnerabilities, withdraw that, and set deadlines: `homeroom vulnerabilities …`."""

from __future__ import annotations

from typing import Annotated

import typer

from homeroom.cli.options import (
    Data,
    InDistrict,
    Json,
    Today,
    output,
    parse_day_option,
    print_json,
    refuse,
    start_command,
)
from homeroom.cli.protect.vulnerabilities import group
from homeroom.domain.platform.permissions.requirement import require_permission

DEFAULT_ACTOR = "homeroom"
"""The actor in the audit trail if none is named: whoever may open the data folder."""
By = Annotated[str, typer.Option("--by", help="Who does it, for the audit trail.", metavar="USER")]


@group.command("suppress")
@require_permission("vulnerabilities.suppress")
def suppress(
    product_key: Annotated[
        str,
        typer.Argument(
            help="The product or package, as the list names it in JSON; empty with --cve for all.", metavar="[THING]"
        ),
    ] = "",
    cve: Annotated[str, typer.Option("--cve", help="Only this flaw.", metavar="CVE")] = "",
    because: Annotated[
        str, typer.Option("--because", help="false_positive, not_reachable or accepted.", metavar="WHY")
    ] = "accepted",
    reason: Annotated[
        str, typer.Option("--reason", help="Why, in a sentence that an auditor understands next year.")
    ] = "",
    owner: Annotated[str, typer.Option("--owner", help="The user name of who answers for it.", metavar="USER")] = "",
    until: Annotated[
        str, typer.Option("--until", help="The last day on which it holds (YYYY-MM-DD).", metavar="DAY")
    ] = "",
    device: Annotated[str, typer.Option("--device", help="Only this device.", metavar="ID")] = "",
    school: Annotated[str, typer.Option("--school", help="Only devices of this school.")] = "",
    unit: Annotated[str, typer.Option("--unit", help="Only devices of this organizational unit and those below.")] = "",
    cart: Annotated[str, typer.Option("--cart", help="Only devices of this cart.")] = "",
    kind: Annotated[str, typer.Option("--class", help="Only this class: laptop, server, …", metavar="CLASS")] = "",
    private: Annotated[
        bool, typer.Option("--private", help="Keep the reason from auditors, exports and the trail.")
    ] = False,
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Suppress vulnerabilities until a date, with a justification and an owner."""
    scopes = {
        name: text
        for name, text in (("device", device), ("school", school), ("unit", unit), ("cart", cart), ("class", kind))
        if text
    }
    if len(scopes) > 1:
        refuse(f"use only one of --{', --'.join(scopes)}, or none for all devices")
    scope, value = next(iter(scopes.items()), ("everywhere", ""))
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.protect.exceptions.rules import InvalidRiskException
    from homeroom.apps.protect.vulnerabilities.published.queries import NothingDerived
    from homeroom.apps.protect.vulnerabilities.suppressions.commands import create_suppression as command

    try:
        number = command(
            district=context.district,
            store=context.store,
            at=context.at,
            today=context.today,
            actor=by,
            justification=because,
            reason=reason,
            owner=owner,
            expires_on=parse_day_option(until, option="--until"),
            product_key=product_key,
            cve=cve,
            scope=scope,
            value="" if device else value,
            device=_parse_device_id(device) if device else None,
            private=private,
        )
    except (InvalidRiskException, NothingDerived) as error:
        refuse(str(error))
    if as_json:
        print_json({"suppression": number})
    else:
        output.print(
            f"suppression {number} holds until {until}; the numbers count it from the next homeroom assess",
            soft_wrap=True,
        )


@group.command("withdraw")
@require_permission("vulnerabilities.suppress")
def withdraw(
    number: Annotated[int, typer.Argument(help="The suppression's number.", metavar="NUMBER")],
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Take a suppression back; its flaws count again, from the day on which they were first known."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.protect.exceptions.commands import withdraw_exception
    from homeroom.apps.protect.exceptions.scopes import VulnerabilityScope

    try:
        withdraw_exception(
            district=context.district, at=context.at, actor=by, number=number, scope_class=VulnerabilityScope
        )
    except LookupError as error:
        refuse(str(error))
    if as_json:
        print_json({"withdrawn": number})
    else:
        output.print(
            f"suppression {number} is withdrawn; the next homeroom assess counts its flaws again", soft_wrap=True
        )


@group.command("deadlines")
@require_permission("vulnerabilities.read", change="vulnerabilities.set_deadlines")
def deadlines(
    critical: Annotated[int | None, typer.Option("--critical", help="Days for critical flaws.")] = None,
    high: Annotated[int | None, typer.Option("--high", help="Days for high ones.")] = None,
    medium: Annotated[
        int | None, typer.Option("--medium", help="Days for medium ones, and those that nobody rated.")
    ] = None,
    low: Annotated[int | None, typer.Option("--low", help="Days for low ones.")] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help="Go back to the days that Homeroom ships.")] = False,
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Set within how many days vulnerabilities must be closed; exploited ones have the due date of CISA's catalog."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.protect.vulnerabilities.deadlines import InvalidDeadlines, get_deadline_days, set_deadlines

    options = {"critical": critical, "high": high, "medium": medium, "low": low}
    changes = {name: count for name, count in options.items() if count is not None}
    try:
        if changes or shipped:
            new_days = None if shipped else {**get_deadline_days(district=context.district), **changes}
            set_deadlines(district=context.district, at=context.at, actor=by, days=new_days)
    except InvalidDeadlines as error:
        refuse(str(error))
    days = get_deadline_days(district=context.district)
    if as_json:
        print_json({"days": days})
    else:
        for name, count in days.items():
            output.print(f"{name}: {count} days")


def _parse_device_id(public: str) -> int:
    from homeroom.domain.ids import parse_public_id

    try:
        kind, number = parse_public_id(public)
    except ValueError as error:
        refuse(f"--device {error}")
    if kind != "device":
        refuse(f"--device {public} is a {kind}, not a device")
    return number
