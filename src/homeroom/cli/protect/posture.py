"""The command that assesses a district."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.know.inventory import run_resolve
from homeroom.cli.know.loads import convert_report_to_json, print_report
from homeroom.cli.know.sources import Approve, Source, run_load
from homeroom.cli.options import (
    DONE,
    WITH_REJECTS,
    CommandContext,
    Data,
    InDistrict,
    Json,
    Today,
    lower_priority,
    output,
    print_json,
    show_progress_bar,
    start_command,
)
from homeroom.cli.protect.frameworks import convert_compliance_to_json, require_compliance
from homeroom.cli.protect.frameworks import print_compliance as show_standing
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.know.sources.load_report import LoadReport
    from homeroom.apps.protect.posture.commands import AssessmentReport

verbs = typer.Typer()

SEVERITY_STYLE = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}


@verbs.command()
@require_permission("installation.operate")
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
    """Load the files given, match records and check every control."""
    context = start_command(data=data, district=district, today=today)
    lower_priority()
    report = run_load(context, paths, source=source, scope=None, approved=approve, quiet=as_json) if paths else None
    run_resolve(context, quiet=as_json)
    assessment = run_assessment(context, quiet=as_json, subjects=subjects)
    compliance = require_compliance(context, framework) if framework else None
    if as_json:
        document = {
            **assessment.serialize(),
            "overall": _compute_overall(context),
            "tenant_settings": _summarize_settings(context),
        }
        document |= {"framework": convert_compliance_to_json(compliance)} if compliance else {}
        print_json({**document, "load": convert_report_to_json(report)} if report else document)
    else:
        _print_assessment(assessment, report)
        if compliance:
            show_standing(compliance)
    raise typer.Exit(DONE if report is None or report.clean else WITH_REJECTS)


def _compute_overall(context: CommandContext) -> dict[str, Any] | None:
    """Return the minimum and maximum share of met requirements, the measured share, and the largest improvements."""
    from homeroom.apps.protect.posture.published.improvements import rank_improvements, serialize_improvements
    from homeroom.apps.protect.posture.published.queries import get_published_assessment, list_control_results
    from homeroom.apps.protect.posture.published.score_history import get_overall_score

    assessment = get_published_assessment(district=context.district)
    score = get_overall_score(district=context.district, assessment=assessment) if assessment else None
    if assessment is None or score is None:
        return None
    return {
        **score.serialize(),
        "raise_first": serialize_improvements(
            rank_improvements(list_control_results(district=context.district, assessment=assessment))
        ),
    }


def _summarize_settings(context: CommandContext) -> dict[str, Any]:
    """Return the count of tenant-settings policies in each state; `homeroom policies results` lists each of them."""
    from homeroom.apps.protect.posture.tenants.settings import evaluate_tenant_settings

    return evaluate_tenant_settings(district=context.district, at=context.at, today=context.today).serialize(
        with_lines=False
    )


def run_assessment(context: CommandContext, *, quiet: bool, subjects: bool = False) -> AssessmentReport:
    """Assess with a progress bar, then review the vulnerabilities and verify fix files."""
    from homeroom.apps.protect.exceptions.queries import list_active_suppressions
    from homeroom.apps.protect.fixes.verify import verify_fixes
    from homeroom.apps.protect.posture.commands import assess as command
    from homeroom.apps.protect.vulnerabilities.review.review import review_vulnerabilities

    with show_progress_bar(quiet=quiet) as progress:
        report = command(
            district=context.district,
            store=context.store,
            today=context.today,
            at=context.at,
            progress=progress,
            subjects=subjects,
            suppressions=list_active_suppressions(district=context.district, today=context.today),
        )
    review_vulnerabilities(district=context.district, store=context.store, today=context.today, at=context.at)
    verify_fixes(district=context.district, store=context.store, at=context.at)
    return report


def _print_assessment(assessment: AssessmentReport, report: LoadReport | None) -> None:
    if report is not None:
        print_report(report)
        output.print()
    grid = Grid(
        "what is wrong",
        "severity",
        "fails",
        "of",
        "cannot tell",
        "excepted",
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    document: dict[str, Any] = assessment.serialize()
    entries = [*document["controls"], *document["policies"]]
    failing = [entry for entry in entries if entry["failing"]]
    for entry in sorted(failing, key=_rank_by_severity):
        style = SEVERITY_STYLE[entry["severity"]]
        numbers = [f"{entry[name]:,}" for name in ("failing", "population", "cannot_tell", "excepted")]
        grid.add_row(escape(entry["problem"]), f"[{style}]{entry['severity']}[/]", *numbers)
    output.print(grid)
    quiet = [entry for entry in entries if not entry["failing"]]
    unknown = sum(1 for entry in quiet if entry["cannot_tell"])
    output.print(
        f"\n{len(quiet)} controls and policies found nothing; {unknown} of them could not tell for somebody. "
        f"{document['seconds']:.1f} s"
    )


def _rank_by_severity(entry: dict[str, Any]) -> tuple[int, int]:
    return (list(SEVERITY_STYLE).index(entry["severity"]), -entry["failing"])
