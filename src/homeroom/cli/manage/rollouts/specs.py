"""The command that writes what a rollout of the district is planned from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from homeroom.cli.manage.rollouts.commands import group
from homeroom.cli.options import Data, InDistrict, Json, output, print_json, refuse, refuse_all, start_command
from homeroom.domain.platform.permissions.requirement import require_permission


@group.command("spec")
@require_permission("rollouts.read")
def write_rollout_spec(
    rollout: Annotated[str, typer.Argument(help="The rollout's id, as in the address of its page.", metavar="ID")],
    out: Annotated[Path, typer.Option("--out", help="Where the spec is written.", metavar="SPEC.yaml")],
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Write what a rollout is planned from: its spec, and beside it a folder of bells for each school."""
    if not out.parent.is_dir():
        refuse(f"there is no folder {out.parent} to write the spec into")
    context = start_command(data=data, district=district)
    from homeroom.apps.manage.rollouts.specs.spec_documents import write_spec
    from homeroom.ingest.contract.errors import FileRefused

    try:
        write_spec(out, district=context.district, public=rollout)
    except LookupError as error:
        refuse(str(error))
    except FileRefused as error:
        refuse_all(error.problems)
    except OSError as error:
        refuse(f"{error.filename or out} cannot be written: {error.strerror}")
    if as_json:
        print_json({"rollout": rollout, "spec": str(out)})
        return
    output.print(f"{escape(str(out))} and the bells beside it are written; homeroom rollout plan reads them.")
