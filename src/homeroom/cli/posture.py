"""The verb that judges."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table as Grid

from homeroom.cli.frameworks import found_under, told
from homeroom.cli.frameworks import show as show_standing
from homeroom.cli.inventory import resolved
from homeroom.cli.loads import as_document, show
from homeroom.cli.options import (
    DONE,
    WITH_REJECTS,
    Data,
    InDistrict,
    Json,
    Started,
    Today,
    begin,
    give_way,
    output,
    print_json,
    progress_bar,
)
from homeroom.cli.sources import Approve, Source, loaded

if TYPE_CHECKING:
    from homeroom.apps.posture.commands import AssessReport
    from homeroom.apps.sources.reports import LoadReport

verbs = typer.Typer()

SEVERITY_STYLE = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}


@verbs.command()
def assess(
    paths: Annotated[list[Path] | None, typer.Argument(help="Exports to load first.", metavar="[PATH…]")] = None,
    subjects: Annotated[
        bool, typer.Option("--subjects", help="Add each control's failing subjects and their records.")
    ] = False,
    framework: Annotated[
        str | None,
        typer.Option("--framework", help="Tell also how much of this framework is met, such as cisa-cpg-2.0."),
    ] = None,
    source: Source = None,
    approve: Approve = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Load what is given, resolve it, and judge the district."""
    started = begin(data=data, district=district, today=today)
    give_way()
    report = loaded(started, paths, source=source, scope=None, approved=approve, quiet=as_json) if paths else None
    resolved(started, quiet=as_json)
    judged = assessed(started, quiet=as_json, subjects=subjects)
    under = found_under(started, framework) if framework else None
    if as_json:
        document = {**judged.as_json(), "overall": _overall(started), "tenant_settings": _settings(started)}
        document |= {"framework": told(under)} if under else {}
        print_json({**document, "load": as_document(report)} if report else document)
    else:
        _print(judged, report)
        if under:
            show_standing(under)
    raise typer.Exit(DONE if report is None or report.clean else WITH_REJECTS)


def _overall(started: Started) -> dict[str, Any] | None:
    """How much of what the controls ask is met, at least and at most, which share of them is measured, and what raises it."""
    from homeroom.apps.posture.overall import overall
    from homeroom.apps.posture.queries import judgement, results
    from homeroom.apps.posture.raising import raise_first, raises

    of = judgement(district=started.district)
    stood = overall(district=started.district, of=of) if of else None
    if of is None or stood is None:
        return None
    return {**stood.as_json(), "raise_first": raise_first(raises(results(district=started.district, of=of)))}


def _settings(started: Started) -> dict[str, Any]:
    """How many policies over tenant settings stand in each state; `homeroom tenant-settings` has each of them."""
    from homeroom.apps.posture.tenants import tenant_settings

    return tenant_settings(district=started.district, at=started.at, today=started.today).as_json(whole=False)


def assessed(started: Started, *, quiet: bool, subjects: bool = False) -> AssessReport:
    """Judges with a progress bar, then reviews the flaws and looks up what became of fix files."""
    from homeroom.apps.fixes.proving import verify
    from homeroom.apps.posture.commands import assess as command
    from homeroom.apps.vulnerabilities.excepted import suppressions
    from homeroom.apps.vulnerabilities.reviewing import review

    with progress_bar(quiet=quiet) as progress:
        report = command(
            district=started.district,
            store=started.store,
            today=started.today,
            at=started.at,
            progress=progress,
            subjects=subjects,
            suppressions=suppressions(district=started.district, today=started.today),
        )
    review(district=started.district, store=started.store, today=started.today, at=started.at)
    verify(district=started.district, store=started.store, at=started.at)
    return report


def _print(judged: AssessReport, report: LoadReport | None) -> None:
    if report is not None:
        show(report)
        output.print()
    grid = Grid(
        "control", "severity", "fails", "of", "cannot tell", "excepted", box=None, pad_edge=False, header_style="dim"
    )
    document: dict[str, Any] = judged.as_json()
    every = [*document["controls"], *document["policies"]]
    failing = [one for one in every if one["failing"]]
    for one in sorted(failing, key=_worst_first):
        style = SEVERITY_STYLE[one["severity"]]
        numbers = [f"{one[name]:,}" for name in ("failing", "population", "cannot_tell", "excepted")]
        grid.add_row(one["title"], f"[{style}]{one['severity']}[/]", *numbers)
    output.print(grid)
    quiet = [one for one in every if not one["failing"]]
    unknown = sum(1 for one in quiet if one["cannot_tell"])
    output.print(
        f"\n{len(quiet)} controls and policies found nothing; {unknown} of them could not tell for somebody. {document['seconds']:.1f} s"
    )


def _worst_first(one: dict[str, Any]) -> tuple[int, int]:
    return (list(SEVERITY_STYLE).index(one["severity"]), -one["failing"])
