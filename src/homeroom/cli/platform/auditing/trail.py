"""Commands for a district's audit trail: export it, sign it, and go on from an older copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from homeroom.cli.options import (
    CommandContext,
    Data,
    InDistrict,
    Json,
    output,
    prepare_data_folder,
    print_json,
    refuse,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

verbs = typer.Typer()
group = typer.Typer(name="audit", help="Export and sign the audit trail.", no_args_is_help=True)
verbs.add_typer(group)

By = Annotated[str, typer.Option("--by", help="Who does it, for the trail.")]


@group.command("export")
@require_permission("audit.read")
def export(
    file: Annotated[Path, typer.Argument(help="The file to write: JSON Lines.", metavar="FILE")],
    by: By = "",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Write all of the trail to a file, signed; `homeroom verify --export FILE` verifies it anywhere."""
    if file.is_dir() or not file.absolute().parent.is_dir():
        refuse(f"cannot write {file}; choose a file in an existing folder")
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.audit.exporting import export_trail, get_signing_key
    from homeroom.apps.platform.audit.signing import TrailContradicted

    try:
        entries = export_trail(district=context.district, path=file, at=context.at, actor=by)
    except TrailContradicted as error:
        refuse(str(error))
    _, fingerprint = get_signing_key()
    if as_json:
        print_json({"file": file, "entries": entries, "fingerprint": fingerprint})
        return
    output.print(f"{entries:,} entries are in {file}, signed with the key {fingerprint}", soft_wrap=True)


@group.command("sign")
@require_permission("installation.operate")
def sign(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Sign the trail now; the background worker does it once a day."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.audit.signing import TrailContradicted, sign_trail

    try:
        checkpoint = sign_trail(district=context.district, at=context.at)
    except TrailContradicted as error:
        refuse(str(error))
    if as_json:
        print_json({"signed": checkpoint is not None, "through": checkpoint.number if checkpoint else None})
        return
    text = (
        "Nothing is new since the last checkpoint." if checkpoint is None else f"Signed through {checkpoint.number:,}."
    )
    output.print(text)


@group.command("key")
@require_permission("audit.read")
def show_key(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Print the public key that signs the trail, and its fingerprint."""
    start_command(data=data, district=district)
    from homeroom.apps.platform.audit.exporting import get_signing_key

    public, fingerprint = get_signing_key()
    if as_json:
        print_json({"public": public, "fingerprint": fingerprint})
        return
    output.print(f"{public}\n{fingerprint}", soft_wrap=True)


@group.command("accept-older")
@require_permission("installation.operate")
def accept_older(
    why: Annotated[str, typer.Option("--why", help="Why the database is an older copy, such as a restore.")],
    by: By = "",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Go on from an older copy of the database, as after a restore; what is lost is stated in the trail for good."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.audit.signing import RestartRefused, accept_older_trail

    with _verify_again(context, refusals=RestartRefused):
        checkpoint = accept_older_trail(district=context.district, at=context.at, actor=by, reason=why)
    text = f"The trail goes on from entry {checkpoint.number:,}."
    _print_accepted({"through": checkpoint.number, "why": why.strip()}, text, as_json=as_json)


@contextmanager
def _verify_again(context: CommandContext, *, refusals: type[Exception]) -> Iterator[None]:
    """Record what is wrong after the block: Today and the doctor name what was, until somebody verifies."""
    from homeroom.apps.know.sources.nightly_verification import verify_and_record

    try:
        yield
    except refusals as error:
        refuse(str(error))
    verify_and_record(district=context.district, reads_evidence=False, at=context.at)


def _print_accepted(document: Mapping[str, object], text: str, *, as_json: bool) -> None:
    if as_json:
        print_json(document)
    else:
        output.print(text)


@group.command("accept-evidence")
@require_permission("installation.operate")
def accept_evidence(
    why: Annotated[str, typer.Option("--why", help="Why the evidence is another one, such as a restored database.")],
    by: By = "",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Record the evidence as it is now, as after a restore of the database alone; the reason stays in the trail."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.audit.commands import EvidenceRefused, record_evidence

    with _verify_again(context, refusals=EvidenceRefused):
        count = record_evidence(district=context.district, store=context.store, at=context.at, actor=by, reason=why)
    text = f"{count:,} manifests of evidence are recorded as they are."
    _print_accepted({"manifests": count, "why": why.strip()}, text, as_json=as_json)


@group.command("rotate-key")
@require_permission("installation.operate")
def rotate(by: By = "", as_json: Json = False, data: Data = None) -> None:
    """Make a new key that signs all trails from now on; the old ones stay in audit.key, and go on verifying."""
    prepare_data_folder(data=data)
    from django.utils import timezone

    from homeroom.apps.platform.audit.keys import compute_fingerprint
    from homeroom.apps.platform.audit.signing import TrailContradicted, rotate_audit_key
    from homeroom.apps.platform.districts.queries import list_districts

    try:
        before, after = rotate_audit_key(districts=list_districts(), at=timezone.now(), actor=by)
    except TrailContradicted as error:
        refuse(str(error))
    except FileNotFoundError:
        refuse("there is no audit.key yet; the first entry makes one")
    if as_json:
        print_json({"before": compute_fingerprint(before), "fingerprint": compute_fingerprint(after), "public": after})
        return
    output.print(f"The key that signs from now on: {compute_fingerprint(after)}", soft_wrap=True)
