"""Verify that nothing was altered: the audit trail of every district, and the bytes of its evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from homeroom.cli.options import DONE, WITH_REJECTS, Data, InDistrict, Json, output, prepare_data_folder, print_json
from homeroom.cli.options import refuse as refuse_command
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.know.sources.verify_district import VerifiedDistrict
    from homeroom.apps.platform.audit.export_file import VerifiedExport
    from homeroom.apps.platform.audit.verification import VerifiedTrail

verbs = typer.Typer()


@verbs.command()
@require_permission("installation.operate")
def verify(
    evidence: Annotated[
        bool, typer.Option("--evidence/--no-evidence", help="Also read every file of the evidence, byte by byte.")
    ] = True,
    export: Annotated[
        Path | None,
        typer.Option("--export", help="Verify this export of a trail instead; needs no data folder.", metavar="FILE"),
    ] = None,
    key: Annotated[
        str, typer.Option("--key", help="With --export: the fingerprint of the key that must have signed it.")
    ] = "",
    goes_on: Annotated[
        bool,
        typer.Option("--continue", help="Go on from the last verified checkpoint, if all was verified within a week."),
    ] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Verify the audit trail against its hashes, signatures and files, and the evidence against its hashes."""
    if export is not None:
        _verify_export(export, key=key, as_json=as_json)
    if key:
        refuse_command("--key belongs to --export")
    prepare_data_folder(data=data)
    from django.utils import timezone

    from homeroom.apps.know.sources.nightly_verification import verify_and_record
    from homeroom.apps.platform.audit.verification import find_lost_trails
    from homeroom.apps.platform.districts.queries import list_districts

    districts = list_districts()
    chosen = [item for item in districts if district in (None, item.slug)]
    if not chosen:
        slugs = ", ".join(item.slug for item in districts)
        refuse_command(f"no district {district!r}; there are: {slugs}")
    documents: list[dict[str, Any]] = []
    for item in chosen:
        result = verify_and_record(district=item, reads_evidence=evidence, goes_on=goes_on, at=timezone.now())
        documents.append(_describe(result.trail, result))
    if district is None:
        lost_trails = find_lost_trails(districts=frozenset(item.slug for item in districts))
        documents += [_describe(trail, trail) for trail in lost_trails]
    _print(documents, as_json=as_json)
    is_sound = not any(document["problems"] or document["damage"] for document in documents)
    raise typer.Exit(DONE if is_sound else WITH_REJECTS)


def _verify_export(path: Path, *, key: str, as_json: bool) -> NoReturn:
    from homeroom.apps.platform.audit.export_file import ExportRefused, verify_export

    if not path.is_file():
        refuse_command(f"there is no file {path}")
    try:
        with path.open("rb") as file:
            trail = verify_export(file, fingerprint=key)
    except ExportRefused as error:
        refuse_command(f"{path}: {error}")
    document = _describe(trail, trail) | {"made_at": trail.made_at, "fingerprint": trail.fingerprint}
    _print([document], as_json=as_json)
    if not as_json:
        output.print(f"      made at {trail.made_at}, signed with the key {trail.fingerprint or 'unknown'}")
    raise typer.Exit(WITH_REJECTS if trail.problems else DONE)


def _describe(
    trail: VerifiedTrail | VerifiedExport, result: VerifiedTrail | VerifiedExport | VerifiedDistrict
) -> dict[str, Any]:
    return {
        "district": trail.district,
        "entries": trail.entries,
        "checkpoints": trail.checkpoints,
        "problems": [
            {"kind": problem.kind.value, "first": problem.first, "last": problem.last, "text": str(problem)}
            for problem in result.problems
        ],
        "notes": list(result.notes),
        "damage": [str(damage) for damage in getattr(result, "damages", ())],
    }


def _print(documents: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(documents)
        return
    for document in documents:
        is_sound = not (document["problems"] or document["damage"])
        mark = "[green]well[/]" if is_sound else "[red]look[/]"
        checkpoints = f"{document['checkpoints']:,} checkpoints"
        output.print(f"{mark}  {document['district']}: {document['entries']:,} audit entries, {checkpoints}")
        for text in (*(problem["text"] for problem in document["problems"]), *document["notes"], *document["damage"]):
            output.print(f"      {text}", soft_wrap=True, markup=False)
