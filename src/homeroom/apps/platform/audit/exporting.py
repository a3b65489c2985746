"""Writing the trail of a district to a file that anybody verifies who has the public key's fingerprint."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings

from homeroom.apps.platform.audit.appending import append_entry, build_head
from homeroom.apps.platform.audit.export_file import iterate_export_lines
from homeroom.apps.platform.audit.keys import compute_fingerprint, open_audit_keys
from homeroom.apps.platform.audit.models import Head
from homeroom.apps.platform.audit.signing import sign_trail
from homeroom.apps.platform.audit.trail_files import iterate_checkpoint_lines
from homeroom.apps.platform.audit.verification import iterate_entries
from homeroom.domain.platform.district import District
from homeroom.evidence.files.blobs import open_owner_only


def export_trail(*, district: District, path: Path, at: datetime, actor: str) -> int:
    """Sign a district's trail and write all of it to a file; return the number of entries.

    The export itself is an entry. The file appears under its name when it is complete.
    """
    data = Path(settings.DATA)
    append_entry(district=district, at=at, actor=actor, action="export audit trail", detail={"format": "signed"})
    sign_trail(district=district, at=at)
    keys = open_audit_keys(data)
    head = build_head(Head.objects.of(district).get())
    lines = iterate_export_lines(
        head=head,
        district=district.slug,
        at=at,
        key=keys.current,
        public_keys=keys.public_keys,
        checkpoint_lines=iterate_checkpoint_lines(data, district=district.slug),
        entries=iterate_entries(district, until=head.number),
    )
    temporary = path.with_name(f".{path.name}.writing")
    try:
        with open(temporary, "wb", opener=open_owner_only) as file:
            file.writelines(lines)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return head.number


def get_signing_key() -> tuple[str, str]:
    """Return the public key that signs trails, in base64, and its fingerprint."""
    public = open_audit_keys(Path(settings.DATA)).current.public
    return public, compute_fingerprint(public)
