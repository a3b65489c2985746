"""Policies for tenant settings: the list, a district's results, and the comparison with published cases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table as Grid

from homeroom.cli.options import (
    WITH_REJECTS,
    Data,
    InDistrict,
    Json,
    Today,
    has_subcommand,
    output,
    print_json,
    refuse,
    register_old_name,
    start_command,
)
from homeroom.cli.protect.check import check
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.protect.posture.tenants.settings import TenantSettings
    from homeroom.engines.protect.baselines.profile_diff import SuiteComparison

verbs = typer.Typer()
group = typer.Typer(name="policies", invoke_without_command=True)
verbs.add_typer(group)


@check.command()
@require_permission("content.use")
def baseline(
    paths: Annotated[list[Path], typer.Argument(help="Files of cases, a JSON document a line.", metavar="CASES…")],
    as_json: Json = False,
    today: Today = None,
) -> None:
    """Judge the cases of a published baseline and say where we see one otherwise.

    Each line has `policy_id`, `input` (a settings document) and `expected[].RequirementMet`. Exit code 0: every
    covered case agrees; 1: one or more do not; 2: a file cannot be read.
    """
    from homeroom.engines.protect.baselines.profile_diff import compare_cases
    from homeroom.library.protect.baseline_cases import load_cases
    from homeroom.library.protect.baselines import load_policies
    from homeroom.library.yaml_loader import ContentRefused

    try:
        case_list = load_cases(paths)
        comparisons = compare_cases(case_list, policies=load_policies(), at=_parse_time(today))
    except ContentRefused as error:
        refuse(str(error))
    if as_json:
        print_json({"suites": [_convert_to_json(comparison) for comparison in comparisons]})
    else:
        _print(comparisons)
    if any(comparison.disagreements for comparison in comparisons):
        raise typer.Exit(WITH_REJECTS)


@group.callback()
@require_permission("content.use")
def policies(context: typer.Context, as_json: Json = False) -> None:
    """List the policies over Google and Microsoft tenant settings, and the published ones that they answer to."""
    if has_subcommand(context):
        return
    from homeroom.library.protect.baselines import load_policies as shipped

    rows = shipped()
    if as_json:
        print_json(
            [
                {
                    "id": policy.id,
                    "suite": policy.suite,
                    "product": policy.product,
                    "title": policy.title,
                    "problem": policy.problem,
                    "severity": policy.severity,
                    "compares": [name for name in (policy.compares, *policy.also) if name],
                    "by_hand": policy.requires is None,
                    "because": policy.because,
                    "fix": policy.fix,
                    "satisfies": policy.satisfies,
                    "examples": len(policy.examples),
                }
                for policy in rows
            ]
        )
        return
    grid = Grid("id", "published as", "severity", "title", box=None, header_style="dim")
    for policy in rows:
        grid.add_row(policy.id, policy.compares, policy.severity, policy.title)
    output.print(grid)


@group.command("results")
@register_old_name(verbs, "tenant-settings", new="policies results")
@require_permission("posture.read")
def show_results(
    published: Annotated[
        bool, typer.Option("--as-published", help="Judge every policy as it is published, not as a school would.")
    ] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Show the results of the policies for the district's Google and Microsoft tenants, unit by unit."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.protect.posture.tenants.settings import K12_PROFILE
    from homeroom.apps.protect.posture.tenants.settings import evaluate_tenant_settings as asked
    from homeroom.evidence.query.executor import QueryTimeout

    profile = "" if published else K12_PROFILE
    try:
        result = asked(district=context.district, at=context.at, today=context.today, profile=profile)
    except QueryTimeout as error:
        refuse(str(error))
    if as_json:
        print_json(result.serialize())
    else:
        _print_settings(result)


def _print_settings(result: TenantSettings) -> None:
    if not result.lines:
        output.print(
            "No settings are known yet. Load what the Cloud Identity Policy API lists, or ScubaGoggles' document."
        )
        return
    grid = Grid("policy", "severity", "fails in", "where", box=None, pad_edge=False, header_style="dim")
    for line in result.lines:
        failing = [unit.name for unit in line.where if unit.state == "fail"]
        if failing:
            grid.add_row(line.problem, line.policy.severity, str(len(failing)), ", ".join(failing[:4]))
    output.print(grid)
    output.print(
        "; ".join(f"{state.replace('_', ' ')}: {count}" for state, count in sorted(result.count_states().items()))
    )


def _parse_time(today: str | None) -> datetime:
    if today is None:
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(f"{today}T12:00:00+00:00")
    except ValueError:
        refuse(f"--today {today!r} is not a date; write it as YYYY-MM-DD")


def _convert_to_json(comparison: SuiteComparison) -> dict[str, Any]:
    return {
        "suite": comparison.suite,
        "cases": comparison.cases,
        "covered": comparison.covered,
        "agreed": comparison.agreed,
        "policies": comparison.policies,
        "policies_covered": comparison.policies_covered,
        "uncovered": comparison.uncovered,
        "disagreements": [
            {
                "policy_id": disagreement.policy,
                "ours": disagreement.policy_id,
                "test": disagreement.name,
                "line": disagreement.line,
                "expected": disagreement.expected,
                "met": disagreement.met,
                "state": disagreement.verdict.state,
                "found": [
                    {
                        "subject": subject.name,
                        "setting": setting_result.setting,
                        "found": setting_result.actual,
                        "fits": setting_result.expected,
                    }
                    for subject in disagreement.verdict.subjects
                    for setting_result in subject.explanations
                ],
            }
            for disagreement in comparison.disagreements
        ],
    }


def _print(comparisons: tuple[SuiteComparison, ...]) -> None:
    grid = Grid("suite", "cases", "covered", "agreed", "policies", "covered", box=None, header_style="dim")
    for comparison in comparisons:
        row = (
            comparison.cases,
            comparison.covered,
            comparison.agreed,
            comparison.policies,
            comparison.policies_covered,
        )
        grid.add_row(comparison.suite, *(str(number) for number in row))
    output.print(grid)
    for comparison in comparisons:
        if comparison.uncovered:
            output.print(f"{comparison.suite}, not covered: {', '.join(comparison.uncovered)}", soft_wrap=True)
        for disagreement in comparison.disagreements:
            details = "; ".join(
                f"{subject.name}: {setting_result.setting} is {setting_result.actual}, expected "
                f"{setting_result.expected}"
                for subject in disagreement.verdict.subjects
                for setting_result in subject.explanations
            )
            text = (
                f"{disagreement.policy} {disagreement.name} (line {disagreement.line}): expected "
                f"{disagreement.expected}, we say {disagreement.met}"
            )
            output.print(f"[red]otherwise[/]  {text}. {details}", soft_wrap=True)
