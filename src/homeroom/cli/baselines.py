"""Policies over tenant settings: what there are, how a district's tenants stand, and the comparison with published cases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table as Grid

from homeroom.cli.check import check
from homeroom.cli.options import WITH_REJECTS, Data, InDistrict, Json, Today, begin, output, print_json, refuse

if TYPE_CHECKING:
    from homeroom.apps.posture.tenants import TenantSettings
    from homeroom.engines.baselines.comparing import Compared

verbs = typer.Typer()


@check.command()
def baseline(
    paths: Annotated[list[Path], typer.Argument(help="Files of cases, a JSON document a line.", metavar="CASES…")],
    as_json: Json = False,
    today: Today = None,
) -> None:
    """Judge the cases of a published baseline and say where we see one otherwise.

    Each line has `policy_id`, `input` (a settings document) and `expected[].RequirementMet`. Exit code 0: every
    covered case agrees; 1: one or more do not; 2: a file cannot be read.
    """
    from homeroom.engines.baselines.comparing import compared
    from homeroom.library.baselines import policies
    from homeroom.library.cases import cases
    from homeroom.library.reading import ContentRefused

    try:
        given = cases(paths)
        found = compared(given, policies=policies(), at=_at(today))
    except ContentRefused as refused:
        refuse(str(refused))
    if as_json:
        print_json({"suites": [_document(one) for one in found]})
    else:
        _print(found)
    if any(one.disagreements for one in found):
        raise typer.Exit(WITH_REJECTS)


@verbs.command()
def policies(as_json: Json = False) -> None:
    """List the policies over the settings of Google and Microsoft tenants, and the published ones that they answer to."""
    from homeroom.library.baselines import policies as shipped

    rows = shipped()
    if as_json:
        print_json([
            {
                "id": one.id, "suite": one.suite, "product": one.product, "title": one.title, "severity": one.severity,
                "compares": [name for name in (one.compares, *one.also) if name], "by_hand": one.requires is None,
                "because": one.because, "fix": one.fix, "satisfies": one.satisfies, "examples": len(one.examples),
            }
            for one in rows
        ])  # fmt: skip
        return
    grid = Grid("id", "published as", "severity", "title", box=None, header_style="dim")
    for one in rows:
        grid.add_row(one.id, one.compares, one.severity, one.title)
    output.print(grid)


@verbs.command("tenant-settings")
def tenant_settings(
    published: Annotated[
        bool, typer.Option("--as-published", help="Judge every policy as it is published, not as a school would.")
    ] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Say how the settings of the district's Google and Microsoft tenants stand, unit by unit."""
    started = begin(data=data, district=district, today=today)
    from homeroom.apps.posture.tenants import SCHOOLS
    from homeroom.apps.posture.tenants import tenant_settings as asked
    from homeroom.evidence.asking import TooSlow

    profile = "" if published else SCHOOLS
    try:
        found = asked(district=started.district, at=started.at, today=started.today, profile=profile)
    except TooSlow as late:
        refuse(str(late))
    if as_json:
        print_json(found.as_json())
    else:
        _tell(found)


def _tell(found: TenantSettings) -> None:
    if not found.lines:
        output.print(
            "No settings are known yet. Load what the Cloud Identity Policy API lists, or ScubaGoggles' document."
        )
        return
    grid = Grid("policy", "severity", "fails in", "where", box=None, pad_edge=False, header_style="dim")
    for line in found.lines:
        failing = [one.name for one in line.where if one.state == "fail"]
        if failing:
            grid.add_row(line.policy.title, line.policy.severity, str(len(failing)), ", ".join(failing[:4]))
    output.print(grid)
    output.print("; ".join(f"{state.replace('_', ' ')}: {count}" for state, count in sorted(found.counts().items())))


def _at(today: str | None) -> datetime:
    if today is None:
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(f"{today}T12:00:00+00:00")
    except ValueError:
        refuse(f"--today {today!r} is not a date; write it as YYYY-MM-DD")


def _document(one: Compared) -> dict[str, Any]:
    return {
        "suite": one.suite,
        "cases": one.cases,
        "covered": one.covered,
        "agreed": one.agreed,
        "policies": one.policies,
        "policies_covered": one.policies_covered,
        "uncovered": one.uncovered,
        "disagreements": [
            {
                "policy_id": wrong.policy,
                "ours": wrong.ours,
                "test": wrong.name,
                "line": wrong.line,
                "expected": wrong.expected,
                "met": wrong.met,
                "state": wrong.verdict.state,
                "found": [
                    {"subject": subject.name, "setting": said.setting, "found": said.found, "fits": said.fits}
                    for subject in wrong.verdict.subjects
                    for said in subject.said
                ],
            }
            for wrong in one.disagreements
        ],
    }


def _print(found: tuple[Compared, ...]) -> None:
    grid = Grid("suite", "cases", "covered", "agreed", "policies", "covered", box=None, header_style="dim")
    for one in found:
        row = (one.cases, one.covered, one.agreed, one.policies, one.policies_covered)
        grid.add_row(one.suite, *(str(number) for number in row))
    output.print(grid)
    for one in found:
        if one.uncovered:
            output.print(f"{one.suite}, not covered: {', '.join(one.uncovered)}", soft_wrap=True)
        for wrong in one.disagreements:
            why = "; ".join(
                f"{subject.name}: {said.setting} is {said.found}, {said.fits} would fit"
                for subject in wrong.verdict.subjects
                for said in subject.said
            )
            told = f"{wrong.policy} {wrong.name} (line {wrong.line}): expected {wrong.expected}, we say {wrong.met}"
            output.print(f"[red]otherwise[/]  {told}. {why}", soft_wrap=True)
