"""Commands of detection rules: list those that run, and import rules of others."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import WITH_REJECTS, Data, InDistrict, Json, output, print_json, refuse, start_command
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.library.protect.detections.imported_rules import ImportedRule, RuleImport

verbs = typer.Typer()
group = typer.Typer(help="Rules by which logs are judged: those that come with Homeroom, and those of others.")
verbs.add_typer(group, name="rules")
MAX_SHOWN = 20


@group.command("list")
@require_permission("alerts.read")
def list_rules(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List the detection rules: their own of Homeroom, and the imported ones, on or off."""
    context = start_command(data=data, district=district)
    from homeroom.apps.protect.detection.rule_imports import list_district_imports
    from homeroom.library.protect.detections import load_shipped_rules
    from homeroom.library.yaml_loader import BUILTIN_CONTENT

    shipped = load_shipped_rules(BUILTIN_CONTENT)
    imported = list_district_imports(district=context.district)
    if as_json:
        own = [
            {"id": rule.id, "title": rule.title, "level": rule.level, "stage": rule.stage, "playbook": rule.playbook}
            for rule in shipped
        ]
        print_json({"shipped": own, "imported": [_convert_rule_to_json(rule) for rule in imported]})
        return
    grid = Grid("id", "level", "title", "state", box=None, pad_edge=False, header_style="dim")
    for rule in shipped:
        grid.add_row(rule.id, rule.level, escape(rule.title), "on")
    for entry in imported:
        state = "on" if entry.is_on else f"off: {entry.reason}"
        grid.add_row(escape(entry.id), escape(entry.level), escape(entry.title), escape(state))
    output.print(grid)


@group.command("import")
@require_permission("alerts.set_rules")
def import_rules(
    path: Annotated[Path, typer.Argument(help="A folder or zip of Sigma rules, such as SigmaHQ's.", metavar="DIR|ZIP")],
    license_name: Annotated[
        str | None, typer.Option("--license", help="The license of rules that do not state one; else DRL 1.1.")
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Take Sigma rules of others in; stable and tested ones of level high and above are switched on."""
    if not path.exists():
        refuse(f"there is no {path}")
    context = start_command(data=data, district=district)
    from homeroom.apps.protect.detection import rule_imports
    from homeroom.library.protect.detections.imported_rules import DEFAULT_LICENSE, NoRulesToImport

    try:
        outcome = rule_imports.import_rules(
            path,
            default_license=license_name or DEFAULT_LICENSE,
            district=context.district,
            actor="",
            at=context.at,
        )
    except NoRulesToImport as error:
        refuse(str(error))
    if as_json:
        print_json(
            {
                "rules": [_convert_rule_to_json(rule) for rule in outcome.rules],
                "refused": [asdict(entry) for entry in outcome.refused],
            }
        )
    else:
        _print_import(outcome)
    if outcome.refused:
        raise typer.Exit(WITH_REJECTS)


def _convert_rule_to_json(rule: ImportedRule) -> dict[str, Any]:
    return {**asdict(rule), "on": rule.is_on}


def _print_import(outcome: RuleImport) -> None:
    on = sum(rule.is_on for rule in outcome.rules)
    output.print(
        f"{len(outcome.rules)} rules imported: {on} are on, {len(outcome.rules) - on} off (homeroom rules list)."
    )
    for entry in outcome.refused[:MAX_SHOWN]:
        output.print(
            f"[red]refused[/]  {escape(f'{entry.file} {entry.id}'.strip())}: {escape(entry.reason)}", soft_wrap=True
        )
    if len(outcome.refused) > MAX_SHOWN:
        output.print(f"… and {len(outcome.refused) - MAX_SHOWN} more that are refused; --json lists all")
