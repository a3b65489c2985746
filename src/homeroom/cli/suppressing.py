"""Verbs that let flaws stand for a while, take that back, and say by when flaws are to be closed: `homeroom vulnerabilities …`."""

from __future__ import annotations

from typing import Annotated

import typer

from homeroom.cli.options import Data, InDistrict, Json, Today, begin, day_of, output, print_json, refuse
from homeroom.cli.vulnerabilities import group

WHO = "homeroom"
"""Who does it in the audit trail where nobody says so: whoever may open the data folder."""
By = Annotated[str, typer.Option("--by", help="Who does it, for the audit trail.", metavar="USER")]


@group.command("suppress")
def suppress(
    thing: Annotated[
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
    unit: Annotated[str, typer.Option("--unit", help="Only devices of this organisational unit and those below.")] = "",
    cart: Annotated[str, typer.Option("--cart", help="Only devices of this cart.")] = "",
    kind: Annotated[str, typer.Option("--class", help="Only this class: laptop, server, …", metavar="CLASS")] = "",
    private: Annotated[
        bool, typer.Option("--private", help="Keep the reason from auditors, exports and the trail.")
    ] = False,
    by: By = WHO,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Let flaws stand until a day, with a justification and somebody who answers for it."""
    scopes = {
        name: text
        for name, text in (("device", device), ("school", school), ("unit", unit), ("cart", cart), ("class", kind))
        if text
    }
    if len(scopes) > 1:
        refuse(f"--{' and --'.join(scopes)}; one of them, or none for every device, would fit")
    scope, value = next(iter(scopes.items()), ("everywhere", ""))
    started = begin(data=data, district=district, today=today)
    from homeroom.apps.vulnerabilities.queries import NothingDerived
    from homeroom.apps.vulnerabilities.suppressing import NotSuppressed
    from homeroom.apps.vulnerabilities.suppressing import suppress as command

    try:
        number = command(
            district=started.district,
            store=started.store,
            at=started.at,
            today=started.today,
            actor=by,
            justification=because,
            reason=reason,
            owner=owner,
            expires_on=day_of(until, option="--until"),
            thing=thing,
            cve=cve,
            scope=scope,
            value="" if device else value,
            device=_device(device) if device else None,
            private=private,
        )
    except (NotSuppressed, NothingDerived) as why:
        refuse(str(why))
    if as_json:
        print_json({"suppression": number})
    else:
        output.print(
            f"suppression {number} holds until {until}; the numbers count it from the next homeroom assess",
            soft_wrap=True,
        )


@group.command("withdraw")
def withdraw(
    number: Annotated[int, typer.Argument(help="The suppression's number.", metavar="NUMBER")],
    by: By = WHO,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Take a suppression back; its flaws count again, from the day on which they were first known."""
    started = begin(data=data, district=district, today=today)
    from homeroom.apps.vulnerabilities.suppressing import withdraw as command

    try:
        command(district=started.district, at=started.at, actor=by, number=number)
    except LookupError as why:
        refuse(str(why))
    if as_json:
        print_json({"withdrawn": number})
    else:
        output.print(
            f"suppression {number} is withdrawn; the next homeroom assess counts its flaws again", soft_wrap=True
        )


@group.command("deadlines")
def deadlines(
    critical: Annotated[int | None, typer.Option("--critical", help="Days for critical flaws.")] = None,
    high: Annotated[int | None, typer.Option("--high", help="Days for high ones.")] = None,
    medium: Annotated[
        int | None, typer.Option("--medium", help="Days for medium ones, and those that nobody rated.")
    ] = None,
    low: Annotated[int | None, typer.Option("--low", help="Days for low ones.")] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help="Go back to the days that Homeroom ships.")] = False,
    by: By = WHO,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Say within how many days flaws are to be closed; what is known to be exploited has the day of CISA's catalogue."""
    started = begin(data=data, district=district, today=today)
    from homeroom.apps.vulnerabilities.terms import NotTerms, days_of, set_days

    given = {"critical": critical, "high": high, "medium": medium, "low": low}
    said = {name: many for name, many in given.items() if many is not None}
    try:
        if said or shipped:
            wanted = None if shipped else {**days_of(district=started.district), **said}
            set_days(district=started.district, at=started.at, actor=by, days=wanted)
    except NotTerms as why:
        refuse(str(why))
    days = days_of(district=started.district)
    if as_json:
        print_json({"days": days})
    else:
        for name, many in days.items():
            output.print(f"{name}: {many} days")


def _device(public: str) -> int:
    from homeroom.domain.ids import subject_of

    try:
        kind, number = subject_of(public)
    except ValueError as why:
        refuse(f"--device {why}")
    if kind != "device":
        refuse(f"--device {public} is a {kind}; the id of a device would fit")
    return number
